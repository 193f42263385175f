use std::fmt;

use castore_core::aggregate::Aggregate;
use castore_core::event::EventDetail;
use castore_core::event_sourced::EventSourced;

/// An aggregate and its events. Returned by [`GetAggregate`](super::GetAggregate).
#[non_exhaustive]
pub struct LoadedAggregate<S: EventSourced> {
    /// The aggregate after the last event that was read, or `None` if there are no events.
    pub aggregate: Option<Aggregate<S>>,
    /// The events, in the order of their versions.
    pub events: Vec<EventDetail<S>>,
    /// The last event, or `None` if there are no events.
    pub last_event: Option<EventDetail<S>>,
}

/// An aggregate that has at least one event, and its events. Returned by
/// [`GetExistingAggregate`](super::GetExistingAggregate).
#[non_exhaustive]
pub struct LoadedExistingAggregate<S: EventSourced> {
    /// The aggregate after the last event.
    pub aggregate: Aggregate<S>,
    /// The events, in the order of their versions.
    pub events: Vec<EventDetail<S>>,
    /// The last event.
    pub last_event: EventDetail<S>,
}

impl<S: EventSourced + fmt::Debug> fmt::Debug for LoadedAggregate<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LoadedAggregate")
            .field("aggregate", &self.aggregate)
            .field("events", &self.events)
            .finish_non_exhaustive()
    }
}

impl<S: EventSourced + fmt::Debug> fmt::Debug for LoadedExistingAggregate<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LoadedExistingAggregate")
            .field("aggregate", &self.aggregate)
            .field("events", &self.events)
            .finish_non_exhaustive()
    }
}

/// An aggregate that was loaded from its latest snapshot, if there was one, with the events after the snapshot.
#[non_exhaustive]
pub struct AggregateSinceSnapshot<S: EventSourced> {
    /// The aggregate after the last event that was read, or `None` if there are no events.
    pub aggregate: Option<Aggregate<S>>,
    /// The version of the snapshot, or `None` if there was no valid snapshot and all events were read.
    pub snapshot_version: Option<u64>,
    /// The events after the snapshot, or all events if there was no valid snapshot, in the order of their versions.
    pub events_since_snapshot: Vec<EventDetail<S>>,
}

/// An existing aggregate that was loaded from its latest snapshot, if there was one, with the events after the
/// snapshot.
#[non_exhaustive]
pub struct ExistingAggregateSinceSnapshot<S: EventSourced> {
    /// The aggregate after the last event.
    pub aggregate: Aggregate<S>,
    /// The version of the snapshot, or `None` if there was no valid snapshot and all events were read.
    pub snapshot_version: Option<u64>,
    /// The events after the snapshot, or all events if there was no valid snapshot, in the order of their versions.
    pub events_since_snapshot: Vec<EventDetail<S>>,
}

impl<S: EventSourced + fmt::Debug> fmt::Debug for AggregateSinceSnapshot<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("AggregateSinceSnapshot")
            .field("aggregate", &self.aggregate)
            .field("snapshot_version", &self.snapshot_version)
            .field("events_since_snapshot", &self.events_since_snapshot)
            .finish()
    }
}

impl<S: EventSourced + fmt::Debug> fmt::Debug for ExistingAggregateSinceSnapshot<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ExistingAggregateSinceSnapshot")
            .field("aggregate", &self.aggregate)
            .field("snapshot_version", &self.snapshot_version)
            .field("events_since_snapshot", &self.events_since_snapshot)
            .finish()
    }
}
