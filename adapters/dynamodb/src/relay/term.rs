//! A term: the time during which the relay holds the lease.

use std::time::Duration;

use castore_core::error::error_chain;
use castore_core::log::LogEntry;
use castore_core::time::Timestamp;
use castore_relay::RelayRole;
use castore_relay::engine::{Batch, Publisher};
use tokio::time::{Instant, sleep_until};

use super::lease::{End, HeldLease};
use super::progress::ShardProgress;
use super::runner::backfill_place;
use super::state::Changes;
use super::{OnGap, ParkedStreamAggregate};
use crate::{DynamoDbRelayError, DynamoDbStreamLog, StreamChange, StreamError, StreamReader, StreamRecord};

pub(super) struct Term<'a> {
    pub(super) publisher: &'a mut Publisher,
    pub(super) progress: ShardProgress<'a>,
}

impl<'a> Term<'a> {
    pub(super) fn new(publisher: &'a mut Publisher, progress: ShardProgress<'a>) -> Self {
        Self { publisher, progress }
    }

    pub(super) fn into_lease(self) -> HeldLease {
        self.progress.lease
    }

    pub(super) async fn run(&mut self) -> End {
        let Err(end) = self.lead().await;
        end
    }

    async fn lead(&mut self) -> Result<std::convert::Infallible, End> {
        self.progress.read_parked().await?;
        let is_backfilling = self.progress.place.backfill.is_some();
        self.progress.runner.status.update(|status| {
            status.role = RelayRole::Leader;
            status.is_backfilling = is_backfilling;
        });
        let mut reader = self.reader().await?;
        // The shards must be listed before the table is read: events that are stored from now on are then in one of
        // these shards or their children.
        while let Err(error) = self.progress.lease.during(reader.check()).await? {
            self.stream_failed(error).await?;
        }
        self.keep_cursors(&reader, Vec::new()).await?;
        self.backfill().await?;
        loop {
            self.step(&mut reader).await?;
            tokio::task::yield_now().await;
        }
    }

    /// Creates a reader that continues at the stored cursors.
    async fn reader(&mut self) -> Result<StreamReader, End> {
        loop {
            let (storage, streams) = (self.progress.runner.storage.clone(), self.progress.runner.streams.clone());
            let log = self.progress.lease.during(DynamoDbStreamLog::of_table(&storage, streams)).await?;
            match log.and_then(|log| log.reader(self.progress.place.cursors.clone())) {
                Ok(reader) => return Ok(reader),
                Err(error) => self.stream_failed(error).await?,
            }
        }
    }

    /// Handles an error of the stream. Stops if the records have no new images. If events were missed, stops or begins
    /// a backfill, depending on the option `on_gap`. After any other error, waits, because a later attempt may succeed.
    async fn stream_failed(&mut self, error: StreamError) -> Result<(), End> {
        let stops = matches!(error, StreamError::NoNewImages { .. })
            || (error.is_gap() && self.progress.runner.on_gap == OnGap::Stop);
        if stops {
            let relay = self.progress.runner.options.name.clone();
            return Err(End::Stopped(DynamoDbRelayError::Stream { relay, source: Box::new(error) }));
        }
        if !error.is_gap() {
            return self.progress.back_off(&error_chain(&error)).await;
        }
        self.progress.runner.status.report(&error_chain(&error));
        let (storage, streams) = (self.progress.runner.storage.clone(), self.progress.runner.streams.clone());
        let place = self.progress.lease.during(async move {
            let log = DynamoDbStreamLog::of_table(&storage, streams).await?;
            backfill_place(&log).await
        });
        match place.await? {
            Ok(place) => {
                self.progress.lease.commit(&Changes { place: Some(place), ..Changes::default() }).await?;
                Err(End::Again)
            }
            Err(error) => self.progress.back_off(&error_chain(&error)).await,
        }
    }

    /// Publishes the parked aggregates that are due, and the next records of the stream.
    async fn step(&mut self, reader: &mut StreamReader) -> Result<(), End> {
        if self.progress.runner.shutdown.is_sent() {
            return Err(End::Shutdown);
        }
        self.progress.lease.keep().await?;
        self.retry_parked().await?;
        let records = match self.progress.lease.during(reader.read(self.progress.runner.options.batch_size)).await? {
            Ok(records) => records,
            Err(error) => return self.stream_failed(error).await,
        };
        self.progress.clear_outage();
        let is_idle = records.is_empty();
        let (entries, mut parked) = self.classify(records).await?;
        parked.extend(self.deliver(entries).await?);
        self.keep_cursors(reader, parked).await?;
        if is_idle { self.idle().await } else { Ok(()) }
    }

    /// Separates the events to publish from the aggregates to park because of a damaged image. Counts rewrites.
    async fn classify(
        &mut self,
        records: Vec<StreamRecord>,
    ) -> Result<(Vec<LogEntry>, Vec<ParkedStreamAggregate>), End> {
        let mut entries = Vec::new();
        let mut parked: Vec<ParkedStreamAggregate> = Vec::new();
        for record in records {
            match record.change {
                StreamChange::Stored { event_store_id, event } => {
                    if let Some(event_store_id) = self.progress.ours(&event_store_id)
                        && !self.progress.is_parked(&event_store_id, &event.aggregate_id)
                        && !parked.iter().any(|parked| parked.is(&event_store_id, &event.aggregate_id))
                    {
                        entries.push(LogEntry::new(0, event_store_id, event));
                    }
                }
                StreamChange::Rewritten { event_store_id, aggregate_id, .. } => {
                    self.publisher.forget(&event_store_id, &aggregate_id);
                    let storage = self.progress.runner.storage.clone();
                    while let Err(error) =
                        self.progress.lease.during(storage.note_rewrite(&event_store_id, &aggregate_id)).await?
                    {
                        self.progress.back_off(&error_chain(&error)).await?;
                    }
                }
                StreamChange::Unreadable { place: Some((event_store_id, aggregate_id, version)), error } => {
                    if let Some(event_store_id) = self.progress.ours(&event_store_id)
                        && !self.progress.is_parked(&event_store_id, &aggregate_id)
                        && !parked.iter().any(|parked| parked.is(&event_store_id, &aggregate_id))
                    {
                        let earlier = |entry: &LogEntry| {
                            *entry.event_store_id == *event_store_id && entry.event.aggregate_id == aggregate_id
                        };
                        // The earlier events of the aggregate in this page are parked, too.
                        let first =
                            entries.iter().filter(|entry| earlier(entry)).map(|entry| entry.event.version).min();
                        entries.retain(|entry| !earlier(entry));
                        let version = first.map_or(version, |first| first.min(version));
                        parked.push(self.progress.park(&event_store_id, &aggregate_id, version, error_chain(&error)));
                    }
                }
                StreamChange::Unreadable { place: None, error } => {
                    tracing::debug!(
                        relay = self.progress.runner.options.name,
                        error = error_chain(&error),
                        "skipped a stream image that is not of an event"
                    );
                }
            }
        }
        Ok((entries, parked))
    }

    /// Publishes events, and waits for the end of outages. Returns the aggregates to park.
    pub(super) async fn deliver(&mut self, entries: Vec<LogEntry>) -> Result<Vec<ParkedStreamAggregate>, End> {
        let mut batch = Batch::new(entries, |_| false);
        self.progress.runner.status.begin_batch(&batch);
        let delivered = self.publisher.deliver(&mut batch, &mut self.progress).await;
        self.progress.runner.status.end_batch(&batch);
        delivered?;
        self.progress.clear_outage();
        Ok(self.progress.parked_by(&batch))
    }

    /// Stores the cursors of the reader and parks aggregates, if there is any change.
    async fn keep_cursors(&mut self, reader: &StreamReader, parked: Vec<ParkedStreamAggregate>) -> Result<(), End> {
        if parked.is_empty() && *reader.cursors() == self.progress.place.cursors {
            return Ok(());
        }
        self.progress.place.cursors = reader.cursors().clone();
        self.progress.keep_place(parked, Vec::new()).await
    }

    /// Waits until there may be something to publish.
    async fn idle(&mut self) -> Result<(), End> {
        let mut wait = self.progress.runner.options.poll_interval;
        if !self.progress.parked.is_empty() {
            let now = Timestamp::now().unix_millis();
            let due = self
                .progress
                .parked
                .iter()
                .map(|parked| parked.next_attempt_at.unix_millis().saturating_sub(now))
                .min();
            let due = due.map_or(wait, |due| Duration::from_millis(u64::try_from(due).unwrap_or(0).max(5)));
            wait = wait.min(due);
        }
        let until = (Instant::now() + wait).min(self.progress.lease.heartbeat_at);
        let runner = &mut *self.progress.runner;
        tokio::select! {
            () = runner.shutdown.sent() => {}
            () = runner.parked_changes.announced() => {}
            Ok(()) = runner.wake_ups.changed() => {}
            () = sleep_until(until) => {}
        }
        Ok(())
    }
}
