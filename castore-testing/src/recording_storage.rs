use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use castore_core::storage::{
    DelegatingStorageAdapter, EventStorageAdapter, GroupedRawEvent, PushOptions, PushReceipt, RawEvent, StorageError,
};
use castore_runtime::in_memory::InMemoryEventStorageAdapter;

/// An in-memory storage that records the pushed events, in order.
#[derive(Debug, Clone, Default)]
pub(super) struct RecordingEventStorageAdapter {
    inner: InMemoryEventStorageAdapter,
    pushed: Arc<Mutex<Vec<(String, RawEvent)>>>,
}

impl RecordingEventStorageAdapter {
    /// Returns the events that were pushed since the last call of this method, each with the id of its event store.
    pub(super) fn take(&self) -> Vec<(String, RawEvent)> {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(String, RawEvent)>> {
        self.pushed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl DelegatingStorageAdapter for RecordingEventStorageAdapter {
    fn inner(&self) -> &dyn EventStorageAdapter {
        &self.inner
    }

    async fn push_event(
        &self,
        event_store_id: &str,
        event: RawEvent,
        options: PushOptions,
    ) -> Result<PushReceipt, StorageError> {
        let stored = self.inner.push_event(event_store_id, event.clone(), options).await?;
        self.lock().push((event_store_id.to_owned(), event));
        Ok(stored)
    }

    async fn push_event_group(
        &self,
        group: Vec<GroupedRawEvent>,
        options: PushOptions,
    ) -> Result<Vec<PushReceipt>, StorageError> {
        let events: Vec<_> =
            group.iter().map(|grouped| (grouped.event_store_id.to_owned(), grouped.event.clone())).collect();
        let stored = self.inner.push_event_group(group, options).await?;
        self.lock().extend(events);
        Ok(stored)
    }
}
