//! The messages that are sent over message channels.

mod about_event;
mod aggregate_exists;
mod any_message;
mod channel_message;
mod fields;
mod kind;
mod names;
mod notification;
mod round_trip;
mod state_carrying;
mod stored_message;

#[doc(hidden)]
pub use about_event::about_event;
pub use aggregate_exists::AggregateExistsMessage;
#[doc(hidden)]
pub use any_message::aggregate_of;
pub use any_message::{AnyMessage, Message};
pub use channel_message::{
    ChannelMessage, MessageEnum, SourceVisitor, deserialize_channel_message, serialize_channel_message,
};
pub use fields::MessageBody;
pub use kind::{AggregateExists, EventCarrying, MessageKind, Notification, StateCarrying};
pub use names::{AGGREGATE_EXISTS, REPLAYED};
pub use notification::NotificationMessage;
#[doc(hidden)]
pub use round_trip::check_message;
pub use round_trip::{UnreadableMessageError, UnreadableMessageProblem};
pub use state_carrying::{CarriedState, StateCarryingMessage};
pub use stored_message::StoredMessage;
