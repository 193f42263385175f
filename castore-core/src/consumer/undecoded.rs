use std::sync::Arc;

use super::UndecodableMessage;
use crate::event::DecodeEventError;
use crate::message::{ChannelMessage, StoredMessage};

/// A message about a stored event that this program cannot decode, with the reason. Adapters that do not carry JSON
/// deliver this value to their consumers in place of the message, just as a broker would deliver JSON.
#[derive(Debug, Clone)]
pub struct UndecodedMessage {
    /// The ids of the event store and of the aggregate, for keeping the messages of an aggregate in order.
    pub aggregate: (Arc<str>, String),
    /// The message as a broker would deliver it.
    pub message: Arc<UndecodableMessage>,
    /// The decoding error, with which every attempt to handle the message fails.
    pub error: Arc<DecodeEventError>,
}

impl UndecodedMessage {
    /// Decodes a message. The inner result is the decoded message, or the undecoded message with the reason.
    ///
    /// # Errors
    /// [`serde_json::Error`] if the message can neither be decoded nor be written as JSON.
    pub fn decode<M: ChannelMessage>(
        stored: StoredMessage<M>,
        replay: bool,
    ) -> Result<Result<M, Self>, serde_json::Error> {
        let (stored, error) = match stored.decode() {
            Ok(message) => return Ok(Ok(message)),
            Err(undecoded) => undecoded,
        };
        let message = UndecodableMessage::new(serde_json::to_string(&stored)?, replay);
        let aggregate = (stored.event_store_id, stored.event.aggregate_id);
        Ok(Err(Self { aggregate, message: Arc::new(message), error: Arc::new(error) }))
    }
}
