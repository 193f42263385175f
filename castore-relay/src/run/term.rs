use std::pin::pin;
use std::time::Duration;

use castore_core::error::error_chain;
use castore_core::log::{CheckpointEvent, LogPage, LogQuery};
use castore_core::relay::{ParkedAggregate, RelayCheckpoint};
use castore_core::storage::StorageError;
use tokio::time::{Instant, sleep_until, timeout};

use super::end::End;
use super::identity::LogPosition;
use super::progress::LeaseProgress;
use super::runner::{Runner, Taken, check};
use crate::engine::{Batch, Publisher};
use crate::{RelayError, RelayRole};

/// After this number of positions without events, the position is stored without waiting for the next heartbeat, if the
/// checkpoint is in the database of the log. After a crash, at most this number of positions is read again.
const MAX_UNSTORED_SCAN: u64 = 10_000;

/// The base of the delay before a log that waits for a writer is read again. The delay is twice the base after the
/// first such read, and doubles after each further read, up to the poll interval.
const BLOCKED_POLL: Duration = Duration::from_millis(5);

/// A term of a relay: the time for which it holds one lease.
pub(super) struct Term<'a> {
    pub(super) publisher: &'a mut Publisher,
    pub(super) progress: LeaseProgress<'a>,
    /// The number of consecutive reads in which the log waited for a writer.
    blocked: u32,
    /// The next page, if it was read while the last one was published.
    ahead: Option<Ahead>,
}

/// The last position of the log, whether the checkpoint is in the database of the log, the parked aggregates, and the
/// event of the checkpoint.
type Checked = (u64, bool, Vec<ParkedAggregate>, Option<CheckpointEvent>);

/// A page that was read ahead.
struct Ahead {
    after: u64,
    page: LogPage,
    read_at: Instant,
    /// The last event of the previous page, if that event was still in the log after this page was read. If the same
    /// event is the event of the checkpoint when this page is published, the page belongs to the same log, and no
    /// second check is necessary.
    ///
    /// `None` if the check failed: [`Term::step`] then repeats the check and reports the reason.
    verified: Option<CheckpointEvent>,
}

/// The maximum age of a page that was read ahead. An older page may contain events that have been replaced since then.
const KEEP_AHEAD: Duration = Duration::from_secs(1);

impl<'a> Term<'a> {
    pub(super) async fn begin(
        runner: &'a mut Runner,
        publisher: &'a mut Publisher,
        taken: Taken,
    ) -> Result<Term<'a>, End> {
        publisher.reset();
        let checkpoint = taken.checkpoint.clone();
        let progress = LeaseProgress::new(runner, taken);
        let mut term = Self { publisher, progress, blocked: 0, ahead: None };
        loop {
            match term.check(&checkpoint).await {
                Ok((last, is_kept_with_log, parked, event)) => {
                    let progress = &mut term.progress;
                    progress.event = event;
                    progress.is_kept_with_log = is_kept_with_log;
                    progress.parked.replace(parked);
                    progress.reset_backoff();
                    let parked = progress.parked.count();
                    progress.runner.status.update(|status| {
                        status.role = RelayRole::Leader;
                        status.log_end = Some(last);
                        status.parked = parked;
                    });
                    progress.update_position();
                    return Ok(term);
                }
                Err(error @ RelayError::Storage { .. }) => term.progress.back_off(&error_chain(&error), None).await?,
                Err(error) => return Err(End::Stopped(error)),
            }
        }
    }

    /// Checks that the checkpoint belongs to the log, and reads the values that are required before the first publish.
    /// These values are the end of the log, whether the checkpoint is in the database of the log, the parked
    /// aggregates, and the event of the checkpoint.
    async fn check(&self, checkpoint: &RelayCheckpoint) -> Result<Checked, RelayError> {
        let Runner { log, state, options, .. } = &*self.progress.runner;
        let failed = |error| RelayError::storage(&options.name)(error);
        let log_id = log.log_id().await.map_err(failed)?;
        let last = check(&options.name, &**log, &log_id, checkpoint).await?;
        let is_kept_with_log = state.shares_database_with(&log_id).await.map_err(failed)?;
        let parked = state.parked(&options.name).await.map_err(failed)?;
        let event = match &checkpoint.event {
            Some(event) => Some(event.clone()),
            // A checkpoint that was stored without an event cannot be compared with the log, and is accepted once.
            None => CheckpointEvent::read(&**log, checkpoint.position).await.map_err(failed)?,
        };
        Ok((last, is_kept_with_log, parked, event))
    }

    pub(super) async fn run(&mut self) -> End {
        loop {
            if let Err(end) = self.step().await {
                let safe = self.progress.safe_position();
                if matches!(end, End::Shutdown) && safe > self.progress.committed {
                    // Storing the position here only avoids reading this part of the log again.
                    let _ = self.progress.commit(safe, Vec::new(), Vec::new()).await;
                }
                return end;
            }
            // If the storage is in memory, this is the only await that yields to the runtime.
            tokio::task::yield_now().await;
        }
    }

    /// Publishes the events of the parked aggregates that are due, and one page of the log.
    async fn step(&mut self) -> Result<(), End> {
        if self.progress.runner.shutdown.is_sent() {
            return Err(End::Shutdown);
        }
        self.progress.keep_lease(None).await?;
        self.retry_parked().await?;
        let options = &self.progress.runner.options;
        let query = LogQuery::new(self.progress.runner.filter.clone(), options.batch_size);
        let after = self.read_from();
        let ahead = self.ahead.take().filter(|ahead| ahead.after == after && ahead.read_at.elapsed() < KEEP_AHEAD);
        let (read, verified) = match ahead {
            Some(ahead) => (Ok(ahead.page), ahead.verified),
            None => (self.read(after, &query).await?, None),
        };
        // This check must follow the read: if the log was replaced before the read, the page must not be published.
        let read = match read {
            Ok(page) if verified.is_some() && verified == self.progress.event => Ok(page),
            Ok(page) => self.check_log().await?.map(|()| page),
            Err(error) => Err(error),
        };
        let page = match read {
            Ok(page) => page,
            Err(error) => {
                // A crash of the database may have rolled back positions at the end of the log that had no events.
                self.progress.scanned = self.progress.committed;
                return self.progress.back_off(&error_chain(&error), None).await;
            }
        };
        self.publisher.set_rewrite_count(page.rewrites);
        self.progress.rewrites = page.rewrites;
        self.update_log_end(&page);
        let (more, is_blocked) = (page.more, page.blocked_by.is_some());
        if page.events.is_empty() {
            self.skip_to(page.scanned_to, more).await?;
        } else if more {
            self.deliver_and_read_ahead(page, &query).await?;
        } else {
            self.deliver(page).await?;
        }
        if more { Ok(()) } else { self.idle(is_blocked).await }
    }

    /// Publishes a page of the log, and stores the checkpoint after it.
    async fn deliver(&mut self, page: LogPage) -> Result<(), End> {
        let last = page.events.last().map_or(self.progress.committed, |event| event.position);
        let mut batch = Batch::new(page.events, |entry| self.progress.parked.has(entry));
        self.progress.runner.status.begin_batch(&batch);
        let delivered = self.publisher.deliver(&mut batch, &mut self.progress).await;
        self.progress.runner.status.end_batch(&batch);
        delivered?;
        self.progress.finish(&batch, last, page.scanned_to).await
    }

    /// Publishes a page of the log. Meanwhile, reads the next page, and then verifies that the log still has the last
    /// event of this page. That event becomes the event of the checkpoint when the whole page is published.
    async fn deliver_and_read_ahead(&mut self, page: LogPage, query: &LogQuery) -> Result<(), End> {
        let (log, after) = (self.progress.runner.log.clone(), page.scanned_to);
        let (relay, log_id) = (self.progress.runner.options.name.clone(), self.progress.log_id.clone());
        let last = page.events.last().map(|last| CheckpointEvent::new(last, page.rewrites));
        let read_ahead = timeout(KEEP_AHEAD * 10, async {
            let read_at = Instant::now();
            let page = log.read_after(after, query).await.ok()?;
            let expected = LogPosition { log_id: &log_id, position: after, event: last.as_ref() };
            let verified = expected.check(&relay, &*log).await.ok().and(last.clone());
            Some(Ahead { after, page, read_at, verified })
        });
        let read_ahead = async { read_ahead.await.ok().flatten() };
        let mut read_ahead = pin!(read_ahead);
        let ahead = {
            let mut deliver = pin!(self.deliver(page));
            // Neither future is dropped before it completes: the slower one is awaited after the other.
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
            None => self.progress.keeping_lease(read_ahead).await?,
        };
        Ok(())
    }

    /// Moves the position past a part of the log that has no events of this relay's stores.
    async fn skip_to(&mut self, scanned_to: u64, more: bool) -> Result<(), End> {
        let progress = &mut self.progress;
        progress.scanned = progress.scanned.max(scanned_to);
        let (safe, committed) = (progress.safe_position(), progress.committed);
        if safe > committed && (more || safe - committed > MAX_UNSTORED_SCAN) {
            progress.commit(safe, Vec::new(), Vec::new()).await?;
        }
        progress.update_position();
        Ok(())
    }

    /// Returns the position after which the log is read next.
    ///
    /// If the checkpoint is in the database of the log, this position is the checkpoint. A crash of the database may
    /// roll back positions that have no event yet, but no positions up to the checkpoint.
    fn read_from(&self) -> u64 {
        if self.progress.is_kept_with_log { self.progress.committed } else { self.progress.scanned }
    }

    /// Reads the log, and extends the lease meanwhile.
    pub(super) async fn read(&mut self, position: u64, query: &LogQuery) -> Result<Result<LogPage, StorageError>, End> {
        let runner = &self.progress.runner;
        let (log, longest) = (runner.log.clone(), runner.options.lease);
        // The timeout ensures that a connection that hangs does not hold the lease forever.
        let read = pin!(async {
            let read = timeout(longest, log.read_after(position, query)).await;
            read.unwrap_or_else(|_| Err(StorageError::engine("the event log did not respond in time")))
        });
        self.progress.keeping_lease(read).await
    }

    /// Checks that the checkpoint still belongs to the log, and extends the lease meanwhile.
    ///
    /// # Errors
    /// `Err` if the term must end, and `Ok(Err(_))` if the log could not be read.
    pub(super) async fn check_log(&mut self) -> Result<Result<(), StorageError>, End> {
        let (log, longest) = (self.progress.runner.log.clone(), self.progress.runner.options.lease);
        let relay = self.progress.runner.options.name.clone();
        let (log_id, event) = (self.progress.log_id.clone(), self.progress.event.clone());
        let position = self.progress.committed;
        let checked = pin!(async {
            let expected = LogPosition { log_id: &log_id, position, event: event.as_ref() };
            timeout(longest, expected.check(&relay, &*log)).await
        });
        match self.progress.keeping_lease(checked).await? {
            Ok(Ok(())) => Ok(Ok(())),
            Ok(Err(RelayError::Storage { source, .. })) => Ok(Err(source)),
            Ok(Err(error)) => Err(End::Stopped(error)),
            Err(_) => Ok(Err(StorageError::engine("the event log did not respond in time"))),
        }
    }

    /// Waits until there may be something to publish.
    async fn idle(&mut self, is_blocked: bool) -> Result<(), End> {
        self.progress.clear_outage();
        self.blocked = if is_blocked { self.blocked.saturating_add(1) } else { 0 };
        let mut wait = self.progress.runner.options.poll_interval;
        if is_blocked {
            wait = wait.min(BLOCKED_POLL.saturating_mul(2_u32.saturating_pow(self.blocked.min(20))));
        }
        if let Some(due) = self.progress.parked.next_due_in() {
            wait = wait.min(due.max(BLOCKED_POLL));
        }
        let until = (Instant::now() + wait).min(self.progress.heartbeat_at);
        let runner = &mut *self.progress.runner;
        tokio::select! {
            () = runner.shutdown.sent() => {}
            () = runner.parked_changes.announced() => {}
            () = runner.log_wake_ups.next() => {}
            Ok(()) = runner.channel_wake_ups.changed() => {}
            () = sleep_until(until) => {}
        }
        Ok(())
    }

    fn update_log_end(&self, page: &LogPage) {
        let last = page.events.last().map_or(page.scanned_to, |event| event.position.max(page.scanned_to));
        self.progress.runner.status.update(|status| {
            status.log_end = status.log_end.max(Some(last));
            status.blocked_by.clone_from(&page.blocked_by);
        });
    }
}
