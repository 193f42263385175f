use aws_sdk_sqs::error::BuildError;
use aws_sdk_sqs::types::{MessageAttributeValue, SendMessageBatchRequestEntry};
use castore_core::channel::{ClaimCheck, ClaimCheckError, ClaimedMessage};

use super::ids::{About, Run, carried};

/// The attribute with what the message is about.
pub(crate) const MESSAGE_ID: &str = "messageId";
/// The attribute that replays have.
pub(crate) const REPLAY: &str = "replay";

/// A message, ready to be sent.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) body: String,
    pub(crate) message_id: String,
    pub(crate) replay: bool,
    pub(crate) fifo: Option<Fifo>,
}

/// What FIFO queues go by.
#[derive(Debug)]
pub(crate) struct Fifo {
    pub(crate) group_id: String,
    pub(crate) deduplication_id: String,
}

impl Outgoing {
    pub(crate) fn new(about: &About, json: String, run: Run, fifo: bool) -> Self {
        let body = carried(json);
        let fifo =
            fifo.then(|| Fifo { group_id: about.group_id(), deduplication_id: about.deduplication_id(run, &body) });
        Self { body, message_id: about.message_id(), replay: run.is_replay(), fifo }
    }

    /// With a pointer for its body, if it has more than `threshold` bytes.
    pub(crate) async fn checked_in(
        mut self,
        about: &About,
        claim_check: &dyn ClaimCheck,
        threshold: usize,
    ) -> Result<Self, ClaimCheckError> {
        if self.bytes() > threshold {
            let claimed = ClaimedMessage::new(&about.event_store_id, &about.aggregate_id, about.version);
            let json = std::mem::take(&mut self.body);
            self.body = carried(claim_check.check_in(claimed, json).await?);
        }
        Ok(self)
    }

    /// As SQS counts: the body, and of attributes their names, types and values.
    pub(crate) fn bytes(&self) -> usize {
        let message_id = MESSAGE_ID.len() + "String".len() + self.message_id.len();
        let replay = if self.replay { REPLAY.len() + "Number".len() + 1 } else { 0 };
        self.body.len() + message_id + replay
    }

    pub(crate) fn attributes(&self) -> Result<Vec<(&'static str, MessageAttributeValue)>, BuildError> {
        let attribute =
            |data_type, value| MessageAttributeValue::builder().data_type(data_type).string_value(value).build();
        let mut attributes = vec![(MESSAGE_ID, attribute("String", self.message_id.as_str())?)];
        if self.replay {
            attributes.push((REPLAY, attribute("Number", "1")?));
        }
        Ok(attributes)
    }

    /// As an entry of a batch, at this place in it: the original's ids are not legal there.
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
