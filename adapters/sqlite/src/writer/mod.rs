//! The writer: pushes wait in a queue, and the thread or caller that holds the connection stores as many of them in one
//! transaction as the size limit allows.

mod batch;
mod gaps;
mod insert;
mod job;
mod queue;
mod task;
#[cfg(test)]
mod tests;
mod thread;
mod wal;
mod within;

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering, fence};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

use castore_core::error::error_chain;
use castore_core::storage::{KnownVersions, PushOptions, PushReceipt, StorageError};
use rusqlite::Connection;
use tokio::sync::watch;
use tokio::task::yield_now;

use self::job::{Job, Weight};
use self::queue::Queue;
use self::task::Task;
use self::wal::Wal;
use crate::busy_handler;
use crate::errors::EngineError;
use crate::fair_lock::FairLock;
use crate::open_file::OpenFile;
use crate::projection::{PushInHandler, is_running_on};
use crate::running::Running;

pub(crate) use self::batch::engine_error;
pub(crate) use self::gaps::last_version;
pub(crate) use self::job::Write;
pub(crate) use self::thread::run;
pub(crate) use self::within::push_within;

/// The maximum size of the queue that a caller stores inline, which means on its own thread. Storing this much blocks
/// the thread of the caller for about 50 microseconds.
const INLINE_LIMIT: Weight = Weight { events: 2, bytes: 16 * 1024 };

/// The maximum size of a transaction, unless a single group is larger. This limits how long callers wait for each
/// other.
const TOGETHER: Weight = Weight { events: 1024, bytes: 16 << 20 };

/// The writer, which stores events for any number of callers.
///
/// If commits are not flushed, handing a push to another thread takes longer than the push itself. In this case, a
/// caller without competition stores one or two small events inline, without waiting for the disk or for a lock. The
/// writer's thread executes all other pushes, all tasks and all checkpoints.
///
/// Each holder of the connection checks, when it releases the connection, whether a write was queued in the meantime.
#[derive(Debug)]
pub(crate) struct Writer {
    /// The connection, or `None` after the writer has ended.
    connection: Mutex<Option<WriterConnection>>,
    /// The number of threads that wait for the connection. The mutex is not fair: without this count, a series of
    /// inline writes would starve these threads.
    waiting: AtomicUsize,
    queue: Queue,
    busy_timeout: Duration,
    inline: bool,
    /// The number of consecutive transactions with a single push.
    alone: AtomicU32,
    /// The last versions of the aggregates in the file.
    known: Arc<KnownVersions>,
    /// A counter of the commits that stored events, which readers of the log observe.
    commits: watch::Sender<u64>,
    fair_lock: Arc<FairLock>,
    /// The file of the database, or `None` for a database in memory.
    file: Option<Arc<OpenFile>>,
    running: Running,
}

#[derive(Debug)]
struct WriterConnection {
    connection: Connection,
    wal: Wal,
    fair_lock: Arc<FairLock>,
    /// The number of further transactions after each of which this writer pauses, so that a writer of another adapter
    /// or process can lock the file.
    yielding: u32,
}

impl Writer {
    /// Creates a writer. `inline` means that commits do not flush, so callers may write inline.
    pub(crate) fn new(
        mut connection: Connection,
        file: Option<Arc<OpenFile>>,
        busy_timeout: Duration,
        inline: bool,
    ) -> Self {
        let wal = Wal::of(&connection);
        if let Err(error) = busy_handler::install(&mut connection) {
            // Setting the handler fails only if the connection is misused.
            tracing::error!(error = error_chain(&error), "could not set the busy handler");
        }
        let fair_lock = Arc::new(FairLock::default());
        Self {
            connection: Mutex::new(Some(WriterConnection {
                connection,
                wal,
                fair_lock: Arc::clone(&fair_lock),
                yielding: 0,
            })),
            waiting: AtomicUsize::new(0),
            queue: Queue::new(),
            busy_timeout,
            inline,
            alone: AtomicU32::new(0),
            known: Arc::default(),
            commits: watch::Sender::new(0),
            fair_lock,
            file,
            running: Running::new(),
        }
    }

    /// Rejects a push from within the handler of a projection, or from within a transaction of the same adapter.
    ///
    /// # Errors
    /// [`StorageError::Engine`] if this thread runs a transaction that must end before the push can begin.
    fn refuse_in_handler(&self) -> Result<(), StorageError> {
        self.running.refuse_call()?;
        match &self.file {
            Some(file) if is_running_on(file.id()) => Err(StorageError::engine(PushInHandler)),
            _ => Ok(()),
        }
    }

    /// Stores all of the writes or none, even if the future is dropped.
    pub(crate) async fn write(
        &self,
        writes: Vec<Write>,
        options: PushOptions,
    ) -> Result<Vec<PushReceipt>, StorageError> {
        if let Some(write) = writes.iter().find(|write| i64::try_from(write.event.version).is_err()) {
            return Err(insert::version_too_great(write.event.version));
        }
        self.refuse_in_handler()?;
        let slot = self.queue.reserve().await?;
        let (job, answer) = Job::new(writes, options, slot);
        let wake = !(self.inline && job.weight().within(INLINE_LIMIT));
        self.queue.put(job, wake)?;
        if !wake {
            if self.may_have_company() {
                // Other tasks that are ready to push run now, so that their pushes share the transaction.
                let deserted = Deserted(&self.queue);
                yield_now().await;
                std::mem::forget(deserted);
            }
            self.store_inline();
        }
        match answer.await {
            Ok(result) => result,
            Err(_) => Err(StorageError::UnknownOutcome("the writer ended unexpectedly".into())),
        }
    }

    /// Executes a transaction on the writer's thread, for data other than events. The transaction is executed as a
    /// whole or not at all, even if the future is dropped.
    pub(crate) async fn transact<T: Send + 'static>(
        &self,
        act: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StorageError> {
        let act =
            move |connection: &Connection| act(connection).map_err(|error| engine_error(&EngineError::from(error)));
        self.transaction(act, |_| ()).await
    }

    /// Executes a transaction of the caller, like [`transact`](Self::transact), and calls `committed` after the commit.
    /// A panic of `act` continues in the caller.
    pub(crate) async fn transaction<T: Send + 'static, E: From<StorageError> + Send + 'static>(
        &self,
        act: impl FnOnce(&Connection) -> Result<T, E> + Send + 'static,
        committed: impl FnOnce(&T) + Send + 'static,
    ) -> Result<T, E> {
        self.refuse_in_handler()?;
        let slot = self.queue.reserve().await?;
        let (task, answer) = Task::new(act, committed, slot);
        self.queue.put_task(task)?;
        match answer.await {
            Ok(Ok(result)) => result,
            Ok(Err(panic)) => resume_unwind(panic),
            Err(_) => Err(StorageError::UnknownOutcome("the writer ended unexpectedly".into()).into()),
        }
    }

    /// Returns the cache of the last versions of the aggregates.
    pub(crate) fn known(&self) -> &Arc<KnownVersions> {
        &self.known
    }

    /// Returns a receiver that changes after each commit that stored events.
    pub(crate) fn commits(&self) -> watch::Receiver<u64> {
        self.commits.subscribe()
    }

    /// Returns the lock for other connections of this process to the same file.
    pub(crate) fn fair_lock(&self) -> &Arc<FairLock> {
        &self.fair_lock
    }

    /// Returns the mark of the threads that run a transaction of this writer.
    pub(crate) fn running(&self) -> &Running {
        &self.running
    }

    /// Handles the commit of a caller's transaction. Removes the aggregates of the pushed events from the cache of last
    /// versions, and wakes the readers of the log.
    pub(crate) fn committed(&self, pushed: &[(&'static str, String)]) {
        // Until the commit, a reader may have recorded the versions from before the transaction.
        for (event_store_id, aggregate_id) in pushed {
            self.known.remove(event_store_id, aggregate_id);
        }
        self.wake_readers_of_the_log(!pushed.is_empty());
    }

    /// Wakes the readers of the log if events were stored.
    pub(crate) fn wake_readers_of_the_log(&self, stored: bool) {
        if stored && self.commits.receiver_count() > 0 {
            self.commits.send_modify(|commits| *commits = commits.wrapping_add(1));
        }
    }

    /// Returns whether to yield to other callers before writing. After many transactions with a single push, a caller
    /// yields only before every fourth write. This is enough to let other tasks run.
    fn may_have_company(&self) -> bool {
        let alone = self.alone.load(Ordering::Relaxed);
        alone < 8 || alone.is_multiple_of(4)
    }

    fn store_inline(&self) {
        if self.queue.is_empty() {
            return;
        }
        if self.waiting.load(Ordering::Relaxed) > 0 {
            self.queue.wake_for_jobs();
            return;
        }
        if !self.queue.weight().within(INLINE_LIMIT) {
            self.alone.store(0, Ordering::Relaxed);
            self.queue.wake_for_jobs();
            return;
        }
        // This fence pairs with the fence in `wake_for_jobs`: if another thread holds the connection now, that thread
        // finds this job when it releases the connection.
        fence(Ordering::SeqCst);
        let mut guard = match self.connection.try_lock() {
            Ok(guard) => guard,
            Err(TryLockError::Poisoned(guard)) => guard.into_inner(),
            // The holder of the connection executes the queue or wakes the writer's thread.
            Err(TryLockError::WouldBlock) => return,
        };
        let Some(held) = guard.as_mut() else { return };
        // Only the writer's thread may pause between transactions, so it executes these jobs.
        let file_guard = if held.yielding > 0 { None } else { self.fair_lock.try_lock() };
        let Some(file_guard) = file_guard else {
            drop(guard);
            self.queue.wake_for_jobs();
            return;
        };
        let jobs = self.queue.take(INLINE_LIMIT);
        let count = jobs.len();
        if count == 1 {
            self.alone.fetch_add(1, Ordering::Relaxed);
        } else if count > 1 {
            self.alone.store(0, Ordering::Relaxed);
        }
        let result = held.with_busy_timeout(Duration::ZERO, |connection| batch::execute(connection, &self.known, jobs));
        drop(file_guard);
        let long = held.wal.is_long(count);
        let stored = match result {
            Ok(stored) => stored,
            Err(busy) => {
                // The writer's thread executes these jobs, because that thread can wait for the other process. The
                // thread cannot end while this caller holds the connection.
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

    /// Returns a lease for a reader's thread. The writer does not end before all leases are dropped. In memory, the
    /// reader also uses the writer's connection through the lease.
    pub(crate) fn lease(self: &Arc<Self>) -> Lease {
        self.queue.lease();
        Lease(Arc::clone(self))
    }

    /// Rejects further pushes. The thread ends when the waiting pushes are stored and all leases have been released.
    pub(crate) fn close(&self) {
        self.queue.close();
    }

    fn lock(&self) -> MutexGuard<'_, Option<WriterConnection>> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        // Panics of visitors are caught before they reach this lock, and SQLite's own state is always consistent.
        let guard = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        guard
    }
}

/// The right to use the writer's connection. The writer does not end before all leases are dropped.
#[derive(Debug)]
pub(crate) struct Lease(Arc<Writer>);

impl Lease {
    /// Calls `act` with the connection. Returns `None` if a bug ended the writer's thread.
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

/// A guard that hands the waiting jobs to the writer's thread if the future of a caller is dropped before the caller
/// has stored the jobs inline.
struct Deserted<'a>(&'a Queue);

impl Drop for Deserted<'_> {
    fn drop(&mut self) {
        self.0.wake_for_jobs();
    }
}

impl WriterConnection {
    /// Runs `act` while this writer holds the fair lock, or without the lock if the busy timeout expires first.
    fn with_fair_lock<T>(&mut self, busy_timeout: Duration, act: impl FnOnce(&Connection) -> T) -> T {
        let (guard, left) = self.fair_lock.lock(busy_timeout);
        let result = self.with_busy_timeout(left, act);
        drop(guard);
        result
    }

    fn with_busy_timeout<T>(&mut self, busy_timeout: Duration, act: impl FnOnce(&Connection) -> T) -> T {
        // Only contention from here on counts, because an earlier checkpoint may have waited for readers.
        busy_handler::take_found_locked();
        let result = busy_handler::with_timeout(busy_timeout, || act(&self.connection));
        if busy_handler::take_found_locked() {
            self.yielding = busy_handler::YIELDING_TRANSACTIONS;
        }
        result
    }

    /// Returns whether to pause after the transaction that has just ended, because this writer has recently found the
    /// file locked by a writer of another adapter or process. Counts the transaction.
    ///
    /// SQLite has no queue of writers: a waiting connection polls, and finds the file locked as long as the other
    /// writer begins its next transaction immediately. Between the connections of one adapter, [`FairLock`] makes the
    /// order fair. Writers of other adapters and processes do not use this lock. But a writer that finds the file
    /// locked knows that another writer exists, and pauses for a moment after each of its next transactions. Two
    /// writers of this crate pause for each other. A writer of another program benefits although it does not pause
    /// itself.
    fn must_yield(&mut self) -> bool {
        let must_yield = self.yielding > 0;
        self.yielding = self.yielding.saturating_sub(1);
        must_yield
    }
}
