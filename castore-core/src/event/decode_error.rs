use std::borrow::Cow;

use crate::json::JsonMismatch;
use crate::storage::RawEventRef;

/// A stored event, or one in a message, is not what its event store declares.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot read version {version} of {event_store_id} aggregate {aggregate_id}, an event of type {event_type:?}: {problem}"
)]
pub struct DecodeEventError {
    /// The id of the event store.
    pub event_store_id: Cow<'static, str>,
    /// The id of the aggregate.
    pub aggregate_id: String,
    /// The version.
    pub version: u64,
    /// The event type's name, as stored.
    pub event_type: String,
    /// What is wrong with it. Its text is part of this error's text, so that it is not a source.
    pub problem: DecodeEventProblem,
}

impl DecodeEventError {
    /// Creates the error for an event of a store that is not read.
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

/// What is wrong with an event that cannot be read. Never says anything of the payload's content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeEventProblem {
    /// It is an event of another event store than the one it is read for.
    #[error("it is not an event of any event store that it could be read for")]
    OtherEventStore,
    /// The event enum has no such type.
    #[error("unknown event type; expected one of: {expected}")]
    UnknownEventType {
        /// The names of the types that the event enum has.
        expected: String,
    },
    /// The payload is not that of the event type.
    #[error("the payload is not that of the event type ({0})")]
    Payload(JsonMismatch),
    /// The metadata is not that of the event store.
    #[error("the metadata is not that of the event store ({0})")]
    Metadata(JsonMismatch),
    /// The aggregate id is not of the event store's id type.
    #[error("the aggregate id is not of the event store's id type")]
    AggregateId,
}
