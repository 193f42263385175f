use std::fmt;

use castore_core::aggregate::Aggregate;
use castore_core::event::EventDetail;
use castore_core::event_sourced::EventSourced;

/// An event that was stored by a push.
#[non_exhaustive]
pub struct PushedEvent<S: EventSourced> {
    /// The event, with its timestamp.
    pub event: EventDetail<S>,
    /// The aggregate after the event, if the push could compute it without a read: for version 1, or if the caller has
    /// set the previous aggregate.
    pub next_aggregate: Option<Aggregate<S>>,
    /// The position of the event in the storage's event log, if the storage has one.
    pub position: Option<u64>,
}

impl<S: EventSourced> Clone for PushedEvent<S> {
    fn clone(&self) -> Self {
        Self { event: self.event.clone(), next_aggregate: self.next_aggregate.clone(), position: self.position }
    }
}

impl<S: EventSourced> fmt::Debug for PushedEvent<S> {
    /// Omits the payload and the state, which may be confidential.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PushedEvent")
            .field("event", &self.event)
            .field("position", &self.position)
            .finish_non_exhaustive()
    }
}
