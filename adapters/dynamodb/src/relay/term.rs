//! The time for which a lease is held.

use std::sync::Arc;
use std::time::Duration;

use castore_runtime::Timestamp;
use castore_runtime::log::LogEntry;
use castore_runtime::storage::{EventStorageAdapter, GetEventsOptions, ListAggregateIdsOptions, StorageError};
use tokio::time::{Instant, sleep_until};

use super::lease::{End, HeldLease};
use super::options::delay;
use super::runner::{Runner, backfill_place};
use super::state::{Changes, RelayPlace};
use super::{DynamoDbRelayRole, OnGap, ParkedStreamAggregate};
use crate::outbox::Delivery;
use crate::{DynamoDbRelayError, DynamoDbStreamLog, StreamChange, StreamError, StreamReader, StreamRecord};

/// How often to see whether others asked for another attempt, or gave a message up.
const LOOK_AT_PARKED: Duration = Duration::from_secs(2);

pub(super) struct Term<'a> {
    runner: &'a mut Runner,
    lease: HeldLease,
    /// As it is kept.
    place: RelayPlace,
    parked: Vec<ParkedStreamAggregate>,
    parked_read_at: Instant,
    failures: u32,
}

impl<'a> Term<'a> {
    pub(super) fn new(runner: &'a mut Runner, lease: HeldLease, place: RelayPlace) -> Self {
        Self { runner, lease, place, parked: Vec::new(), parked_read_at: Instant::now(), failures: 0 }
    }

    pub(super) fn into_lease(self) -> HeldLease {
        self.lease
    }

    pub(super) async fn run(&mut self) -> End {
        let Err(end) = self.lead().await;
        end
    }

    async fn lead(&mut self) -> Result<std::convert::Infallible, End> {
        self.read_parked().await?;
        let is_backfilling = self.place.backfill.is_some();
        self.runner.update(|status| {
            status.role = DynamoDbRelayRole::Leader;
            status.is_backfilling = is_backfilling;
        });
        let mut reader = self.reader().await?;
        // Before anything is read from the table: what is stored from here on is in the shards that are known now.
        while let Err(error) = self.lease.during(reader.look()).await? {
            self.stream_failed(error).await?;
        }
        self.keep_cursors(&reader, Vec::new()).await?;
        self.backfill().await?;
        loop {
            self.step(&mut reader).await?;
            tokio::task::yield_now().await;
        }
    }

    /// A reader of the stream that the cursors are of.
    async fn reader(&mut self) -> Result<StreamReader, End> {
        loop {
            let (storage, streams) = (self.runner.storage.clone(), self.runner.streams.clone());
            let log = self.lease.during(DynamoDbStreamLog::of_table(&storage, streams)).await?;
            match log.and_then(|log| log.reader(self.place.cursors.clone())) {
                Ok(reader) => return Ok(reader),
                Err(error) => self.stream_failed(error).await?,
            }
        }
    }

    /// Waits, if it may heal; stops or begins a backfill, if events were missed.
    async fn stream_failed(&mut self, error: StreamError) -> Result<(), End> {
        let stops = matches!(error, StreamError::NoNewImages { .. })
            || (error.is_gap() && self.runner.options.on_gap == OnGap::Stop);
        if stops {
            let relay = self.runner.options.name.clone();
            return Err(End::Stopped(DynamoDbRelayError::Stream { relay, source: error }));
        }
        if !error.is_gap() {
            return self.outage(&error.to_string()).await;
        }
        self.runner.report(&error.to_string());
        let (storage, streams) = (self.runner.storage.clone(), self.runner.streams.clone());
        let place = self.lease.during(async move {
            let log = DynamoDbStreamLog::of_table(&storage, streams).await?;
            backfill_place(&log).await
        });
        match place.await? {
            Ok(place) => {
                self.lease.commit(&Changes { place: Some(place), ..Changes::default() }).await?;
                Err(End::Again)
            }
            Err(error) => self.outage(&error.to_string()).await,
        }
    }

    /// Publishes all that is stored, if that is still to be done.
    async fn backfill(&mut self) -> Result<(), End> {
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
    async fn read_events(
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

    /// Parked aggregates that are due, and what the stream has next.
    async fn step(&mut self, reader: &mut StreamReader) -> Result<(), End> {
        if *self.runner.shutdown.borrow() {
            return Err(End::Shutdown);
        }
        self.lease.keep().await?;
        self.retry_parked().await?;
        let records = match self.lease.during(reader.read(self.runner.options.batch_size)).await? {
            Ok(records) => records,
            Err(error) => return self.stream_failed(error).await,
        };
        self.healed();
        let is_idle = records.is_empty();
        let (entries, mut parked) = self.sort_out(records).await?;
        parked.extend(self.deliver(entries).await?);
        self.keep_cursors(reader, parked).await?;
        if is_idle { self.idle().await } else { Ok(()) }
    }

    /// The events to publish; and what must be parked, because its image is damaged.
    async fn sort_out(
        &mut self,
        records: Vec<StreamRecord>,
    ) -> Result<(Vec<LogEntry>, Vec<ParkedStreamAggregate>), End> {
        let mut entries = Vec::new();
        let mut parked: Vec<ParkedStreamAggregate> = Vec::new();
        for record in records {
            match record.change {
                StreamChange::Stored { event_store_id, event } => {
                    if let Some(event_store_id) = self.ours(&event_store_id)
                        && !self.is_parked(&event_store_id, &event.aggregate_id)
                        && !parked.iter().any(|parked| parked.is(&event_store_id, &event.aggregate_id))
                    {
                        entries.push(LogEntry { position: 0, event_store_id, event });
                    }
                }
                StreamChange::Rewritten { event_store_id, aggregate_id, .. } => {
                    self.runner.outbox.forget(&event_store_id, &aggregate_id);
                    let storage = self.runner.storage.clone();
                    while let Err(error) =
                        self.lease.during(storage.note_rewrite(&event_store_id, &aggregate_id)).await?
                    {
                        self.outage(&error.to_string()).await?;
                    }
                }
                StreamChange::Unreadable { place: Some((event_store_id, aggregate_id, version)), error } => {
                    if let Some(event_store_id) = self.ours(&event_store_id)
                        && !self.is_parked(&event_store_id, &aggregate_id)
                        && !parked.iter().any(|parked| parked.is(&event_store_id, &aggregate_id))
                    {
                        let earlier = |entry: &LogEntry| {
                            *entry.event_store_id == *event_store_id && entry.event.aggregate_id == aggregate_id
                        };
                        // What came before it in this page waits with it.
                        let first =
                            entries.iter().filter(|entry| earlier(entry)).map(|entry| entry.event.version).min();
                        entries.retain(|entry| !earlier(entry));
                        let version = first.map_or(version, |first| first.min(version));
                        parked.push(self.park(&event_store_id, &aggregate_id, version, error.to_string()));
                    }
                }
                StreamChange::Unreadable { place: None, error } => {
                    tracing::debug!(relay = self.runner.options.name, %error, "an image that is not of an event");
                }
            }
        }
        Ok((entries, parked))
    }

    fn ours(&self, event_store_id: &str) -> Option<Arc<str>> {
        self.runner.event_store_ids.iter().find(|ours| ***ours == *event_store_id).cloned()
    }

    fn is_parked(&self, event_store_id: &str, aggregate_id: &str) -> bool {
        self.parked.iter().any(|parked| parked.is(event_store_id, aggregate_id))
    }

    /// Publishes events, and waits for the end of outages. Answers what is to be parked.
    async fn deliver(&mut self, entries: Vec<LogEntry>) -> Result<Vec<ParkedStreamAggregate>, End> {
        let mut delivery = Delivery::new(entries);
        while !delivery.is_done() {
            if let Some(failure) = self.round(&mut delivery).await? {
                self.outage(&failure).await?;
            }
        }
        self.published(&delivery);
        let refused = delivery.refused().to_vec();
        let park = |refused: crate::outbox::Refused| {
            tracing::warn!(
                relay = self.runner.options.name,
                event_store = refused.event_store_id,
                aggregate = refused.aggregate_id,
                version = refused.version,
                error = refused.error,
                "relay cannot publish an event, and parks its aggregate"
            );
            self.park(&refused.event_store_id, &refused.aggregate_id, refused.version, refused.error)
        };
        Ok(refused.into_iter().map(park).collect())
    }

    async fn round(&mut self, delivery: &mut Delivery) -> Result<Option<String>, End> {
        let failure = delivery.round(&mut *self.runner.outbox, &mut self.lease).await?;
        if failure.is_none() {
            self.healed();
        }
        Ok(failure)
    }

    fn published(&self, delivery: &Delivery) {
        let sent = delivery.sent() as u64;
        if sent > 0 {
            self.runner.update(|status| status.published += sent);
        }
    }

    /// To be kept with the next commit.
    fn park(&self, event_store_id: &str, aggregate_id: &str, version: u64, error: String) -> ParkedStreamAggregate {
        ParkedStreamAggregate {
            event_store_id: event_store_id.to_owned(),
            aggregate_id: aggregate_id.to_owned(),
            next_version: version,
            attempts: 1,
            error,
            next_attempt_at: after(delay(self.runner.options.parked_backoff, 1)),
            dropped: false,
        }
    }

    /// Keeps how far the reader is, if that has changed.
    async fn keep_cursors(&mut self, reader: &StreamReader, parked: Vec<ParkedStreamAggregate>) -> Result<(), End> {
        if parked.is_empty() && *reader.cursors() == self.place.cursors {
            return Ok(());
        }
        self.place.cursors = reader.cursors().clone();
        self.keep_place(parked, Vec::new()).await
    }

    async fn keep_place(
        &mut self,
        parked: Vec<ParkedStreamAggregate>,
        freed: Vec<(String, String)>,
    ) -> Result<(), End> {
        let changes = Changes { place: Some(self.place.clone()), parked, freed };
        self.lease.commit(&changes).await?;
        for (event_store_id, aggregate_id) in &changes.freed {
            self.parked.retain(|parked| !parked.is(event_store_id, aggregate_id));
        }
        for parked in changes.parked {
            self.parked.retain(|other| !other.is(&parked.event_store_id, &parked.aggregate_id));
            self.parked.push(parked);
        }
        self.tell_parked();
        Ok(())
    }

    fn tell_parked(&self) {
        let count = self.parked.len();
        self.runner.update(|status| status.parked = count);
    }

    async fn read_parked(&mut self) -> Result<(), End> {
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
    async fn retry_parked(&mut self) -> Result<(), End> {
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

    /// Nothing can be published, or read, for now: waits a while, longer each time, and keeps the lease.
    async fn outage(&mut self, error: &str) -> Result<(), End> {
        self.runner.report(error);
        self.runner.update(|status| status.outage = Some(error.to_owned()));
        self.failures = self.failures.saturating_add(1);
        let wait = delay(self.runner.options.outage_backoff, self.failures);
        let shutdown = &mut self.runner.shutdown;
        let waited = self.lease.during(async {
            tokio::select! {
                _ = shutdown.wait_for(|shutdown| *shutdown) => false,
                () = tokio::time::sleep(wait) => true,
            }
        });
        if waited.await? { Ok(()) } else { Err(End::Shutdown) }
    }

    /// What was tried worked.
    fn healed(&mut self) {
        if self.failures > 0 {
            self.failures = 0;
            self.runner.update(|status| status.outage = None);
        }
    }

    /// Waits until there may be something to do.
    async fn idle(&mut self) -> Result<(), End> {
        let mut wait = self.runner.options.poll_interval;
        if !self.parked.is_empty() {
            let now = Timestamp::now().unix_millis();
            let due = self.parked.iter().map(|parked| parked.next_attempt_at.unix_millis().saturating_sub(now)).min();
            let due = due.map_or(wait, |due| Duration::from_millis(u64::try_from(due).unwrap_or(0).max(5)));
            wait = wait.min(due);
        }
        let until = (Instant::now() + wait).min(self.lease.beat_at);
        let runner = &mut *self.runner;
        let mut look = false;
        tokio::select! {
            _ = runner.shutdown.wait_for(|shutdown| *shutdown) => {}
            () = runner.look_at_parked.notified() => look = true,
            Ok(()) = runner.wake_ups.changed() => {}
            () = sleep_until(until) => {}
        }
        if look { self.read_parked().await } else { Ok(()) }
    }
}

/// Parked for another event, which is to be tried at once.
fn moved(parked: ParkedStreamAggregate, next_version: u64) -> ParkedStreamAggregate {
    ParkedStreamAggregate { next_version, attempts: 0, dropped: false, next_attempt_at: Timestamp::now(), ..parked }
}

fn after(wait: Duration) -> Timestamp {
    let wait = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
    let now = Timestamp::now();
    Timestamp::from_unix_millis(now.unix_millis().saturating_add(wait)).unwrap_or(now)
}
