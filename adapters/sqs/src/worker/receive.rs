use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_sqs::types::{Message, MessageAttributeValue, MessageSystemAttributeName};
use castore_aws::{Request, RequestError};
use castore_core::consumer::{InFlightMessage, InFlightMessages};

use super::shared::ConsumedQueue;
use crate::message::{REPLAY, is_replay};

/// A message that was received from SQS.
#[derive(Debug)]
pub(super) struct Taken {
    /// The id that SQS assigned to the message.
    pub(super) message_id: String,
    pub(super) body: Option<String>,
    pub(super) attributes: HashMap<String, MessageAttributeValue>,
    /// The message group, on FIFO queues only. The messages of a group are handled one after the other.
    pub(super) group_id: Option<String>,
    /// The number of times that SQS has delivered the message, including this delivery.
    pub(super) received: u32,
    pub(super) replay: bool,
    /// The entry for the heartbeat, which keeps the message hidden from other workers. The token is the receipt handle.
    pub(super) in_flight: InFlightMessage<String>,
}

impl Taken {
    /// Converts a message of a response. Returns `None` if there is no receipt handle, because without one the message
    /// can neither be deleted nor handed back.
    fn new(message: Message, fifo: bool, in_flight: &Arc<InFlightMessages<String>>) -> Option<Self> {
        let receipt_handle = message.receipt_handle?;
        let system = message.attributes.unwrap_or_default();
        let attributes = message.message_attributes.unwrap_or_default();
        let received = system.get(&MessageSystemAttributeName::ApproximateReceiveCount);
        // Messages of standard queues may have groups, too, but these groups are not ordered.
        let group_id = if fifo { system.get(&MessageSystemAttributeName::MessageGroupId) } else { None };
        Some(Self {
            message_id: message.message_id.unwrap_or_default(),
            body: message.body,
            group_id: group_id.cloned(),
            received: received.and_then(|count| count.parse().ok()).unwrap_or(1),
            replay: is_replay(attributes.get(REPLAY).and_then(MessageAttributeValue::string_value)),
            attributes,
            in_flight: in_flight.hold(receipt_handle),
        })
    }
}

/// The maximum number of messages that SQS returns per request.
const MAX_MESSAGES: i32 = 10;

/// Receives messages with long polling.
pub(super) async fn receive(queue: &ConsumedQueue) -> Result<Vec<Taken>, RequestError> {
    let answer = Request::new("SQS", "ReceiveMessage", &queue.polling).send(|| {
        let request = queue.client.receive_message().queue_url(&queue.queue_url);
        request
            .max_number_of_messages(MAX_MESSAGES)
            .wait_time_seconds(queue.wait_seconds)
            .visibility_timeout(queue.visibility_seconds)
            .message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount)
            .message_system_attribute_names(MessageSystemAttributeName::MessageGroupId)
            .message_attribute_names("All")
            .send()
    });
    let messages = answer.await?.messages.unwrap_or_default();
    Ok(messages.into_iter().filter_map(|message| Taken::new(message, queue.fifo, &queue.in_flight)).collect())
}
