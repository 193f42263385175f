use std::cell::Cell;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;

/// As long as SQLite's libraries usually wait.
pub(crate) const USUAL: Duration = Duration::from_secs(5);

/// How often it is tried whether a file is free. A writer that never pauses leaves it free for a moment after each commit.
const INTERVAL: Duration = Duration::from_millis(1);

thread_local! {
    /// SQLite asks only a plain function, on the thread that uses the connection.
    static PATIENCE: Cell<Duration> = const { Cell::new(USUAL) };
    static BEGUN: Cell<Option<Instant>> = const { Cell::new(None) };
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

fn go_on(tries: i32) -> bool {
    let now = Instant::now();
    let begun = if tries == 0 { None } else { BEGUN.get() }.unwrap_or(now);
    BEGUN.set(Some(begun));
    if now.duration_since(begun) >= PATIENCE.get() {
        return false;
    }
    thread::sleep(INTERVAL);
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
