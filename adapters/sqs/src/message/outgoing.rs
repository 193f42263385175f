use aws_sdk_sqs::error::BuildError;
use aws_sdk_sqs::types::{MessageAttributeValue, SendMessageBatchRequestEntry};
use castore_aws::{MessageIdentity, OutgoingMessage};
use castore_core::context::EventContext;

use super::ids::{Run, SqsIds, carried};

/// The name of the attribute with the id of the message.
pub(crate) const MESSAGE_ID: &str = "messageId";
/// The name of the attribute that marks replays.
pub(crate) const REPLAY: &str = "replay";

/// A message that is ready to be sent.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) body: String,
    pub(crate) message_id: String,
    pub(crate) replay: bool,
    pub(crate) context: EventContext,
    pub(crate) fifo: Option<Fifo>,
}

/// The ids that FIFO queues need.
#[derive(Debug)]
pub(crate) struct Fifo {
    pub(crate) group_id: String,
    pub(crate) deduplication_id: String,
}

impl Outgoing {
    pub(crate) fn new(message: &MessageIdentity, json: String, run: Run, fifo: bool) -> Self {
        let body = carried(json);
        let fifo =
            fifo.then(|| Fifo { group_id: message.group_id(), deduplication_id: message.deduplication_id(run, &body) });
        let context = message.context.clone();
        Self { body, message_id: message.message_id(), replay: run.is_replay(), context, fifo }
    }

    pub(crate) fn attributes(&self) -> Result<Vec<(&'static str, MessageAttributeValue)>, BuildError> {
        let attribute =
            |data_type, value| MessageAttributeValue::builder().data_type(data_type).string_value(value).build();
        let mut attributes = vec![(MESSAGE_ID, attribute("String", self.message_id.as_str())?)];
        if self.replay {
            attributes.push((REPLAY, attribute("Number", "1")?));
        }
        for (name, value) in self.context.headers() {
            attributes.push((name, attribute("String", value)?));
        }
        Ok(attributes)
    }

    /// Returns the message as an entry of a batch. The id of the entry is its index in the batch, because the entry ids
    /// of the original package are not valid.
    pub(crate) fn entry(&self, place: usize) -> Result<SendMessageBatchRequestEntry, BuildError> {
        let mut entry = SendMessageBatchRequestEntry::builder().id(place.to_string()).message_body(&self.body);
        for (name, value) in self.attributes()? {
            entry = entry.message_attributes(name, value);
        }
        if let Some(fifo) = &self.fifo {
            entry = entry.message_group_id(&fifo.group_id).message_deduplication_id(&fifo.deduplication_id);
        }
        entry.build()
    }
}

impl OutgoingMessage for Outgoing {
    /// Returns the size as SQS counts it: the body, and the name, type and value of each attribute.
    fn bytes(&self) -> usize {
        let message_id = MESSAGE_ID.len() + "String".len() + self.message_id.len();
        let replay = if self.replay { REPLAY.len() + "Number".len() + 1 } else { 0 };
        let context = self.context.headers().map(|(name, value)| name.len() + "String".len() + value.len());
        self.body.len() + message_id + replay + context.sum::<usize>()
    }

    fn take_json(&mut self) -> String {
        std::mem::take(&mut self.body)
    }

    fn set_json(&mut self, json: String) {
        self.body = carried(json);
    }
}
