use std::borrow::Cow;

use super::evolution::wrong_variant;
use crate::json::JsonMismatch;
use crate::storage::RawEventRef;

/// The error for an event, from a storage or a message, that does not match the types of its event store.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot read version {version} of {event_store_id} aggregate {aggregate_id}, an event of type {event_type:?}: {problem}"
)]
pub struct DecodeEventError {
    /// The id of the event store.
    pub event_store_id: Cow<'static, str>,
    /// The id of the aggregate.
    pub aggregate_id: String,
    /// The version of the event.
    pub version: u64,
    /// The stored name of the event type.
    pub event_type: String,
    /// The problem. Its text is part of this error's text, so the problem is not returned as a source.
    pub problem: DecodeEventProblem,
}

impl DecodeEventError {
    /// Creates the error for an event of an unexpected store.
    pub(crate) fn other_event_store(event_store_id: &str, event: RawEventRef<'_>) -> Self {
        Self {
            event_store_id: Cow::Owned(event_store_id.to_owned()),
            aggregate_id: event.aggregate_id.to_owned(),
            version: event.version,
            event_type: event.event_type.to_owned(),
            problem: DecodeEventProblem::OtherEventStore,
        }
    }
}

/// A problem with an event that cannot be read. The problem never contains parts of the payload.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeEventProblem {
    /// The event belongs to another event store.
    #[error("the event belongs to another event store")]
    OtherEventStore,
    /// The event enum has no type of this name.
    #[error("unknown event type; expected one of: {expected}")]
    UnknownEventType {
        /// The names of the event types in the enum.
        expected: String,
    },
    /// The payload does not match the event type.
    #[error("the payload does not match the event type ({0})")]
    Payload(JsonMismatch),
    /// The event type is retired, and the conversion of its payload failed.
    #[error("the event type is retired, and its payload cannot be converted from `{from}` to `{to}`")]
    Conversion {
        /// The name of the Rust type before the failed step.
        from: &'static str,
        /// The name of the Rust type after the failed step.
        to: &'static str,
    },
    /// The event type is retired, and its conversion returned an event of the wrong type.
    #[error("the event type is retired, and {}", wrong_variant(.declared, .converted))]
    ConvertedToOtherType {
        /// The event type whose variant names the retired type in `from(…)`.
        declared: &'static str,
        /// The event type that the conversion returned.
        converted: String,
    },
    /// The metadata does not match the event store's metadata type.
    #[error("the metadata does not match the metadata type of the event store ({0})")]
    Metadata(JsonMismatch),
    /// The text of the aggregate id cannot be parsed as the event store's id type.
    #[error("the aggregate id is not a valid id of the event store")]
    AggregateId,
}
