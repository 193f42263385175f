use std::collections::BTreeMap;
use std::fmt;

use castore_core::aggregate::{Aggregate, fold};
use castore_core::event::EventDetail;
use castore_core::event_sourced::{EventSourced, ReduceError};
use castore_core::time::Timestamp;

type SideEffect<S> = Box<dyn Fn(&mut BTreeMap<String, EventDetail<S>>, EventDetail<S>) + Send + Sync>;

/// A computation of a hypothetical aggregate, like `simulateAggregate` in the original TypeScript library.
///
/// Each event is passed to the side effect, a function that may add, change and remove events. The default side effect
/// keeps one event per version: the event that was given last. Events after the simulation date are then removed. The
/// remaining events are sorted by timestamp (and by version if the timestamps are equal), numbered from 1, and reduced.
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

    /// Sets the time after which events are excluded. The side effects of the excluded events still apply. Defaults to
    /// no limit.
    pub fn simulation_date(mut self, simulation_date: impl Into<Timestamp>) -> Self {
        self.simulation_date = Some(simulation_date.into());
        self
    }

    /// Sets the side effect, which is called with a map of the earlier events and with the next event. The side effect
    /// chooses the keys of the map. It must add the next event to the map, or else the event is excluded.
    pub fn side_effect(
        mut self,
        side_effect: impl Fn(&mut BTreeMap<String, EventDetail<S>>, EventDetail<S>) + Send + Sync + 'static,
    ) -> Self {
        self.side_effect = Some(Box::new(side_effect));
        self
    }

    /// Runs the simulation. Returns the aggregate, or `None` if the side effect and the simulation date exclude every
    /// event.
    ///
    /// # Errors
    /// [`ReduceError`] if the reducer rejects an event.
    pub fn simulate(self) -> Result<Option<Aggregate<S>>, ReduceError> {
        let mut indexed = BTreeMap::new();
        for event in self.events {
            match &self.side_effect {
                Some(side_effect) => side_effect(&mut indexed, event),
                // The keys are padded with zeros, so that they sort like the versions.
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
