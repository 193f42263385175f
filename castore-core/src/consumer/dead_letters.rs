use std::error::Error;
use std::fmt;

use async_trait::async_trait;

/// The stored dead letters of one consumer (a listener, or the workers of a queue), for operators. The trait is
/// implemented for each broker that stores dead letters, and for the in-memory adapters.
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
    /// Returns up to `limit` dead letters, the oldest first if the broker keeps an order.
    ///
    /// # Errors
    /// [`DeadLettersError::Broker`] if the broker is unavailable.
    async fn list(&self, limit: usize) -> Result<Vec<StoredDeadLetter>, DeadLettersError>;

    /// Returns a dead letter, or `None` if no dead letter has this id, for example because the letter was removed.
    ///
    /// # Errors
    /// [`DeadLettersError::Broker`] if the broker is unavailable.
    async fn get(&self, id: &str) -> Result<Option<StoredDeadLetter>, DeadLettersError>;

    /// Delivers a dead letter again, only to the consumer to which the letter belongs, and removes the letter. The
    /// attempts are counted from 1 again. Returns `false` if the letter does not exist.
    ///
    /// The consumer receives the message after the messages that were published in the meantime, even on ordered
    /// channels.
    ///
    /// # Cancellation
    /// If the future is dropped, or if the removal fails, the message may be handed to the consumer although the letter
    /// still exists. The letter is never removed before the message is handed over.
    ///
    /// # Errors
    /// [`DeadLettersError::Broker`] if the broker is unavailable; [`DeadLettersError::NoConsumer`] if no consumer can
    /// receive the message.
    async fn redrive(&self, id: &str) -> Result<bool, DeadLettersError>;

    /// Removes a dead letter permanently. Returns `false` if the letter does not exist.
    ///
    /// # Errors
    /// [`DeadLettersError::Broker`] if the broker is unavailable.
    async fn remove(&self, id: &str) -> Result<bool, DeadLettersError>;
}

/// A dead letter as it is stored. Only the class of its error is stored, because the text of the error may quote
/// private content.
///
/// `Debug` omits the body.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredDeadLetter {
    /// The id, which is unique among the dead letters of the consumer.
    pub id: String,
    /// The body of the message: JSON, if it was published by Castore.
    pub body: String,
    /// A flag that is `true` if the message is a replay.
    pub replay: bool,
    /// The number of attempts, if the broker stores it.
    pub attempts: Option<u32>,
    /// The class of the last error, if the broker stores it: `retry`, `park`, `malformed` or `lost`.
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
    /// The broker is unavailable, or rejected the request.
    #[error("the broker could not {what}")]
    Broker {
        /// The operation.
        what: &'static str,
        /// The error of the request.
        source: Box<dyn Error + Send + Sync>,
    },
    /// No consumer can receive the message: the consumer was shut down or deleted, a handler has stopped it, or its
    /// filter no longer passes the message.
    #[error("the consumer of the dead letter does not accept this message; start the consumer, or check its filter")]
    NoConsumer,
}

impl DeadLettersError {
    /// Creates the error of a failed request, for adapters. The text of the error is "the broker could not `what`".
    pub fn broker(what: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Broker { what, source: source.into() }
    }
}
