//! The conformance test kit for snapshots.

use std::sync::Arc;

use castore_conformance::snapshot::{FreshSnapshots, SnapshotFactory};
use castore_conformance::storage::Capabilities;
use castore_core::snapshot::{Snapshot, SnapshotAdapter, SnapshotKey};

use super::support::{A, Schema, Via, event, quote};

struct Snapshots(Via);

#[castore_conformance::async_trait]
impl SnapshotFactory for Snapshots {
    async fn fresh(&self) -> FreshSnapshots {
        let schema = Schema::new().await.via(self.0);
        let builder = schema.builder();
        let adapter = schema.created(builder.clone()).await;
        let url = schema.adapter_url();
        FreshSnapshots::new(adapter).keeping(schema).another_handle(move || {
            let (builder, url) = (builder.clone(), url.clone());
            async move { Arc::new(builder.connect(&url).await.unwrap()) as Arc<dyn SnapshotAdapter> }
        })
    }

    fn capabilities(&self) -> Capabilities {
        // The size of an incompressible id that fits into the key's index.
        Capabilities::full().max_version(i64::MAX as u64).max_aggregate_id_len(2_000)
    }
}

castore_conformance::snapshot_conformance!(mod direct, Snapshots(Via::Direct));
castore_conformance::snapshot_conformance!(mod pgbouncer, Snapshots(Via::PgBouncer));

/// Each tenant has its own table, and the aggregates of all tenants have the same ids.
#[tokio::test]
async fn snapshots_of_two_tables_of_a_schema_do_not_mix() {
    let schema = Schema::new().await;
    let long = "t".repeat(60);
    let tables = ["tenant_a".to_owned(), "tenant_b".to_owned(), format!("{long}_a"), format!("{long}_b")];
    let key = SnapshotKey { event_store_id: "STORE", aggregate_id: A.to_owned(), state_shape: 1, reducer_version: 1 };
    let mut tenants = Vec::new();
    for (version, table) in (7..).zip(&tables) {
        let tenant = schema.created(schema.builder().table(table)).await;
        let before = tenant.latest_snapshot(&key, None).await.unwrap();
        assert!(before.is_none(), "{table}: {before:?}");
        let state = serde_json::value::to_raw_value(table).unwrap();
        let snapshot = Snapshot { version, rewrites: 0, event_timestamp: event(A, 1).timestamp, state };
        tenant.put_snapshot(&key, snapshot, 1).await.unwrap();
        tenants.push((table, version, tenant));
    }
    for (table, version, tenant) in &tenants {
        let own = tenant.latest_snapshot(&key, None).await.unwrap().unwrap();
        assert_eq!((own.version, own.state.get()), (*version, &*format!("{table:?}")));
    }
    tenants[0].2.delete_snapshots("STORE", A).await.unwrap();
    assert!(tenants[0].2.latest_snapshot(&key, None).await.unwrap().is_none());
    assert!(tenants[1].2.latest_snapshot(&key, None).await.unwrap().is_some());
    // Dropping a table drops its snapshots: a new table of the same name must not use them.
    let again = &tenants[1].2;
    again.drop_event_table().await.unwrap();
    again.create_event_table().await.unwrap();
    assert!(again.latest_snapshot(&key, None).await.unwrap().is_none());
    assert!(tenants[2].2.latest_snapshot(&key, None).await.unwrap().is_some());
}

#[tokio::test]
async fn a_snapshot_that_is_no_json_is_corrupt() {
    let schema = Schema::new().await;
    let adapter = schema.adapter().await;
    let key = SnapshotKey { event_store_id: "STORE", aggregate_id: "a".to_owned(), state_shape: 1, reducer_version: 1 };
    assert!(adapter.latest_snapshot(&key, None).await.unwrap().is_none(), "there is no table yet");
    for _ in 0..2 {
        adapter.create_snapshot_table().await.unwrap();
    }
    let table = format!("{}.castore_snapshot_event", quote(&schema.name));
    for values in ["1, 1, 1, 0, 0, '{'", "1, 1, 1, -1, 0, '{}'"] {
        schema.run(&format!("DELETE FROM {table}; INSERT INTO {table} VALUES ('STORE', 'a', {values})")).await;
        let error = adapter.latest_snapshot(&key, None).await.unwrap_err();
        assert!(matches!(error, castore_core::storage::StorageError::Corrupt { .. }), "{error:?}");
    }
}
