//! Publishing what is in the table itself.

use std::sync::Arc;

use castore_runtime::log::LogEntry;
use castore_runtime::storage::{EventStorageAdapter, GetEventsOptions, ListAggregateIdsOptions, StorageError};

use super::lease::End;
use super::term::Term;

impl Term<'_> {
    /// Publishes all that is stored, if that is still to be done.
    pub(super) async fn backfill(&mut self) -> Result<(), End> {
        let Some(mut backfill) = self.place.backfill.clone() else { return Ok(()) };
        for event_store_id in self.runner.event_store_ids.clone() {
            if backfill.done.iter().any(|done| *done == *event_store_id) {
                continue;
            }
            loop {
                let options = ListAggregateIdsOptions {
                    limit: Some(100),
                    page_token: backfill.page_token.clone(),
                    ..ListAggregateIdsOptions::default()
                };
                let storage = self.runner.storage.clone();
                let page = self.lease.during(storage.list_aggregate_ids(&event_store_id, options)).await?;
                let page = match page {
                    Ok(page) => page,
                    Err(error) => {
                        self.outage(&error.to_string()).await?;
                        continue;
                    }
                };
                for listed in page.aggregates {
                    self.publish_aggregate(&event_store_id, &listed.aggregate_id).await?;
                }
                backfill.page_token = page.next_page_token;
                if backfill.page_token.is_none() {
                    backfill.done.push(event_store_id.to_string());
                }
                self.place.backfill = Some(backfill.clone());
                self.keep_place(Vec::new(), Vec::new()).await?;
                if backfill.page_token.is_none() {
                    break;
                }
            }
        }
        self.place.backfill = None;
        self.keep_place(Vec::new(), Vec::new()).await?;
        self.runner.update(|status| status.is_backfilling = false);
        tracing::info!(relay = self.runner.options.name, "relay has published all that was stored");
        Ok(())
    }

    /// Publishes an aggregate whole, as it is in the table.
    async fn publish_aggregate(&mut self, event_store_id: &Arc<str>, aggregate_id: &str) -> Result<(), End> {
        let mut next_version = 1;
        loop {
            if self.is_parked(event_store_id, aggregate_id) {
                return Ok(());
            }
            if *self.runner.shutdown.borrow() {
                return Err(End::Shutdown);
            }
            let (events, more) = match self.read_events(event_store_id, aggregate_id, next_version).await? {
                Ok(events) => events,
                Err(error @ StorageError::Corrupt { .. }) => {
                    let parked = self.park(event_store_id, aggregate_id, next_version, error.to_string());
                    return self.keep_place(vec![parked], Vec::new()).await;
                }
                Err(error) => {
                    self.outage(&error.to_string()).await?;
                    continue;
                }
            };
            let Some(last) = events.last().map(|entry| entry.event.version) else { return Ok(()) };
            let parked = self.deliver(events).await?;
            if !parked.is_empty() {
                self.keep_place(parked, Vec::new()).await?;
            }
            match last.checked_add(1).filter(|_| more) {
                Some(next) => next_version = next,
                None => return Ok(()),
            }
        }
    }

    /// The next events of an aggregate, and whether there are more. Before one that is damaged, one by one.
    pub(super) async fn read_events(
        &mut self,
        event_store_id: &Arc<str>,
        aggregate_id: &str,
        min_version: u64,
    ) -> Result<Result<(Vec<LogEntry>, bool), StorageError>, End> {
        let storage = self.runner.storage.clone();
        let batch_size = self.runner.options.batch_size as u64;
        let read = async |limit| {
            let options =
                GetEventsOptions { min_version: Some(min_version), limit: Some(limit), ..GetEventsOptions::default() };
            let events = storage.get_events(event_store_id, aggregate_id, options).await?;
            let more = events.len() as u64 >= limit;
            let entry = |event| LogEntry { position: 0, event_store_id: event_store_id.clone(), event };
            Ok((events.into_iter().map(entry).collect(), more))
        };
        match self.lease.during(read(batch_size)).await? {
            Err(StorageError::Corrupt { .. }) if batch_size > 1 => self.lease.during(read(1)).await,
            read => Ok(read),
        }
    }
}
