use std::ops::ControlFlow;

use super::RawEventRef;

/// A function that receives the events of an aggregate one at a time, while they are read. Returning `Break` ends the
/// read. See [`EventStorageAdapter::visit_events`](super::EventStorageAdapter::visit_events).
///
/// The function owns its data, so that an adapter can send the function to the thread that reads the events.
pub type EventVisitor = Box<dyn FnMut(RawEventRef<'_>) -> ControlFlow<()> + Send>;
