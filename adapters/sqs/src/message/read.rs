use castore_core::channel::{ClaimCheck, ClaimCheckError, MessageChannel};
use castore_core::error::error_chain;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The error returned if a body contains no message of the channel that this program can decode. The error does not
/// quote the body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MalformedMessageError {
    /// The message has no body.
    #[error("the message has no body")]
    NoBody,
    /// The body is not an envelope of the bus from which the queue receives messages.
    #[error("the body is not an envelope with a message; check that the bus delivers its envelopes unchanged")]
    NotAnEnvelope,
    /// The body is not JSON, or not an object with an `eventStoreId`.
    #[error("the body is not a JSON message of Castore (line {line}, column {column})")]
    NotAMessage {
        /// The line of the error.
        line: usize,
        /// The column of the error.
        column: usize,
    },
    /// The event store of the message is not a source of the channel.
    #[error("event store {event_store_id} is not a source of message channel {message_channel_id}")]
    UnknownEventStore {
        /// The id of the event store.
        event_store_id: String,
        /// The id of the message channel.
        message_channel_id: &'static str,
    },
    /// The event store is a source of the channel, but the fields do not match the message type of the channel. The
    /// message may have been published by another version of the program.
    #[error(
        "a message of event store {event_store_id} does not match the message type of the channel (line {line}, column {column}); another version of the program may have published it"
    )]
    Fields {
        /// The id of the event store.
        event_store_id: String,
        /// The line of the error.
        line: usize,
        /// The column of the error.
        column: usize,
    },
    /// The large message to which a pointer refers no longer exists or is invalid.
    #[error("the payload referenced by the message no longer exists or is invalid")]
    Claim,
}

/// The error returned if a message could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadMessageError {
    /// The message is malformed. Every further attempt of this version of the program would fail, too.
    #[error(transparent)]
    Malformed(#[from] MalformedMessageError),
    /// The message is stored elsewhere and could not be fetched. A later attempt may succeed.
    #[error(transparent)]
    NotNow(ClaimCheckError),
}

#[derive(Deserialize)]
struct OfStore {
    #[serde(rename = "eventStoreId")]
    event_store_id: String,
}

/// A function that decodes a message from JSON.
pub(crate) type Decode<M> = fn(&str) -> Result<M, MalformedMessageError>;

/// A message that could not be read.
pub(crate) enum Unread {
    /// The text that could not be decoded, and the reason.
    Malformed(String, MalformedMessageError),
    /// The payload could not be fetched now. A later attempt may succeed.
    NotNow(ClaimCheckError),
}

impl From<Unread> for ReadMessageError {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::Malformed(_, error) => Self::Malformed(error),
            Unread::NotNow(error) => Self::NotNow(error),
        }
    }
}

/// Decodes the message in a body. If the body is a pointer, fetches the message with the claim check.
pub(crate) async fn read<M>(
    message_channel_id: &'static str,
    decode: Decode<M>,
    body: Option<&str>,
    claim_check: Option<&dyn ClaimCheck>,
) -> Result<M, Unread> {
    let body = body.ok_or_else(|| Unread::Malformed(String::new(), MalformedMessageError::NoBody))?;
    let redeemed = match claim_check {
        Some(claim_check) => claim_check.redeem(body).await,
        None => Ok(None),
    };
    match redeemed {
        Ok(None) => decode(body).map_err(|error| Unread::Malformed(body.to_owned(), error)),
        Ok(Some(json)) => decode(&json).map_err(|error| Unread::Malformed(json, error)),
        Err(error) if error.permanent => {
            tracing::error!(
                channel = message_channel_id,
                error = error_chain(&error),
                "the payload of a large message is lost"
            );
            Err(Unread::Malformed(body.to_owned(), MalformedMessageError::Claim))
        }
        Err(error) => Err(Unread::NotNow(error)),
    }
}

/// Decodes a message from JSON.
pub(crate) fn decode<C>(json: &str) -> Result<C::Message, MalformedMessageError>
where
    C: MessageChannel<Message: DeserializeOwned>,
{
    // Errors of serde may quote the content of the message, so only the position of the error is kept.
    let error = match serde_json::from_str(json) {
        Ok(message) => return Ok(message),
        Err(error) => error,
    };
    let (line, column) = (error.line(), error.column());
    // The derived `Deserialize` would also accept an array. The error is dropped, because it may quote the content.
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

/// Returns whether the value of the attribute [`REPLAY`](super::REPLAY) marks a message as a replay.
pub(crate) fn is_replay(value: Option<&str>) -> bool {
    value.is_some_and(|value| value != "0")
}
