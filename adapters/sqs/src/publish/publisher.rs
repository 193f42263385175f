use std::fmt;
use std::sync::Arc;

use aws_sdk_sqs::Client;
use castore_aws::{BatchFailure, EntryOutcome, PublishOptions, Rejection, Request, SerializedMessage};
use castore_core::channel::{PublishError, PublishMessageOptions, RejectedMessage};
use castore_core::message::{ChannelMessage, StoredMessage};
use serde::Serialize;

use super::outcome;
use crate::message::{Outgoing, Run};
use crate::queue_url::is_fifo;
use crate::{QueueUrl, QueueUrlError};

/// The publisher that both adapters use. Only `fifo` differs between the adapters.
pub(crate) struct Publisher {
    pub(crate) client: Client,
    pub(crate) queue_url: QueueUrl,
    pub(crate) fifo: bool,
    pub(crate) options: PublishOptions,
}

impl Publisher {
    pub(super) async fn publish_message<M: ChannelMessage + Serialize>(
        &self,
        message: &M,
        options: PublishMessageOptions,
    ) -> Result<(), PublishError> {
        let SerializedMessage { identity, json, .. } = SerializedMessage::of_message(message);
        let json = json.map_err(PublishError::Serialize)?;
        self.publish_one(SerializedMessage::new(identity, json), Run::new(options)).await
    }

    pub(super) async fn publish_messages<M: ChannelMessage + Serialize>(
        &self,
        messages: Vec<M>,
        options: PublishMessageOptions,
    ) -> Result<(), PublishError> {
        self.publish_many(SerializedMessage::of_messages(&messages), options).await
    }

    pub(super) async fn publish_stored_messages<M: ChannelMessage>(
        &self,
        messages: Vec<StoredMessage<M>>,
        options: PublishMessageOptions,
    ) -> Result<(), PublishError> {
        self.publish_many(SerializedMessage::of_stored(&messages), options).await
    }

    async fn publish_one(&self, message: SerializedMessage, run: Run) -> Result<(), PublishError> {
        let rejected = |refusal: Rejection| PublishError::Rejected {
            total: 1,
            rejected: vec![RejectedMessage::new(0, refusal.permanent, refusal.reason)],
        };
        let write = |identity: &_, json| Ok(Outgoing::new(identity, json, run, self.fifo));
        let outgoing = self.options.prepare(message, write).await.map_err(rejected)?;
        self.options.check_size(&outgoing).map_err(rejected)?;
        let queue_url = self.queue_url().await?;
        let attributes = outgoing.attributes().map_err(|error| PublishError::Broker(error.into()))?;
        let sent = Request::new("SQS", "SendMessage", &self.options.policy).send(|| {
            let mut request = self.client.send_message().queue_url(queue_url).message_body(&outgoing.body);
            for (name, value) in &attributes {
                request = request.message_attributes(*name, value.clone());
            }
            if let Some(fifo) = &outgoing.fifo {
                request = request.message_group_id(&fifo.group_id).message_deduplication_id(&fifo.deduplication_id);
            }
            request.send()
        });
        match sent.await {
            Ok(_) => Ok(()),
            Err(error) if outcome::refuses_content(&error) => Err(rejected(Rejection::permanent(error))),
            Err(error) => Err(PublishError::Broker(error.into())),
        }
    }

    async fn publish_many(
        &self,
        messages: Vec<SerializedMessage>,
        options: PublishMessageOptions,
    ) -> Result<(), PublishError> {
        if messages.is_empty() {
            return Ok(());
        }
        let (run, queue_url) = (Run::new(options), self.queue_url().await?);
        let write = |identity: &_, json| Ok(Outgoing::new(identity, json, run, self.fifo));
        self.options.publish(messages, self.fifo, write, |batch| self.send_batch(queue_url, batch)).await
    }

    async fn send_batch(&self, queue_url: &str, batch: Vec<Arc<Outgoing>>) -> Result<Vec<EntryOutcome>, BatchFailure> {
        let entries: Result<Vec<_>, _> =
            batch.iter().enumerate().map(|(place, outgoing)| outgoing.entry(place)).collect();
        let entries = entries.map_err(|error| BatchFailure::Malformed(error.into()))?;
        let answer = Request::new("SQS", "SendMessageBatch", &self.options.policy)
            .send(|| self.client.send_message_batch().queue_url(queue_url).set_entries(Some(entries.clone())).send())
            .await
            .map_err(outcome::of_call)?;
        Ok(outcome::of_entries(batch.len(), answer))
    }

    /// Returns the URL of the queue.
    ///
    /// # Errors
    /// [`PublishError::Broker`] if the URL could not be looked up. The error also occurs if the queue is a FIFO queue
    /// and the adapter is for standard queues (or vice versa), because SQS would then reject every message.
    async fn queue_url(&self) -> Result<&str, PublishError> {
        let broker = |error: QueueUrlError| PublishError::Broker(error.into());
        let queue_url = self.queue_url.get(&self.client, &self.options.policy).await.map_err(broker)?;
        if is_fifo(queue_url) != self.fifo {
            let (is, adapter) = match self.fifo {
                true => ("a standard queue", "SqsMessageQueueAdapter"),
                false => ("a FIFO queue", "SqsFifoMessageQueueAdapter"),
            };
            return Err(broker(QueueUrlError::WrongKind { queue_url: queue_url.to_owned(), is, adapter }));
        }
        Ok(queue_url)
    }
}

impl fmt::Debug for Publisher {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Publisher")
            .field("queue_url", &self.queue_url)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
