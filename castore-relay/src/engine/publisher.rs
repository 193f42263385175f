use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

use super::call_size::CallSize;
use super::round::Round;
use super::{Batch, CallOutcome, Failure, Outage, Outbox, Progress};

/// A publisher of batches of events on one channel.
pub struct Publisher {
    /// The name of the relay, for logs.
    name: String,
    outbox: Box<dyn Outbox>,
    call_size: CallSize,
    publish_timeout: Duration,
}

impl Publisher {
    /// Creates a publisher whose calls of the adapter have at most `max_call_size` messages. `publish_timeout` is the
    /// timeout of the outbox.
    pub fn new(
        name: impl Into<String>,
        outbox: impl Outbox + 'static,
        publish_timeout: Duration,
        max_call_size: usize,
    ) -> Self {
        Self { name: name.into(), outbox: Box::new(outbox), call_size: CallSize::new(max_call_size), publish_timeout }
    }

    /// Publishes all events of a batch. If an event is rejected permanently, this event and the later events of its
    /// aggregate are skipped. After an outage, the pending events are published again when [`Progress::outage`]
    /// returns.
    ///
    /// # Errors
    /// The errors of [`Progress`]. The batch records which events were published until then.
    pub async fn deliver<P: Progress>(&mut self, batch: &mut Batch, progress: &mut P) -> Result<(), P::End> {
        while let Some(outage) = self.attempt(batch, progress).await? {
            progress.outage(&outage, batch).await?;
        }
        Ok(())
    }

    /// Publishes the events of a batch until no event is pending or an outage occurs. Returns the outage, if any.
    ///
    /// # Errors
    /// The error of [`Progress::before_call`].
    pub async fn attempt<P: Progress>(
        &mut self,
        batch: &mut Batch,
        progress: &mut P,
    ) -> Result<Option<Outage>, P::End> {
        while !batch.is_done() {
            if let Some(outage) = self.round(batch, progress).await? {
                return Ok(Some(outage));
            }
        }
        Ok(None)
    }

    async fn round<P: Progress>(&mut self, batch: &mut Batch, progress: &mut P) -> Result<Option<Outage>, P::End> {
        let mut round = Round::plan(batch, self.outbox.preserves_order_on_rejection());
        while let Some(call) = round.next_call(batch, self.call_size.get()) {
            let added = self.add(call, batch, &mut round, progress).await?;
            if added.is_empty() {
                continue;
            }
            progress.before_call(batch).await?;
            let called_at = Instant::now();
            match self.outbox.publish().await {
                CallOutcome::Published(failures) => {
                    // A call with transient failures does not show how many messages fit into the timeout. The size
                    // must grow only after progress. Otherwise, the calls could alternate between growing and timing
                    // out forever.
                    if failures.iter().all(|(_, failure)| matches!(failure, Failure::Permanent(_))) {
                        self.call_size.finished(added.len(), called_at.elapsed(), self.publish_timeout);
                    }
                    let mut failures: HashMap<usize, Failure> = failures.into_iter().collect();
                    for (at, index) in added.into_iter().enumerate() {
                        match failures.remove(&at) {
                            None => batch.set_published(index),
                            Some(failure) => self.failed(index, failure, batch, &mut round, progress),
                        }
                    }
                }
                CallOutcome::TimedOut(error) => {
                    let is_call_too_large = self.call_size.timed_out(added.len());
                    self.forget_all(&added, batch);
                    round.end(Outage { error, is_call_too_large });
                }
                CallOutcome::Failed(error) => {
                    self.forget_all(&added, batch);
                    round.end(Outage { error, is_call_too_large: false });
                }
                CallOutcome::NotSerializable(reason) => {
                    progress.report(&reason);
                    batch.publish_one_per_call();
                    return Ok(None);
                }
            }
        }
        Ok(round.into_outage())
    }

    /// Creates the messages of the events at the indexes `call`, which are published with one call of the channel. Returns the indexes of the events whose messages were created.
    async fn add<P: Progress>(
        &mut self,
        call: Vec<usize>,
        batch: &mut Batch,
        round: &mut Round,
        progress: &mut P,
    ) -> Result<Vec<usize>, P::End> {
        let mut added = Vec::with_capacity(call.len());
        for index in call {
            let Some(entry) = batch.entry(index).filter(|_| round.includes(batch, index)) else { continue };
            let made = match self.outbox.add(entry) {
                Some(made) => made,
                None => {
                    progress.before_call(batch).await?;
                    self.outbox.load_and_add(entry).await
                }
            };
            let Err(failure) = made else {
                added.push(index);
                continue;
            };
            // After a transient failure, the storage is probably unavailable, and the next load would take just as long
            // to fail.
            let outage = match &failure {
                Failure::Transient(error) => Some(Outage { error: error.clone(), is_call_too_large: false }),
                Failure::Permanent(_) => None,
            };
            self.failed(index, failure, batch, round, progress);
            if let Some(outage) = outage {
                round.end(outage);
                break;
            }
        }
        Ok(added)
    }

    /// Records a failed event. Only the first failure of each aggregate counts.
    fn failed<P: Progress>(
        &mut self,
        index: usize,
        failure: Failure,
        batch: &mut Batch,
        round: &mut Round,
        progress: &mut P,
    ) {
        self.forget_all(&[index], batch);
        if !round.includes(batch, index) {
            return;
        }
        if let Some(rejection) = round.fail(batch, index, failure) {
            tracing::warn!(
                relay = self.name,
                event_store = rejection.event_store_id,
                aggregate_id = rejection.aggregate_id,
                version = rejection.version,
                position = rejection.position,
                error = rejection.error,
                "an event cannot be published"
            );
            progress.rejected(rejection);
        }
    }

    /// Drops the cached aggregates of events that may not have been published.
    fn forget_all(&mut self, indexes: &[usize], batch: &Batch) {
        for entry in indexes.iter().filter_map(|index| batch.entry(*index)) {
            self.outbox.forget(&entry.event_store_id, &entry.event.aggregate_id);
        }
    }

    /// Drops the cached state of an aggregate.
    pub fn forget(&mut self, event_store_id: &str, aggregate_id: &str) {
        self.outbox.forget(event_store_id, aggregate_id);
    }

    /// Drops all cached aggregates if the rewrite count of the log has changed, because events were replaced or
    /// removed.
    pub fn set_rewrite_count(&mut self, rewrites: u64) {
        self.outbox.set_rewrite_count(rewrites);
    }

    /// Drops all cached aggregates and the messages of a call that was not made. Call this method after acquiring the
    /// lease, because another process may have published in the meantime.
    pub fn reset(&mut self) {
        self.outbox.reset();
    }
}

impl fmt::Debug for Publisher {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Publisher")
            .field("name", &self.name)
            .field("call_size", &self.call_size)
            .finish_non_exhaustive()
    }
}
