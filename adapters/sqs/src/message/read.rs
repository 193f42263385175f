use castore_core::channel::{ClaimCheck, ClaimCheckError, MessageChannel};
use castore_core::error::error_chain;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// A body is not the JSON of a message of the channel. The error does not contain the body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MalformedMessageError {
    /// There is no body.
    #[error("the message has no body")]
    NoBody,
    /// It is not in the envelope of the service that delivered it.
    #[error("the body is no envelope with a message")]
    NotAnEnvelope,
    /// It is not JSON, or no object with an `eventStoreId`.
    #[error("the body is no message in JSON (line {line}, column {column})")]
    NotAMessage {
        /// Where reading it failed.
        line: usize,
        /// Where in the line.
        column: usize,
    },
    /// It is of an event store that the channel does not carry.
    #[error("event store {event_store_id} is no source of message channel {message_channel_id}")]
    UnknownEventStore {
        /// The event store.
        event_store_id: String,
        /// The channel.
        message_channel_id: &'static str,
    },
    /// It is of one of the channel's event stores, but its fields are not those of the channel's messages: an event of
    /// another program's version perhaps.
    #[error("a message of event store {event_store_id} cannot be read (line {line}, column {column})")]
    Fields {
        /// The event store.
        event_store_id: String,
        /// Where reading it failed.
        line: usize,
        /// Where in the line.
        column: usize,
    },
    /// The message that its pointer refers to is permanently lost.
    #[error("the payload referenced by the message could not be fetched")]
    Claim,
}

/// A message could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadMessageError {
    /// It is malformed: every attempt would fail.
    #[error(transparent)]
    Malformed(#[from] MalformedMessageError),
    /// It is a large message that is stored elsewhere, and could not be fetched. A later attempt may succeed.
    #[error(transparent)]
    NotNow(ClaimCheckError),
}

#[derive(Deserialize)]
struct OfStore {
    #[serde(rename = "eventStoreId")]
    event_store_id: String,
}

/// Reads JSON.
pub(crate) type Decode<M> = fn(&str) -> Result<M, MalformedMessageError>;

/// The message in a body, or behind the pointer in it.
pub(crate) async fn read<M>(
    message_channel_id: &'static str,
    decode: Decode<M>,
    body: Option<&str>,
    claim_check: Option<&dyn ClaimCheck>,
) -> Result<M, ReadMessageError> {
    let body = body.ok_or(ReadMessageError::Malformed(MalformedMessageError::NoBody))?;
    let redeemed = match claim_check {
        Some(claim_check) => claim_check.redeem(body).await,
        None => Ok(None),
    };
    match redeemed {
        Ok(None) => decode(body).map_err(ReadMessageError::Malformed),
        Ok(Some(json)) => decode(&json).map_err(ReadMessageError::Malformed),
        Err(error) if error.permanent => {
            tracing::error!(
                message_channel = message_channel_id,
                error = error_chain(&error),
                "a claim check cannot be redeemed"
            );
            Err(ReadMessageError::Malformed(MalformedMessageError::Claim))
        }
        Err(error) => Err(ReadMessageError::NotNow(error)),
    }
}

/// The message in JSON.
pub(crate) fn decode<C>(json: &str) -> Result<C::Message, MalformedMessageError>
where
    C: MessageChannel<Message: DeserializeOwned>,
{
    // The text of serde's errors may quote the content of the message.
    let error = match serde_json::from_str(json) {
        Ok(message) => return Ok(message),
        Err(error) => error,
    };
    let (line, column) = (error.line(), error.column());
    // Derived code would also read the field from an array, and the error must not contain the content.
    let of_store = if json.trim_start().starts_with('{') { serde_json::from_str::<OfStore>(json).ok() } else { None };
    match of_store {
        None => Err(MalformedMessageError::NotAMessage { line, column }),
        Some(OfStore { event_store_id }) => {
            if C::SOURCES.iter().any(|source| source.event_store_id() == event_store_id) {
                Err(MalformedMessageError::Fields { event_store_id, line, column })
            } else {
                Err(MalformedMessageError::UnknownEventStore { event_store_id, message_channel_id: C::ID })
            }
        }
    }
}

/// Whether the value of the attribute [`REPLAY`](super::REPLAY) says that a message is a replay.
pub(crate) fn is_replay(value: Option<&str>) -> bool {
    value.is_some_and(|value| value != "0")
}
