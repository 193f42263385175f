use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use castore::InMemoryEventStorageAdapter;
use castore::log::{EventLog, LogEnd, LogId, LogPage, LogQuery, WakeUps};
use castore::storage::StorageError;

/// A log that is replaced before one of its reads. The new log has the same identity but other events, as if the
/// database had been restored from a backup.
#[derive(Debug, Clone)]
pub struct ReplacedLog {
    first: InMemoryEventStorageAdapter,
    second: InMemoryEventStorageAdapter,
    /// The number of the first read that reads the second log, counted from 1.
    replaced_at: usize,
    reads: Arc<AtomicUsize>,
}

impl ReplacedLog {
    pub fn new(first: &InMemoryEventStorageAdapter, second: &InMemoryEventStorageAdapter, replaced_at: usize) -> Self {
        Self { first: first.clone(), second: second.clone(), replaced_at, reads: Arc::default() }
    }

    /// Returns the number of reads so far.
    pub fn reads(&self) -> usize {
        self.reads.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl EventLog for ReplacedLog {
    async fn log_id(&self) -> Result<LogId, StorageError> {
        self.first.log_id().await
    }

    async fn read_after(&self, position: u64, query: &LogQuery) -> Result<LogPage, StorageError> {
        let read = self.reads.fetch_add(1, Ordering::SeqCst) + 1;
        let log = if read < self.replaced_at { &self.first } else { &self.second };
        log.read_after(position, query).await
    }

    async fn end(&self) -> Result<LogEnd, StorageError> {
        self.first.end().await
    }

    async fn wake_ups(&self) -> WakeUps {
        self.first.wake_ups().await
    }
}
