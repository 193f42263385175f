use std::error::Error;
use std::fmt::Debug;

use async_trait::async_trait;

use super::RejectedMessage;

/// Keeps messages that are too large for a broker, which gets a pointer in their place: the claim-check pattern.
///
/// Adapters of brokers with a small limit take one. What they send for a large message is the pointer, as JSON; consumers
/// that have the same claim check find the message behind it.
#[async_trait]
pub trait ClaimCheck: Debug + Send + Sync + 'static {
    /// Keeps the JSON of a message, and answers the JSON of its pointer. The same message is kept in the same place,
    /// however often it is checked in.
    ///
    /// # Errors
    /// [`ClaimCheckError`]: the message was not kept, and must not be published.
    async fn check_in(&self, message: ClaimedMessage<'_>, json: String) -> Result<String, ClaimCheckError>;

    /// The JSON of the message behind a pointer; `None` if `json` is no pointer of this kind, but a message.
    ///
    /// # Errors
    /// [`ClaimCheckError`]: it is a pointer, but what it points to cannot be had (now, or
    /// [for good](ClaimCheckError::permanent)).
    async fn redeem(&self, json: &str) -> Result<Option<String>, ClaimCheckError>;
}

/// What a message to be kept is about: for the place where it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClaimedMessage<'a> {
    /// The event store.
    pub event_store_id: &'a str,
    /// The aggregate.
    pub aggregate_id: &'a str,
    /// The version of the event; `None` if the message carries none.
    pub version: Option<u64>,
}

impl<'a> ClaimedMessage<'a> {
    /// For adapters.
    pub fn new(event_store_id: &'a str, aggregate_id: &'a str, version: Option<u64>) -> Self {
        Self { event_store_id, aggregate_id, version }
    }
}

/// A message could not be kept, or not be found again.
#[derive(Debug, thiserror::Error)]
#[error("the claim check of a large message failed")]
pub struct ClaimCheckError {
    /// Whether it will fail again, however often it is tried.
    pub permanent: bool,
    /// Why.
    pub source: Box<dyn Error + Send + Sync>,
}

impl ClaimCheckError {
    /// A failure that may pass.
    pub fn new(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { permanent: false, source: source.into() }
    }

    /// A failure that will come again.
    pub fn permanent(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { permanent: true, source: source.into() }
    }

    /// As what a message is refused for, at its place among those that were published.
    pub fn into_rejected(self, index: usize) -> RejectedMessage {
        RejectedMessage::new(index, self.permanent, self)
    }
}
