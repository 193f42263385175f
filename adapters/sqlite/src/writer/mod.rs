//! The one place that writes: pushes wait in a queue, and whoever has the connection stores all that wait in one
//! transaction.

mod batch;
mod insert;
mod job;
mod queue;
mod task;
#[cfg(test)]
mod tests;
mod thread;
mod wal;

use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering, fence};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

use castore_core::storage::{PushReceipt, StorageError};
use rusqlite::Connection;
use tokio::sync::watch;
use tokio::task::yield_now;

use self::job::{Job, Weight};
use self::queue::Queue;
use self::task::Task;
use self::wal::Wal;
use crate::patience;
use crate::turns::Turns;

pub(crate) use self::job::Write;
pub(crate) use self::thread::run;

/// What is stored on the spot at most: it keeps the caller's thread for some 50 microseconds.
const ON_THE_SPOT: Weight = Weight { events: 2, bytes: 16 * 1024 };

/// The greatest transaction, unless a single group is greater: it bounds how long callers wait for each other.
const TOGETHER: Weight = Weight { events: 1024, bytes: 16 << 20 };

/// Stores events, for any number of callers.
///
/// Without flushes, waking another thread and being woken takes longer than the push itself. So a caller that is alone
/// then stores on the spot; it never waits there, neither for the disk nor for a lock. All other pushes, checkpoints
/// included, are left to the writer's thread.
///
/// Whoever gives the connection back looks whether somebody has queued meanwhile.
#[derive(Debug)]
pub(crate) struct Writer {
    /// `None` after the end.
    connection: Mutex<Option<Held>>,
    /// How many threads wait for the connection. The lock is not fair, and callers that come on the spot one after
    /// the other would keep them out.
    waiting: AtomicUsize,
    queue: Queue,
    busy_timeout: Duration,
    on_the_spot: bool,
    /// How many pushes in a row were alone.
    alone: AtomicU32,
    /// Set after each commit that stored events.
    commits: watch::Sender<u64>,
    turns: Arc<Turns>,
}

#[derive(Debug)]
struct Held {
    connection: Connection,
    wal: Wal,
    turns: Arc<Turns>,
    /// For how many more transactions to leave the file free after each, for a writer of another handle or process.
    courteous: u32,
}

impl Writer {
    /// `on_the_spot` if commits do not flush.
    pub(crate) fn new(connection: Connection, busy_timeout: Duration, on_the_spot: bool) -> Self {
        let wal = Wal::of(&connection);
        if let Err(error) = patience::give(&connection) {
            // It only fails for a connection that is misused.
            tracing::error!(%error, "cannot set the busy handler");
        }
        let turns = Arc::new(Turns::default());
        Self {
            connection: Mutex::new(Some(Held { connection, wal, turns: Arc::clone(&turns), courteous: 0 })),
            waiting: AtomicUsize::new(0),
            queue: Queue::new(),
            busy_timeout,
            on_the_spot,
            alone: AtomicU32::new(0),
            commits: watch::Sender::new(0),
            turns,
        }
    }

    /// Stores all of the writes or none. PushReceipt as a whole or not at all also if the future is dropped.
    pub(crate) async fn write(&self, writes: Vec<Write>, force: bool) -> Result<Vec<PushReceipt>, StorageError> {
        if let Some(write) = writes.iter().find(|write| i64::try_from(write.event.version).is_err()) {
            return Err(insert::version_too_great(write.event.version));
        }
        let slot = self.queue.reserve().await?;
        let (job, answer) = Job::new(writes, force, slot);
        let wake = !(self.on_the_spot && job.weight().within(ON_THE_SPOT));
        self.queue.put(job, wake)?;
        if !wake {
            if self.may_have_company() {
                // Other tasks that are ready to push do so now, and share the transaction.
                let deserted = Deserted(&self.queue);
                yield_now().await;
                std::mem::forget(deserted);
            }
            self.store_on_the_spot();
        }
        match answer.await {
            Ok(result) => result,
            Err(_) => Err(StorageError::UnknownOutcome("the writer ended unexpectedly".into())),
        }
    }

    /// Does something else than storing events in a transaction of its own, on the writer's thread. Done as a whole or
    /// not at all also if the future is dropped.
    pub(crate) async fn transact<T: Send + 'static>(
        &self,
        act: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StorageError> {
        let slot = self.queue.reserve().await?;
        let (task, answer) = Task::new(act, slot);
        self.queue.put_task(task)?;
        match answer.await {
            Ok(result) => result,
            Err(_) => Err(StorageError::UnknownOutcome("the writer ended unexpectedly".into())),
        }
    }

    /// Changes after each commit that stored events.
    pub(crate) fn commits(&self) -> watch::Receiver<u64> {
        self.commits.subscribe()
    }

    /// For connections of others to the same file.
    pub(crate) fn turns(&self) -> &Arc<Turns> {
        &self.turns
    }

    fn wake_readers_of_the_log(&self, stored: bool) {
        if stored && self.commits.receiver_count() > 0 {
            self.commits.send_modify(|commits| *commits = commits.wrapping_add(1));
        }
    }

    /// Callers that were alone several times need not look around each time. Now and then they must, also to let
    /// other tasks run.
    fn may_have_company(&self) -> bool {
        let alone = self.alone.load(Ordering::Relaxed);
        alone < 8 || alone.is_multiple_of(4)
    }

    fn store_on_the_spot(&self) {
        if self.queue.is_empty() {
            return;
        }
        if self.waiting.load(Ordering::Relaxed) > 0 {
            self.queue.wake_for_jobs();
            return;
        }
        if !self.queue.weight().within(ON_THE_SPOT) {
            self.alone.store(0, Ordering::Relaxed);
            self.queue.wake_for_jobs();
            return;
        }
        // With the one in `wake_for_jobs`: if we find the connection taken, then whoever has it finds our job.
        fence(Ordering::SeqCst);
        let mut guard = match self.connection.try_lock() {
            Ok(guard) => guard,
            Err(TryLockError::Poisoned(guard)) => guard.into_inner(),
            // Whoever has it will see to what is in the queue.
            Err(TryLockError::WouldBlock) => return,
        };
        let Some(held) = guard.as_mut() else { return };
        // The thread pauses between transactions; a caller must not.
        let turn = if held.courteous > 0 { None } else { self.turns.try_take() };
        let Some(turn) = turn else {
            drop(guard);
            self.queue.wake_for_jobs();
            return;
        };
        let jobs = self.queue.take(ON_THE_SPOT);
        let count = jobs.len();
        if count == 1 {
            self.alone.fetch_add(1, Ordering::Relaxed);
        } else if count > 1 {
            self.alone.store(0, Ordering::Relaxed);
        }
        let result = held.patiently(Duration::ZERO, |connection| batch::execute(connection, jobs));
        drop(turn);
        let long = held.wal.is_long(count);
        let stored = match result {
            Ok(stored) => stored,
            Err(busy) => {
                // The writer's thread may wait for the other process. While we have the connection, it cannot end.
                self.queue.put_back(busy.jobs);
                false
            }
        };
        drop(guard);
        self.wake_readers_of_the_log(stored);
        self.queue.wake_for_jobs();
        if long {
            self.queue.wake_for_checkpoint();
        }
    }

    /// Lets somebody else use the connection too: for reads, if there is only one.
    pub(crate) fn lease(self: &Arc<Self>) -> Lease {
        self.queue.lease();
        Lease(Arc::clone(self))
    }

    /// Takes no more pushes; the thread ends when those that wait are stored, and all leases are over.
    pub(crate) fn close(&self) {
        self.queue.close();
    }

    fn lock(&self) -> MutexGuard<'_, Option<Held>> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        // A visitor that panics is caught before; and SQLite's own state is sound at every moment.
        let guard = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        guard
    }
}

/// The right to use the writer's connection. The writer does not end before it is dropped.
#[derive(Debug)]
pub(crate) struct Lease(Arc<Writer>);

impl Lease {
    /// `None` if a bug ended the writer's thread.
    pub(crate) fn with_connection<T>(&self, act: impl FnOnce(&Connection) -> T) -> Option<T> {
        let guard = self.0.lock();
        let result = guard.as_ref().map(|held| act(&held.connection));
        drop(guard);
        self.0.queue.wake_for_jobs();
        result
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.0.queue.release();
    }
}

/// Leaves to the writer's thread what waits, if the caller goes away that wanted to store it on the spot.
struct Deserted<'a>(&'a Queue);

impl Drop for Deserted<'_> {
    fn drop(&mut self) {
        self.0.wake_for_jobs();
    }
}

impl Held {
    /// When it is our turn.
    fn in_turn<T>(&mut self, busy_timeout: Duration, act: impl FnOnce(&Connection) -> T) -> T {
        let (turn, left) = self.turns.take(busy_timeout);
        let result = self.patiently(left, act);
        drop(turn);
        result
    }

    fn patiently<T>(&mut self, busy_timeout: Duration, act: impl FnOnce(&Connection) -> T) -> T {
        // Only what happens from here on counts: a checkpoint may have waited for readers.
        patience::has_met_another();
        let result = patience::with(busy_timeout, || act(&self.connection));
        if patience::has_met_another() {
            self.courteous = patience::COURTEOUS_TRANSACTIONS;
        }
        result
    }

    /// Whether to leave the file free after the transaction that has just ended, because this writer has recently found the
    /// file locked by a writer of another handle or process.
    ///
    /// SQLite has no queue of writers: a waiting connection tries again and again, and finds the file locked as long as the
    /// other writer begins its next transaction at once. Within this process [`Turns`] makes the order fair. Writers of other
    /// handles and processes cannot be seen waiting. But a writer that once finds the file locked knows that there is another
    /// one, and leaves the file free for a moment after each of its next transactions. Two writers of this crate do so for
    /// each other. One of another program gains from it without doing the same.
    fn is_courteous(&mut self) -> bool {
        let is_courteous = self.courteous > 0;
        self.courteous = self.courteous.saturating_sub(1);
        is_courteous
    }
}
