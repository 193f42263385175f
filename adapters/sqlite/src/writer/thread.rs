use std::sync::atomic::Ordering;
use std::time::Duration;

use super::queue::Next;
use super::{TOGETHER, Writer, WriterConnection, batch};
use crate::busy_handler;
use castore_core::error::error_chain;

/// Runs the loop of the writer's thread until the writer is closed.
pub(crate) fn run(writer: &Writer) {
    // Fails waiting callers even if a bug makes this thread panic.
    let _end = End(writer);
    let mut returning = 0;
    loop {
        match writer.queue.next(returning) {
            Next::Jobs => returning = store(writer),
            Next::Task(task) => {
                let mut must_yield = false;
                if let Some(held) = writer.lock().as_mut() {
                    held.with_fair_lock(writer.busy_timeout, |connection| task.run(connection));
                    if held.wal.is_long(1) {
                        held.wal.checkpoint(&held.connection);
                    }
                    must_yield = held.must_yield();
                }
                leave_the_file_free(must_yield);
                // The callers that have received their results are not awaited any longer: a caller that pushes again
                // has done so while the task ran.
                returning = 0;
            }
            Next::Checkpoint => {
                if let Some(held) = writer.lock().as_mut() {
                    held.wal.checkpoint(&held.connection);
                }
                returning = 0;
            }
            Next::End => {
                let mut guard = writer.lock();
                // A caller that tried to store jobs inline may have put them back into the queue.
                if writer.queue.is_empty() {
                    finish(guard.take());
                    return;
                }
                returning = 0;
            }
        }
    }
}

/// Stores the waiting jobs and returns their number.
fn store(writer: &Writer) -> usize {
    let mut guard = writer.lock();
    let Some(held) = guard.as_mut() else { return 0 };
    // A caller may have stored the jobs inline before this thread had the connection.
    if writer.queue.is_empty() {
        return 0;
    }
    let mut count = 0;
    let stored = held.with_fair_lock(writer.busy_timeout, |connection| {
        // These jobs include the jobs that were queued while this thread waited for the lock.
        let jobs = writer.queue.take(TOGETHER);
        count = jobs.len();
        if count > 1 {
            writer.alone.store(0, Ordering::Relaxed);
        }
        batch::execute(connection, &writer.known, jobs)
    });
    match stored {
        Ok(stored) => writer.wake_readers_of_the_log(stored),
        Err(busy) => {
            tracing::warn!(pushes = busy.jobs.len(), "the event database was locked for longer than the busy timeout");
            batch::fail_busy(busy);
            return 0;
        }
    }
    tracing::trace!(pushes = count, "stored pushes in one transaction");
    // The callers already have their results, so they do not wait for the checkpoint.
    if held.wal.is_long(count) {
        held.wal.checkpoint(&held.connection);
    }
    let must_yield = held.must_yield();
    drop(guard);
    leave_the_file_free(must_yield);
    count
}

/// Pauses if `must_yield` is set, so that a writer of another adapter or process finds the file unlocked.
fn leave_the_file_free(must_yield: bool) {
    if must_yield {
        std::thread::sleep(busy_handler::YIELD_TIME);
    }
}

/// Moves the write-ahead log into the database file, and closes the connection.
fn finish(held: Option<WriterConnection>) {
    let Some(held) = held else { return };
    // SQLite runs a checkpoint when the last connection to a file is closed. This statement runs the checkpoint even if
    // other processes still have the file open.
    let _ = held.connection.busy_timeout(Duration::ZERO);
    if let Err(error) = held.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())) {
        tracing::debug!(
            error = error_chain(&error),
            "could not move the write-ahead log into the database file at the end"
        );
    }
    if let Err((_, error)) = held.connection.close() {
        tracing::warn!(error = error_chain(&error), "could not close the event database");
    }
}

struct End<'a>(&'a Writer);

impl Drop for End<'_> {
    fn drop(&mut self) {
        let writer = self.0;
        writer.close();
        // The connection and the queue are empty here, unless a bug ended the thread.
        finish(writer.lock().take());
        drop(writer.queue.take(super::Weight { events: usize::MAX, bytes: usize::MAX }));
        for task in writer.queue.take_tasks() {
            task.refuse();
        }
    }
}
