use castore_core::message::{ChannelMessage, StoredMessage};
use serde::Serialize;

use super::MessageIdentity;

/// The identity of a message and the JSON of the message.
#[derive(Debug)]
#[non_exhaustive]
pub struct SerializedMessage {
    /// The identity of the message.
    pub identity: MessageIdentity,
    /// The JSON, or the error if the message could not be serialized.
    pub json: serde_json::Result<String>,
}

impl SerializedMessage {
    /// Creates a serialized message from its JSON.
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

    /// Serializes messages about stored events. The stored JSON of each event is used unchanged.
    pub fn of_stored<M: ChannelMessage>(messages: &[StoredMessage<M>]) -> Vec<Self> {
        let serialized = messages.iter().map(|message| {
            let identity = MessageIdentity::of_stored(message);
            Self { identity, json: serde_json::to_string(message) }
        });
        serialized.collect()
    }
}
