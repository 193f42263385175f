use std::cell::Cell;
use std::ops::Range;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;

/// As long as SQLite's libraries usually wait.
pub(crate) const USUAL: Duration = Duration::from_secs(5);

/// How often a connection tries whether the file is free.
const INTERVAL: Duration = Duration::from_millis(1);

/// How often it tries between [`EAGER`]: a writer with a slow disk that has not met this connection yet leaves the file free
/// for moments only.
const SHORT_INTERVAL: Duration = Duration::from_micros(100);

/// When a waiting connection tries more often. After that the other one is probably in one long transaction.
const EAGER: Range<Duration> = Duration::from_millis(100)..Duration::from_secs(1);

/// How long a writer that has met another one leaves the file free after each transaction: longer than the [`INTERVAL`] of
/// the other one, so that it finds the file free.
pub(crate) const COURTESY: Duration = Duration::from_millis(2);

/// For how many transactions a writer is courteous after it has met another one. A single meeting costs little, and writers
/// that compete meet again before these are over.
pub(crate) const COURTEOUS_TRANSACTIONS: u32 = 8;

thread_local! {
    /// SQLite asks only a plain function, on the thread that uses the connection.
    static PATIENCE: Cell<Duration> = const { Cell::new(USUAL) };
    static BEGUN: Cell<Option<Instant>> = const { Cell::new(None) };
    /// Whether a connection of this thread has found its file locked.
    static MET_ANOTHER: Cell<bool> = const { Cell::new(false) };
}

/// Lets a connection wait for others that write to the file for as long as [`with`] says, or the [`USUAL`] time.
///
/// SQLite's own busy timeout tries again after pauses that grow to 100 milliseconds. Beside a busy writer of another
/// process it would run out although the file was free a thousand times.
pub(crate) fn give(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_handler(Some(go_on))
}

/// Does something with a connection that has so much patience.
pub(crate) fn with<T>(patience: Duration, act: impl FnOnce() -> T) -> T {
    let _usual = Usual(PATIENCE.replace(patience));
    act()
}

/// Whether a connection of this thread has found its file locked by another writer since this was last asked.
pub(crate) fn has_met_another() -> bool {
    MET_ANOTHER.replace(false)
}

fn go_on(tries: i32) -> bool {
    MET_ANOTHER.set(true);
    let now = Instant::now();
    let begun = if tries == 0 { None } else { BEGUN.get() }.unwrap_or(now);
    BEGUN.set(Some(begun));
    let waited = now.duration_since(begun);
    if waited >= PATIENCE.get() {
        return false;
    }
    thread::sleep(if EAGER.contains(&waited) { SHORT_INTERVAL } else { INTERVAL });
    true
}

struct Usual(Duration);

impl Drop for Usual {
    fn drop(&mut self) {
        PATIENCE.set(self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_ends() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let (one, other) = (Connection::open(&path).unwrap(), Connection::open(&path).unwrap());
        give(&other).unwrap();
        one.execute_batch("BEGIN IMMEDIATE").unwrap();
        let waited = |patience| {
            let begun = Instant::now();
            with(patience, || other.execute_batch("BEGIN IMMEDIATE").unwrap_err());
            begun.elapsed()
        };
        assert!(waited(Duration::from_millis(50)) >= Duration::from_millis(50));
        // Far less than the usual time, which it is afterwards.
        assert!(waited(Duration::ZERO) < USUAL);
        assert_eq!(PATIENCE.get(), USUAL);
        one.execute_batch("ROLLBACK").unwrap();
        with(Duration::ZERO, || other.execute_batch("BEGIN IMMEDIATE").unwrap());
    }
}
