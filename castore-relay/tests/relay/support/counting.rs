use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use async_trait::async_trait;
use castore::InMemoryEventStorageAdapter;
use castore::storage::{
    DelegatingStorageAdapter, EventStorageAdapter, EventVisitor, GetEventsOptions, RawEvent, StorageError,
};

/// An in-memory storage that counts the reads of aggregates and can fail them.
#[derive(Debug, Clone)]
pub struct CountingStorage {
    inner: InMemoryEventStorageAdapter,
    reads: Arc<AtomicU64>,
    broken: Arc<AtomicBool>,
}

impl CountingStorage {
    pub fn new(inner: InMemoryEventStorageAdapter) -> Self {
        Self { inner, reads: Arc::default(), broken: Arc::default() }
    }

    pub fn reads(&self) -> u64 {
        self.reads.load(Ordering::SeqCst)
    }

    pub fn set_broken(&self, broken: bool) {
        self.broken.store(broken, Ordering::SeqCst);
    }

    fn read(&self) -> Result<(), StorageError> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        if self.broken.load(Ordering::SeqCst) { Err(StorageError::engine("disk on fire")) } else { Ok(()) }
    }
}

#[async_trait]
impl DelegatingStorageAdapter for CountingStorage {
    fn inner(&self) -> &dyn EventStorageAdapter {
        &self.inner
    }

    async fn get_events(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        options: GetEventsOptions,
    ) -> Result<Vec<RawEvent>, StorageError> {
        self.read()?;
        self.inner.get_events(event_store_id, aggregate_id, options).await
    }

    async fn visit_events(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        options: GetEventsOptions,
        visit: EventVisitor,
    ) -> Result<(), StorageError> {
        self.read()?;
        self.inner.visit_events(event_store_id, aggregate_id, options, visit).await
    }
}
