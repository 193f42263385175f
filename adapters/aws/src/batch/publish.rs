use std::error::Error;
use std::future::Future;
use std::hash::Hash;
use std::sync::Arc;

use castore_core::channel::{OrderedPublish, PublishError};
use castore_core::future::BoxFuture;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::queue::{Queue, Waiting};
use super::{BatchEntry, BatchFailure, BatchLimits, EntryOutcome, EntryTooLargeError, Rejection};
use crate::RequestPolicy;

/// Publishes messages in batches. `send` sends one batch and returns the outcomes of the entries, in the order of the
/// batch.
///
/// Batches are as large as the limits allow. Retryable entries are sent again in later batches, until the policy allows
/// no further attempt. On an ordered service, the later entries in the group of a rejected entry are not sent. Other
/// groups are not affected. `send` must retry failures of a whole batch itself, for example with a
/// [`Request`](crate::Request). After an outage, no further batch is sent.
///
/// # Cancellation
/// If the future is dropped, no further batch is sent, and the batches in flight may or may not be published.
///
/// # Errors
/// The errors of [`OrderedPublish::finish`]: [`PublishError::Rejected`] contains each message that was not published. A
/// rejection is permanent if the message is too large or malformed, if the service refused it, or if its entry
/// contained a permanent [`Rejection`]. [`PublishError::Broker`] means that an outage occurred before any message was
/// published or rejected.
pub async fn publish_in_batches<G, E, Sent>(
    entries: Vec<BatchEntry<G, E>>,
    limits: BatchLimits,
    policy: &RequestPolicy,
    send: impl Fn(Vec<Arc<E>>) -> Sent + Send + Sync,
) -> Result<(), PublishError>
where
    G: Eq + Hash + Send,
    E: Send + Sync,
    Sent: Future<Output = Result<Vec<EntryOutcome>, BatchFailure>> + Send,
{
    let mut publishing = Publishing::new(entries, limits);
    publishing.run(limits.in_flight.max(1), policy, &send).await;
    publishing.ledger.finish()
}

/// The error of an entry whose outcome the service did not report.
#[derive(Debug, thiserror::Error)]
#[error("the service did not report whether the message was published")]
struct NoOutcome;

/// An event that the sending loop waits for: the end of a request, or the end of a pause before a retry.
enum Arrival {
    /// The indexes of the entries of a batch, with either the outcomes of the entries or the failure of the batch.
    Answer(Vec<usize>, Result<Vec<EntryOutcome>, BatchFailure>),
    /// The end of a pause. The entries with these indexes may be sent again.
    Rested(Vec<usize>),
}

struct Publishing<E> {
    queue: Queue<E>,
    ledger: OrderedPublish,
}

impl<E: Send + Sync> Publishing<E> {
    fn new<G: Eq + Hash>(entries: Vec<BatchEntry<G, E>>, limits: BatchLimits) -> Self {
        let mut ledger = match limits.ordered {
            true => OrderedPublish::new(entries.iter().map(|entry| &entry.group)),
            false => OrderedPublish::unordered(entries.len()),
        };
        let mut waiting = Vec::with_capacity(entries.len());
        for (index, BatchEntry { content, bytes, .. }) in entries.into_iter().enumerate() {
            let limit = limits.bytes;
            let content = content.and_then(|content| {
                if bytes <= limit {
                    Ok(content)
                } else {
                    Err(Rejection::permanent(EntryTooLargeError { bytes, limit }))
                }
            });
            waiting.push(match content {
                Ok(content) => Some(Waiting::new(content, bytes)),
                Err(Rejection { permanent, reason }) => {
                    ledger.reject(index, permanent, reason);
                    None
                }
            });
        }
        let queue = Queue::new(waiting, ledger.first(), limits);
        Self { queue, ledger }
    }

    /// Sends batches until each entry has an outcome or an outage occurs, then waits for the batches in flight.
    async fn run<Sent>(
        &mut self,
        max_in_flight: usize,
        policy: &RequestPolicy,
        send: &(impl Fn(Vec<Arc<E>>) -> Sent + Sync),
    ) where
        Sent: Future<Output = Result<Vec<EntryOutcome>, BatchFailure>> + Send,
    {
        let mut arrivals: FuturesUnordered<BoxFuture<'_, Arrival>> = FuturesUnordered::new();
        let mut in_flight = 0;
        loop {
            while in_flight < max_in_flight
                && let Some(batch) = self.queue.next_batch(&self.ledger)
            {
                let (indexes, contents): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
                let sent = send(contents);
                arrivals.push(Box::pin(async move { Arrival::Answer(indexes, sent.await) }));
                in_flight += 1;
            }
            // After an outage, entries that wait for the end of a pause are not sent again.
            if self.ledger.has_failed() && in_flight == 0 {
                return;
            }
            let (indexes, answer) = match arrivals.next().await {
                None => return,
                Some(Arrival::Rested(indexes)) => {
                    self.queue.push_again(&indexes);
                    continue;
                }
                Some(Arrival::Answer(indexes, answer)) => (indexes, answer),
            };
            in_flight -= 1;
            match answer {
                Ok(outcomes) => {
                    let Some((again, attempts)) = self.record(indexes, outcomes, policy.max_attempts()) else {
                        continue;
                    };
                    let pause = policy.pause(attempts);
                    tracing::debug!(entries = again.len(), attempts, ?pause, "some entries of a batch are sent again");
                    arrivals.push(Box::pin(async move {
                        tokio::time::sleep(pause).await;
                        Arrival::Rested(again)
                    }));
                }
                Err(BatchFailure::Malformed(error)) => self.record_malformed(indexes, error),
                Err(BatchFailure::Outage(error)) => self.ledger.failed(PublishError::Broker(error)),
            }
        }
    }

    /// Records the outcomes of a batch. Returns the entries to retry, if there are any, and the highest number of
    /// attempts of any of these entries.
    fn record(
        &mut self,
        indexes: Vec<usize>,
        outcomes: Vec<EntryOutcome>,
        max_attempts: u32,
    ) -> Option<(Vec<usize>, u32)> {
        let mut again = Vec::new();
        let mut most = 0;
        let mut outcomes = outcomes.into_iter();
        for index in indexes {
            match outcomes.next().unwrap_or_else(|| EntryOutcome::Retryable(Box::new(NoOutcome))) {
                EntryOutcome::Published => {
                    self.queue.remove(index);
                    if let Some(next) = self.ledger.published(index) {
                        self.queue.push(next);
                    }
                }
                EntryOutcome::Refused(reason) => self.reject(index, true, reason),
                EntryOutcome::Retryable(reason) => match self.queue.count_attempt(index, max_attempts) {
                    Some(attempts) => {
                        most = most.max(attempts);
                        again.push(index);
                    }
                    None => self.reject(index, false, reason),
                },
            }
        }
        if again.is_empty() { None } else { Some((again, most)) }
    }

    /// Queues the entries of a malformed batch to be sent one by one, so that only invalid entries are rejected. If the
    /// batch has a single entry, rejects that entry.
    fn record_malformed(&mut self, indexes: Vec<usize>, error: Box<dyn Error + Send + Sync>) {
        if let [index] = indexes[..] {
            return self.reject(index, true, error);
        }
        indexes.iter().for_each(|index| self.queue.send_alone(*index));
        self.queue.push_again(&indexes);
    }

    fn reject(&mut self, index: usize, permanent: bool, reason: Box<dyn Error + Send + Sync>) {
        self.queue.remove(index);
        self.ledger.reject(index, permanent, reason);
    }
}
