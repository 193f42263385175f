use super::RawEventRef;

/// What a visitor wants after an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// The next event, if there is one.
    Continue,
    /// Stop reading.
    Stop,
}

/// Takes the events of an aggregate one at a time, while they are read: see
/// [`EventStorageAdapter::visit_events`](super::EventStorageAdapter::visit_events).
///
/// It owns what it needs, so that an adapter may carry it to the thread that reads.
pub type EventVisitor = Box<dyn FnMut(RawEventRef<'_>) -> Flow + Send>;
