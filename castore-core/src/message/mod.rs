//! Messages: what is sent over message channels.

mod about_event;
mod aggregate_exists;
mod any_message;
mod channel_message;
mod fields;
mod kind;
mod names;
mod notification;
mod raw_notification;
mod round_trip;
mod state_carrying;

#[doc(hidden)]
pub use about_event::about_event;
pub use aggregate_exists::AggregateExistsMessage;
pub use any_message::{AnyMessage, Message};
pub use channel_message::{
    ChannelMessage, MessageEnum, SourceVisitor, deserialize_channel_message, serialize_channel_message,
};
pub use fields::MessageBody;
pub use kind::{AggregateExists, EventCarrying, MessageKind, Notification, StateCarrying};
pub use names::{AGGREGATE_EXISTS, REPLAYED};
pub use notification::NotificationMessage;
pub use raw_notification::RawNotification;
#[doc(hidden)]
pub use raw_notification::aggregate_of;
#[doc(hidden)]
pub use round_trip::check_message;
pub use round_trip::{UnreadableMessageError, UnreadableMessageProblem};
pub use state_carrying::{CarriedState, StateCarryingMessage};
