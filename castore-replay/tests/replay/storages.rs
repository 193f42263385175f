//! A storage adapter that wraps the in-memory storage, records the requests, and injects failures.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use castore::InMemoryEventStorageAdapter;
use castore::storage::{
    AggregateIdsPage, DelegatingStorageAdapter, EventStorageAdapter, EventVisitor, GetEventsOptions,
    ListAggregateIdsOptions, RawEvent, StorageError, visit_in_pages,
};

/// The recorded requests to a storage, and the configuration of its failures.
#[derive(Debug, Default)]
pub struct Watch {
    pub get_events: AtomicU64,
    pub list_aggregate_ids: AtomicU64,
    /// The number of events that were returned.
    pub events: AtomicU64,
    /// The largest requested limit.
    pub largest_page: AtomicU64,
    /// Whether the last page of a list is followed by an empty page, as in some lists of DynamoDB.
    pub empty_last_page: bool,
    /// The number of the call of `get_events` that fails. The numbers start at 1.
    pub failing_read: Option<u64>,
}

#[derive(Debug, Clone)]
pub struct Watched {
    pub inner: InMemoryEventStorageAdapter,
    pub watch: Arc<Watch>,
}

impl Watched {
    pub fn new(inner: InMemoryEventStorageAdapter, watch: Watch) -> Self {
        Self { inner, watch: Arc::new(watch) }
    }
}

const END: &str = "the end";

#[async_trait]
impl DelegatingStorageAdapter for Watched {
    fn inner(&self) -> &dyn EventStorageAdapter {
        &self.inner
    }

    async fn get_events(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        options: GetEventsOptions,
    ) -> Result<Vec<RawEvent>, StorageError> {
        let call = self.watch.get_events.fetch_add(1, Ordering::SeqCst) + 1;
        if self.watch.failing_read == Some(call) {
            return Err(StorageError::engine(std::io::Error::other("on purpose")));
        }
        let limit = options.limit.expect("a replay reads pages");
        self.watch.largest_page.fetch_max(limit, Ordering::SeqCst);
        let events = self.inner.get_events(event_store_id, aggregate_id, options).await?;
        self.watch.events.fetch_add(events.len() as u64, Ordering::SeqCst);
        Ok(events)
    }

    async fn visit_events(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        options: GetEventsOptions,
        visit: EventVisitor,
    ) -> Result<(), StorageError> {
        visit_in_pages(self, event_store_id, aggregate_id, options, visit).await
    }

    async fn list_aggregate_ids(
        &self,
        event_store_id: &str,
        options: ListAggregateIdsOptions,
    ) -> Result<AggregateIdsPage, StorageError> {
        self.watch.list_aggregate_ids.fetch_add(1, Ordering::SeqCst);
        if options.page_token.as_deref() == Some(END) {
            return Ok(AggregateIdsPage::default());
        }
        let mut page = self.inner.list_aggregate_ids(event_store_id, options).await?;
        if self.watch.empty_last_page && page.next_page_token.is_none() {
            page.next_page_token = Some(END.to_owned());
        }
        Ok(page)
    }
}
