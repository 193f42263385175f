use std::fmt;

use aws_lambda_events::event::sqs::SqsMessage;
use castore_core::channel::{ClaimCheck, MessageChannel, MessageQueue};
use serde::de::DeserializeOwned;

use crate::message::{Decode, REPLAY, Unread, decode, is_replay, read};
use crate::{MalformedMessageError, ReadMessageError};

/// A record with a message of queue `C`. [`SqsMessageQueueMessage`](crate::SqsMessageQueueMessage) is the event with
/// which SQS invokes a Lambda function, and contains the records.
///
/// ```
/// # use aws_lambda_events::event::sqs::SqsEvent;
/// # use castore_core::channel::MessageQueue;
/// # use castore_sqs::{MalformedMessageError, SqsMessageQueueRecord};
/// # fn example<C: MessageQueue>(event: &SqsEvent) -> Result<(), MalformedMessageError>
/// # where C::Message: serde::de::DeserializeOwned {
/// for record in &event.records {
///     let received = SqsMessageQueueRecord::<C>::try_from(record)?;
///     println!("attempt {}: {:?}", received.attempt, received.message);
/// }
/// # Ok(())
/// # }
/// ```
///
/// Alternatively, let an [`SqsLambdaHandler`](crate::SqsLambdaHandler) read the records, call a handler with each
/// message, and return the failed records.
#[non_exhaustive]
pub struct SqsMessageQueueRecord<C: MessageChannel> {
    /// The message.
    pub message: C::Message,
    /// The number of times that SQS has delivered the message, including this delivery. The first delivery is 1.
    pub attempt: u32,
    /// Whether the message is a replay of an earlier message.
    pub replay: bool,
    /// The id that SQS assigned to the message.
    pub sqs_message_id: Option<String>,
    /// The id of the message group, or `None` if the message has no group. On FIFO queues, the group identifies the
    /// aggregate.
    pub group_id: Option<String>,
}

impl<C: MessageQueue<Message: DeserializeOwned>> SqsMessageQueueRecord<C> {
    /// Reads the message of a record. If the record contains a pointer to a large message, fetches the message with the
    /// claim check.
    ///
    /// # Errors
    /// [`ReadMessageError::Malformed`] if the record contains no message of the channel, or if the large message no
    /// longer exists or is invalid. [`ReadMessageError::NotNow`] if the large message could not be fetched at the
    /// moment.
    pub async fn redeem(record: &SqsMessage, claim_check: &dyn ClaimCheck) -> Result<Self, ReadMessageError> {
        Ok(Self::read(record, decode::<C>, Some(claim_check)).await?)
    }
}

impl<C: MessageChannel> SqsMessageQueueRecord<C> {
    pub(super) async fn read(
        record: &SqsMessage,
        decode: Decode<C::Message>,
        claim_check: Option<&dyn ClaimCheck>,
    ) -> Result<Self, Unread> {
        let message = read(C::ID, decode, record.body.as_deref(), claim_check).await?;
        Ok(Self::new(record, message))
    }

    fn new(record: &SqsMessage, message: C::Message) -> Self {
        let (attempt, replay) = delivery(record);
        Self {
            message,
            attempt,
            replay,
            sqs_message_id: record.message_id.clone(),
            group_id: record.attributes.get("MessageGroupId").cloned(),
        }
    }
}

/// Returns the number of deliveries of a record, including this one, and whether the message is a replay.
pub(super) fn delivery(record: &SqsMessage) -> (u32, bool) {
    let received = record.attributes.get("ApproximateReceiveCount");
    let replay = record.message_attributes.get(REPLAY);
    (
        received.and_then(|count| count.parse().ok()).unwrap_or(1),
        is_replay(replay.and_then(|replay| replay.string_value.as_deref())),
    )
}

impl<C: MessageQueue<Message: DeserializeOwned>> TryFrom<&SqsMessage> for SqsMessageQueueRecord<C> {
    type Error = MalformedMessageError;

    /// Reads the message of a record without a claim check. A pointer is treated as a malformed message.
    fn try_from(record: &SqsMessage) -> Result<Self, MalformedMessageError> {
        let body = record.body.as_deref().ok_or(MalformedMessageError::NoBody)?;
        Ok(Self::new(record, decode::<C>(body)?))
    }
}

impl<C: MessageChannel> Clone for SqsMessageQueueRecord<C> {
    fn clone(&self) -> Self {
        Self {
            message: self.message.clone(),
            sqs_message_id: self.sqs_message_id.clone(),
            group_id: self.group_id.clone(),
            ..*self
        }
    }
}

impl<C: MessageChannel> fmt::Debug for SqsMessageQueueRecord<C> {
    /// Omits the payload, which may be private.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SqsMessageQueueRecord")
            .field("message", &self.message)
            .field("attempt", &self.attempt)
            .field("replay", &self.replay)
            .field("sqs_message_id", &self.sqs_message_id)
            .field("group_id", &self.group_id)
            .finish()
    }
}
