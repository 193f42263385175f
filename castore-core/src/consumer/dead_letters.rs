use std::error::Error;
use std::fmt;

use async_trait::async_trait;

/// The stored dead letters of a consumer (a listener of a bus, or the workers of a queue): messages that the consumer
/// could not handle. Tools for operators use this trait. It is implemented for each broker that stores dead letters,
/// and for the in-memory adapters.
///
/// ```
/// use castore_core::consumer::{DeadLetters, DeadLettersError};
///
/// /// Redrives the letters of an aggregate after the handler was fixed.
/// async fn redrive_of(letters: &dyn DeadLetters, aggregate_id: &str) -> Result<usize, DeadLettersError> {
///     let mut redriven = 0;
///     for letter in letters.list(100).await? {
///         if letter.body.contains(aggregate_id) && letters.redrive(&letter.id).await? {
///             redriven += 1;
///         }
///     }
///     Ok(redriven)
/// }
/// ```
#[async_trait]
pub trait DeadLetters: fmt::Debug + Send + Sync + 'static {
    /// Returns up to `limit` dead letters. The letters are sorted from oldest to newest if the broker keeps the order
    /// of dead letters.
    ///
    /// # Errors
    /// [`DeadLettersError::Broker`] if a request to the broker fails, or if a letter cannot be read.
    async fn list(&self, limit: usize) -> Result<Vec<StoredDeadLetter>, DeadLettersError>;

    /// Returns the dead letter with this id, or `None` if it never existed or no longer exists.
    ///
    /// # Errors
    /// [`DeadLettersError::Broker`] if a request to the broker fails, or if a letter cannot be read.
    async fn get(&self, id: &str) -> Result<Option<StoredDeadLetter>, DeadLettersError>;

    /// Hands the message of a dead letter to the letter's consumer again, and to no other consumer, and then removes
    /// the letter. The attempts are counted from 1 again. Returns `false` if the letter does not exist.
    ///
    /// The consumer receives the message after the messages that were published in the meantime, even on ordered
    /// channels.
    ///
    /// # Cancellation
    /// If the future is dropped, or if the removal fails, the message may have been handed to the consumer although the
    /// letter still exists. If the message cannot be handed to the consumer, the letter is kept.
    ///
    /// # Errors
    /// [`DeadLettersError::Broker`] if a request to the broker fails; [`DeadLettersError::NoConsumer`] if no consumer
    /// can receive the message.
    async fn redrive(&self, id: &str) -> Result<bool, DeadLettersError>;

    /// Removes a dead letter permanently. Returns `false` if the letter does not exist.
    ///
    /// # Errors
    /// [`DeadLettersError::Broker`] if a request to the broker fails.
    async fn remove(&self, id: &str) -> Result<bool, DeadLettersError>;
}

/// A dead letter as it is stored. Only the class of the error is stored, because the error text may quote private
/// content.
///
/// `Debug` omits the body.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredDeadLetter {
    /// The id, which is unique among the dead letters of the consumer.
    pub id: String,
    /// The body of the message: JSON, if castore or the TypeScript package Castore published the message.
    pub body: String,
    /// A flag that is `true` if the message is a replay.
    pub replay: bool,
    /// The number of attempts that were made, if the broker stores this number.
    pub attempts: Option<u32>,
    /// The class of the last error, if the broker stores the class: `retry` (no attempt was left), `park` (the failure
    /// was permanent), `malformed` (the message could not be decoded) or `lost` (the message was delivered too often
    /// without an acknowledgement).
    pub error_class: Option<String>,
}

impl StoredDeadLetter {
    /// Creates a dead letter, for adapters.
    pub fn new(id: impl Into<String>, body: impl Into<String>, replay: bool) -> Self {
        Self { id: id.into(), body: body.into(), replay, attempts: None, error_class: None }
    }

    /// Sets the number of attempts.
    #[must_use]
    pub fn attempts(self, attempts: Option<u32>) -> Self {
        Self { attempts, ..self }
    }

    /// Sets the class of the last error.
    #[must_use]
    pub fn error_class(self, error_class: Option<String>) -> Self {
        Self { error_class, ..self }
    }
}

impl fmt::Debug for StoredDeadLetter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("StoredDeadLetter")
            .field("id", &self.id)
            .field("replay", &self.replay)
            .field("attempts", &self.attempts)
            .field("error_class", &self.error_class)
            .finish_non_exhaustive()
    }
}

/// The error of an operation on dead letters.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeadLettersError {
    /// A request to the broker failed, for example because the broker is unavailable, or a letter could not be read.
    #[error("the broker could not {what}")]
    Broker {
        /// The operation that failed, for example `remove a dead letter`.
        what: &'static str,
        /// The error of the request.
        source: Box<dyn Error + Send + Sync>,
    },
    /// No consumer can receive the message: for example, the consumer was shut down, deleted, or stopped by a handler,
    /// or its filter no longer passes the message.
    #[error("the consumer of the dead letter does not accept messages; start it first")]
    NoConsumer,
}

impl DeadLettersError {
    /// Creates the error of a failed request, for adapters. The text of the error is "the broker could not `what`".
    pub fn broker(what: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Broker { what, source: source.into() }
    }
}
