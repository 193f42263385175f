//! Visibility timeouts, which hide the messages in flight from other workers.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_sqs::types::ChangeMessageVisibilityBatchRequestEntry;
use castore_aws::{Request, RequestPolicy};

use super::batches::in_batches;
use super::receive::Taken;
use super::shared::{ConsumedQueue, whole_seconds};

/// Extends the visibility timeout of the messages in flight, at regular intervals: the heartbeat of the worker.
pub(super) async fn heartbeat(queue: Arc<ConsumedQueue>) {
    let often = Duration::from_secs(queue.visibility_seconds.unsigned_abs().into()) / 4;
    // The next round of the loop retries failed requests.
    let policy = queue.policy.clone().attempts(2).timeout(often);
    loop {
        tokio::time::sleep(often).await;
        // The guard is held until SQS has responded, so that no message is handed back in the meantime.
        let due = queue.in_flight.due(often).await;
        if !due.is_empty() {
            let consequence =
                "the visibility timeout could not be extended, so messages in flight may be redelivered too early";
            change(&queue, due.to_vec(), queue.visibility_seconds, &policy, consequence).await;
        }
    }
}

impl ConsumedQueue {
    /// Hands messages back, so that SQS delivers them again after the given time. If the request fails, SQS delivers
    /// the messages after their visibility timeout.
    pub(super) async fn hand_back(&self, messages: Vec<Taken>, after: Duration) {
        if messages.is_empty() {
            return;
        }
        let mut receipts = Vec::with_capacity(messages.len());
        for message in messages {
            receipts.push(message.in_flight.release().await);
        }
        let seconds = whole_seconds(after);
        change(
            self,
            receipts,
            seconds,
            &self.policy,
            "messages could not be handed back, so they will be redelivered after their visibility timeout",
        )
        .await;
    }
}

async fn change(
    queue: &ConsumedQueue,
    receipt_handles: Vec<String>,
    seconds: i32,
    policy: &RequestPolicy,
    consequence: &'static str,
) {
    in_batches(receipt_handles, policy, consequence, |batch| async move {
        let entries = batch.iter().enumerate().map(|(place, receipt_handle)| {
            ChangeMessageVisibilityBatchRequestEntry::builder()
                .id(place.to_string())
                .receipt_handle(&**receipt_handle)
                .visibility_timeout(seconds)
                .build()
        });
        let entries = entries.collect::<Result<Vec<_>, _>>()?;
        let answer = Request::new("SQS", "ChangeMessageVisibilityBatch", policy).send(|| {
            let request = queue.client.change_message_visibility_batch().queue_url(&queue.queue_url);
            request.set_entries(Some(entries.clone())).send()
        });
        Ok(answer.await?.failed)
    })
    .await;
}
