use std::ops::ControlFlow;

use super::RawEventRef;

/// Takes the events of an aggregate one at a time, while they are read: see
/// [`EventStorageAdapter::visit_events`](super::EventStorageAdapter::visit_events).
///
/// It owns what it needs, so that an adapter may carry it to the thread that reads.
pub type EventVisitor = Box<dyn FnMut(RawEventRef<'_>) -> ControlFlow<()> + Send>;
