use castore_core::log::{CheckpointEvent, LogId};
use castore_core::relay::{Lease, ParkedAggregate};
use tokio::time::{Instant, sleep_until};

use super::end::End;
use super::parked::Parked;
use super::runner::{Runner, Taken};
use crate::engine::{Backoff, Batch, Outage, Progress, Rejection, delay};

/// The progress of a relay that holds its lease: the checkpoint, the lease and the parked aggregates.
///
/// All three are written in one transaction of the storage, which succeeds only while the token of the lease is valid.
/// The writes are lazy: after a batch, with the heartbeat, or when the lease is too short for the next call.
pub(super) struct LeaseProgress<'a> {
    pub(super) runner: &'a mut Runner,
    pub(super) lease: Lease,
    /// The end of the lease according to the local clock, counted from the time of the request. The lease in the
    /// storage does not end earlier.
    pub(super) valid_until: Instant,
    pub(super) heartbeat_at: Instant,
    /// The log of the checkpoint.
    pub(super) log_id: LogId,
    /// The last event that is published or parked. The event identifies the log, and is stored with the checkpoint.
    pub(super) event: Option<CheckpointEvent>,
    /// The rewrite count of the page that is being published.
    pub(super) rewrites: u64,
    /// The stored checkpoint.
    pub(super) committed: u64,
    /// The position up to which every event is published or parked. Between the checkpoint and this position, the log
    /// contains no events of this relay's stores.
    pub(super) scanned: u64,
    /// Whether the checkpoint and the log are in the same database.
    pub(super) is_kept_with_log: bool,
    pub(super) parked: Parked,
    backoff: Backoff,
}

impl<'a> LeaseProgress<'a> {
    pub(super) fn new(runner: &'a mut Runner, taken: Taken) -> Self {
        let Taken { lease, checkpoint, asked_at } = taken;
        let lasts = runner.options.lease;
        let backoff = Backoff::new(runner.options.outage_backoff);
        Self {
            runner,
            lease,
            valid_until: asked_at + lasts,
            heartbeat_at: asked_at + lasts / 3,
            log_id: checkpoint.log_id,
            event: checkpoint.event,
            rewrites: 0,
            committed: checkpoint.position,
            scanned: checkpoint.position,
            is_kept_with_log: false,
            parked: Parked::new(),
            backoff,
        }
    }

    /// Returns the position that may be stored as the checkpoint.
    ///
    /// A position without an event may be stored only in the database of the log, because a crash of that database
    /// rolls back the log and the stored position together. In another database, the stored position could be beyond
    /// the end of the log after the crash.
    pub(super) fn safe_position(&self) -> u64 {
        if self.is_kept_with_log { self.scanned } else { self.committed }
    }

    /// Returns the position up to which every event of a batch is published or parked. This is always the position of
    /// an event that was read, or the checkpoint.
    pub(super) fn position_in(&self, batch: &Batch) -> u64 {
        batch.last_done().map_or(self.committed, |entry| entry.position.max(self.committed))
    }

    /// Records the last event of a batch that is published or parked.
    pub(super) fn note_done(&mut self, batch: &Batch) {
        if let Some(entry) = batch.last_done().filter(|_| !batch.is_retry()) {
            self.event = Some(CheckpointEvent::new(entry, self.rewrites));
        }
    }

    /// Returns the aggregates that must be parked because of the rejections of a batch.
    pub(super) fn parked_by(&self, batch: &Batch) -> Vec<ParkedAggregate> {
        batch.rejections().iter().map(|rejection| self.parked_for(rejection)).collect()
    }

    pub(super) fn parked_for(&self, rejection: &Rejection) -> ParkedAggregate {
        ParkedAggregate {
            event_store_id: rejection.event_store_id.clone(),
            aggregate_id: rejection.aggregate_id.clone(),
            next_position: rejection.position,
            version: rejection.version,
            attempts: 1,
            error: rejection.error.clone(),
            next_attempt_in: delay(self.runner.options.parked_backoff, 1),
            dropped: false,
        }
    }

    /// Stores the progress after a finished batch. `last` is the position of the batch's last event, and `scanned_to`
    /// is the position up to which the log was read.
    pub(super) async fn finish(&mut self, batch: &Batch, last: u64, scanned_to: u64) -> Result<(), End> {
        let position = if self.is_kept_with_log { scanned_to } else { last };
        let parked = self.parked_by(batch);
        self.note_done(batch);
        self.commit(position, parked.clone(), Vec::new()).await?;
        parked.into_iter().for_each(|aggregate| self.parked.put(aggregate));
        self.scanned = scanned_to.max(self.committed);
        self.clear_outage();
        self.update_position();
        Ok(())
    }

    /// Waits after a failure, with a growing backoff, and extends the lease meanwhile.
    pub(super) async fn back_off(&mut self, error: &str, batch: Option<&Batch>) -> Result<(), End> {
        self.runner.status.begin_outage(error);
        let until = Instant::now() + self.backoff.next_delay();
        loop {
            self.keep_lease(batch).await?;
            let step = until.min(self.heartbeat_at);
            tokio::select! {
                () = self.runner.shutdown.sent() => return Err(End::Shutdown),
                () = sleep_until(step) => {}
            }
            if Instant::now() >= until {
                return Ok(());
            }
        }
    }

    pub(super) fn reset_backoff(&mut self) {
        self.backoff.reset();
    }

    /// Clears the outage after a success.
    pub(super) fn clear_outage(&mut self) {
        self.reset_backoff();
        self.runner.status.clear_outage();
    }

    /// Updates the position in the status.
    pub(super) fn update_position(&self) {
        let (position, checkpoint, parked) = (self.scanned, self.committed, self.parked.count());
        self.runner.status.update(|status| {
            status.position = Some(position);
            status.event.clone_from(&self.event);
            status.checkpoint = Some(checkpoint);
            status.parked = parked;
        });
    }
}

impl Progress for LeaseProgress<'_> {
    type End = End;

    async fn before_call(&mut self, batch: &Batch) -> Result<(), End> {
        self.keep_lease(Some(batch)).await
    }

    fn rejected(&mut self, rejection: &Rejection) {
        self.runner.status.rejected(rejection);
    }

    fn report(&mut self, error: &str) {
        self.runner.status.report(error);
    }

    async fn outage(&mut self, outage: &Outage, batch: &Batch) -> Result<(), End> {
        let waited = self.back_off(&outage.error, Some(batch)).await;
        if matches!(waited, Err(End::Shutdown)) {
            // The next holder of the lease continues after the events that are published.
            self.note_done(batch);
            self.commit(self.position_in(batch), self.parked_by(batch), Vec::new()).await?;
        }
        waited
    }
}
