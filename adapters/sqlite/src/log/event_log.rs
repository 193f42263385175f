use async_trait::async_trait;
use castore_core::log::{EventLog, LogEnd, LogId, LogPage, LogQuery, WakeUps};
use castore_core::storage::{EventStorageAdapter, StorageError, StorageId};

use super::read;
use crate::SqliteEventStorageAdapter;

/// The log never waits for writers, because SQLite assigns a position only while no other transaction writes.
#[async_trait]
impl EventLog for SqliteEventStorageAdapter {
    /// Returns the random id of the log. The id was written when the file was created, or when a version of this crate
    /// with event logs first opened the file. A copy of the file has the same id, so do not write to both files.
    async fn log_id(&self) -> Result<LogId, StorageError> {
        self.readers().read(|connection, _| read::log_id(connection)).await
    }

    fn event_storage_id(&self) -> Option<StorageId> {
        Some(self.storage_id())
    }

    /// Reads one page. A page also ends after about 8 MiB of events, whatever the limit of the query is, so that other
    /// reads can run between pages.
    async fn read_after(&self, position: u64, query: &LogQuery) -> Result<LogPage, StorageError> {
        let query = query.clone();
        self.readers().read(move |connection, abandoned| read::page(connection, position, &query, abandoned)).await
    }

    async fn end(&self) -> Result<LogEnd, StorageError> {
        let last = self.readers().read(|connection, _| read::last_position(connection)).await?;
        Ok(LogEnd::new(last, last))
    }

    /// Returns the wake-ups that follow pushes and transactions with events through this adapter and its clones, and
    /// calls of [`wake_readers`](SqliteEventStorageAdapter::wake_readers). Readers find the pushes of other adapters
    /// and processes by polling.
    async fn wake_ups(&self) -> WakeUps {
        WakeUps::new(self.writer().commits(), ())
    }
}
