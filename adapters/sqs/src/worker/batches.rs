use std::error::Error;
use std::future::Future;
use std::sync::Arc;

use aws_sdk_sqs::types::BatchResultErrorEntry;
use castore_aws::{BatchEntry, BatchFailure, BatchLimits, EntryOutcome, RequestPolicy, publish_in_batches};
use castore_core::channel::PublishError;
use castore_core::error::error_chain;

use crate::publish::EntryError;

/// The limits for batches of requests about received messages. SQS accepts at most 10 entries in a batch.
const LIMITS: BatchLimits = BatchLimits::new(10, 2);

/// Sends requests about received messages in batches, for example to delete the messages. `send` sends one batch and
/// returns the entries that failed. The id of each entry must be its index in the batch. Entries that failed for a
/// temporary reason are sent again. The remaining failures are logged together with the `consequence`, and otherwise
/// ignored. No message is lost, because SQS delivers the messages again.
pub(super) async fn in_batches<Sent>(
    receipt_handles: Vec<String>,
    policy: &RequestPolicy,
    consequence: &'static str,
    send: impl Fn(Vec<Arc<String>>) -> Sent + Send + Sync,
) where
    Sent: Future<Output = Result<Vec<BatchResultErrorEntry>, Box<dyn Error + Send + Sync>>> + Send,
{
    let entries = receipt_handles.into_iter().map(|handle| BatchEntry::new((), Ok(handle), 0));
    let send = &send;
    let sent = publish_in_batches(entries.collect(), LIMITS, policy, |batch| async move {
        let entries = batch.len();
        let failed = send(batch).await.map_err(BatchFailure::Outage)?;
        let mut outcomes: Vec<_> = (0..entries).map(|_| EntryOutcome::Published).collect();
        for failed in failed {
            if let Some(outcome) = failed.id.parse::<usize>().ok().and_then(|place| outcomes.get_mut(place)) {
                *outcome = EntryError::outcome(failed);
            }
        }
        Ok(outcomes)
    });
    match sent.await {
        Ok(()) => {}
        Err(PublishError::Rejected { rejected, .. }) => {
            let error = rejected.first().map(|rejected| error_chain(&*rejected.reason));
            tracing::warn!(messages = rejected.len(), consequence, error, "a request about received messages failed");
        }
        Err(error) => {
            tracing::warn!(consequence, error = error_chain(&error), "a request about received messages failed")
        }
    }
}
