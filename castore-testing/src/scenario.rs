use std::fmt::{Debug, Display};
use std::future::Future;
use std::panic::Location;

use castore_core::error::error_chain;
use castore_core::event::{NewEvent, decode};
use castore_core::event_sourced::{EventSourced, IntoAggregateId};
use castore_core::storage::RawEvent;
use castore_core::time::Timestamp;
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

    /// Stores events of an aggregate. The first of these events has the version after the last stored version.
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
        let aggregate_id = aggregate_id.into_aggregate_id();
        let (store, caller) = (self.store::<S>(), Location::caller());
        let events: Vec<_> = events.into_iter().collect();
        for event in &events {
            assert_round_trip(event.clone());
        }
        async move {
            let last = match store.get_events(&aggregate_id).reverse(true).limit(1).await {
                Ok(events) => events.first().map_or(0, |event| event.version),
                Err(error) => {
                    panic!("the earlier events cannot be read: {} ({caller})", error_chain(&error))
                }
            };
            for (version, payload) in (last + 1..).zip(events) {
                let event = NewEvent {
                    aggregate_id: aggregate_id.clone(),
                    version,
                    timestamp: None,
                    payload,
                    metadata: None,
                    prev_aggregate: None,
                    context: None,
                    __stored: None,
                };
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
    /// with its aggregate id. Events of other stores are ignored.
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
        let of_store = self.pushed.iter().filter(|(event_store_id, _)| event_store_id == S::EVENT_STORE_ID);
        let pushed: Vec<_> = of_store
            .map(|(_, raw)| match decode::<S>(raw.as_ref()) {
                Ok(event) => (event.aggregate_id, event.payload),
                Err(error) => panic!("a pushed event cannot be read: {error}"),
            })
            .collect();
        assert_eq!(pushed, expected, "the command did not push the expected events to {}", S::EVENT_STORE_ID);
        self
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
