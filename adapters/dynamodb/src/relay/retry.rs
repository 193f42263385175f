//! Trying parked aggregates again.

use std::sync::Arc;
use std::time::Duration;

use castore_runtime::Timestamp;
use castore_runtime::storage::StorageError;
use tokio::time::Instant;

use super::ParkedStreamAggregate;
use super::lease::End;
use super::options::delay;
use super::term::{Term, after};
use crate::outbox::Delivery;

/// How often to see whether others asked for another attempt, or gave a message up.
const LOOK_AT_PARKED: Duration = Duration::from_secs(2);

impl Term<'_> {
    pub(super) async fn read_parked(&mut self) -> Result<(), End> {
        let state = self.runner.state.clone();
        loop {
            match self.lease.during(state.parked()).await? {
                Ok(parked) => {
                    (self.parked, self.parked_read_at) = (parked, Instant::now());
                    self.tell_parked();
                    return Ok(());
                }
                Err(error) => self.outage(&error.to_string()).await?,
            }
        }
    }

    /// Tries the parked aggregates that are due, one batch of each.
    pub(super) async fn retry_parked(&mut self) -> Result<(), End> {
        if !self.parked.is_empty() && self.parked_read_at.elapsed() >= LOOK_AT_PARKED {
            self.read_parked().await?;
        }
        let now = Timestamp::now();
        let due: Vec<_> = self.parked.iter().filter(|parked| parked.next_attempt_at <= now).cloned().collect();
        for parked in due {
            let Some(event_store_id) = self.ours(&parked.event_store_id) else { continue };
            self.retry(&event_store_id, parked).await?;
        }
        Ok(())
    }

    /// Whatever is in the table from the parked event on is published from there, also what the stream still has to
    /// show: it is shown again then, and is published twice, but not before its time.
    async fn retry(&mut self, event_store_id: &Arc<str>, parked: ParkedStreamAggregate) -> Result<(), End> {
        let key = (parked.event_store_id.clone(), parked.aggregate_id.clone());
        let (mut events, more) =
            match self.read_events(event_store_id, &parked.aggregate_id, parked.next_version).await? {
                Ok(events) => events,
                Err(error @ StorageError::Corrupt { .. }) if !parked.dropped => {
                    return self.park_again(parked, error.to_string()).await;
                }
                // The damaged one was given up: what comes after it is read.
                Err(StorageError::Corrupt { .. }) => {
                    let next_version = parked.next_version.saturating_add(1);
                    return self.keep_place(vec![moved(parked, next_version)], Vec::new()).await;
                }
                Err(error) => {
                    self.park_again(parked, error.to_string()).await?;
                    return self.outage(&error.to_string()).await;
                }
            };
        let last = events.last().map(|entry| entry.event.version);
        if parked.dropped && events.first().is_some_and(|entry| entry.event.version == parked.next_version) {
            tracing::warn!(
                relay = self.runner.options.name,
                event_store = parked.event_store_id,
                aggregate = parked.aggregate_id,
                version = parked.next_version,
                "relay passes over an event that was given up"
            );
            events.remove(0);
        }
        let mut delivery = Delivery::new(events);
        let failure = self.round(&mut delivery).await?;
        self.published(&delivery);
        if let Some(refused) = delivery.refused().first().cloned() {
            let is_same = refused.version == parked.next_version;
            let parked = if is_same { parked } else { moved(parked, refused.version) };
            return self.park_again(parked, refused.error).await;
        }
        if let Some(failure) = failure {
            let version = delivery.first_unsent().map_or(parked.next_version, |entry| entry.event.version);
            let parked = if version == parked.next_version { parked } else { moved(parked, version) };
            self.park_again(parked, failure.clone()).await?;
            return self.outage(&failure).await;
        }
        match last.and_then(|last| last.checked_add(1)).filter(|_| more) {
            Some(next) => self.keep_place(vec![moved(parked, next)], Vec::new()).await,
            None => {
                tracing::info!(
                    relay = self.runner.options.name,
                    event_store = key.0,
                    aggregate = key.1,
                    "relay has published a parked aggregate"
                );
                self.keep_place(Vec::new(), vec![key]).await
            }
        }
    }

    async fn park_again(&mut self, mut parked: ParkedStreamAggregate, error: String) -> Result<(), End> {
        parked.attempts = parked.attempts.saturating_add(1);
        parked.next_attempt_at = after(delay(self.runner.options.parked_backoff, parked.attempts));
        parked.error = error;
        self.keep_place(vec![parked], Vec::new()).await
    }
}

/// Parked for another event, which is to be tried at once.
fn moved(parked: ParkedStreamAggregate, next_version: u64) -> ParkedStreamAggregate {
    ParkedStreamAggregate { next_version, attempts: 0, dropped: false, next_attempt_at: Timestamp::now(), ..parked }
}
