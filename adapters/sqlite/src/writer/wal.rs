use std::cell::Cell;

use castore_core::error::error_chain;
use rusqlite::Connection;

/// The number of pages (4 MiB) in the write-ahead log at which a checkpoint moves them into the database file.
///
/// A checkpoint costs two flushes, so a higher limit would save flushes. But with a higher limit, the file of the log
/// also grows for longer, and a flush that makes the file grow takes twice as long as a flush that overwrites old pages.
const LIMIT: i32 = 1000;

/// The number of pages that replaces `LIMIT` when pushes share transactions. Flushes then matter less, and a page
/// that many pushes change is moved only once.
const LIMIT_TOGETHER: i32 = 4 * LIMIT;

thread_local! {
    /// The length of the log after the last commit of this thread. The value is thread-local because SQLite reports the
    /// length to a plain function.
    static PAGES: Cell<Option<i32>> = const { Cell::new(None) };
}

/// The growth of the write-ahead log, which determines when a checkpoint is due.
///
/// SQLite's automatic checkpoint would run within the commit that reaches the limit, and delay the caller of that
/// commit.
#[derive(Debug, Default)]
pub(super) struct Wal {
    /// The length of the log at the last checkpoint. The log restarts only when no reader uses it anymore, so its
    /// length may exceed the limit for a while.
    checkpointed: i32,
}

impl Wal {
    /// Disables the automatic checkpoints of a connection, and starts to observe the length of its log.
    pub(super) fn of(connection: &Connection) -> Self {
        connection.wal_hook(Some(|_, pages| {
            PAGES.set(Some(pages));
            Ok(())
        }));
        Self::default()
    }

    /// Returns whether a checkpoint is due after this thread has stored the given number of pushes in one transaction.
    pub(super) fn is_long(&mut self, pushes: usize) -> bool {
        // The value is reset, because this thread may use a connection to another database next.
        let Some(pages) = PAGES.take() else { return false };
        if pages < self.checkpointed {
            self.checkpointed = 0;
        }
        pages - self.checkpointed >= if pushes > 1 { LIMIT_TOGETHER } else { LIMIT }
    }

    /// Moves as many pages into the database file as is possible without waiting for readers.
    pub(super) fn checkpoint(&mut self, connection: &Connection) {
        let moved = connection
            .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| Ok((row.get::<_, i32>(1)?, row.get::<_, i32>(2)?)));
        match moved {
            Ok((pages, moved)) => {
                self.checkpointed = pages;
                tracing::debug!(pages, moved, "moved the write-ahead log into the database file");
            }
            // The events are safe in the log, and the next checkpoint may succeed.
            Err(error) => {
                self.checkpointed = self.checkpointed.saturating_add(LIMIT);
                tracing::warn!(
                    error = error_chain(&error),
                    "could not move the write-ahead log into the database file"
                );
            }
        }
    }
}
