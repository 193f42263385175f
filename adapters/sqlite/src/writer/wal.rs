use std::cell::Cell;

use rusqlite::Connection;

/// So many pages of the write-ahead log (4 MiB) are collected before they are moved into the database file.
///
/// That costs two flushes, so a longer log seems better. But while the log's file grows, each flush takes twice as long
/// as later, when the log starts anew at the beginning of its file.
const LIMIT: i32 = 1000;

/// The same when pushes share transactions. Flushes matter less then, and pages that many of them change are moved
/// once only.
const LIMIT_TOGETHER: i32 = 4 * LIMIT;

thread_local! {
    /// How long the log was after the last commit of this thread: SQLite tells only a plain function.
    static PAGES: Cell<Option<i32>> = const { Cell::new(None) };
}

/// How far the write-ahead log has grown, and when it is time for a checkpoint.
///
/// SQLite would do checkpoints in the commit that reaches the limit, before its caller is answered.
#[derive(Debug, Default)]
pub(super) struct Wal {
    /// How long the log was at the last checkpoint. It starts anew only when no reader uses it any more, so that it
    /// may be longer than the limit for a while.
    checkpointed: i32,
}

impl Wal {
    /// Takes the checkpoints of a connection over.
    pub(super) fn of(connection: &Connection) -> Self {
        connection.wal_hook(Some(|_, pages| {
            PAGES.set(Some(pages));
            Ok(())
        }));
        Self::default()
    }

    /// Whether it is time, after this thread used the connection for so many pushes.
    pub(super) fn is_long(&mut self, pushes: usize) -> bool {
        // Taken, because the next connection that this thread uses may be another database's.
        let Some(pages) = PAGES.take() else { return false };
        if pages < self.checkpointed {
            self.checkpointed = 0;
        }
        pages - self.checkpointed >= if pushes > 1 { LIMIT_TOGETHER } else { LIMIT }
    }

    /// Moves into the database file what no reader prevents.
    pub(super) fn checkpoint(&mut self, connection: &Connection) {
        let moved = connection
            .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| Ok((row.get::<_, i32>(1)?, row.get::<_, i32>(2)?)));
        match moved {
            Ok((pages, moved)) => {
                self.checkpointed = pages;
                tracing::debug!(pages, moved, "checkpoint");
            }
            // The events are safe in the log. The next checkpoint may have more luck.
            Err(error) => {
                self.checkpointed = self.checkpointed.saturating_add(LIMIT);
                tracing::warn!(%error, "cannot move the write-ahead log into the database file");
            }
        }
    }
}
