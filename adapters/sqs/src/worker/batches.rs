use std::error::Error;
use std::future::Future;
use std::sync::Arc;

use aws_sdk_sqs::types::BatchResultErrorEntry;
use castore_aws::{BatchEntry, BatchFailure, BatchLimits, EntryOutcome, RequestPolicy, publish_in_batches};
use castore_core::channel::PublishError;
use castore_core::error::error_chain;

use crate::publish::EntryError;

/// The limits of batch requests in SQS, which have at most 10 entries.
const LIMITS: BatchLimits = BatchLimits::new(10, 2);

/// Sends requests about messages in flight, in batches. `send` sends one batch, whose entry ids are the indexes in
/// the batch, and returns the entries that failed. Failures are only logged, together with their `consequence`. No
/// message is lost, because SQS delivers it again.
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
