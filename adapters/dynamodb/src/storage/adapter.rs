use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use castore_core::storage::{
    AggregateIdsPage, EventStorageAdapter, EventVisitor, GetEventsOptions, GroupedRawEvent, ListAggregateIdsOptions,
    PushOptions, PushReceipt, RawEvent, StorageError, StorageId,
};

use super::builder::DynamoDbEventStorageAdapterBuilder;
use crate::request::Requests;

/// An event storage adapter that stores events in a DynamoDB table. Clones are cheap and share the client.
///
/// See the [crate](crate) documentation for the guarantees.
#[derive(Clone)]
pub struct DynamoDbEventStorageAdapter {
    pub(super) requests: Requests,
    pub(super) table_name: Arc<str>,
    pub(super) storage_id: StorageId,
    pub(super) consistent_reads: bool,
    pub(super) rewrites_table: Option<Arc<str>>,
    pub(super) refuse_gaps: bool,
}

impl DynamoDbEventStorageAdapter {
    /// Creates an adapter for a table, with the default options. This call sends no request.
    pub fn new(client: Client, table_name: impl Into<String>) -> Self {
        Self::builder(client, table_name).build()
    }

    /// Returns a builder for an adapter with custom options.
    pub fn builder(client: Client, table_name: impl Into<String>) -> DynamoDbEventStorageAdapterBuilder {
        DynamoDbEventStorageAdapterBuilder::new(client, table_name.into())
    }

    /// Returns an adapter for another table of the same account and region. Event groups may span both tables.
    #[must_use]
    pub fn with_table_name(&self, table_name: impl Into<String>) -> Self {
        Self { table_name: table_name.into().into(), ..self.clone() }
    }

    /// Returns the name of the table.
    pub fn table_name(&self) -> &str {
        &self.table_name
    }

    pub(crate) fn requests(&self) -> &Requests {
        &self.requests
    }
}

impl fmt::Debug for DynamoDbEventStorageAdapter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("DynamoDbEventStorageAdapter")
            .field("table_name", &self.table_name)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl EventStorageAdapter for DynamoDbEventStorageAdapter {
    fn storage_id(&self) -> StorageId {
        self.storage_id.clone()
    }

    fn namespace(&self) -> &str {
        self.table_name()
    }

    async fn get_events(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        options: GetEventsOptions,
    ) -> Result<Vec<RawEvent>, StorageError> {
        let mut events = Vec::new();
        let take = |event: crate::item::StoredEvent| {
            events.push(event.into_raw());
            ControlFlow::Continue(())
        };
        self.read_events(event_store_id, aggregate_id, options, take).await?;
        tracing::trace!(event_store = event_store_id, aggregate_id, events = events.len(), "read events");
        Ok(events)
    }

    async fn visit_events(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        options: GetEventsOptions,
        mut visit: EventVisitor,
    ) -> Result<(), StorageError> {
        self.read_events(event_store_id, aggregate_id, options, |event| visit(event.as_ref())).await
    }

    async fn push_event(
        &self,
        event_store_id: &str,
        event: RawEvent,
        options: PushOptions,
    ) -> Result<PushReceipt, StorageError> {
        let result = self.put_event(event_store_id, &event, options).await;
        log_push(event_store_id, &event, result.as_ref().err());
        result.map(|()| PushReceipt::default())
    }

    async fn push_event_group(
        &self,
        group: Vec<GroupedRawEvent>,
        options: PushOptions,
    ) -> Result<Vec<PushReceipt>, StorageError> {
        let result = self.put_group(&group, options).await;
        for grouped in &group {
            log_push(grouped.event_store_id, &grouped.event, result.as_ref().err());
        }
        result.map(|()| vec![PushReceipt::default(); group.len()])
    }

    async fn rewrite_count(&self, event_store_id: &str, aggregate_id: &str) -> Result<Option<u64>, StorageError> {
        self.read_rewrites(event_store_id, aggregate_id).await
    }

    async fn list_aggregate_ids(
        &self,
        event_store_id: &str,
        options: ListAggregateIdsOptions,
    ) -> Result<AggregateIdsPage, StorageError> {
        self.read_aggregate_ids(event_store_id, options).await
    }
}

/// Logs the event's key and the outcome of the push, never the content of the event.
fn log_push(event_store: &str, event: &RawEvent, error: Option<&StorageError>) {
    let (aggregate, version) = (&*event.aggregate_id, event.version);
    match error {
        None => tracing::debug!(event_store, aggregate_id = aggregate, version, "stored an event"),
        Some(error) => tracing::debug!(
            event_store,
            aggregate_id = aggregate,
            version,
            error = castore_core::error::error_chain(error),
            "could not store an event"
        ),
    }
}
