use std::cell::Cell;
use std::ops::Range;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;

/// The default busy timeout, as in most SQLite drivers.
pub(crate) const DEFAULT_TIMEOUT: Duration = Duration::from_secs(5);

/// The pause between two attempts of a waiting connection to lock the file.
const INTERVAL: Duration = Duration::from_millis(1);

/// The pause between two attempts during the period [`EAGER`]. The pause is short because a writer that has not noticed
/// the competition yet releases the lock only for moments, in particular if the disk is slow.
const SHORT_INTERVAL: Duration = Duration::from_micros(100);

/// The period, counted from the start of a wait, in which the connection retries more often. If the file is still
/// locked after this period, the other connection is probably in one long transaction.
const EAGER: Range<Duration> = Duration::from_millis(100)..Duration::from_secs(1);

/// The pause of a writer after each transaction while it competes with another writer. The pause is longer than the
/// [`INTERVAL`] at which the other writer retries, so that the other writer finds the file unlocked.
pub(crate) const YIELD_TIME: Duration = Duration::from_millis(2);

/// The number of transactions after which a writer stops pausing, if it has not found the file locked again. A writer
/// that still competes with another one finds the file locked again within this number of transactions.
pub(crate) const YIELDING_TRANSACTIONS: u32 = 8;

thread_local! {
    /// The busy timeout of this thread. The value is thread-local because SQLite's busy handler is a plain function,
    /// which is called on the thread that uses the connection.
    static TIMEOUT: Cell<Duration> = const { Cell::new(DEFAULT_TIMEOUT) };
    static WAITING_SINCE: Cell<Option<Instant>> = const { Cell::new(None) };
    /// Whether a connection of this thread has found its file locked since the last call of [`take_found_locked`].
    static FOUND_LOCKED: Cell<bool> = const { Cell::new(false) };
}

/// Installs the busy handler, which makes a connection wait for other writers of the file. The wait ends after the
/// timeout that was set with [`with_timeout`], or after the [`DEFAULT_TIMEOUT`].
///
/// SQLite's own busy timeout retries after pauses that grow to 100 milliseconds. While another process writes without a
/// pause, this timeout would expire although the file was unlocked many times in between.
pub(crate) fn install(connection: &mut Connection) -> rusqlite::Result<()> {
    connection.busy_handler(Some(keep_waiting))
}

/// Runs `work` with the given busy timeout for the connections of this thread.
pub(crate) fn with_timeout<T>(timeout: Duration, work: impl FnOnce() -> T) -> T {
    let _before = RestoreTimeout(TIMEOUT.replace(timeout));
    work()
}

/// Returns whether a connection of this thread has found its file locked by another writer since the last call.
pub(crate) fn take_found_locked() -> bool {
    FOUND_LOCKED.replace(false)
}

fn keep_waiting(tries: i32) -> bool {
    FOUND_LOCKED.set(true);
    let now = Instant::now();
    let begun = if tries == 0 { None } else { WAITING_SINCE.get() }.unwrap_or(now);
    WAITING_SINCE.set(Some(begun));
    let waited = now.duration_since(begun);
    if waited >= TIMEOUT.get() {
        return false;
    }
    thread::sleep(if EAGER.contains(&waited) { SHORT_INTERVAL } else { INTERVAL });
    true
}

struct RestoreTimeout(Duration);

impl Drop for RestoreTimeout {
    fn drop(&mut self) {
        TIMEOUT.set(self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_ends_with_the_timeout() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let (one, mut other) = (Connection::open(&path).unwrap(), Connection::open(&path).unwrap());
        install(&mut other).unwrap();
        one.execute_batch("BEGIN IMMEDIATE").unwrap();
        let waited = |timeout| {
            let begun = Instant::now();
            with_timeout(timeout, || other.execute_batch("BEGIN IMMEDIATE").unwrap_err());
            begun.elapsed()
        };
        assert!(waited(Duration::from_millis(50)) >= Duration::from_millis(50));
        // The wait is far shorter than the default timeout, which is restored afterwards.
        assert!(waited(Duration::ZERO) < DEFAULT_TIMEOUT);
        assert_eq!(TIMEOUT.get(), DEFAULT_TIMEOUT);
        one.execute_batch("ROLLBACK").unwrap();
        with_timeout(Duration::ZERO, || other.execute_batch("BEGIN IMMEDIATE").unwrap());
    }
}
