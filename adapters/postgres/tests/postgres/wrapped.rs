//! Adapters inside of others, as those are that record or measure.

use std::sync::Arc;

use castore_conformance::async_trait;
use castore_core::storage::{
    AggregateIdsPage, EventStorageAdapter, GetEventsOptions, GroupedRawEvent, ListAggregateIdsOptions, PushOptions,
    PushReceipt, RawEvent, StorageError, StorageId,
};
use castore_postgres::PostgresEventStorageAdapter;

use super::support::{A, B, NO_FORCE, Schema, grouped, versions};

#[derive(Debug)]
struct Wrapper(PostgresEventStorageAdapter);

#[async_trait]
impl EventStorageAdapter for Wrapper {
    fn storage_id(&self) -> StorageId {
        self.0.storage_id()
    }

    async fn get_events(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        options: GetEventsOptions,
    ) -> Result<Vec<RawEvent>, StorageError> {
        self.0.get_events(event_store_id, aggregate_id, options).await
    }

    async fn push_event(
        &self,
        event_store_id: &str,
        event: RawEvent,
        options: PushOptions,
    ) -> Result<PushReceipt, StorageError> {
        self.0.push_event(event_store_id, event, options).await
    }

    async fn push_event_group(
        &self,
        group: Vec<GroupedRawEvent>,
        options: PushOptions,
    ) -> Result<Vec<PushReceipt>, StorageError> {
        self.0.push_event_group(group, options).await
    }

    async fn list_aggregate_ids(
        &self,
        event_store_id: &str,
        options: ListAggregateIdsOptions,
    ) -> Result<AggregateIdsPage, StorageError> {
        self.0.list_aggregate_ids(event_store_id, options).await
    }
}

#[tokio::test]
async fn groups_through_a_wrapper_go_to_the_table_that_it_wraps_or_nowhere() {
    let schema = Schema::new().await;
    let one = schema.adapter().await;
    let other = schema.created(schema.builder().table("other")).await;
    let wrapped =
        |adapter: &PostgresEventStorageAdapter| -> Arc<dyn EventStorageAdapter> { Arc::new(Wrapper(adapter.clone())) };
    let of = |adapter: &Arc<dyn EventStorageAdapter>, id: &str| GroupedRawEvent {
        adapter: Arc::clone(adapter),
        ..grouped(&one, id, 1)
    };
    let (wrapped_one, wrapped_other) = (wrapped(&one), wrapped(&other));
    let group = vec![of(&wrapped_one, A), of(&wrapped_one, B)];
    wrapped_one.push_event_group(group, NO_FORCE).await.unwrap();
    assert_eq!((versions(&one, A).await, versions(&one, B).await), (vec![1], vec![1]));
    // Which table the second event is for cannot be told: the first one's would be a guess.
    let group = vec![of(&wrapped_other, A), of(&wrapped_one, A)];
    let error = wrapped_other.push_event_group(group, NO_FORCE).await.unwrap_err();
    assert!(matches!(error, StorageError::Unsupported { .. }), "{error:?}");
    assert_eq!(versions(&other, A).await, Vec::<u64>::new());
}
