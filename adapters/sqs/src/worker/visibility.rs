//! For how long messages are kept from others: as long as they are in hand, and no longer.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_sqs::types::ChangeMessageVisibilityBatchRequestEntry;
use castore_aws::{Request, RequestPolicy};

use super::batches::in_batches;
use super::receive::Taken;
use super::shared::{ConsumedQueue, whole_seconds};

/// Asks for more time for all that is in hand, again and again.
pub(super) async fn extend(queue: Arc<ConsumedQueue>) {
    let often = Duration::from_secs(queue.visibility_seconds.unsigned_abs().into()) / 4;
    // The next round tries again.
    let policy = queue.policy.clone().attempts(2).timeout(often);
    loop {
        tokio::time::sleep(often).await;
        let _extending = queue.in_hand.extending().await;
        let due = queue.in_hand.due(often);
        if !due.is_empty() {
            change(&queue, due, queue.visibility_seconds, &policy, "messages in hand may come again too early").await;
        }
    }
}

impl ConsumedQueue {
    /// Lets messages come again, after that time. If that fails they come when their visibility timeout is over.
    pub(super) async fn hand_back(&self, messages: Vec<Taken>, after: Duration) {
        if messages.is_empty() {
            return;
        }
        let receipts = {
            let _letting_go = self.in_hand.letting_go().await;
            // Their holds end here.
            messages.into_iter().map(|message| message.receipt_handle).collect()
        };
        let seconds = whole_seconds(after);
        change(self, receipts, seconds, &self.policy, "messages that were handed back come at another time").await;
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
