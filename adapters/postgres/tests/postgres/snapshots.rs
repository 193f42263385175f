//! Snapshots: the kit.

use std::sync::Arc;

use castore_conformance::snapshot::{FreshSnapshots, SnapshotFactory};
use castore_conformance::storage::Capabilities;
use castore_runtime::snapshot::{SnapshotAdapter, SnapshotKey};

use super::support::{Schema, quote};

struct Snapshots;

#[castore_conformance::async_trait]
impl SnapshotFactory for Snapshots {
    async fn fresh(&self) -> FreshSnapshots {
        let schema = Schema::new().await;
        let builder = schema.builder();
        let adapter = schema.created(builder.clone()).await;
        let url = schema.url().to_owned();
        FreshSnapshots::new(adapter).keeping(schema).another_handle(move || {
            let (builder, url) = (builder.clone(), url.clone());
            async move { Arc::new(builder.connect(&url).await.unwrap()) as Arc<dyn SnapshotAdapter> }
        })
    }

    fn capabilities(&self) -> Capabilities {
        // The key's index has room for that much, of text that cannot be compressed.
        Capabilities::full().max_version(i64::MAX as u64).max_aggregate_id_len(2_000)
    }
}

castore_conformance::snapshot_conformance!(Snapshots);

#[tokio::test]
async fn a_snapshot_that_is_no_json_is_corrupt() {
    let schema = Schema::new().await;
    let adapter = schema.adapter().await;
    let key = SnapshotKey { event_store_id: "STORE", aggregate_id: "a".to_owned(), state_shape: 1, reducer_version: 1 };
    assert!(adapter.latest_snapshot(&key, None).await.unwrap().is_none(), "there is no table yet");
    for _ in 0..2 {
        adapter.create_snapshot_table().await.unwrap();
    }
    let table = format!("{}.castore_snapshot", quote(&schema.name));
    for values in ["1, 1, 1, 0, 0, '{'", "1, 1, 1, -1, 0, '{}'"] {
        schema.run(&format!("DELETE FROM {table}; INSERT INTO {table} VALUES ('STORE', 'a', {values})")).await;
        let error = adapter.latest_snapshot(&key, None).await.unwrap_err();
        assert!(matches!(error, castore_runtime::storage::StorageError::Corrupt { .. }), "{error:?}");
    }
}
