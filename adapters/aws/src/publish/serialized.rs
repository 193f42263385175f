use castore_core::message::{ChannelMessage, RawNotification};
use serde::Serialize;

use super::MessageIdentity;

/// A message as JSON.
#[derive(Debug)]
#[non_exhaustive]
pub struct SerializedMessage {
    /// Which message it is.
    pub identity: MessageIdentity,
    /// Its JSON, or the reason why it has none.
    pub json: serde_json::Result<String>,
}

impl SerializedMessage {
    /// A message with this JSON.
    pub fn new(identity: MessageIdentity, json: String) -> Self {
        Self { identity, json: Ok(json) }
    }

    /// Serializes a message.
    pub fn of_message<M: ChannelMessage + Serialize>(message: &M) -> Self {
        let identity = MessageIdentity::of_message(message.as_message());
        Self { identity, json: serde_json::to_string(message) }
    }

    /// Serializes messages.
    pub fn of_messages<M: ChannelMessage + Serialize>(messages: &[M]) -> Vec<Self> {
        messages.iter().map(Self::of_message).collect()
    }

    /// Serializes notifications as they are, whether or not this program knows their events.
    pub fn of_notifications(notifications: &[RawNotification]) -> Vec<Self> {
        let serialized = notifications.iter().map(|notification| {
            let identity = MessageIdentity::of_notification(notification);
            Self { identity, json: serde_json::to_string(notification) }
        });
        serialized.collect()
    }
}
