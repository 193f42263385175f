//! Tests of which snapshots are used.

use castore::prelude::*;
use castore::snapshot::{InMemorySnapshotAdapter, Snapshots};
use castore::storage::{DelegatingStorageAdapter, EventStorageAdapter, PushOptions, RawEvent};
use serde_json::value::to_raw_value;

use super::support::{Counter, JsonSnapshots, added, changed, mended, push};
use crate::support::{Log, LoggingStorage};

/// Returns a storage with twenty events of aggregate `c`, and a snapshot at version 20.
async fn with_snapshot() -> (InMemoryEventStorageAdapter, JsonSnapshots) {
    let (storage, kept) = (InMemoryEventStorageAdapter::new(), JsonSnapshots::default());
    let counters = EventStore::<Counter>::new(storage.clone()).with_snapshots(Snapshots::new(kept.clone()).every(10));
    push(&counters, "c", 1, 20).await;
    counters.get_aggregate("c").without_events().await.unwrap();
    assert_eq!(kept.versions("c"), [20]);
    (storage, kept)
}

fn store<S: EventSourced + castore::snapshot::SnapshotState>(
    storage: &InMemoryEventStorageAdapter,
    kept: &JsonSnapshots,
) -> EventStore<S> {
    EventStore::new(storage.clone()).with_snapshots(Snapshots::new(kept.clone()).every(10))
}

/// Loads the aggregate `c`, and returns the version of the snapshot that was used. Asserts that the aggregate equals
/// the one that is loaded without snapshots.
async fn used<S>(storage: &InMemoryEventStorageAdapter, kept: &JsonSnapshots) -> Option<u64>
where
    S: EventSourced<AggregateId = String> + castore::snapshot::SnapshotState + PartialEq + std::fmt::Debug,
{
    let all = EventStore::<S>::new(storage.clone()).get_existing_aggregate("c").await.unwrap();
    let since = store::<S>(storage, kept).get_existing_aggregate("c").since_snapshot().await.unwrap();
    assert_eq!(since.aggregate, all.aggregate);
    let first = since.snapshot_version.unwrap_or(0);
    let versions: Vec<u64> = since.events_since_snapshot.iter().map(|event| event.version).collect();
    assert_eq!(versions, (first + 1..=all.aggregate.version).collect::<Vec<_>>());
    since.snapshot_version
}

#[tokio::test]
async fn only_events_after_the_snapshot_are_read() {
    let (storage, kept) = with_snapshot().await;
    push(&EventStore::<Counter>::new(storage.clone()), "c", 21, 23).await;
    let log = Log::new();
    let logging = LoggingStorage::new(storage.clone(), log.clone());
    let snapshots = Snapshots::new(kept.clone()).every(10).allow_without_rewrite_counts();
    let counters = EventStore::<Counter>::new(logging).with_snapshots(snapshots);
    let since = counters.get_existing_aggregate("c").since_snapshot().await.unwrap();
    assert_eq!((since.snapshot_version, since.aggregate.version, since.events_since_snapshot.len()), (Some(20), 23, 3));
    // The read includes the last event that the snapshot covers, to check that this event still exists.
    assert_eq!(log.entries(), [serde_json::json!(["storage.getEvents", "c", {"minVersion": 20}])]);
    assert_eq!(used::<Counter>(&storage, &kept).await, Some(20));
    // `get_aggregate` returns all events.
    assert_eq!(counters.get_aggregate("c").await.unwrap().events.len(), 23);
}

#[tokio::test]
async fn earlier_versions_use_earlier_snapshots() {
    let (storage, kept) = with_snapshot().await;
    let counters = store::<Counter>(&storage, &kept);
    let early = counters.get_aggregate("c").max_version(19).since_snapshot().await.unwrap();
    assert_eq!((early.snapshot_version, early.events_since_snapshot.len()), (None, 19));
    let same = counters.get_aggregate("c").max_version(20).since_snapshot().await.unwrap();
    assert_eq!((same.snapshot_version, same.events_since_snapshot.len()), (Some(20), 0));
    assert_eq!(same.aggregate.unwrap().version, 20);
}

#[tokio::test]
async fn snapshot_of_another_state_or_reducer_is_ignored() {
    let (storage, kept) = with_snapshot().await;
    assert_ne!(Counter::STATE_SHAPE, changed::Counter::STATE_SHAPE);
    assert_eq!(used::<changed::Counter>(&storage, &kept).await, None);
    assert_eq!(used::<mended::Counter>(&storage, &kept).await, None);
    // Each version of the store now has its own snapshot.
    assert_eq!(used::<mended::Counter>(&storage, &kept).await, Some(20));
}

#[tokio::test]
async fn damaged_snapshot_is_ignored_and_replaced() {
    let (storage, kept) = with_snapshot().await;
    for text in ["null", r#"{"digest":"secret"}"#, r#"{"other":1}"#] {
        kept.overwrite(text);
        assert_eq!(used::<Counter>(&storage, &kept).await, None, "{text}");
        assert_eq!(used::<Counter>(&storage, &kept).await, Some(20), "rebuilt");
    }
    kept.break_down();
    assert_eq!(used::<Counter>(&storage, &kept).await, None, "a load does not need snapshots");
}

#[tokio::test]
async fn rewrite_invalidates_snapshots() {
    let (storage, kept) = with_snapshot().await;
    // The rewrite comes from a store without snapshots: the storage detects it.
    let other = EventStore::<Counter>::new(storage.clone());
    other.push_event(added("c", 3, 1_000)).force(true).await.unwrap();
    assert_eq!(used::<Counter>(&storage, &kept).await, None);
    assert_eq!(used::<Counter>(&storage, &kept).await, Some(20));
    // A forced push in a group, and a forced push directly in the storage, also count as rewrites.
    castore::push_event_group(vec![other.group_event(added("c", 20, 5))]).force(true).await.unwrap();
    assert_eq!(used::<Counter>(&storage, &kept).await, None);
    let event = RawEvent {
        aggregate_id: "c".to_owned(),
        version: 1,
        event_type: "Added".into(),
        timestamp: Timestamp::now(),
        payload: Some(to_raw_value(&serde_json::json!({"amount": 77})).unwrap()),
        metadata: None,
    };
    storage.push_event("COUNTERS", event, PushOptions::default().force(true)).await.unwrap();
    assert_eq!(used::<Counter>(&storage, &kept).await, None);
    // A forced push of a new version is not a rewrite.
    assert_eq!(used::<Counter>(&storage, &kept).await, Some(20));
    other.push_event(added("c", 21, 1)).force(true).await.unwrap();
    assert_eq!(used::<Counter>(&storage, &kept).await, Some(20));
}

#[tokio::test]
async fn storages_without_rewrite_counts_use_snapshots_if_allowed() {
    let storage = InMemoryEventStorageAdapter::new();
    let telling_nothing = || LoggingStorage::new(storage.clone(), Log::new());
    let kept = JsonSnapshots::default();
    let cautious = EventStore::<Counter>::new(telling_nothing()).with_snapshots(Snapshots::new(kept.clone()).every(1));
    push(&cautious, "c", 1, 3).await;
    cautious.get_aggregate("c").without_events().await.unwrap();
    assert!(kept.versions("c").is_empty());

    let trusting = EventStore::<Counter>::new(telling_nothing())
        .with_snapshots(Snapshots::new(kept.clone()).every(1).allow_without_rewrite_counts());
    trusting.get_aggregate("c").without_events().await.unwrap();
    assert_eq!(kept.versions("c"), [3]);
    assert_eq!(trusting.get_aggregate("c").since_snapshot().await.unwrap().snapshot_version, Some(3));
    assert_eq!(cautious.get_aggregate("c").since_snapshot().await.unwrap().snapshot_version, None);
    trusting.push_event(added("c", 2, 9)).force(true).await.unwrap();
    assert!(kept.versions("c").is_empty());
    trusting.get_aggregate("c").without_events().await.unwrap();
    castore::push_event_group((trusting.group_event(added("c", 2, 10)),)).force(true).await.unwrap();
    assert!(kept.versions("c").is_empty());
}

/// A table of a storage that has several tables.
#[derive(Debug)]
struct Table(InMemoryEventStorageAdapter, castore::storage::StorageId, &'static str);

impl DelegatingStorageAdapter for Table {
    fn inner(&self) -> &dyn EventStorageAdapter {
        &self.0
    }

    fn storage_id(&self) -> castore::storage::StorageId {
        self.1.clone()
    }

    fn namespace(&self) -> &str {
        self.2
    }
}

#[tokio::test]
async fn tables_of_one_storage_that_share_a_cache_do_not_mix() {
    let (cache, storage_id) = (InMemorySnapshotAdapter::with_capacity(10), castore::storage::StorageId::unique());
    let tenants = [("tenant_a", 1), ("tenant_b", 2)].map(|(table, amount)| {
        let adapter = Table(InMemoryEventStorageAdapter::new(), storage_id.clone(), table);
        (EventStore::<Counter>::new(adapter).with_snapshots(Snapshots::new(cache.clone())), amount)
    });
    let at = "2024-01-01T00:00:00.000Z".parse::<Timestamp>().unwrap();
    for (counters, amount) in &tenants {
        counters.push_event(added("c", 1, *amount).timestamp(at)).await.unwrap();
    }
    for _ in 0..2 {
        for (counters, amount) in &tenants {
            let loaded = counters.get_existing_aggregate("c").without_events().await.unwrap();
            assert_eq!(loaded.digest, 7 * 31 + amount);
        }
    }
    assert_eq!(cache.len(), 2);
}

/// A storage that runs a function once, after the snapshot is read and before the events are read.
#[derive(Debug)]
struct Between<F>(InMemoryEventStorageAdapter, std::sync::Mutex<Option<F>>);

impl<F> Between<F>
where
    F: FnOnce(InMemoryEventStorageAdapter) -> futures_core::future::BoxFuture<'static, ()>,
{
    async fn happen(&self) {
        let happening = self.1.lock().unwrap().take();
        if let Some(happening) = happening {
            happening(self.0.clone()).await;
        }
    }
}

#[async_trait::async_trait]
impl<F> DelegatingStorageAdapter for Between<F>
where
    F: FnOnce(InMemoryEventStorageAdapter) -> futures_core::future::BoxFuture<'static, ()>
        + std::fmt::Debug
        + Send
        + 'static,
{
    fn inner(&self) -> &dyn EventStorageAdapter {
        &self.0
    }

    async fn get_events(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        options: castore::storage::GetEventsOptions,
    ) -> Result<Vec<RawEvent>, castore::storage::StorageError> {
        self.happen().await;
        self.0.get_events(event_store_id, aggregate_id, options).await
    }

    async fn visit_events(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        options: castore::storage::GetEventsOptions,
        visit: castore::storage::EventVisitor,
    ) -> Result<(), castore::storage::StorageError> {
        self.happen().await;
        self.0.visit_events(event_store_id, aggregate_id, options, visit).await
    }
}

fn rewrite_and_push(storage: InMemoryEventStorageAdapter) -> futures_core::future::BoxFuture<'static, ()> {
    Box::pin(async move {
        let counters = EventStore::<Counter>::new(storage);
        counters.push_event(added("c", 1, 5_000)).force(true).await.unwrap();
        counters.push_event(added("c", 21, 21)).await.unwrap();
    })
}

#[tokio::test]
async fn load_during_a_rewrite_returns_no_mixed_state() {
    let (storage, kept) = with_snapshot().await;
    let between = Between(storage.clone(), std::sync::Mutex::new(Some(rewrite_and_push as fn(_) -> _)));
    let counters = EventStore::<Counter>::new(between).with_snapshots(Snapshots::new(kept.clone()).every(10));
    let loaded = counters.get_existing_aggregate("c").without_events().await.unwrap();
    assert_eq!(
        loaded,
        EventStore::<Counter>::new(storage.clone()).get_existing_aggregate("c").await.unwrap().aggregate
    );
    assert_eq!(used::<Counter>(&storage, &kept).await, None);
}

#[tokio::test]
async fn snapshot_of_another_history_is_ignored() {
    let (_, kept) = with_snapshot().await;
    // The storage was restored and has new events.
    let storage = InMemoryEventStorageAdapter::new();
    let counters = EventStore::<Counter>::new(storage.clone());
    for version in 1..=22 {
        let event = added("c", version, 7).timestamp("2030-01-01T00:00:00.000Z".parse::<Timestamp>().unwrap());
        counters.push_event(event).await.unwrap();
    }
    assert_eq!(used::<Counter>(&storage, &kept).await, None);
    assert_eq!(used::<Counter>(&storage, &kept).await, Some(22));
}

#[tokio::test]
async fn stale_snapshot_is_deleted_by_a_load() {
    let (storage, kept) = with_snapshot().await;
    let counters = EventStore::<Counter>::new(storage.clone());
    counters.push_event(added("c", 1, 9)).force(true).await.unwrap();
    let early = store::<Counter>(&storage, &kept);
    early.get_aggregate("c").max_version(25).without_events().await.unwrap();
    assert!(kept.versions("c").is_empty(), "the stale snapshot is deleted");
}

#[tokio::test]
async fn cache_is_filled_from_the_stored_snapshot() {
    let (storage, kept) = with_snapshot().await;
    let cache = InMemorySnapshotAdapter::with_capacity(10);
    let counters = EventStore::<Counter>::new(storage)
        .with_snapshots(Snapshots::new(cache.clone()))
        .with_snapshots(Snapshots::new(kept.clone()));
    counters.get_aggregate("c").without_events().await.unwrap();
    assert_eq!(cache.len(), 1);
    kept.break_down();
    assert_eq!(counters.get_aggregate("c").since_snapshot().await.unwrap().snapshot_version, Some(20));
}

#[tokio::test]
async fn snapshot_beyond_the_last_event_is_ignored() {
    let (_, kept) = with_snapshot().await;
    // The storage was restored from an earlier backup.
    let storage = InMemoryEventStorageAdapter::new();
    let cache = InMemorySnapshotAdapter::with_capacity(10);
    push(&EventStore::<Counter>::new(storage.clone()), "c", 1, 5).await;
    assert_eq!(used::<Counter>(&storage, &kept).await, None);
    assert!(kept.versions("c").is_empty());
    // A cached snapshot is also ignored.
    let counters = EventStore::<Counter>::new(storage.clone()).with_snapshots(Snapshots::new(cache));
    counters.get_aggregate("c").without_events().await.unwrap();
    let shorter = InMemoryEventStorageAdapter::new();
    push(&EventStore::<Counter>::new(shorter.clone()), "c", 1, 2).await;
    counters.set_event_storage_adapter(Some(std::sync::Arc::new(shorter)));
    let loaded = counters.get_existing_aggregate("c").since_snapshot().await.unwrap();
    assert_eq!((loaded.aggregate.version, loaded.snapshot_version), (2, None));
}

#[tokio::test]
async fn storages_that_share_a_cache_do_not_mix() {
    let cache = InMemorySnapshotAdapter::with_capacity(10);
    for amount in [1, 2] {
        let counters = EventStore::<Counter>::new(InMemoryEventStorageAdapter::new())
            .with_snapshots(Snapshots::new(cache.clone()));
        counters.push_event(added("c", 1, amount)).await.unwrap();
        for _ in 0..2 {
            let loaded = counters.get_existing_aggregate("c").without_events().await.unwrap();
            assert_eq!(loaded.digest, 7 * 31 + amount);
        }
    }
}

#[tokio::test]
async fn missing_aggregate_has_no_snapshot() {
    let kept = JsonSnapshots::default();
    let counters = EventStore::<Counter>::new(InMemoryEventStorageAdapter::new())
        .with_snapshots(Snapshots::new(kept.clone()).every(1));
    let none = counters.get_aggregate("c").since_snapshot().await.unwrap();
    assert!(none.aggregate.is_none() && none.snapshot_version.is_none() && none.events_since_snapshot.is_empty());
    assert!(kept.versions("c").is_empty());
    let error = counters.get_existing_aggregate("c").since_snapshot().await.unwrap_err();
    assert!(matches!(error, EventStoreError::AggregateNotFound(_)));
}
