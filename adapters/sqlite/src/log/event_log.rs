use async_trait::async_trait;
use castore_core::log::{EventLog, LogEnd, LogId, LogPage, LogQuery, WakeUps};
use castore_core::storage::{EventStorageAdapter, StorageError, StorageId};

use super::read;
use crate::SqliteEventStorageAdapter;

/// The log never waits for writers: an event has its position only while nobody else writes.
#[async_trait]
impl EventLog for SqliteEventStorageAdapter {
    /// A random id that was written when the file was made, or first opened by a version that knows logs. A copy of the
    /// file has it too: do not write to both.
    async fn log_id(&self) -> Result<LogId, StorageError> {
        self.readers().read(|connection, _| read::log_id(connection)).await
    }

    fn event_storage_id(&self) -> Option<StorageId> {
        Some(self.storage_id())
    }

    /// What a page holds is bounded, also if the limit is not: other reads have their turn between pages.
    async fn read_after(&self, position: u64, query: &LogQuery) -> Result<LogPage, StorageError> {
        let query = query.clone();
        self.readers().read(move |connection, abandoned| read::page(connection, position, &query, abandoned)).await
    }

    async fn end(&self) -> Result<LogEnd, StorageError> {
        let last = self.readers().read(|connection, _| read::last_position(connection)).await?;
        Ok(LogEnd::new(last, last))
    }

    /// Wakes up after pushes through this adapter and its clones. What other adapters and processes push is seen by
    /// polling.
    async fn wake_ups(&self) -> WakeUps {
        WakeUps::new(self.writer().commits(), ())
    }
}
