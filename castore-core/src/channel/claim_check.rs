use std::error::Error;
use std::fmt::Debug;

use async_trait::async_trait;

use super::RejectedMessage;

/// A store for messages that are too large for a broker, following the claim-check pattern.
///
/// Adapters of brokers with a small message size limit accept a claim check. Such an adapter stores a large message
/// with the claim check, and sends a pointer (as JSON) instead. A consumer whose claim check uses the same storage then
/// fetches the message.
#[async_trait]
pub trait ClaimCheck: Debug + Send + Sync + 'static {
    /// Stores the JSON of a message and returns the JSON of the pointer. Storing the same message again overwrites the
    /// earlier copy.
    ///
    /// # Errors
    /// [`ClaimCheckError`] if the message was not stored. The adapter must then not publish the pointer.
    async fn check_in(&self, message: ClaimedMessage<'_>, json: String) -> Result<String, ClaimCheckError>;

    /// Returns the JSON of the message that a pointer refers to, or `None` if `json` is not such a pointer, but the
    /// message itself.
    ///
    /// # Errors
    /// [`ClaimCheckError`] if the message could not be fetched, either temporarily or
    /// [permanently](ClaimCheckError::permanent).
    async fn redeem(&self, json: &str) -> Result<Option<String>, ClaimCheckError>;
}

/// The identity of a message to be stored, from which a claim check can derive the key of the stored object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClaimedMessage<'a> {
    /// The id of the event store.
    pub event_store_id: &'a str,
    /// The id of the aggregate.
    pub aggregate_id: &'a str,
    /// The version of the event, or `None` if the message has no event.
    pub version: Option<u64>,
}

impl<'a> ClaimedMessage<'a> {
    /// Creates the identity of a message, for adapters.
    pub fn new(event_store_id: &'a str, aggregate_id: &'a str, version: Option<u64>) -> Self {
        Self { event_store_id, aggregate_id, version }
    }
}

/// The error for a large message that cannot be stored or fetched.
#[derive(Debug, thiserror::Error)]
#[error("could not store or fetch a large message with the claim check")]
pub struct ClaimCheckError {
    /// Whether every further attempt would also fail.
    pub permanent: bool,
    /// The reason.
    pub source: Box<dyn Error + Send + Sync>,
}

impl ClaimCheckError {
    /// Creates a temporary error.
    pub fn new(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { permanent: false, source: source.into() }
    }

    /// Creates a permanent error.
    pub fn permanent(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { permanent: true, source: source.into() }
    }

    /// Converts the error into a rejection of the message at `index` in the publishing call.
    pub fn into_rejected(self, index: usize) -> RejectedMessage {
        RejectedMessage::new(index, self.permanent, self)
    }
}
