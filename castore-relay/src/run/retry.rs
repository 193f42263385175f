use std::time::Duration;

use castore_core::error::error_chain;
use castore_core::log::{LogEntry, LogQuery};
use castore_core::relay::ParkedAggregate;
use tokio::time::{Instant, timeout};

use super::end::End;
use super::progress::LeaseProgress;
use super::term::Term;
use crate::engine::{Batch, delay};

/// The interval at which the parked aggregates are read again, because another process may have requested a retry or
/// dropped a message.
const RELOAD_PARKED: Duration = Duration::from_secs(2);

/// The maximum number of parked aggregates that are retried between two pages of the log, so that retries do not delay
/// the events of other aggregates.
const ATTEMPTS: usize = 10;

/// The outcome of an attempt to publish a parked aggregate.
enum Attempt {
    /// All events of the aggregate up to the relay's position are published.
    Freed,
    /// The aggregate stays parked.
    Parked(ParkedAggregate),
    /// The aggregate stays parked. The failure is an outage, so other aggregates would fail, too.
    Outage(ParkedAggregate),
}

impl Term<'_> {
    /// Retries the parked aggregates that are due. The number of events, the number of aggregates and the time are
    /// limited, so that retries do not delay the events of other aggregates.
    pub(super) async fn retry_parked(&mut self) -> Result<(), End> {
        self.reload_parked().await;
        let mut left = self.progress.runner.options.batch_size;
        let until = Instant::now() + self.progress.runner.options.lease / 12;
        let (mut parked, mut freed, mut shutdown) = (Vec::new(), Vec::new(), None);
        for (at, aggregate) in self.progress.parked.due(self.progress.scanned).into_iter().take(ATTEMPTS).enumerate() {
            if left == 0 || (at > 0 && (Instant::now() >= until || self.progress.runner.shutdown.is_sent())) {
                break;
            }
            let key = (aggregate.event_store_id.clone(), aggregate.aggregate_id.clone());
            match self.attempt(aggregate, &mut left).await {
                Ok(Attempt::Freed) => freed.push(key),
                Ok(Attempt::Parked(aggregate)) => parked.push(aggregate),
                Ok(Attempt::Outage(aggregate)) => {
                    parked.push(aggregate);
                    break;
                }
                // The outcomes of the earlier attempts must still be stored.
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
        self.progress.commit(self.progress.safe_position(), parked.clone(), freed.clone()).await?;
        for (event_store_id, aggregate_id) in freed {
            tracing::info!(
                relay = self.progress.runner.options.name,
                event_store = event_store_id,
                aggregate_id = aggregate_id,
                "a relay published the events of a parked aggregate"
            );
            self.progress.parked.remove(&event_store_id, &aggregate_id);
        }
        parked.into_iter().for_each(|aggregate| self.progress.parked.put(aggregate));
        self.progress.update_position();
        shutdown.map_or(Ok(()), Err)
    }

    async fn reload_parked(&mut self) {
        let is_asked = self.progress.runner.parked_changes.take();
        let is_time =
            self.progress.parked.count() > 0 && self.progress.parked.read_at() + RELOAD_PARKED <= Instant::now();
        if !is_asked && !is_time {
            return;
        }
        match timeout(
            self.progress.runner.options.publish_timeout,
            self.progress.runner.state.parked(&self.progress.runner.options.name),
        )
        .await
        {
            Ok(Ok(rows)) => self.progress.parked.replace(rows),
            Ok(Err(error)) => self.progress.runner.status.report(&error_chain(&error)),
            Err(_) => self.progress.runner.status.report("the storage of the relay's state did not respond in time"),
        }
    }

    async fn attempt(&mut self, parked: ParkedAggregate, left: &mut usize) -> Result<Attempt, End> {
        let query = LogQuery::new(self.progress.runner.filter.clone(), *left)
            .up_to(self.progress.scanned)
            .aggregate(parked.event_store_id.as_str(), parked.aggregate_id.as_str());
        let read = match self.read(parked.next_position.saturating_sub(1), &query).await? {
            Ok(page) => self.check_log().await?.map(|()| page),
            Err(error) => Err(error),
        };
        let mut page = match read {
            Ok(page) => page,
            Err(error) => {
                self.progress.runner.status.report(&error_chain(&error));
                return Ok(Attempt::Outage(self.progress.again(parked, error_chain(&error))));
            }
        };
        self.publisher.set_rewrite_count(page.rewrites);
        if parked.dropped && page.events.first().is_some_and(|event| event.position == parked.next_position) {
            tracing::warn!(
                relay = self.progress.runner.options.name,
                event_store = parked.event_store_id,
                aggregate_id = parked.aggregate_id,
                version = parked.version,
                position = parked.next_position,
                "a relay skipped a dropped event"
            );
            page.events.remove(0);
        }
        *left = left.saturating_sub(page.events.len().max(1));
        let last = page.events.last().map(|event| event.event.version);
        let mut batch = Batch::retry(page.events);
        let attempt = self.publisher.attempt(&mut batch, &mut self.progress).await;
        self.progress.runner.status.count_published(&batch);
        let outage = attempt?;
        if let Some(outage) = &outage {
            self.progress.runner.status.report(&outage.error);
        }
        if let Some(entry) = batch.first_pending() {
            let moved = moved_to(&parked, entry);
            let error = outage.map_or_else(String::new, |outage| outage.error);
            return Ok(Attempt::Outage(self.progress.again(moved, error)));
        }
        Ok(match batch.rejections().last() {
            Some(rejection) if rejection.position == parked.next_position => {
                Attempt::Parked(self.progress.again(parked, rejection.error.clone()))
            }
            Some(rejection) => Attempt::Parked(self.progress.parked_for(rejection)),
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
}

impl LeaseProgress<'_> {
    /// Returns the parked aggregate after another failed attempt, with a longer delay.
    fn again(&self, parked: ParkedAggregate, error: String) -> ParkedAggregate {
        let attempts = parked.attempts.saturating_add(1);
        let next_attempt_in = delay(self.runner.options.parked_backoff, attempts);
        ParkedAggregate { attempts, error, next_attempt_in, ..parked }
    }
}

/// Returns the parked aggregate with `entry` as its next event. If this is not the event at which the aggregate was
/// parked, its attempts start at 0.
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
