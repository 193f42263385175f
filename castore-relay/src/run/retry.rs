use std::time::Duration;

use castore_runtime::log::{LogEntry, LogQuery};
use castore_runtime::relay::ParkedAggregate;
use tokio::time::{Instant, timeout};

use super::backoff::delay;
use super::batch::Batch;
use super::deliver::Tried;
use super::term::{End, Term};

/// How often to see whether others asked for another attempt, or gave a message up.
const LOOK_AT_PARKED: Duration = Duration::from_secs(2);

/// How many parked aggregates are tried between two batches, at most: what is live does not wait for them all.
const ATTEMPTS: usize = 10;

/// What became of the attempt to publish a parked aggregate.
enum Attempt {
    /// Nothing of it is left in the part of the log that the relay has come to.
    Freed,
    /// It stays parked.
    Parked(ParkedAggregate),
    /// It stays parked, and others would fail too.
    Outage(Option<ParkedAggregate>),
}

impl Term<'_> {
    /// Tries the parked aggregates that are due. Not more events than a batch: others wait for their turn after it.
    pub(super) async fn retry_parked(&mut self) -> Result<(), End> {
        self.look_at_parked().await;
        let mut left = self.runner.options.batch_size;
        let until = Instant::now() + self.runner.options.lease / 12;
        let (mut parked, mut freed, mut shutdown) = (Vec::new(), Vec::new(), None);
        for (at, aggregate) in self.parked.due(self.scanned()).into_iter().take(ATTEMPTS).enumerate() {
            if left == 0 || (at > 0 && (Instant::now() >= until || self.runner.signals.is_shut_down())) {
                break;
            }
            let key = (aggregate.event_store_id.clone(), aggregate.aggregate_id.clone());
            match self.attempt(aggregate, &mut left).await {
                Ok(Attempt::Freed) => freed.push(key),
                Ok(Attempt::Parked(aggregate)) => parked.push(aggregate),
                Ok(Attempt::Outage(aggregate)) => {
                    parked.extend(aggregate);
                    break;
                }
                // What came of the others is kept all the same.
                Err(end @ End::Shutdown) => {
                    shutdown = Some(end);
                    break;
                }
                Err(end) => return Err(end),
            }
        }
        if parked.is_empty() && freed.is_empty() {
            return shutdown.map_or(Ok(()), Err);
        }
        self.commit(self.safe(), parked.clone(), freed.clone()).await?;
        for (event_store_id, aggregate_id) in freed {
            tracing::info!(
                relay = self.runner.options.name,
                event_store = event_store_id,
                aggregate = aggregate_id,
                "relay has published a parked aggregate"
            );
            self.parked.remove(&event_store_id, &aggregate_id);
        }
        parked.into_iter().for_each(|aggregate| self.parked.put(aggregate));
        self.tell_position();
        shutdown.map_or(Ok(()), Err)
    }

    async fn look_at_parked(&mut self) {
        let is_asked = self.runner.signals.take_look_at_parked();
        let is_time = self.parked.count() > 0 && self.parked.read_at() + LOOK_AT_PARKED <= Instant::now();
        if !is_asked && !is_time {
            return;
        }
        match timeout(self.runner.options.publish_timeout, self.runner.state.parked(&self.runner.options.name)).await {
            Ok(Ok(rows)) => self.parked.replace(rows),
            Ok(Err(error)) => self.runner.report(&error.to_string()),
            Err(_) => self.runner.report("the storage of the relay's state did not answer in time"),
        }
    }

    async fn attempt(&mut self, parked: ParkedAggregate, left: &mut usize) -> Result<Attempt, End> {
        let query = LogQuery::new(self.runner.filter.clone(), *left)
            .up_to(self.scanned())
            .aggregate(parked.event_store_id.as_str(), parked.aggregate_id.as_str());
        let mut page = match self.read(parked.next_position.saturating_sub(1), &query).await? {
            Ok(page) => page,
            Err(error) => {
                self.runner.report(&error.to_string());
                return Ok(Attempt::Outage(Some(self.again(parked, error.to_string()))));
            }
        };
        self.runner.outbox.rewritten(page.rewrites);
        if parked.dropped && page.events.first().is_some_and(|event| event.position == parked.next_position) {
            tracing::warn!(
                relay = self.runner.options.name,
                event_store = parked.event_store_id,
                aggregate = parked.aggregate_id,
                version = parked.version,
                position = parked.next_position,
                "relay passes over an event that was given up"
            );
            page.events.remove(0);
        }
        *left = left.saturating_sub(page.events.len().max(1));
        let last = page.events.last().map(|event| event.event.version);
        let mut batch = Batch::of_parked(page.events);
        let mut outage = None;
        while outage.is_none() && !batch.is_done() {
            if let Tried::Outage(failure) = self.publish(&mut batch).await? {
                self.runner.report(&failure);
                outage = Some(failure);
            }
        }
        if let Some(entry) = batch.first_unsent() {
            let error = outage.unwrap_or_default();
            let moved = moved_to(&parked, entry);
            return Ok(Attempt::Outage(Some(self.again(moved, error))));
        }
        Ok(match batch.into_parked().pop() {
            Some(failed) if failed.next_position == parked.next_position => {
                Attempt::Parked(self.again(parked, failed.error))
            }
            Some(failed) => Attempt::Parked(failed),
            None if page.more => Attempt::Parked(ParkedAggregate {
                next_position: page.scanned_to.saturating_add(1),
                version: last.unwrap_or(parked.version).saturating_add(1),
                next_attempt_in: Duration::ZERO,
                attempts: 0,
                dropped: false,
                ..parked
            }),
            None => Attempt::Freed,
        })
    }

    /// To be tried once more, later than the time before.
    fn again(&self, parked: ParkedAggregate, error: String) -> ParkedAggregate {
        let attempts = parked.attempts.saturating_add(1);
        let next_attempt_in = delay(self.runner.options.parked_backoff, attempts);
        ParkedAggregate { attempts, error, next_attempt_in, ..parked }
    }
}

/// Parked for another event, which has not been tried.
fn moved_to(parked: &ParkedAggregate, entry: &LogEntry) -> ParkedAggregate {
    if parked.next_position == entry.position {
        return parked.clone();
    }
    ParkedAggregate {
        next_position: entry.position,
        version: entry.event.version,
        attempts: 0,
        dropped: false,
        ..parked.clone()
    }
}
