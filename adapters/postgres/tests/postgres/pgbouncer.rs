//! Adapters behind a pooler in transaction mode. The conformance test kits also run behind a pooler.

use std::time::Duration;

use castore_core::log::EventLog;
use castore_core::relay::{AcquireLease, RelayStorageAdapter};
use castore_core::snapshot::{Snapshot, SnapshotAdapter, SnapshotKey};
use castore_core::storage::{EventStorageAdapter, GetEventsOptions, ListAggregateIdsOptions};
use castore_core::time::Timestamp;
use castore_postgres::SchemaError;

use super::conformance::database;
use super::log::{ORIGINAL, page, positions};
use super::support::{A, B, FORCE, NO_FORCE, STORE, Schema, Via, event, grouped, push, versions};

/// In this test, the adapter connects to the server directly. Its only connection is one session, so the test can check
/// what the adapter leaves in the session.
#[tokio::test]
async fn nothing_is_left_in_the_session() {
    let schema = Schema::new().await;
    let adapter = schema.created(schema.builder().pool_size(1).transaction_pooling(true)).await;
    adapter.create_event_table().await.unwrap();
    push(&adapter, A, 1).await.unwrap();
    push(&adapter, A, 1).await.unwrap_err();
    adapter.push_event(STORE, event(A, 1), FORCE).await.unwrap();
    adapter.push_event_group(vec![grouped(&adapter, A, 2), grouped(&adapter, B, 1)], NO_FORCE).await.unwrap();
    assert_eq!(adapter.get_events(STORE, A, GetEventsOptions::default()).await.unwrap().len(), 2);
    let listed = adapter.list_aggregate_ids(STORE, ListAggregateIdsOptions::default()).await.unwrap();
    assert_eq!(listed.aggregates.len(), 2);
    assert_eq!(positions(&page(&adapter, 0).await.events).len(), 3);
    let log_id = adapter.log_id().await.unwrap();
    let lasts = Duration::from_secs(1);
    adapter.acquire(AcquireLease { relay: "relay", owner: "me", lasts, log_id: &log_id, first: 0 }).await.unwrap();
    let key = SnapshotKey { event_store_id: STORE, aggregate_id: A.to_owned(), state_shape: 1, reducer_version: 1 };
    let state = serde_json::value::to_raw_value(&1).unwrap();
    let event_timestamp = Timestamp::from_unix_millis(0).unwrap();
    adapter.put_snapshot(&key, Snapshot { version: 1, rewrites: 0, event_timestamp, state }, 1).await.unwrap();
    adapter.drop_event_table().await.unwrap();

    let client = adapter.pool().get().await.unwrap();
    let left = client
        .query_typed(
            "SELECT (SELECT count(*) FROM pg_prepared_statements),
                (SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory'),
                (SELECT count(*) FROM pg_settings WHERE source = 'session')",
            &[],
        )
        .await
        .unwrap();
    let left: [i64; 3] = [0, 1, 2].map(|column| left[0].get(column));
    assert_eq!(left, [0, 0, 0], "prepared statements, advisory locks, settings");
}

#[tokio::test]
async fn an_index_is_not_built_without_a_session() {
    let schema = Schema::new().await.via(Via::PgBouncer);
    schema.run(ORIGINAL).await;
    let pooled = schema.open(schema.builder()).await;
    push(&pooled, A, 1).await.unwrap();
    let error = pooled.create_event_table().await.unwrap_err();
    assert!(matches!(error, SchemaError::NeedsSession { .. }), "{error:?}");
    assert!(error.to_string().contains("the index \"idx_event_initial_event\" of "), "{error}");
    // The triggers are created, because they need no session.
    assert_eq!(pooled.rewrite_count(STORE, A).await.unwrap(), Some(1));

    let schema = schema.via(Via::Direct);
    schema.created(schema.builder()).await;
    pooled.create_event_table().await.unwrap();
    assert_eq!(versions(&pooled, A).await, [1]);
}

#[tokio::test]
async fn many_processes_create_a_table() {
    let schema = Schema::new().await.via(Via::PgBouncer);
    let creations = (0..6).map(|_| async { schema.created(schema.builder()).await });
    let mut adapters = Vec::new();
    for adapter in futures_of(creations).await {
        adapters.push(adapter);
    }
    for (version, adapter) in (1..).zip(&adapters) {
        push(adapter, A, version).await.unwrap();
    }
    assert_eq!(versions(&adapters[0], A).await, [1, 2, 3, 4, 5, 6]);
}

/// Runs the futures at the same time.
async fn futures_of<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut running: Vec<_> = futures.map(|future| (Box::pin(future), None)).collect();
    std::future::poll_fn(|context| {
        for (future, output) in &mut running {
            if output.is_none()
                && let std::task::Poll::Ready(ready) = future.as_mut().poll(context)
            {
                *output = Some(ready);
            }
        }
        if running.iter().all(|(_, output)| output.is_some()) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    running.into_iter().filter_map(|(_, output)| output).collect()
}

/// The pooler keeps the connections of its clients open when the processes of the server end, as after a crash.
#[tokio::test]
async fn the_log_is_read_on_when_all_server_processes_were_replaced() {
    // Another database has another pool, so that no other test loses its connections.
    let schema = Schema::in_database("crash", database("castore_pgbouncer").await).await.via(Via::PgBouncer);
    let adapter = schema.adapter().await;
    for version in 1..=20 {
        push(&adapter, A, version).await.unwrap();
        assert_eq!(positions(&page(&adapter, 0).await.events).len() as u64, version);
        if version % 5 == 0 {
            let ended: i64 = schema
                .value(
                    "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity
                     WHERE datname = current_database() AND pid <> pg_backend_pid()",
                )
                .await;
            assert!(ended > 0);
            // The pooler notices that its connections are closed.
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}
