//! The conformance test kit for the deletion of aggregates, and tests of its locks and privileges.

use std::error::Error;
use std::time::Duration;

use castore_conformance::deletion::{DeletionFactory, FreshDeletion};
use castore_conformance::storage::{Capabilities, StorageFactory};
use castore_core::log::EventLog;
use castore_core::snapshot::{Snapshot, SnapshotAdapter, SnapshotKey};
use castore_core::storage::{AggregateDeletion, Deletion, EventStorageAdapter, StorageError};
use castore_postgres::{AggregateIdColumn, PostgresEventStorageAdapter, SchemaError};
use serde_json::value::RawValue;

use crate::conformance::Postgres;
use crate::support::{A, B, STORE, Schema, Via, connect, event, push, versions};

struct Deletions(Postgres, Via);

#[castore_conformance::async_trait]
impl DeletionFactory for Deletions {
    async fn fresh(&self) -> FreshDeletion {
        let schema = Schema::new().await.via(self.1);
        let builder = schema.builder().aggregate_id_column(self.0.column()).acquire_timeout(Duration::from_secs(60));
        // Other tests hold locks of this server for a while.
        let adapter = schema.created(builder.lock_timeout(Duration::from_secs(60))).await;
        FreshDeletion::new(adapter).map_log(|log| log.keeping(schema))
    }

    fn capabilities(&self) -> Capabilities {
        StorageFactory::capabilities(&self.0)
    }
}

castore_conformance::deletion_conformance!(mod uuid, Deletions(Postgres::with(AggregateIdColumn::Uuid), Via::Direct));
castore_conformance::deletion_conformance!(mod text, Deletions(Postgres::with(AggregateIdColumn::Text), Via::Direct));
castore_conformance::deletion_conformance!(
    mod pgbouncer,
    Deletions(Postgres::with(AggregateIdColumn::Text), Via::PgBouncer)
);

async fn delete(adapter: &PostgresEventStorageAdapter, last_version: u64) -> Result<Deletion, StorageError> {
    adapter.delete_aggregate(STORE, A, last_version).await
}

/// The event of an open transaction is not visible to other transactions, but must not be stored after the deletion.
#[tokio::test]
async fn a_deletion_waits_for_a_push_in_an_open_transaction() {
    let schema = Schema::new().await;
    let adapter = schema.created(schema.builder().lock_timeout(Duration::from_secs(60))).await;
    push(&adapter, A, 1).await.unwrap();
    let client = connect(schema.url()).await;
    let insert = format!(
        "BEGIN; INSERT INTO \"{}\".event (aggregate_name, aggregate_id, version, type, timestamp)
         VALUES ('{STORE}', '{A}', 2, 'HAPPENED', now())",
        schema.name
    );
    client.batch_execute(&insert).await.unwrap();
    let deletion = {
        let adapter = adapter.clone();
        tokio::spawn(async move { delete(&adapter, 1).await })
    };
    let waits = "SELECT EXISTS (SELECT FROM pg_locks WHERE mode = 'ShareRowExclusiveLock' AND NOT granted
        AND relation = (SELECT oid FROM pg_class WHERE relname = 'event'
        AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())))";
    while !schema.value::<bool>(waits).await {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    client.batch_execute("COMMIT").await.unwrap();
    assert_eq!(deletion.await.unwrap().unwrap(), Deletion::Changed { last_version: 2 });
    assert_eq!(versions(&adapter, A).await, [1, 2]);
    assert_eq!(delete(&adapter, 2).await.unwrap(), Deletion::Deleted { events: 2 });
}

#[tokio::test]
async fn a_deletion_gives_up_after_the_lock_timeout() {
    let schema = Schema::new().await;
    let adapter = schema.created(schema.builder().lock_timeout(Duration::from_millis(100))).await;
    push(&adapter, A, 1).await.unwrap();
    let client = connect(schema.url()).await;
    let lock = format!("BEGIN; LOCK TABLE \"{}\".event IN ROW EXCLUSIVE MODE", schema.name);
    client.batch_execute(&lock).await.unwrap();
    let error = delete(&adapter, 1).await.unwrap_err();
    let source = error.source().and_then(|source| source.downcast_ref::<SchemaError>());
    assert!(matches!(source, Some(SchemaError::Locked { .. })), "{error:?}");
    assert_eq!(versions(&adapter, A).await, [1]);
    push(&adapter, A, 2).await.unwrap();
    client.batch_execute("COMMIT").await.unwrap();
    assert_eq!(delete(&adapter, 2).await.unwrap(), Deletion::Deleted { events: 2 });
}

/// Without rewrite counts, a relay would take the deletion of its last event for a replaced log.
#[tokio::test]
async fn a_table_without_rewrite_counts_is_refused() {
    let schema = Schema::new().await;
    let adapter = schema.created(schema.builder().rewrite_trigger(false)).await;
    push(&adapter, A, 1).await.unwrap();
    let error = delete(&adapter, 1).await.unwrap_err();
    assert!(
        matches!(&error, StorageError::Unsupported { what } if what.contains("create_rewrite_trigger")),
        "{error:?}"
    );
    assert_eq!(versions(&adapter, A).await, [1]);
    adapter.create_rewrite_trigger().await.unwrap();
    assert_eq!(delete(&adapter, 1).await.unwrap(), Deletion::Deleted { events: 1 });
}

/// A dropped deletion rolls back, and its connection does not return to the pool with an open transaction.
#[tokio::test]
async fn a_dropped_deletion_holds_no_lock() {
    let schema = Schema::new().await;
    let adapter = schema.created(schema.builder().pool_size(1).lock_timeout(Duration::from_secs(60))).await;
    for millis in 0..10 {
        let id = format!("{A}{millis}").replacen("aa", &format!("{millis:02}"), 1);
        let id = &id[..A.len()];
        adapter.push_event(STORE, event(id, 1), Default::default()).await.unwrap();
        let _ = tokio::time::timeout(Duration::from_millis(millis), adapter.delete_aggregate(STORE, id, 1)).await;
    }
    // The pushes and the log do not wait for an abandoned transaction.
    let position = push(&adapter, B, 1).await.unwrap();
    let end = adapter.end().await.unwrap();
    assert!(end.last_position >= position);
    let after = adapter.delete_aggregate(STORE, B, 1).await.unwrap();
    assert_eq!(after, Deletion::Deleted { events: 1 });
}

/// A UUID column accepts several spellings of an id. Snapshots are stored with the spelling of the caller.
#[tokio::test]
async fn a_deletion_accepts_another_spelling_of_a_uuid() {
    let schema = Schema::new().await;
    let adapter = schema.created(schema.builder().aggregate_id_column(AggregateIdColumn::Uuid)).await;
    let upper = A.to_uppercase();
    assert_ne!(upper, A);
    push(&adapter, A, 1).await.unwrap();
    let key = |id: &str| SnapshotKey {
        event_store_id: STORE,
        aggregate_id: id.to_owned(),
        state_shape: 1,
        reducer_version: 1,
    };
    for id in [A, &upper] {
        let state = RawValue::from_string("{}".to_owned()).unwrap();
        let snapshot = Snapshot { version: 1, rewrites: 0, event_timestamp: "2026-01-01".parse().unwrap(), state };
        adapter.put_snapshot(&key(id), snapshot, 1).await.unwrap();
    }
    let deletion = adapter.delete_aggregate(STORE, &upper, 1).await.unwrap();
    assert_eq!(deletion, Deletion::Deleted { events: 1 });
    for id in [A, &upper] {
        assert!(adapter.latest_snapshot(&key(id), None).await.unwrap().is_none(), "{id}");
    }
}
