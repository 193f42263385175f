//! The backfill of a relay, which publishes the existing events of the table before the relay reads the stream.

use std::sync::Arc;

use castore_core::error::error_chain;
use castore_core::log::LogEntry;
use castore_core::storage::{EventStorageAdapter, GetEventsOptions, ListAggregateIdsOptions, StorageError};

use super::lease::End;
use super::term::Term;

impl Term<'_> {
    /// Publishes all stored events of the relay's event stores, if a backfill has begun and is not finished.
    pub(super) async fn backfill(&mut self) -> Result<(), End> {
        let Some(mut backfill) = self.progress.place.backfill.clone() else { return Ok(()) };
        for event_store_id in self.progress.runner.event_store_ids.clone() {
            if backfill.done.iter().any(|done| *done == *event_store_id) {
                continue;
            }
            loop {
                let options = {
                    let mut options = ListAggregateIdsOptions::default();
                    options.limit = Some(100);
                    options.page_token = backfill.page_token.clone();
                    options
                };
                let storage = self.progress.runner.storage.clone();
                let page = self.progress.lease.during(storage.read_listing(&event_store_id, options)).await?;
                let (page, unlisted) = match page {
                    Ok(page) => page,
                    Err(error) => {
                        self.progress.back_off(&error_chain(&error)).await?;
                        continue;
                    }
                };
                let listed = page.aggregates.into_iter().map(|listed| listed.aggregate_id);
                // The first event of an unlisted aggregate cannot be read, so `publish_aggregate` parks the aggregate.
                for aggregate_id in listed.chain(unlisted) {
                    self.publish_aggregate(&event_store_id, &aggregate_id).await?;
                }
                backfill.page_token = page.next_page_token;
                if backfill.page_token.is_none() {
                    backfill.done.push(event_store_id.to_string());
                }
                self.progress.place.backfill = Some(backfill.clone());
                self.progress.keep_place(Vec::new(), Vec::new()).await?;
                if backfill.page_token.is_none() {
                    break;
                }
            }
        }
        self.progress.place.backfill = None;
        self.progress.keep_place(Vec::new(), Vec::new()).await?;
        self.progress.runner.status.update(|status| status.is_backfilling = false);
        tracing::info!(relay = self.progress.runner.options.name, "a relay finished its backfill");
        Ok(())
    }

    /// Publishes all stored events of an aggregate. Stops early if the aggregate is parked, which means that its
    /// messages are held back because one of them could not be published.
    async fn publish_aggregate(&mut self, event_store_id: &Arc<str>, aggregate_id: &str) -> Result<(), End> {
        let mut next_version = 1;
        loop {
            if self.progress.is_parked(event_store_id, aggregate_id) {
                return Ok(());
            }
            if self.progress.runner.shutdown.is_sent() {
                return Err(End::Shutdown);
            }
            let (events, more) = match self.read_events(event_store_id, aggregate_id, next_version).await? {
                Ok(events) => events,
                Err(error @ StorageError::Corrupt { .. }) => {
                    let parked = self.progress.park(event_store_id, aggregate_id, next_version, error_chain(&error));
                    return self.progress.keep_place(vec![parked], Vec::new()).await;
                }
                Err(error) => {
                    self.progress.back_off(&error_chain(&error)).await?;
                    continue;
                }
            };
            let Some(last) = events.last().map(|entry| entry.event.version) else { return Ok(()) };
            let parked = self.deliver(events).await?;
            if !parked.is_empty() {
                self.progress.keep_place(parked, Vec::new()).await?;
            }
            match last.checked_add(1).filter(|_| more) {
                Some(next) => next_version = next,
                None => return Ok(()),
            }
        }
    }

    /// Reads the next events of an aggregate. Also returns whether more events may follow. If one of the events is
    /// damaged, reads only the first event, so that a damaged event does not hide the valid events before it.
    pub(super) async fn read_events(
        &mut self,
        event_store_id: &Arc<str>,
        aggregate_id: &str,
        min_version: u64,
    ) -> Result<Result<(Vec<LogEntry>, bool), StorageError>, End> {
        let storage = self.progress.runner.storage.clone();
        let batch_size = self.progress.runner.options.batch_size as u64;
        let read = async |limit| {
            let options = GetEventsOptions::default().min_version(min_version).limit(limit);
            let events = storage.get_events(event_store_id, aggregate_id, options).await?;
            let more = events.len() as u64 >= limit;
            let entry = |event| LogEntry::new(0, event_store_id.clone(), event);
            Ok((events.into_iter().map(entry).collect(), more))
        };
        match self.progress.lease.during(read(batch_size)).await? {
            Err(StorageError::Corrupt { .. }) if batch_size > 1 => self.progress.lease.during(read(1)).await,
            read => Ok(read),
        }
    }
}
