use std::collections::BTreeMap;
use std::fmt;

use castore_core::aggregate::{Aggregate, fold};
use castore_core::event::EventDetail;
use castore_core::event_sourced::{EventSourced, ReduceError};
use castore_core::time::Timestamp;

type SideEffect<S> = Box<dyn Fn(&mut BTreeMap<String, EventDetail<S>>, EventDetail<S>) + Send + Sync>;

/// A computation of a hypothetical aggregate, like Castore's `simulateAggregate`.
///
/// Each event is passed to the side effect, which may add, change and remove events. The default side effect keeps one
/// event per version, the later one. The remaining events are sorted by timestamp (and by version if equal), numbered
/// from 1, and reduced.
#[must_use = "nothing is computed before `simulate` is called"]
pub struct SimulateAggregate<S: EventSourced> {
    events: Vec<EventDetail<S>>,
    simulation_date: Option<Timestamp>,
    side_effect: Option<SideEffect<S>>,
}

impl<S: EventSourced> SimulateAggregate<S> {
    pub(super) fn new(events: Vec<EventDetail<S>>) -> Self {
        Self { events, simulation_date: None, side_effect: None }
    }

    /// Excludes the events after this time.
    pub fn simulation_date(mut self, simulation_date: impl Into<Timestamp>) -> Self {
        self.simulation_date = Some(simulation_date.into());
        self
    }

    /// Sets the side effect of an event on the map of the earlier events, whose keys are arbitrary. The side effect
    /// must also add the event itself, or the event is excluded.
    pub fn side_effect(
        mut self,
        side_effect: impl Fn(&mut BTreeMap<String, EventDetail<S>>, EventDetail<S>) + Send + Sync + 'static,
    ) -> Self {
        self.side_effect = Some(Box::new(side_effect));
        self
    }

    /// Returns the aggregate, or `None` if no event is left.
    ///
    /// # Errors
    /// The reducer rejects an event.
    pub fn simulate(self) -> Result<Option<Aggregate<S>>, ReduceError> {
        let mut indexed = BTreeMap::new();
        for event in self.events {
            match &self.side_effect {
                Some(side_effect) => side_effect(&mut indexed, event),
                // Padded, so that the keys sort like the versions.
                None => {
                    indexed.insert(format!("{:020}", event.version), event);
                }
            }
        }
        let mut events: Vec<_> = indexed
            .into_values()
            .filter(|event| self.simulation_date.is_none_or(|date| event.timestamp <= date))
            .collect();
        events.sort_by_key(|event| (event.timestamp, event.version));
        for (event, version) in events.iter_mut().zip(1..) {
            event.version = version;
        }
        fold(None, &events)
    }
}

impl<S: EventSourced> fmt::Debug for SimulateAggregate<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SimulateAggregate")
            .field("event_store_id", &S::EVENT_STORE_ID)
            .field("events", &self.events.len())
            .field("simulation_date", &self.simulation_date)
            .finish_non_exhaustive()
    }
}
