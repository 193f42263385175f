use std::any::Any;

use super::MessageKind;
use crate::context::EventContext;
use crate::event_sourced::EventSourced;

/// The properties that messages of all stores and kinds have.
pub trait AnyMessage: Any + Send + Sync {
    /// Returns the id of the message's event store.
    fn event_store_id(&self) -> &'static str;

    /// Returns the id of the aggregate, as text.
    fn aggregate_id(&self) -> String;

    /// Returns the version of the event, or `None` if the message contains no event.
    fn version(&self) -> Option<u64>;

    /// Returns the name of the event type, or `None` if the message contains no event. The name may be that of a type
    /// that the event enum does not declare (see `#[event(other)]`).
    fn event_type(&self) -> Option<&str>;

    /// Returns the context of the event. The context is empty if the message contains no event, or if the event has no
    /// context.
    fn event_context(&self) -> EventContext {
        EventContext::new()
    }

    /// Returns whether the message contains an event: a notification or a state-carrying message.
    fn is_event_carrying(&self) -> bool {
        self.version().is_some()
    }

    /// Returns whether the message contains the aggregate.
    fn is_state_carrying(&self) -> bool {
        false
    }

    /// Returns whether the message contains an event, but not the aggregate.
    fn is_notification(&self) -> bool {
        self.is_event_carrying() && !self.is_state_carrying()
    }

    /// Returns whether the message only reports that the aggregate exists.
    fn is_aggregate_exists(&self) -> bool {
        !self.is_event_carrying()
    }
}

/// A message of one event store.
pub trait Message: AnyMessage + Clone {
    /// The event store of the message.
    type Store: EventSourced;

    /// The kind of the message.
    type Kind: MessageKind;
}

/// Returns the ids of the event store and the aggregate of a message, which adapters use to keep the messages of an
/// aggregate in order.
pub fn aggregate_of(message: &dyn AnyMessage) -> (&'static str, String) {
    (message.event_store_id(), message.aggregate_id())
}
