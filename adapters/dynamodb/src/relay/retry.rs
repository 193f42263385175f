//! Further attempts to publish parked aggregates.

use std::sync::Arc;
use std::time::Duration;

use castore_core::error::error_chain;
use castore_core::storage::StorageError;
use castore_core::time::Timestamp;
use castore_relay::engine::Batch;

use super::ParkedStreamAggregate;
use super::lease::End;
use super::term::Term;

/// The interval at which the parked aggregates are read again, because another process may have requested a retry or
/// dropped a message.
const RELOAD_PARKED: Duration = Duration::from_secs(2);

impl Term<'_> {
    /// Retries the parked aggregates that are due, with one batch of events for each.
    pub(super) async fn retry_parked(&mut self) -> Result<(), End> {
        let is_time = !self.progress.parked.is_empty() && self.progress.parked_read_at.elapsed() >= RELOAD_PARKED;
        if self.progress.runner.parked_changes.take() || is_time {
            self.progress.read_parked().await?;
        }
        let now = Timestamp::now();
        let due: Vec<_> = self.progress.parked.iter().filter(|parked| parked.next_attempt_at <= now).cloned().collect();
        for parked in due {
            let Some(event_store_id) = self.progress.ours(&parked.event_store_id) else { continue };
            self.retry(&event_store_id, parked).await?;
        }
        Ok(())
    }

    /// Publishes the events of a parked aggregate from the table, starting with the parked event. If the stream
    /// delivers some of these events later, they are published again, in order.
    async fn retry(&mut self, event_store_id: &Arc<str>, parked: ParkedStreamAggregate) -> Result<(), End> {
        let key = (parked.event_store_id.clone(), parked.aggregate_id.clone());
        let (mut events, more) =
            match self.read_events(event_store_id, &parked.aggregate_id, parked.next_version).await? {
                Ok(events) => events,
                Err(error @ StorageError::Corrupt { .. }) if !parked.dropped => {
                    return self.progress.park_again(parked, error_chain(&error)).await;
                }
                // The damaged event was dropped: the relay continues after it.
                Err(StorageError::Corrupt { .. }) => {
                    let next_version = parked.next_version.saturating_add(1);
                    return self.progress.keep_place(vec![moved(parked, next_version)], Vec::new()).await;
                }
                Err(error) => {
                    self.progress.park_again(parked, error_chain(&error)).await?;
                    return self.progress.back_off(&error_chain(&error)).await;
                }
            };
        let last = events.last().map(|entry| entry.event.version);
        if parked.dropped && events.first().is_some_and(|entry| entry.event.version == parked.next_version) {
            tracing::warn!(
                relay = self.progress.runner.options.name,
                event_store = parked.event_store_id,
                aggregate_id = parked.aggregate_id,
                version = parked.next_version,
                "a relay skipped a dropped event"
            );
            events.remove(0);
        }
        let mut batch = Batch::retry(events);
        let attempt = self.publisher.attempt(&mut batch, &mut self.progress).await;
        self.progress.runner.status.count_published(&batch);
        let outage = attempt?;
        if outage.is_none() {
            self.progress.clear_outage();
        }
        if let Some(rejection) = batch.rejections().first() {
            let is_same = rejection.version == parked.next_version;
            let parked = if is_same { parked } else { moved(parked, rejection.version) };
            return self.progress.park_again(parked, rejection.error.clone()).await;
        }
        if let Some(outage) = outage {
            let version = batch.first_pending().map_or(parked.next_version, |entry| entry.event.version);
            let parked = if version == parked.next_version { parked } else { moved(parked, version) };
            self.progress.park_again(parked, outage.error.clone()).await?;
            return self.progress.back_off(&outage.error).await;
        }
        match last.and_then(|last| last.checked_add(1)).filter(|_| more) {
            Some(next) => self.progress.keep_place(vec![moved(parked, next)], Vec::new()).await,
            None => {
                tracing::info!(
                    relay = self.progress.runner.options.name,
                    event_store = key.0,
                    aggregate_id = key.1,
                    "a relay published the events of a parked aggregate"
                );
                self.progress.keep_place(Vec::new(), vec![key]).await
            }
        }
    }
}

/// Returns the parked aggregate, moved to its next event and due immediately.
fn moved(parked: ParkedStreamAggregate, next_version: u64) -> ParkedStreamAggregate {
    ParkedStreamAggregate { next_version, attempts: 0, dropped: false, next_attempt_at: Timestamp::now(), ..parked }
}
