use std::sync::Arc;
use std::time::Duration;

use aws_sdk_sqs::types::DeleteMessageBatchRequestEntry;
use castore_aws::Request;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::batches::in_batches;
use super::receive::Taken;
use super::shared::ConsumedQueue;

/// The maximum number of messages that one request deletes.
const BATCH: usize = 10;

/// How long the first message of a batch waits for other messages. On FIFO queues, batches do not wait, because the
/// later messages of the group would have to wait as well.
const LINGER: Duration = Duration::from_millis(10);

/// Deletes handled messages until the last sender is dropped.
pub(super) async fn delete_handled(queue: Arc<ConsumedQueue>, mut handled: mpsc::Receiver<Taken>) {
    let mut batch = Vec::with_capacity(BATCH);
    while handled.recv_many(&mut batch, BATCH).await > 0 {
        if !queue.fifo {
            let deadline = Instant::now() + LINGER;
            while batch.len() < BATCH
                && let Ok(Some(message)) = tokio::time::timeout_at(deadline, handled.recv()).await
            {
                batch.push(message);
            }
        }
        delete(&queue, batch.iter().map(|message| message.in_flight.token().clone()).collect()).await;
        // The messages stay in flight until here. Thus they are hidden from other workers even if the deletion takes
        // long.
        batch.clear();
    }
}

async fn delete(queue: &ConsumedQueue, receipt_handles: Vec<String>) {
    let consequence = "handled messages could not be deleted, so they will be redelivered";
    in_batches(receipt_handles, &queue.policy, consequence, |batch| async move {
        let entries = batch.iter().enumerate().map(|(place, receipt_handle)| {
            DeleteMessageBatchRequestEntry::builder().id(place.to_string()).receipt_handle(&**receipt_handle).build()
        });
        let entries = entries.collect::<Result<Vec<_>, _>>()?;
        let answer = Request::new("SQS", "DeleteMessageBatch", &queue.policy).send(|| {
            let request = queue.client.delete_message_batch().queue_url(&queue.queue_url);
            request.set_entries(Some(entries.clone())).send()
        });
        Ok(answer.await?.failed)
    })
    .await;
}
