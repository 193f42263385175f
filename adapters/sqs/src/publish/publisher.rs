use std::fmt;
use std::sync::Arc;

use aws_sdk_sqs::Client;
use castore_aws::{
    BatchEntry, BatchFailure, BatchLimits, EntryOutcome, EntryTooLargeError, Rejection, Request, RequestPolicy,
    publish_in_batches,
};
use castore_core::channel::{ClaimCheck, PublishError, PublishMessageOptions, RejectedMessage};
use castore_core::message::{ChannelMessage, RawNotification};
use serde::Serialize;

use super::outcome;
use crate::message::{About, Outgoing, Run};
use crate::queue_url::is_fifo;
use crate::{QueueUrl, QueueUrlError};

/// What both adapters have in common. `fifo` is the difference.
pub(crate) struct Publisher {
    pub(crate) client: Client,
    pub(crate) queue_url: QueueUrl,
    pub(crate) fifo: bool,
    pub(crate) policy: RequestPolicy,
    pub(crate) max_message_bytes: usize,
    pub(crate) claim_check: Option<Arc<dyn ClaimCheck>>,
    pub(crate) claim_check_over: Option<usize>,
}

/// How many entries SQS takes in a batch.
const MAX_ENTRIES: usize = 10;

/// How many batches of one call are on their way at a time.
const IN_FLIGHT: usize = 4;

impl Publisher {
    pub(super) async fn publish_message<M: ChannelMessage + Serialize>(
        &self,
        message: &M,
        options: PublishMessageOptions,
    ) -> Result<(), PublishError> {
        let json = serde_json::to_string(message).map_err(PublishError::Serialize)?;
        let about = About::message(message.as_message());
        self.publish_one(&about, json, options).await
    }

    pub(super) async fn publish_messages<M: ChannelMessage + Serialize>(
        &self,
        messages: Vec<M>,
        options: PublishMessageOptions,
    ) -> Result<(), PublishError> {
        let messages =
            messages.iter().map(|message| (About::message(message.as_message()), serde_json::to_string(message)));
        self.publish_many(messages.collect(), options).await
    }

    pub(super) async fn publish_raw_notifications(
        &self,
        notifications: Vec<RawNotification>,
        options: PublishMessageOptions,
    ) -> Result<(), PublishError> {
        let messages = notifications.iter().map(|raw| (About::raw(raw), serde_json::to_string(raw)));
        self.publish_many(messages.collect(), options).await
    }

    async fn publish_one(
        &self,
        about: &About,
        json: String,
        options: PublishMessageOptions,
    ) -> Result<(), PublishError> {
        let refused = |refusal: Rejection| PublishError::Rejected {
            published: 1,
            rejected: vec![RejectedMessage { index: 0, permanent: refusal.permanent, reason: refusal.reason }],
        };
        let outgoing = self.prepare(about, json, Run::new(options)).await.map_err(refused)?;
        let (bytes, limit) = (outgoing.bytes(), self.max_message_bytes);
        if bytes > limit {
            return Err(refused(Rejection::permanent(EntryTooLargeError { bytes, limit })));
        }
        let queue_url = self.queue_url().await?;
        let attributes = outgoing.attributes().map_err(|error| PublishError::Broker(error.into()))?;
        let sent = Request::new("SQS", "SendMessage", &self.policy).send(|| {
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
            Err(error) if outcome::refuses_content(&error) => Err(refused(Rejection::permanent(error))),
            Err(error) => Err(PublishError::Broker(error.into())),
        }
    }

    async fn publish_many(
        &self,
        messages: Vec<(About, serde_json::Result<String>)>,
        options: PublishMessageOptions,
    ) -> Result<(), PublishError> {
        if messages.is_empty() {
            return Ok(());
        }
        let run = Run::new(options);
        let mut entries = Vec::with_capacity(messages.len());
        for (about, json) in messages {
            let content = match json {
                Ok(json) => self.prepare(&about, json, run).await,
                Err(error) => Err(Rejection::permanent(error)),
            };
            let bytes = content.as_ref().map_or(0, Outgoing::bytes);
            entries.push(BatchEntry { group: about.aggregate(), content, bytes });
        }
        let queue_url = self.queue_url().await?;
        let limits = BatchLimits {
            entries: MAX_ENTRIES,
            bytes: self.max_message_bytes,
            in_flight: IN_FLIGHT,
            ordered: self.fifo,
        };
        publish_in_batches(entries, limits, &self.policy, |batch| self.send_batch(queue_url, batch)).await
    }

    async fn send_batch(&self, queue_url: &str, batch: Vec<Arc<Outgoing>>) -> Result<Vec<EntryOutcome>, BatchFailure> {
        let entries: Result<Vec<_>, _> =
            batch.iter().enumerate().map(|(place, outgoing)| outgoing.entry(place)).collect();
        let entries = entries.map_err(|error| BatchFailure::Malformed(error.into()))?;
        let answer = Request::new("SQS", "SendMessageBatch", &self.policy)
            .send(|| self.client.send_message_batch().queue_url(queue_url).set_entries(Some(entries.clone())).send())
            .await
            .map_err(outcome::of_call)?;
        Ok(outcome::of_entries(batch.len(), answer))
    }

    async fn prepare(&self, about: &About, json: String, run: Run) -> Result<Outgoing, Rejection> {
        let outgoing = Outgoing::new(about, json, run, self.fifo);
        let Some(claim_check) = &self.claim_check else { return Ok(outgoing) };
        let threshold = self.claim_check_over.unwrap_or(self.max_message_bytes).min(self.max_message_bytes);
        let checked_in = outgoing.checked_in(about, &**claim_check, threshold).await;
        checked_in.map_err(|error| Rejection { permanent: error.permanent, reason: Box::new(error) })
    }

    /// The URL; or that it is not one of a queue of this kind, for which SQS would refuse every message.
    async fn queue_url(&self) -> Result<&str, PublishError> {
        let broker = |error: QueueUrlError| PublishError::Broker(error.into());
        let queue_url = self.queue_url.get(&self.client, &self.policy).await.map_err(broker)?;
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
            .field("policy", &self.policy)
            .field("max_message_bytes", &self.max_message_bytes)
            .field("claim_check", &self.claim_check)
            .finish_non_exhaustive()
    }
}
