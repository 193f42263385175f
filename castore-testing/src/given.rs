use std::fmt::{self, Debug};

use castore_core::aggregate::{Aggregate, fold};
use castore_core::event::EventDetail;
use castore_core::event_sourced::{EventSourced, IntoAggregateId, ReduceError};
use castore_core::time::Timestamp;

use super::round_trip::assert_round_trip;

/// Starts the test of a reducer: the events that have happened to an aggregate, from version 1.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../castore/src/guide/domain.rs"));
/// # use castore::testing::given;
/// # fn main() {
/// given::<Pokemon>([PokemonEvent::Appeared { name: "Pikachu".into(), level: 5 }])
///     .when(PokemonEvent::LevelledUp)
///     .then(Pokemon { name: "Pikachu".into(), level: 6, trainer_id: None });
/// # }
/// ```
///
/// # Panics
/// In the assertions; and if the store's ids cannot be read from the text `aggregate`, until
/// [`Given::aggregate_id`] says another.
pub fn given<S: EventSourced>(events: impl IntoIterator<Item = S::Event>) -> Given<S> {
    Given { aggregate_id: None, events: events.into_iter().collect() }
}

/// The events that have happened. See [`given`].
#[must_use = "a test ends with an assertion: `then`, `then_state`, `then_refused`"]
pub struct Given<S: EventSourced> {
    aggregate_id: Option<S::AggregateId>,
    events: Vec<S::Event>,
}

impl<S: EventSourced> fmt::Debug for Given<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Given").field("events", &self.events.len()).finish_non_exhaustive()
    }
}

impl<S: EventSourced> Given<S> {
    /// The id of the aggregate, where the reducer looks at it.
    pub fn aggregate_id(mut self, aggregate_id: impl IntoAggregateId<S::AggregateId>) -> Self {
        self.aggregate_id = Some(aggregate_id.into_aggregate_id());
        self
    }

    /// One more event happens.
    pub fn when(mut self, event: S::Event) -> Self {
        self.events.push(event);
        self
    }

    /// The aggregate, for assertions of your own.
    ///
    /// # Panics
    /// If an event could not be read from storage as what it is: see [`assert_round_trip`]. Also if an id is needed: see
    /// [`given`].
    #[track_caller]
    pub fn aggregate(self) -> ThenAggregate<S> {
        let aggregate_id = match self.aggregate_id {
            Some(aggregate_id) => aggregate_id,
            None => match "aggregate".parse() {
                Ok(aggregate_id) => aggregate_id,
                Err(_) => panic!(
                    "the ids of event store {} cannot be read from text like `aggregate`; call \
                     `given(…).aggregate_id(…)` with an id",
                    S::EVENT_STORE_ID
                ),
            },
        };
        let timestamp = Timestamp::UNIX_EPOCH;
        let mut events: Vec<EventDetail<S>> = Vec::with_capacity(self.events.len());
        for (version, payload) in (1..).zip(self.events) {
            assert_round_trip(payload.clone());
            events.push(EventDetail {
                aggregate_id: aggregate_id.clone(),
                version,
                timestamp,
                payload,
                metadata: None,
            });
        }
        fold(None, &events)
    }

    /// Asserts the state after all events.
    ///
    /// # Panics
    /// If it is another, or if the reducer refuses an event.
    #[track_caller]
    pub fn then(self, expected: S)
    where
        S: PartialEq + Debug,
    {
        let aggregate = self.existing_aggregate();
        assert_eq!(aggregate.state, expected, "the state after the events is another");
    }

    /// Looks at the aggregate after all events.
    ///
    /// # Panics
    /// If there were no events, or if the reducer refuses one.
    #[track_caller]
    pub fn then_state(self, look: impl FnOnce(&Aggregate<S>)) {
        look(&self.existing_aggregate());
    }

    #[track_caller]
    fn existing_aggregate(self) -> Aggregate<S> {
        match self.aggregate() {
            Ok(Some(aggregate)) => aggregate,
            Ok(None) => panic!("no event was given, so there is no aggregate"),
            Err(error) => panic!("the reducer refuses an event: {error}"),
        }
    }

    /// Asserts that the reducer refuses the last event, and hands its error over.
    ///
    /// # Panics
    /// If the reducer refuses none, or an earlier event.
    #[track_caller]
    pub fn then_refused(self) -> ReduceError {
        let events = self.events.len() as u64;
        match self.aggregate() {
            Err(error) if error.version == events => error,
            Err(error) => panic!("the reducer refuses an event before the last: {error}"),
            Ok(_) => panic!("the reducer refuses no event"),
        }
    }
}

/// What the events came to, or the event that the reducer refused.
pub type ThenAggregate<S> = Result<Option<Aggregate<S>>, ReduceError>;
