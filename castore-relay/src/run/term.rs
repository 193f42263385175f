use std::pin::pin;
use std::time::Duration;

use castore_runtime::log::{LogPage, LogQuery};
use castore_runtime::relay::{Lease, ParkedAggregate, RelayCheckpoint};
use castore_runtime::storage::StorageError;
use tokio::time::{Instant, sleep_until, timeout};

use super::backoff::Backoff;
use super::call_size::CallSize;
use super::parked::Parked;
use super::runner::{Runner, Taken, check};
use crate::{RelayError, RelayRole};

/// How far the position moves without events before it is kept ahead of the next heartbeat: so much is read again
/// after a crash.
const MOVED_FAR: u64 = 10_000;

/// How soon to look again at a log that waits for a writer; longer each time, up to the poll interval.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// Why a term ends.
pub(super) enum End {
    /// The relay is to end.
    Shutdown,
    /// Another has the lease, or may have it.
    Lost(&'static str),
    /// The relay cannot go on.
    Stopped(RelayError),
    /// Code of others panicked where nobody expects it.
    Panicked(String),
}

/// The time for which a lease is held.
pub(super) struct Term<'a> {
    pub(super) runner: &'a mut Runner,
    pub(super) lease: Lease,
    /// Until when the lease is ours by our own clock, which was read before it was asked for.
    pub(super) valid_until: Instant,
    pub(super) heartbeat_at: Instant,
    /// The checkpoint that is kept.
    pub(super) committed: u64,
    /// Everything up to here is published or parked; beyond the checkpoint there are no events of ours.
    scanned: u64,
    /// Whether the checkpoint is in the database of the log.
    is_kept_with_log: bool,
    pub(super) parked: Parked,
    pub(super) backoff: Backoff,
    pub(super) call_size: CallSize,
    blocked: u32,
    /// The page after the last one, if it was read while that was published.
    ahead: Option<Ahead>,
}

/// A page that was read ahead.
struct Ahead {
    after: u64,
    page: LogPage,
    read_at: Instant,
}

/// How long a page that was read ahead is of use: what is stored anew meanwhile is published as it was.
const KEEP_AHEAD: Duration = Duration::from_secs(1);

impl<'a> Term<'a> {
    pub(super) async fn begin(runner: &'a mut Runner, taken: Taken) -> Result<Term<'a>, End> {
        let Taken { lease, checkpoint, asked_at } = taken;
        runner.outbox.reset();
        let (valid_until, heartbeat_at) = (asked_at + runner.options.lease, asked_at + runner.options.lease / 3);
        let position = checkpoint.position;
        let backoff = Backoff::new(runner.options.outage_backoff);
        let call_size = CallSize::new(runner.options.batch_size);
        let mut term = Self {
            runner,
            lease,
            valid_until,
            heartbeat_at,
            committed: position,
            scanned: position,
            is_kept_with_log: false,
            parked: Parked::new(),
            backoff,
            call_size,
            blocked: 0,
            ahead: None,
        };
        loop {
            match term.look(&checkpoint).await {
                Ok((last, is_kept_with_log, parked)) => {
                    term.is_kept_with_log = is_kept_with_log;
                    term.parked.replace(parked);
                    term.backoff = Backoff::new(term.runner.options.outage_backoff);
                    let parked = term.parked.count();
                    term.runner.update(|status| {
                        status.role = RelayRole::Leader;
                        status.log_end = Some(last);
                        status.parked = parked;
                    });
                    term.tell_position();
                    return Ok(term);
                }
                Err(error @ RelayError::Storage { .. }) => term.outage(&error.to_string(), None).await?,
                Err(error) => return Err(End::Stopped(error)),
            }
        }
    }

    /// What must be known before anything is published.
    async fn look(&self, checkpoint: &RelayCheckpoint) -> Result<(u64, bool, Vec<ParkedAggregate>), RelayError> {
        let Runner { log, state, options, .. } = &*self.runner;
        let failed = |error| RelayError::storage(&options.name)(error);
        let log_id = log.log_id().await.map_err(failed)?;
        let last = check(&options.name, &**log, &log_id, checkpoint).await?;
        let is_kept_with_log = state.is_kept_with(&log_id).await.map_err(failed)?;
        let parked = state.parked(&options.name).await.map_err(failed)?;
        Ok((last, is_kept_with_log, parked))
    }

    pub(super) async fn run(&mut self) -> End {
        loop {
            if let Err(end) = self.step().await {
                if matches!(end, End::Shutdown) && self.safe() > self.committed {
                    // Only saves looking at it again.
                    let _ = self.commit(self.safe(), Vec::new(), Vec::new()).await;
                }
                return end;
            }
            // Storages in memory never wait.
            tokio::task::yield_now().await;
        }
    }

    /// Parked aggregates that are due, and one batch.
    async fn step(&mut self) -> Result<(), End> {
        if self.runner.signals.is_shut_down() {
            return Err(End::Shutdown);
        }
        self.keep_lease(None).await?;
        self.retry_parked().await?;
        let query = LogQuery::new(self.runner.filter.clone(), self.runner.options.batch_size);
        let ahead =
            self.ahead.take().filter(|ahead| ahead.after == self.read_from() && ahead.read_at.elapsed() < KEEP_AHEAD);
        let read = match ahead {
            Some(ahead) => Ok(ahead.page),
            None => self.read(self.read_from(), &query).await?,
        };
        let page = match read {
            Ok(page) => page,
            Err(error) => {
                // The end of the log may have been taken back with a crash, where it had no events.
                self.scanned = self.committed;
                return self.outage(&error.to_string(), None).await;
            }
        };
        self.runner.outbox.rewritten(page.rewrites);
        self.tell_page(&page);
        let (more, is_blocked) = (page.more, page.blocked_by.is_some());
        if page.events.is_empty() {
            self.scanned = self.scanned.max(page.scanned_to);
            if self.safe() > self.committed && (more || self.safe() - self.committed > MOVED_FAR) {
                self.commit(self.safe(), Vec::new(), Vec::new()).await?;
            }
            self.tell_position();
        } else if more {
            let (log, after) = (self.runner.log.clone(), page.scanned_to);
            let read_ahead = async {
                let read_at = Instant::now();
                let read = timeout(KEEP_AHEAD * 10, log.read_after(after, &query)).await;
                read.ok().and_then(Result::ok).map(|page| Ahead { after, page, read_at })
            };
            let mut read_ahead = pin!(read_ahead);
            let ahead = {
                let mut deliver = pin!(self.deliver(page));
                tokio::select! {
                    biased;
                    delivered = &mut deliver => {
                        delivered?;
                        None
                    }
                    ahead = &mut read_ahead => {
                        deliver.await?;
                        Some(ahead)
                    }
                }
            };
            self.ahead = match ahead {
                Some(ahead) => ahead,
                None => self.keeping_lease(read_ahead).await?,
            };
        } else {
            self.deliver(page).await?;
        }
        if more { Ok(()) } else { self.idle(is_blocked).await }
    }

    /// Where to read on. Beyond the checkpoint only if that cannot be kept: what has no event yet may be taken back by
    /// a crash of the database, but not once it is written there.
    fn read_from(&self) -> u64 {
        if self.is_kept_with_log { self.committed } else { self.scanned }
    }

    /// What can be kept as the checkpoint.
    pub(super) fn safe(&self) -> u64 {
        if self.is_kept_with_log { self.scanned } else { self.committed }
    }

    pub(super) fn scanned(&self) -> u64 {
        self.scanned
    }

    pub(super) fn committed(&self) -> u64 {
        self.committed
    }

    /// A batch is done, up to that position of the log.
    pub(super) async fn finish(&mut self, last: u64, scanned_to: u64, parked: Vec<ParkedAggregate>) -> Result<(), End> {
        let position = if self.is_kept_with_log { scanned_to } else { last };
        self.commit(position, parked.clone(), Vec::new()).await?;
        parked.into_iter().for_each(|aggregate| self.parked.put(aggregate));
        self.scanned = scanned_to.max(self.committed);
        self.healed();
        self.tell_position();
        Ok(())
    }

    /// Reads the log, and keeps the lease meanwhile.
    pub(super) async fn read(&mut self, position: u64, query: &LogQuery) -> Result<Result<LogPage, StorageError>, End> {
        let (log, patience) = (self.runner.log.clone(), self.runner.options.lease);
        // A connection that hangs must not hold the lease for ever.
        let read = pin!(async {
            let read = timeout(patience, log.read_after(position, query)).await;
            read.unwrap_or_else(|_| Err(StorageError::engine("the event log did not answer in time")))
        });
        self.keeping_lease(read).await
    }

    /// What was tried worked.
    fn healed(&mut self) {
        self.backoff = Backoff::new(self.runner.options.outage_backoff);
        if self.runner.status().outage.is_some() {
            self.runner.update(|status| status.outage = None);
        }
    }

    /// Waits until there may be something to do.
    async fn idle(&mut self, is_blocked: bool) -> Result<(), End> {
        self.healed();
        self.blocked = if is_blocked { self.blocked.saturating_add(1) } else { 0 };
        let mut wait = self.runner.options.poll_interval;
        if is_blocked {
            wait = wait.min(LOOK_AGAIN.saturating_mul(2_u32.saturating_pow(self.blocked.min(20))));
        }
        if let Some(due) = self.parked.next_due_in() {
            wait = wait.min(due.max(LOOK_AGAIN));
        }
        let until = (Instant::now() + wait).min(self.heartbeat_at);
        let runner = &mut *self.runner;
        tokio::select! {
            () = runner.signals.shutdown() => {}
            () = runner.signals.woken() => {}
            () = runner.log_wake_ups.next() => {}
            Ok(()) = runner.channel_wake_ups.changed() => {}
            () = sleep_until(until) => {}
        }
        Ok(())
    }

    /// Where the log ends, for those who look at the status; and whether it was taken back.
    pub(super) async fn look_at_end(&mut self) -> Result<(), End> {
        let end = timeout(self.runner.options.publish_timeout, self.runner.log.end()).await;
        match end.unwrap_or_else(|_| Err(StorageError::engine("the event log did not answer in time"))) {
            Ok(end) if end.last < self.scanned => Err(End::Stopped(RelayError::LogTakenBack {
                relay: self.runner.options.name.clone(),
                position: self.scanned,
                last: end.last,
            })),
            Ok(end) => {
                self.runner.update(|status| status.log_end = Some(end.last));
                Ok(())
            }
            // Reading it says so again.
            Err(_) => Ok(()),
        }
    }

    fn tell_page(&self, page: &LogPage) {
        let last = page.events.last().map_or(page.scanned_to, |event| event.position.max(page.scanned_to));
        self.runner.update(|status| {
            status.log_end = status.log_end.max(Some(last));
            status.blocked_by.clone_from(&page.blocked_by);
        });
    }

    pub(super) fn tell_position(&self) {
        let (position, checkpoint, parked) = (self.scanned, self.committed, self.parked.count());
        self.runner.update(|status| {
            status.position = Some(position);
            status.checkpoint = Some(checkpoint);
            status.parked = parked;
        });
    }
}
