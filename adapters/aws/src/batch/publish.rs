use std::error::Error;
use std::future::Future;
use std::hash::Hash;
use std::sync::Arc;

use castore_core::channel::{HeldBackError, PublishError, RejectedMessage};
use castore_core::future::BoxFuture;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::queue::Queue;
use super::{BatchEntry, BatchFailure, BatchLimits, EntryOutcome};
use crate::RequestPolicy;

/// Publishes messages in batches. `send` sends one batch, and answers what became of each entry, in their order.
///
/// Batches are as large as the limits let them be. Entries that may pass are sent again in later batches, as often as
/// the policy says; a refusal of one entry says nothing of the others, unless order is kept and they are of its group.
/// `send` itself tries again what concerns a whole batch (see [`Request`](crate::Request)): after an outage nothing more
/// is sent.
///
/// Cancellation: what was on its way may or may not be published.
///
/// # Errors
/// [`PublishError::Rejected`] names each message that was not published: for good if it is too large or malformed.
/// [`PublishError::Broker`] after an outage before which no message was published or refused.
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
    let published = entries.len();
    let (queue, refused) = Queue::new(entries, limits);
    let mut publishing = Publishing { queue, rejected: Vec::new(), anything_published: false };
    for (index, refusal) in refused {
        publishing.refuse(index, refusal.permanent, refusal.reason);
    }
    let outage = publishing.run(limits.in_flight.max(1), policy, &send).await;
    if let Some(error) = outage {
        if publishing.rejected.is_empty() && !publishing.anything_published {
            return Err(PublishError::Broker(error));
        }
        let text = error.to_string();
        for index in publishing.queue.settle_rest() {
            publishing.rejected.push(RejectedMessage {
                index,
                permanent: false,
                reason: Box::new(BrokeOff(text.clone())),
            });
        }
    }
    let mut rejected = publishing.rejected;
    rejected.sort_unstable_by_key(|rejected| rejected.index);
    if rejected.is_empty() { Ok(()) } else { Err(PublishError::Rejected { published, rejected }) }
}

/// The service was away after some messages were published or refused; this one is among the rest.
#[derive(Debug, thiserror::Error)]
#[error("not published: {0}")]
struct BrokeOff(String);

/// The service did not say what became of an entry.
#[derive(Debug, thiserror::Error)]
#[error("the service did not say whether the message is published")]
struct NoOutcome;

/// What is waited for.
enum Arrival {
    /// A batch was answered, or was not.
    Answer(Vec<usize>, Result<Vec<EntryOutcome>, BatchFailure>),
    /// Entries have paused, and may be sent again.
    Rested(Vec<usize>),
}

struct Publishing<E> {
    queue: Queue<E>,
    rejected: Vec<RejectedMessage>,
    anything_published: bool,
}

impl<E: Send + Sync> Publishing<E> {
    /// Until all is settled, or after an outage until nothing is on its way any more: that is answered then.
    async fn run<Sent>(
        &mut self,
        in_flight: usize,
        policy: &RequestPolicy,
        send: &(impl Fn(Vec<Arc<E>>) -> Sent + Sync),
    ) -> Option<Box<dyn Error + Send + Sync>>
    where
        Sent: Future<Output = Result<Vec<EntryOutcome>, BatchFailure>> + Send,
    {
        let mut arrivals: FuturesUnordered<BoxFuture<'_, Arrival>> = FuturesUnordered::new();
        let mut on_their_way = 0;
        let mut outage = None;
        loop {
            while outage.is_none()
                && on_their_way < in_flight
                && let Some(batch) = self.queue.next_batch()
            {
                let (indexes, contents): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
                let sent = send(contents);
                arrivals.push(Box::pin(async move { Arrival::Answer(indexes, sent.await) }));
                on_their_way += 1;
            }
            if outage.is_some() && on_their_way == 0 {
                return outage;
            }
            let again = match arrivals.next().await {
                None => return outage,
                Some(Arrival::Rested(indexes)) => {
                    self.queue.again(&indexes);
                    continue;
                }
                Some(Arrival::Answer(indexes, answer)) => {
                    on_their_way -= 1;
                    match answer {
                        Ok(outcomes) => self.answered(indexes, outcomes, policy.max_attempts()),
                        Err(BatchFailure::Malformed(error)) => {
                            self.malformed(indexes, error);
                            continue;
                        }
                        Err(BatchFailure::Outage(error)) => {
                            outage.get_or_insert(error);
                            continue;
                        }
                    }
                }
            };
            if let Some((indexes, attempts)) = again {
                let pause = policy.pause(attempts);
                tracing::debug!(entries = indexes.len(), attempts, ?pause, "sending entries of a batch again");
                arrivals.push(Box::pin(async move {
                    tokio::time::sleep(pause).await;
                    Arrival::Rested(indexes)
                }));
            }
        }
    }

    /// Settles what is published or refused; answers what is to be sent again, and after how many attempts.
    fn answered(
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
                    self.anything_published = true;
                    self.queue.published(index);
                }
                EntryOutcome::Refused(reason) => self.refuse(index, true, reason),
                EntryOutcome::Retryable(reason) => match self.queue.entries.get_mut(index) {
                    Some(Some(entry)) if entry.attempts.saturating_add(1) < max_attempts => {
                        entry.attempts += 1;
                        most = most.max(entry.attempts);
                        again.push(index);
                    }
                    _ => self.refuse(index, false, reason),
                },
            }
        }
        if again.is_empty() { None } else { Some((again, most)) }
    }

    fn malformed(&mut self, indexes: Vec<usize>, error: Box<dyn Error + Send + Sync>) {
        match indexes[..] {
            [index] => self.refuse(index, true, error),
            _ => {
                for index in &indexes {
                    if let Some(Some(entry)) = self.queue.entries.get_mut(*index) {
                        entry.alone = true;
                    }
                }
                self.queue.again(&indexes);
            }
        }
    }

    fn refuse(&mut self, index: usize, permanent: bool, reason: Box<dyn Error + Send + Sync>) {
        self.rejected.push(RejectedMessage { index, permanent, reason });
        for index in self.queue.refuse(index) {
            self.rejected.push(RejectedMessage { index, permanent: false, reason: Box::new(HeldBackError) });
        }
    }
}
