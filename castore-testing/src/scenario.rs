use std::fmt::{Debug, Display};
use std::future::Future;
use std::panic::Location;

use castore_core::error::error_chain;
use castore_core::event::{EventDetail, NewEvent, decode};
use castore_core::event_sourced::{EventSourced, IntoAggregateId};
use castore_core::storage::RawEvent;
use castore_core::time::{Clock as _, Timestamp};
use castore_runtime::event_store::{EventStore, Store};

use super::ManualClock;
use super::recording_storage::RecordingEventStorageAdapter;
use super::round_trip::assert_round_trip;

/// A given/when/then test of a command. A scenario consists of the earlier events, the command, and the events that the
/// command must push. The event stores are in memory, and the clock does not advance by itself.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../castore/src/guide/domain.rs"));
/// # use castore::testing::Scenario;
/// # async fn level_up(id: &str, pokemons: &impl Store<Pokemon>) -> Result<(), Box<dyn std::error::Error>> {
/// #     let pokemon = pokemons.get_existing_aggregate(id).without_events().await?;
/// #     pokemons.push_event(pokemon.next_event(PokemonEvent::LeveledUp)).await?;
/// #     Ok(())
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let scenario = Scenario::new();
/// let pokemons = scenario.store::<Pokemon>();
/// scenario.given::<Pokemon>("pikachu1", [PokemonEvent::Appeared { name: "Pikachu".into(), level: 5 }]).await;
/// scenario
///     .when(level_up("pikachu1", &pokemons))
///     .await
///     .then_events::<Pokemon>([("pikachu1", PokemonEvent::LeveledUp)])
///     .then_ok();
/// # }
/// ```
#[derive(Debug)]
pub struct Scenario {
    storage: RecordingEventStorageAdapter,
    clock: ManualClock,
}

impl Scenario {
    /// Creates a scenario without events. Its clock is set to 2024-01-01T00:00:00.000Z.
    pub fn new() -> Self {
        let start = Timestamp::from_unix_millis(1_704_067_200_000);
        let start = start.unwrap_or(Timestamp::UNIX_EPOCH);
        Self { storage: RecordingEventStorageAdapter::default(), clock: ManualClock::new(start) }
    }

    /// Returns the clock that all stores of the scenario use.
    pub fn clock(&self) -> &ManualClock {
        &self.clock
    }

    /// Returns an event store to pass to the command. All stores of a scenario share one storage.
    pub fn store<S: EventSourced>(&self) -> EventStore<S> {
        EventStore::new(self.storage.clone()).with_clock(self.clock.clone())
    }

    /// Stores events of an aggregate, without metadata. The first of these events has the version after the
    /// last stored version.
    ///
    /// If the event store requires metadata, such events stand for those that were stored before. To store events with
    /// metadata, use [`given_with_metadata`](Self::given_with_metadata).
    ///
    /// # Panics
    /// If an event would change when it is stored and read again (see [`assert_round_trip`]), if an event cannot be
    /// stored, or if the earlier events cannot be read. If the panic occurs while the future runs, its message contains
    /// the location of the call of `given`.
    #[track_caller]
    pub fn given<S: EventSourced>(
        &self,
        aggregate_id: impl IntoAggregateId<S::AggregateId>,
        events: impl IntoIterator<Item = S::Event>,
    ) -> impl Future<Output = ()> {
        let events = events.into_iter().map(|event| (event, None)).collect();
        self.given_events::<S>(aggregate_id.into_aggregate_id(), events)
    }

    /// Stores events of an aggregate, each with its metadata or `None`. See [`given`](Self::given).
    ///
    /// # Panics
    /// In the cases in which [`given`](Self::given) panics.
    #[track_caller]
    pub fn given_with_metadata<S: EventSourced>(
        &self,
        aggregate_id: impl IntoAggregateId<S::AggregateId>,
        events: impl IntoIterator<Item = (S::Event, impl Into<Option<S::Metadata>>)>,
    ) -> impl Future<Output = ()> {
        let events = events.into_iter().map(|(event, metadata)| (event, metadata.into())).collect();
        self.given_events::<S>(aggregate_id.into_aggregate_id(), events)
    }

    #[track_caller]
    fn given_events<S: EventSourced>(
        &self,
        aggregate_id: S::AggregateId,
        events: Vec<(S::Event, Option<S::Metadata>)>,
    ) -> impl Future<Output = ()> + use<S> {
        let (store, clock, caller) = (self.store::<S>(), self.clock.clone(), Location::caller());
        for (event, _) in &events {
            assert_round_trip(event.clone());
        }
        async move {
            let last = match store.get_events(&aggregate_id).reverse(true).limit(1).await {
                Ok(events) => events.first().map_or(0, |event| event.version),
                Err(error) => {
                    panic!("the earlier events cannot be read: {} ({caller})", error_chain(&error))
                }
            };
            for (version, (payload, metadata)) in (last + 1..).zip(events) {
                let mut event = EventDetail::<S>::new(aggregate_id.clone(), version, clock.now(), payload);
                event.metadata = metadata;
                // An event that was stored before may lack metadata, even if the store requires metadata.
                let event = NewEvent { context: None, ..NewEvent::from(event.__stored()) };
                if let Err(error) = store.push_event(event).await {
                    panic!("a given event cannot be stored: {} ({caller})", error_chain(&error));
                }
            }
        }
    }

    /// Runs the command and returns its outcome.
    pub async fn when<T>(&self, command: impl Future<Output = T>) -> Outcome<T> {
        self.storage.take();
        let result = command.await;
        Outcome { result, pushed: self.storage.take() }
    }
}

impl Default for Scenario {
    fn default() -> Self {
        Self::new()
    }
}

/// The outcome of a command: its result and the events that it pushed.
#[must_use = "a test ends with an assertion: `then_events`, `then_no_events`, `then_ok`, `then_err`"]
#[derive(Debug)]
pub struct Outcome<T> {
    /// The result of the command.
    pub result: T,
    pushed: Vec<(String, RawEvent)>,
}

impl<T> Outcome<T> {
    /// Asserts that the command pushed exactly these events to the store of `S`, in this order. Each event is paired
    /// with its aggregate id. Events of other stores are ignored. To compare the metadata, too, use
    /// [`then_events_with_metadata`](Self::then_events_with_metadata).
    ///
    /// # Panics
    /// If the events that the command pushed to the store of `S` differ from the expected events, or if a pushed event
    /// cannot be read.
    #[track_caller]
    pub fn then_events<S>(
        self,
        expected: impl IntoIterator<Item = (impl IntoAggregateId<S::AggregateId>, S::Event)>,
    ) -> Self
    where
        S: EventSourced<Event: PartialEq + Debug, AggregateId: Debug>,
    {
        let expected: Vec<_> =
            expected.into_iter().map(|(aggregate_id, event)| (aggregate_id.into_aggregate_id(), event)).collect();
        let pushed: Vec<_> =
            self.pushed_events::<S>().into_iter().map(|event| (event.aggregate_id, event.payload)).collect();
        assert_eq!(pushed, expected, "the command did not push the expected events to {}", S::EVENT_STORE_ID);
        self
    }

    /// Asserts that the command pushed exactly these events to the store of `S`, in this order and with this metadata.
    /// Each item is an aggregate id, an event, and the metadata or `None`. Events of other stores are ignored.
    ///
    /// ```
    /// # use castore::prelude::*;
    /// # use castore::testing::Scenario;
    /// # #[derive(Debug, Clone, PartialEq, Event)]
    /// # enum OrderEvent { Placed, Paid }
    /// # #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
    /// # struct Audit { user: String }
    /// # #[derive(Debug, Clone)]
    /// # #[event_store(id = "ORDERS", event = OrderEvent, metadata(required) = Audit)]
    /// # struct Order;
    /// # impl Reducer for Order {
    /// #     fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> { Ok(Order) }
    /// # }
    /// # async fn pay(id: &str, user: &str, orders: &impl Store<Order>) -> Result<(), Box<dyn std::error::Error>> {
    /// #     let order = orders.get_existing_aggregate(id).without_events().await?;
    /// #     let user = user.to_owned();
    /// #     orders.push_event(order.next_event(OrderEvent::Paid).metadata(Audit { user })).await?;
    /// #     Ok(())
    /// # }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let by = |user: &str| Audit { user: user.to_owned() };
    /// let scenario = Scenario::new();
    /// let orders = scenario.store::<Order>();
    /// scenario.given_with_metadata::<Order>("o-1", [(OrderEvent::Placed, by("ada"))]).await;
    /// scenario
    ///     .when(pay("o-1", "grace", &orders))
    ///     .await
    ///     .then_events_with_metadata::<Order>([("o-1", OrderEvent::Paid, by("grace"))])
    ///     .then_ok();
    /// # }
    /// ```
    ///
    /// # Panics
    /// If the events that the command pushed to the store of `S`, or their metadata, differ from the expected events, or
    /// if a pushed event cannot be read.
    #[track_caller]
    pub fn then_events_with_metadata<S>(
        self,
        expected: impl IntoIterator<Item = (impl IntoAggregateId<S::AggregateId>, S::Event, impl Into<Option<S::Metadata>>)>,
    ) -> Self
    where
        S: EventSourced<Event: PartialEq + Debug, AggregateId: Debug, Metadata: PartialEq + Debug>,
    {
        let expected: Vec<_> = expected
            .into_iter()
            .map(|(aggregate_id, event, metadata)| (aggregate_id.into_aggregate_id(), event, metadata.into()))
            .collect();
        let pushed = self.pushed_events::<S>().into_iter();
        let pushed: Vec<_> = pushed.map(|event| (event.aggregate_id, event.payload, event.metadata)).collect();
        assert_eq!(
            pushed,
            expected,
            "the command did not push the expected events with metadata to {}",
            S::EVENT_STORE_ID
        );
        self
    }

    #[track_caller]
    fn pushed_events<S: EventSourced>(&self) -> Vec<EventDetail<S>> {
        let of_store = self.pushed.iter().filter(|(event_store_id, _)| event_store_id == S::EVENT_STORE_ID);
        of_store
            .map(|(_, raw)| match decode::<S>(raw.as_ref()) {
                Ok(event) => event,
                Err(error) => panic!("a pushed event cannot be read: {error}"),
            })
            .collect()
    }

    /// Asserts that the command pushed no events to any store.
    ///
    /// # Panics
    /// If the command pushed an event.
    #[track_caller]
    pub fn then_no_events(self) -> Self {
        assert!(self.pushed.is_empty(), "the command pushed events: {:?}", self.pushed);
        self
    }
}

impl<T, E> Outcome<Result<T, E>> {
    /// Returns the `Ok` value of the command.
    ///
    /// # Panics
    /// If the command failed.
    #[track_caller]
    pub fn then_ok(self) -> T
    where
        E: Display,
    {
        match self.result {
            Ok(answer) => answer,
            Err(error) => panic!("the command failed: {error}"),
        }
    }

    /// Returns the error of the command.
    ///
    /// # Panics
    /// If the command succeeded.
    #[track_caller]
    pub fn then_err(self) -> E {
        match self.result {
            Ok(_) => panic!("the command succeeded"),
            Err(error) => error,
        }
    }
}
