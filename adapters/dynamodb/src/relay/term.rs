//! The time for which a lease is held.

use std::sync::Arc;
use std::time::Duration;

use castore_runtime::Timestamp;
use castore_runtime::log::LogEntry;
use tokio::time::{Instant, sleep_until};

use super::lease::{End, HeldLease};
use super::options::delay;
use super::runner::{Runner, backfill_place};
use super::state::{Changes, RelayPlace};
use super::{DynamoDbRelayRole, OnGap, ParkedStreamAggregate};
use crate::outbox::Delivery;
use crate::{DynamoDbRelayError, DynamoDbStreamLog, StreamChange, StreamError, StreamReader, StreamRecord};

pub(super) struct Term<'a> {
    pub(super) runner: &'a mut Runner,
    pub(super) lease: HeldLease,
    /// As it is kept.
    pub(super) place: RelayPlace,
    pub(super) parked: Vec<ParkedStreamAggregate>,
    pub(super) parked_read_at: Instant,
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
            return Err(End::Stopped(DynamoDbRelayError::Stream { relay, source: Box::new(error) }));
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

    pub(super) fn ours(&self, event_store_id: &str) -> Option<Arc<str>> {
        self.runner.event_store_ids.iter().find(|ours| ***ours == *event_store_id).cloned()
    }

    pub(super) fn is_parked(&self, event_store_id: &str, aggregate_id: &str) -> bool {
        self.parked.iter().any(|parked| parked.is(event_store_id, aggregate_id))
    }

    /// Publishes events, and waits for the end of outages. Answers what is to be parked.
    pub(super) async fn deliver(&mut self, entries: Vec<LogEntry>) -> Result<Vec<ParkedStreamAggregate>, End> {
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

    pub(super) async fn round(&mut self, delivery: &mut Delivery) -> Result<Option<String>, End> {
        let failure = delivery.round(&mut *self.runner.outbox, &mut self.lease).await?;
        if failure.is_none() {
            self.healed();
        }
        Ok(failure)
    }

    pub(super) fn published(&self, delivery: &Delivery) {
        let sent = delivery.sent() as u64;
        if sent > 0 {
            self.runner.update(|status| status.published += sent);
        }
    }

    /// To be kept with the next commit.
    pub(super) fn park(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        version: u64,
        error: String,
    ) -> ParkedStreamAggregate {
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

    pub(super) async fn keep_place(
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

    pub(super) fn tell_parked(&self) {
        let count = self.parked.len();
        self.runner.update(|status| status.parked = count);
    }

    /// Nothing can be published, or read, for now: waits a while, longer each time, and keeps the lease.
    pub(super) async fn outage(&mut self, error: &str) -> Result<(), End> {
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

pub(super) fn after(wait: Duration) -> Timestamp {
    let wait = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
    let now = Timestamp::now();
    Timestamp::from_unix_millis(now.unix_millis().saturating_add(wait)).unwrap_or(now)
}
