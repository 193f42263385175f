use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use castore_core::storage::{
    AggregateIdsPage, EventStorageAdapter, EventVisitor, GetEventsOptions, GroupedRawEvent, ListAggregateIdsOptions,
    PushOptions, PushReceipt, RawEvent, StorageError, StorageId,
};
use castore_runtime::in_memory::InMemoryEventStorageAdapter;

/// A storage in memory that remembers what was pushed, in order.
#[derive(Debug, Clone, Default)]
pub(super) struct RecordingEventStorageAdapter {
    inner: InMemoryEventStorageAdapter,
    pushed: Arc<Mutex<Vec<(String, RawEvent)>>>,
}

impl RecordingEventStorageAdapter {
    /// What was pushed since it was asked last: store and event.
    pub(super) fn take(&self) -> Vec<(String, RawEvent)> {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(String, RawEvent)>> {
        self.pushed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl EventStorageAdapter for RecordingEventStorageAdapter {
    fn storage_id(&self) -> StorageId {
        self.inner.storage_id()
    }

    fn namespace(&self) -> &str {
        self.inner.namespace()
    }

    async fn get_events(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        options: GetEventsOptions,
    ) -> Result<Vec<RawEvent>, StorageError> {
        self.inner.get_events(event_store_id, aggregate_id, options).await
    }

    async fn visit_events(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        options: GetEventsOptions,
        visit: EventVisitor,
    ) -> Result<(), StorageError> {
        self.inner.visit_events(event_store_id, aggregate_id, options, visit).await
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

    async fn rewrite_count(&self, event_store_id: &str, aggregate_id: &str) -> Result<Option<u64>, StorageError> {
        self.inner.rewrite_count(event_store_id, aggregate_id).await
    }

    async fn list_aggregate_ids(
        &self,
        event_store_id: &str,
        options: ListAggregateIdsOptions,
    ) -> Result<AggregateIdsPage, StorageError> {
        self.inner.list_aggregate_ids(event_store_id, options).await
    }
}
