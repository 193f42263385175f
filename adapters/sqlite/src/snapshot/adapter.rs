use async_trait::async_trait;
use castore_core::snapshot::{Snapshot, SnapshotAdapter, SnapshotKey};
use castore_core::storage::StorageError;

use super::statements;
use crate::SqliteEventStorageAdapter;

/// Stores snapshots in the file of the events. A snapshot key does not identify the storage of the events, so two
/// storages that have event stores with the same id must not share a snapshot store.
#[async_trait]
impl SnapshotAdapter for SqliteEventStorageAdapter {
    async fn latest_snapshot(
        &self,
        key: &SnapshotKey,
        max_version: Option<u64>,
    ) -> Result<Option<Snapshot>, StorageError> {
        let key = key.clone();
        self.readers().read(move |connection, _| statements::latest(connection, &key, max_version)).await
    }

    async fn put_snapshot(&self, key: &SnapshotKey, snapshot: Snapshot, keep: usize) -> Result<(), StorageError> {
        if i64::try_from(snapshot.version).is_err() {
            let what = format!("a snapshot of version {}: the greatest version is {}", snapshot.version, i64::MAX);
            return Err(StorageError::Unsupported { what });
        }
        let key = key.clone();
        let fits = self.writer().transact(move |connection| statements::put(connection, &key, &snapshot, keep)).await?;
        if fits {
            Ok(())
        } else {
            Err(StorageError::Unsupported { what: "a snapshot that exceeds SQLite's limit".to_owned() })
        }
    }

    async fn delete_snapshots(&self, event_store_id: &str, aggregate_id: &str) -> Result<(), StorageError> {
        let (store, aggregate) = (event_store_id.to_owned(), aggregate_id.to_owned());
        self.writer().transact(move |connection| statements::delete(connection, &store, &aggregate)).await
    }
}
