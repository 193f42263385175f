use std::ops::ControlFlow;

use super::RawEventRef;

/// A function that receives the events of an aggregate one at a time, while they are read: see
/// [`EventStorageAdapter::visit_events`](super::EventStorageAdapter::visit_events).
///
/// It owns its data, so that an adapter can send it to the thread that reads.
pub type EventVisitor = Box<dyn FnMut(RawEventRef<'_>) -> ControlFlow<()> + Send>;
