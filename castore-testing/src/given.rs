use std::fmt::{self, Debug};

use castore_core::aggregate::{Aggregate, fold};
use castore_core::event::EventDetail;
use castore_core::event_sourced::{EventSourced, IntoAggregateId, ReduceError};
use castore_core::time::Timestamp;

use super::round_trip::assert_round_trip;

/// Returns a test of a reducer that begins with these events of an aggregate. The first event has version 1.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../castore/src/guide/domain.rs"));
/// # use castore::testing::given;
/// # fn main() {
/// given::<Pokemon>([PokemonEvent::Appeared { name: "Pikachu".into(), level: 5 }])
///     .when(PokemonEvent::LeveledUp)
///     .then(Pokemon { name: "Pikachu".into(), level: 6, trainer_id: None });
/// # }
/// ```
///
/// The assertions panic if they fail. The default id of the aggregate is parsed from the text `aggregate`. If this text
/// is not a valid id of the store, the assertions panic. In this case, set an id with [`Given::aggregate_id`].
pub fn given<S: EventSourced>(events: impl IntoIterator<Item = S::Event>) -> Given<S> {
    Given { aggregate_id: None, events: events.into_iter().map(|event| (event, None)).collect() }
}

/// A test of a reducer with the events of an aggregate. See [`given`].
#[must_use = "a test ends with an assertion: `then`, `then_state`, `then_refused`"]
pub struct Given<S: EventSourced> {
    aggregate_id: Option<S::AggregateId>,
    events: Vec<(S::Event, Option<S::Metadata>)>,
}

impl<S: EventSourced> fmt::Debug for Given<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Given").field("events", &self.events.len()).finish_non_exhaustive()
    }
}

impl<S: EventSourced> Given<S> {
    /// Sets the id of the aggregate. Useful if the reducer uses the id.
    pub fn aggregate_id(mut self, aggregate_id: impl IntoAggregateId<S::AggregateId>) -> Self {
        self.aggregate_id = Some(aggregate_id.into_aggregate_id());
        self
    }

    /// Adds the next event of the aggregate, without metadata.
    pub fn when(mut self, event: S::Event) -> Self {
        self.events.push((event, None));
        self
    }

    /// Adds the next event of the aggregate, with metadata. Useful if the reducer uses the metadata.
    pub fn when_with_metadata(mut self, event: S::Event, metadata: S::Metadata) -> Self {
        self.events.push((event, Some(metadata)));
        self
    }

    /// Returns the aggregate after all events, or the error of the reducer, for other assertions.
    ///
    /// # Panics
    /// If an event would change when it is stored and read again (see [`assert_round_trip`]), or if the default id is
    /// not valid for the store (see [`given`]).
    #[track_caller]
    pub fn aggregate(self) -> ThenAggregate<S> {
        let aggregate_id = match self.aggregate_id {
            Some(aggregate_id) => aggregate_id,
            None => match "aggregate".parse() {
                Ok(aggregate_id) => aggregate_id,
                Err(_) => panic!(
                    "the text `aggregate` is not a valid id of event store {}; set an id with `given(…).aggregate_id(…)`",
                    S::EVENT_STORE_ID
                ),
            },
        };
        let timestamp = Timestamp::UNIX_EPOCH;
        let mut events: Vec<EventDetail<S>> = Vec::with_capacity(self.events.len());
        for (version, (payload, metadata)) in (1..).zip(self.events) {
            assert_round_trip(payload.clone());
            let mut event = EventDetail::new(aggregate_id.clone(), version, timestamp, payload);
            event.metadata = metadata;
            events.push(event);
        }
        fold(None, &events)
    }

    /// Asserts the state after all events.
    ///
    /// # Panics
    /// If the state differs, if there are no events, if the reducer rejects an event, or if
    /// [`aggregate`](Self::aggregate) panics.
    #[track_caller]
    pub fn then(self, expected: S)
    where
        S: PartialEq + Debug,
    {
        let aggregate = self.existing_aggregate();
        assert_eq!(aggregate.state, expected, "the state after the events differs from the expected state");
    }

    /// Calls `look` with the aggregate after all events.
    ///
    /// # Panics
    /// If there are no events, if the reducer rejects an event, or if [`aggregate`](Self::aggregate) panics.
    #[track_caller]
    pub fn then_state(self, look: impl FnOnce(&Aggregate<S>)) {
        look(&self.existing_aggregate());
    }

    #[track_caller]
    fn existing_aggregate(self) -> Aggregate<S> {
        match self.aggregate() {
            Ok(Some(aggregate)) => aggregate,
            Ok(None) => panic!("there are no events, so there is no aggregate"),
            Err(error) => panic!("the reducer rejected an event: {error}"),
        }
    }

    /// Asserts that the reducer rejects the last event, and returns its error.
    ///
    /// # Panics
    /// If the reducer rejects no event or an earlier event, or if [`aggregate`](Self::aggregate) panics.
    #[track_caller]
    pub fn then_refused(self) -> ReduceError {
        let events = self.events.len() as u64;
        match self.aggregate() {
            Err(error) if error.version == events => error,
            Err(error) => panic!("the reducer rejected an event before the last: {error}"),
            Ok(_) => panic!("the reducer rejected no event"),
        }
    }
}

/// The aggregate after all events, or the error of the reducer. The aggregate is `None` if there are no events.
pub type ThenAggregate<S> = Result<Option<Aggregate<S>>, ReduceError>;
