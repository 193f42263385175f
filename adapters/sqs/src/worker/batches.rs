use std::error::Error;
use std::future::Future;
use std::sync::Arc;

use aws_sdk_sqs::types::BatchResultErrorEntry;
use castore_aws::{BatchEntry, BatchFailure, BatchLimits, EntryOutcome, RequestPolicy, publish_in_batches};
use castore_core::channel::PublishError;

use crate::publish::EntryError;

const LIMITS: BatchLimits = BatchLimits { entries: 10, bytes: usize::MAX, in_flight: 2, ordered: false };

/// Does something with messages in hand, as many at a time as SQS takes. `send` does it with some, whose ids are their
/// places, and answers which of them SQS did it not with. Those that are left over in the end are only logged, since
/// nothing is lost: SQS hands them out again.
pub(super) async fn in_batches<Sent>(
    receipt_handles: Vec<String>,
    policy: &RequestPolicy,
    consequence: &'static str,
    send: impl Fn(Vec<Arc<String>>) -> Sent + Send + Sync,
) where
    Sent: Future<Output = Result<Vec<BatchResultErrorEntry>, Box<dyn Error + Send + Sync>>> + Send,
{
    let entries = receipt_handles.into_iter().map(|handle| BatchEntry { group: (), content: Ok(handle), bytes: 0 });
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
            let error = rejected.first().map(|rejected| rejected.reason.to_string());
            tracing::warn!(messages = rejected.len(), error, "{consequence}");
        }
        Err(error) => tracing::warn!(%error, "{consequence}"),
    }
}
