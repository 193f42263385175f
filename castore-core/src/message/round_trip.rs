use serde::ser::{Serialize, Serializer};

use super::channel_message::{ChannelMessage, deserialize_channel_message, serialize_channel_message};
use crate::channel::{PublishError, RejectedMessage};
use crate::json::{JsonMismatch, JsonPath, Trace, difference};

/// The error for a message that cannot be published, because consumers of a broker could not read it as the same
/// message.
#[derive(Debug, thiserror::Error)]
#[error("the message about {event_store_id} aggregate {aggregate_id} cannot be published: {problem}")]
#[non_exhaustive]
pub struct UnreadableMessageError {
    /// The id of the event store.
    pub event_store_id: &'static str,
    /// The id of the aggregate.
    pub aggregate_id: String,
    /// The problem with the message.
    pub problem: UnreadableMessageProblem,
}

/// The reason why a message could not be read as the same message.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UnreadableMessageProblem {
    /// Writing the message as JSON failed.
    #[error("the message cannot be written as JSON: {0}")]
    Write(serde_json::Error),
    /// The message was written, but reading it failed.
    #[error("consumers would be unable to read the JSON of the message: {0}")]
    Read(JsonMismatch),
    /// The message was written, but reading it returned another value.
    #[error(
        "reading `{path}` would return a different value than the one written; change its type or its serde attributes"
    )]
    ReadsAsAnotherValue {
        /// The path of the value in the message.
        path: String,
    },
}

/// Writes a message as JSON and reads it again, as the adapters of brokers do. Adapters that do not serialize messages
/// call this function, so that tests with these adapters detect the same problems as tests with a broker.
///
/// # Errors
/// [`PublishError::Rejected`] with a permanent rejection of message `index`. `total` is the number of messages in
/// the call.
pub fn check_message<M: ChannelMessage>(message: &M, index: usize, total: usize) -> Result<(), PublishError> {
    round_trip(message).map_err(|problem| {
        let about = message.as_message();
        let reason = UnreadableMessageError {
            event_store_id: about.event_store_id(),
            aggregate_id: about.aggregate_id(),
            problem,
        };
        let rejected = RejectedMessage::new(index, true, reason);
        PublishError::Rejected { total, rejected: vec![rejected] }
    })
}

fn round_trip<M: ChannelMessage>(message: &M) -> Result<(), UnreadableMessageProblem> {
    let text = serde_json::to_string(&AsJson(message)).map_err(UnreadableMessageProblem::Write)?;
    let read: M = deserialize_channel_message(&mut serde_json::Deserializer::from_str(&text))
        .map_err(|error| UnreadableMessageProblem::Read(JsonMismatch::of(&error)))?;
    match difference(&Trace::of(&AsJson(message)), &Trace::of(&AsJson(&read))) {
        Some(segments) => {
            let path = JsonPath { root: "message", segments }.to_string();
            Err(UnreadableMessageProblem::ReadsAsAnotherValue { path })
        }
        None => Ok(()),
    }
}

struct AsJson<'a, M>(&'a M);

impl<M: ChannelMessage> Serialize for AsJson<'_, M> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_channel_message(self.0, serializer)
    }
}
