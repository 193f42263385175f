use std::collections::HashMap;

use castore_runtime::log::LogPage;
use tokio::time::Instant;

use super::backoff::delay;
use super::batch::{Batch, Round};
use super::term::{End, Term};
use crate::outbox::{Call, Failure};

/// What became of a round.
pub(super) enum Tried {
    /// All is published or parked, or can be tried again at once.
    On,
    /// Something failed that heals by itself.
    Outage(String),
}

impl Term<'_> {
    /// Publishes a page of the log, and keeps the checkpoint after it. Waits for the end of outages.
    pub(super) async fn deliver(&mut self, page: LogPage) -> Result<(), End> {
        let last = page.events.last().map_or(self.committed(), |event| event.position);
        let mut batch = Batch::live(page.events, self.committed(), |entry| self.parked.has(entry));
        while !batch.is_done() {
            let Tried::Outage(failure) = self.publish(&mut batch).await? else { continue };
            match self.outage(&failure, Some(&batch)).await {
                Ok(()) => {}
                Err(End::Shutdown) => {
                    let position = batch.position().max(self.committed());
                    self.commit(position, batch.into_parked(), Vec::new()).await?;
                    return Err(End::Shutdown);
                }
                Err(end) => return Err(end),
            }
        }
        self.finish(last, page.scanned_to, batch.into_parked()).await
    }

    /// One round: tries to publish what is left of a batch.
    pub(super) async fn publish(&mut self, batch: &mut Batch) -> Result<Tried, End> {
        let mut round = batch.round(self.runner.outbox.holds_back());
        while let Some(call) = batch.next_call(&mut round, self.call_size.get()) {
            let added = self.add(call, batch, &mut round).await?;
            if added.is_empty() {
                continue;
            }
            self.keep_lease(Some(batch)).await?;
            let called_at = Instant::now();
            let answer = self.runner.outbox.publish().await;
            if let Call::Published(_) = &answer {
                self.call_size.answered(added.len(), called_at.elapsed(), self.runner.options.publish_timeout);
            }
            match answer {
                Call::Published(failures) if failures.is_empty() => added.iter().for_each(|index| batch.sent(*index)),
                Call::Published(failures) => {
                    let mut failures: HashMap<usize, Failure> = failures.into_iter().collect();
                    for (at, index) in added.into_iter().enumerate() {
                        match failures.remove(&at) {
                            None => batch.sent(index),
                            Some(failure) => self.failed(index, &failure, batch, &mut round),
                        }
                    }
                }
                Call::TimedOut(failure) => {
                    self.call_size.timed_out(added.len());
                    added.iter().for_each(|index| self.forget(*index, batch));
                    round.end(failure);
                }
                Call::Failed(failure) => {
                    added.iter().for_each(|index| self.forget(*index, batch));
                    round.end(failure);
                }
                Call::OneByOne(reason) => {
                    self.runner.report(&reason);
                    batch.one_by_one();
                    return Ok(Tried::On);
                }
            }
        }
        Ok(round.failure.map_or(Tried::On, Tried::Outage))
    }

    /// Makes the messages of a call; those that can be made.
    async fn add(&mut self, call: Vec<usize>, batch: &mut Batch, round: &mut Round) -> Result<Vec<usize>, End> {
        let mut added = Vec::with_capacity(call.len());
        for index in call {
            if !batch.takes_part(index, round) {
                continue;
            }
            let made = match self.runner.outbox.add(batch.entry(index)) {
                Some(made) => made,
                None => {
                    self.keep_lease(Some(batch)).await?;
                    self.runner.outbox.load_and_add(batch.entry(index)).await
                }
            };
            match made {
                Ok(()) => added.push(index),
                Err(failure) => {
                    self.failed(index, &failure, batch, round);
                    if let Failure::Transient(text) = failure {
                        // The storage fails: the next load would take as long to fail as this one.
                        round.end(text);
                        break;
                    }
                }
            }
        }
        Ok(added)
    }

    /// An event was not published. Of each aggregate the first that fails decides.
    fn failed(&mut self, index: usize, failure: &Failure, batch: &mut Batch, round: &mut Round) {
        self.forget(index, batch);
        if !batch.takes_part(index, round) {
            return;
        }
        if let Failure::Permanent(error) = failure {
            let entry = batch.entry(index);
            tracing::warn!(
                relay = self.runner.options.name,
                event_store = &*entry.event_store_id,
                aggregate = entry.event.aggregate_id,
                version = entry.event.version,
                position = entry.position,
                error,
                "relay cannot publish an event, and parks its aggregate"
            );
            let error = failure.text().to_owned();
            self.runner.update(|status| status.last_error = Some(error));
        }
        batch.failed(index, failure, round, delay(self.runner.options.parked_backoff, 1));
    }

    fn forget(&mut self, index: usize, batch: &Batch) {
        let entry = batch.entry(index);
        self.runner.outbox.forget(&entry.event_store_id, &entry.event.aggregate_id);
    }
}
