use std::fmt;
use std::marker::PhantomData;

use aws_lambda_events::event::sqs::SqsEvent;
use castore_core::channel::{ClaimCheck, MessageChannel, MessageQueue};
use futures_util::{Stream, StreamExt as _, stream};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use super::SqsMessageQueueRecord;
use crate::{MalformedMessageError, ReadMessageError};

/// The content of a record of queue `Q`: the message enum of the queue. The body of the record is its JSON.
pub type SqsMessageQueueMessageBody<Q> = <Q as MessageChannel>::Message;

/// The event with which SQS invokes a Lambda function that handles the messages of queue `Q`: a list of records.
///
/// Use it as the parameter of a function, and read the records:
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
/// Records are decoded one at a time, so that a malformed message does not affect the others.
/// [`SqsLambdaHandler`](crate::SqsLambdaHandler) reads the records, calls a handler with each, and returns the failed
/// ones.
pub struct SqsMessageQueueMessage<Q> {
    event: SqsEvent,
    queue: PhantomData<fn() -> Q>,
}

impl<Q: MessageQueue<Message: DeserializeOwned>> SqsMessageQueueMessage<Q> {
    /// Returns the records, in the order of the event. A record whose body is a pointer to a large message is malformed:
    /// use [`redeemed_records`](Self::redeemed_records).
    ///
    /// # Errors
    /// Each record that contains no message of the queue is a [`MalformedMessageError`].
    pub fn records(&self) -> impl Iterator<Item = Result<SqsMessageQueueRecord<Q>, MalformedMessageError>> + '_ {
        self.event.records.iter().map(SqsMessageQueueRecord::try_from)
    }

    /// Returns the records, in the order of the event. Fetches large messages with the claim check, one after the other.
    ///
    /// # Errors
    /// The errors of [`SqsMessageQueueRecord::redeem`], for each record.
    pub fn redeemed_records<'a>(
        &'a self,
        claim_check: &'a dyn ClaimCheck,
    ) -> impl Stream<Item = Result<SqsMessageQueueRecord<Q>, ReadMessageError>> + 'a {
        stream::iter(&self.event.records).then(move |record| SqsMessageQueueRecord::redeem(record, claim_check))
    }
}

impl<Q> SqsMessageQueueMessage<Q> {
    /// Returns the event as Lambda passes it, for [`SqsLambdaHandler::handle`](crate::SqsLambdaHandler::handle).
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
