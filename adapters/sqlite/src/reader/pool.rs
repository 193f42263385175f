use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use castore_core::storage::StorageError;
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::open_file::OpenFile;
use crate::running::Running;
use crate::writer::Lease;

type Task = Box<dyn FnOnce(&Connection) + Send>;

/// The queue of reads that wait for a thread.
#[derive(Debug)]
pub(crate) struct Pool {
    /// The file of the database, or `None` for a database in memory.
    file: Option<Arc<OpenFile>>,
    running: Running,
    state: Mutex<State>,
    work: Condvar,
}

#[derive(Default)]
struct State {
    tasks: VecDeque<Task>,
    asleep: usize,
    closed: bool,
}

impl std::fmt::Debug for State {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("State")
            .field("tasks", &self.tasks.len())
            .field("closed", &self.closed)
            .finish_non_exhaustive()
    }
}

impl Pool {
    pub(crate) fn new(file: Option<Arc<OpenFile>>, running: Running) -> Self {
        Self { file, running, state: Mutex::default(), work: Condvar::new() }
    }

    /// Runs a read on one of the threads. The second argument of `read` is a function that returns whether the caller
    /// has stopped waiting.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection, &dyn Fn() -> bool) -> Result<T, StorageError> + Send + 'static,
    ) -> Result<T, StorageError> {
        // A read from inside a transaction of the adapter is rejected. In memory, the read would wait forever for the
        // connection that the transaction uses. In a file, it would not see the writes of the transaction.
        self.running.refuse_call()?;
        let (reply, answer) = oneshot::channel();
        let file = self.file.clone();
        self.put(Box::new(move |connection| {
            if reply.is_closed() {
                return;
            }
            // A panic in a visitor must not end the thread, which also executes other reads. Dropping the statement
            // ends the query in SQLite.
            let read = || {
                if let Some(file) = &file {
                    file.check().map_err(StorageError::engine)?;
                }
                read(connection, &|| reply.is_closed())
            };
            let result = catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| {
                Err(StorageError::engine("the reducer, or another visitor of the events, panicked"))
            });
            let _ = reply.send(result);
        }))?;
        // The channel is closed if the threads ended before this read was executed.
        answer.await.unwrap_or(Err(StorageError::ShutDown))
    }

    fn put(&self, task: Task) -> Result<(), StorageError> {
        let mut state = self.lock();
        if state.closed {
            return Err(StorageError::ShutDown);
        }
        state.tasks.push_back(task);
        let wake = state.asleep > 0;
        drop(state);
        if wake {
            self.work.notify_one();
        }
        Ok(())
    }

    /// Returns the next read, or `None` when the pool is closed and empty.
    fn next(&self) -> Option<Task> {
        let mut state = self.lock();
        loop {
            if let Some(task) = state.tasks.pop_front() {
                return Some(task);
            }
            if state.closed {
                return None;
            }
            state.asleep += 1;
            state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.asleep -= 1;
        }
    }

    /// Rejects further reads. The threads end when the waiting reads are done.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.work.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No code panics while it holds the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The connection that a reader's thread uses.
#[derive(Debug)]
pub(crate) enum Source {
    /// A separate connection. The lease makes the writer close its connection after this one. If both were closed at
    /// the same moment, each would find the other connection open, and SQLite would leave the write-ahead log beside
    /// the file.
    Own {
        connection: Connection,
        _writer: Lease,
    },
    Shared(Lease),
}

/// Runs the loop of a reader's thread until the pool is closed.
pub(crate) fn run(pool: &Pool, source: Source) {
    while let Some(task) = pool.next() {
        match &source {
            Source::Own { connection, .. } => task(connection),
            Source::Shared(lease) => {
                let _ = lease.with_connection(task);
            }
        }
    }
}
