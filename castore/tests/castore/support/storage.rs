use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use castore::InMemoryEventStorageAdapter;
use castore::storage::{
    AggregateIdsPage, DelegatingStorageAdapter, EventStorageAdapter, EventVisitor, GetEventsOptions, GroupedRawEvent,
    ListAggregateIdsOptions, PushOptions, PushReceipt, RawEvent, StorageError,
};
use serde_json::{Value, json};

use super::Log;

/// An in-memory storage that logs its calls in the format of the golden data.
#[derive(Debug)]
pub struct LoggingStorage {
    inner: InMemoryEventStorageAdapter,
    log: Log<Value>,
    /// Whether groups are logged. The log that was recorded from the original TypeScript package contains no groups.
    logs_groups: bool,
    /// Whether a push of a group returns an empty list of receipts, as an adapter without positions may do.
    answers_no_groups: bool,
    broken: AtomicBool,
}

impl LoggingStorage {
    pub fn new(inner: InMemoryEventStorageAdapter, log: Log<Value>) -> Self {
        Self { inner, log, logs_groups: false, answers_no_groups: false, broken: AtomicBool::new(false) }
    }

    pub fn logging_groups(self) -> Self {
        Self { logs_groups: true, ..self }
    }

    pub fn answering_no_groups(self) -> Self {
        Self { answers_no_groups: true, ..self }
    }

    /// Makes all further calls fail.
    pub fn break_down(&self) {
        self.broken.store(true, Ordering::SeqCst);
    }

    fn check(&self) -> Result<(), StorageError> {
        if self.broken.load(Ordering::SeqCst) { Err(StorageError::engine("disk on fire")) } else { Ok(()) }
    }

    fn log_read(&self, aggregate_id: &str, options: GetEventsOptions) {
        let mut asked = serde_json::Map::new();
        for (key, value) in
            [("minVersion", options.min_version), ("maxVersion", options.max_version), ("limit", options.limit)]
        {
            if let Some(value) = value {
                asked.insert(key.to_owned(), value.into());
            }
        }
        if options.reverse {
            asked.insert("reverse".to_owned(), true.into());
        }
        self.log.add(json!(["storage.getEvents", short(aggregate_id), asked]));
    }
}

/// Returns the first four characters of an id, as in the golden data.
pub fn short(aggregate_id: &str) -> &str {
    aggregate_id.get(..4).unwrap_or(aggregate_id)
}

#[async_trait]
impl DelegatingStorageAdapter for LoggingStorage {
    fn inner(&self) -> &dyn EventStorageAdapter {
        &self.inner
    }

    async fn get_events(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        options: GetEventsOptions,
    ) -> Result<Vec<RawEvent>, StorageError> {
        self.log_read(aggregate_id, options);
        self.check()?;
        self.inner.get_events(event_store_id, aggregate_id, options).await
    }

    async fn visit_events(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        options: GetEventsOptions,
        visit: EventVisitor,
    ) -> Result<(), StorageError> {
        self.log_read(aggregate_id, options);
        self.check()?;
        self.inner.visit_events(event_store_id, aggregate_id, options, visit).await
    }

    async fn push_event(
        &self,
        event_store_id: &str,
        event: RawEvent,
        options: PushOptions,
    ) -> Result<PushReceipt, StorageError> {
        let which = format!("{}#{}", short(&event.aggregate_id), event.version);
        let asked = json!({"eventStoreId": event_store_id, "force": options.force});
        self.log.add(json!(["storage.pushEvent", which, asked]));
        self.check()?;
        self.inner.push_event(event_store_id, event, options).await
    }

    async fn push_event_group(
        &self,
        group: Vec<GroupedRawEvent>,
        options: PushOptions,
    ) -> Result<Vec<PushReceipt>, StorageError> {
        if self.logs_groups {
            self.log.add(json!(["storage.pushEventGroup", group.len(), {"force": options.force}]));
        }
        self.check()?;
        let stored = self.inner.push_event_group(group, options).await?;
        Ok(if self.answers_no_groups { Vec::new() } else { stored })
    }

    /// Returns `None`, like an adapter that does not count rewrites.
    async fn rewrite_count(&self, _: &str, _: &str) -> Result<Option<u64>, StorageError> {
        Ok(None)
    }

    async fn list_aggregate_ids(
        &self,
        event_store_id: &str,
        options: ListAggregateIdsOptions,
    ) -> Result<AggregateIdsPage, StorageError> {
        self.check()?;
        self.inner.list_aggregate_ids(event_store_id, options).await
    }
}
