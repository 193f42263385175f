use std::fmt;
use std::marker::PhantomData;

use aws_lambda_events::event::sqs::SqsEvent;
use castore_core::channel::{ClaimCheck, MessageChannel, MessageQueue};
use futures_util::{Stream, StreamExt as _, stream};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use super::SqsMessageQueueRecord;
use crate::{MalformedMessageError, ReadMessageError};

/// The message type of queue `Q`. The body of a record contains a message of this type as JSON.
pub type SqsMessageQueueMessageBody<Q> = <Q as MessageChannel>::Message;

/// The event with which SQS invokes a Lambda function: a list of records, each with a message of queue `Q`.
///
/// Use this type as the parameter of the Lambda function, and read the records:
///
/// ```
/// # use castore_core::channel::MessageQueue;
/// # use castore_sqs::{MalformedMessageError, SqsMessageQueueMessage};
/// # fn example<Q: MessageQueue>(event: &SqsMessageQueueMessage<Q>) -> Result<(), MalformedMessageError>
/// # where Q::Message: serde::de::DeserializeOwned {
/// for record in event.records() {
///     let record = record?;
///     println!("attempt {}: {:?}", record.attempt, record.message);
/// }
/// # Ok(())
/// # }
/// ```
///
/// Records are decoded one at a time, so that a malformed message does not affect the others. Alternatively, let an
/// [`SqsLambdaHandler`](crate::SqsLambdaHandler) read the records, call a handler with each message, and return the
/// failed records.
pub struct SqsMessageQueueMessage<Q> {
    event: SqsEvent,
    queue: PhantomData<fn() -> Q>,
}

impl<Q: MessageQueue<Message: DeserializeOwned>> SqsMessageQueueMessage<Q> {
    /// Returns the records, in the order of the event. A pointer to a large message is treated as a malformed message.
    /// To fetch large messages, use [`redeemed_records`](Self::redeemed_records).
    ///
    /// # Errors
    /// The iterator returns a [`MalformedMessageError`] for each record that contains no message of the queue.
    pub fn records(&self) -> impl Iterator<Item = Result<SqsMessageQueueRecord<Q>, MalformedMessageError>> + '_ {
        self.event.records.iter().map(SqsMessageQueueRecord::try_from)
    }

    /// Returns the records, in the order of the event. Fetches large messages with the claim check, one after the
    /// other.
    ///
    /// # Errors
    /// For each record, the errors of [`SqsMessageQueueRecord::redeem`].
    pub fn redeemed_records<'a>(
        &'a self,
        claim_check: &'a dyn ClaimCheck,
    ) -> impl Stream<Item = Result<SqsMessageQueueRecord<Q>, ReadMessageError>> + 'a {
        stream::iter(&self.event.records).then(move |record| SqsMessageQueueRecord::redeem(record, claim_check))
    }
}

impl<Q> SqsMessageQueueMessage<Q> {
    /// Returns the original event of Lambda, for [`SqsLambdaHandler::handle`](crate::SqsLambdaHandler::handle).
    pub fn event(&self) -> &SqsEvent {
        &self.event
    }
}

impl<Q> From<SqsEvent> for SqsMessageQueueMessage<Q> {
    fn from(event: SqsEvent) -> Self {
        Self { event, queue: PhantomData }
    }
}

impl<'de, Q> Deserialize<'de> for SqsMessageQueueMessage<Q> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        SqsEvent::deserialize(deserializer).map(Self::from)
    }
}

impl<Q> Clone for SqsMessageQueueMessage<Q> {
    fn clone(&self) -> Self {
        self.event.clone().into()
    }
}

impl<Q> fmt::Debug for SqsMessageQueueMessage<Q> {
    /// Omits the records, whose payloads may be private.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SqsMessageQueueMessage")
            .field("records", &self.event.records.len())
            .finish_non_exhaustive()
    }
}
