use std::any::Any;

use super::MessageKind;
use crate::event_sourced::EventSourced;

/// What every message tells, whatever its store and kind.
pub trait AnyMessage: Any + Send + Sync {
    /// The id of the event store it is from.
    fn event_store_id(&self) -> &'static str;

    /// The id of the aggregate, as text.
    fn aggregate_id(&self) -> String;

    /// The version of the event; `None` if the message carries none.
    fn version(&self) -> Option<u64>;

    /// The name of the event's type; `None` if the message carries no event.
    fn event_type(&self) -> Option<&'static str>;
}

/// A message of one event store.
pub trait Message: AnyMessage + Clone {
    /// The event store.
    type Store: EventSourced;

    /// What it carries.
    type Kind: MessageKind;
}
