use std::future::Future;
use std::sync::Arc;

use castore_core::channel::{ClaimCheck, PublishError};
use castore_core::error::InvalidOptionError;

use super::{MessageIdentity, SerializedMessage};
use crate::{
    BatchEntry, BatchFailure, BatchLimits, EntryOutcome, EntryTooLargeError, Rejection, RequestPolicy,
    publish_in_batches,
};

/// The maximum number of entries in a batch. SQS and EventBridge have the same limit.
const MAX_ENTRIES: usize = 10;

/// The maximum number of batches that one call has in flight at the same time.
const IN_FLIGHT: usize = 4;

/// A message in the format of a service.
pub trait OutgoingMessage: Send + Sync + Sized {
    /// Returns the size in bytes, as the service counts it.
    fn bytes(&self) -> usize;

    /// Takes the JSON out of the message, so that a claim check can store the JSON.
    fn take_json(&mut self) -> String;

    /// Replaces the JSON of the message, for example with a pointer.
    fn set_json(&mut self, json: String);
}

/// The common options of the publishing adapters for AWS services.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PublishOptions {
    /// The policy for retrying requests.
    pub policy: RequestPolicy,
    /// The maximum size of a message in bytes, which is also the maximum size of a batch.
    pub max_message_bytes: usize,
    /// The claim check that stores large messages, if there is one.
    pub claim_check: Option<Arc<dyn ClaimCheck>>,
    /// The size in bytes above which a message is stored with the claim check, or `None` for the default.
    pub claim_check_over: Option<usize>,
    /// The difference between `max_message_bytes` and the default of `claim_check_over`.
    pub headroom: usize,
}

impl PublishOptions {
    /// Creates options with default values. By default, messages of more than `max_message_bytes - headroom` bytes
    /// are stored with the claim check, if there is one.
    pub fn new(max_message_bytes: usize, headroom: usize) -> Self {
        Self {
            policy: RequestPolicy::default(),
            max_message_bytes,
            claim_check: None,
            claim_check_over: None,
            headroom,
        }
    }

    /// Checks the values of all options.
    ///
    /// # Errors
    /// [`InvalidOptionError`] for the first option with an invalid value.
    pub fn validate(&self) -> Result<(), InvalidOptionError> {
        self.policy.validate()?;
        InvalidOptionError::check(self.max_message_bytes > 0, "max_message_bytes", "must be at least 1")?;
        let over = self.claim_check_over.unwrap_or_default();
        InvalidOptionError::check(
            over <= self.max_message_bytes,
            "claim_check_over",
            "must not be greater than `max_message_bytes`",
        )
    }

    /// Converts a message into the format of the service with `write`. If the result is larger than `claim_check_over`
    /// and there is a claim check, stores the JSON with the claim check, and replaces the JSON with a pointer. Does not
    /// check `max_message_bytes`.
    ///
    /// # Errors
    /// [`Rejection`] if the message could not be serialized, `write` rejected it, or the claim check could not store
    /// it.
    pub async fn prepare<O: OutgoingMessage>(
        &self,
        message: SerializedMessage,
        write: impl Fn(&MessageIdentity, String) -> Result<O, Rejection>,
    ) -> Result<O, Rejection> {
        let SerializedMessage { identity, json } = message;
        let mut outgoing = write(&identity, json.map_err(Rejection::permanent)?)?;
        let over = self.claim_check_over.unwrap_or(self.max_message_bytes.saturating_sub(self.headroom));
        if let Some(claim_check) = &self.claim_check
            && outgoing.bytes() > over
        {
            let stored = claim_check.check_in(identity.claimed(), outgoing.take_json()).await;
            let pointer = stored.map_err(|error| Rejection { permanent: error.permanent, reason: Box::new(error) })?;
            outgoing.set_json(pointer);
        }
        Ok(outgoing)
    }

    /// Checks the size of a message that is sent on its own.
    ///
    /// # Errors
    /// A permanent [`Rejection`] with an [`EntryTooLargeError`] if the message is too large.
    pub fn check_size(&self, outgoing: &impl OutgoingMessage) -> Result<(), Rejection> {
        let (bytes, limit) = (outgoing.bytes(), self.max_message_bytes);
        if bytes <= limit { Ok(()) } else { Err(Rejection::permanent(EntryTooLargeError { bytes, limit })) }
    }

    /// Publishes messages in batches of up to 10 entries: [prepares](Self::prepare) each message with `write`, and
    /// sends the batches with `send`. `ordered` specifies whether the service keeps the order of each aggregate.
    ///
    /// # Cancellation
    /// If the future is dropped, no further batch is sent, and the batches in flight may or may not be published.
    ///
    /// # Errors
    /// The errors of [`publish_in_batches`].
    pub async fn publish<O, Sent>(
        &self,
        messages: Vec<SerializedMessage>,
        ordered: bool,
        write: impl Fn(&MessageIdentity, String) -> Result<O, Rejection>,
        send: impl Fn(Vec<Arc<O>>) -> Sent + Send + Sync,
    ) -> Result<(), PublishError>
    where
        O: OutgoingMessage,
        Sent: Future<Output = Result<Vec<EntryOutcome>, BatchFailure>> + Send,
    {
        let mut entries = Vec::with_capacity(messages.len());
        for message in messages {
            let group = message.identity.aggregate();
            let content = self.prepare(message, &write).await;
            let bytes = content.as_ref().map_or(0, O::bytes);
            entries.push(BatchEntry { group, content, bytes });
        }
        let limits = BatchLimits { entries: MAX_ENTRIES, bytes: self.max_message_bytes, in_flight: IN_FLIGHT, ordered };
        publish_in_batches(entries, limits, &self.policy, send).await
    }
}
