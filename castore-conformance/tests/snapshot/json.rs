//! A snapshot adapter that keeps snapshots in memory, as a minimal model of a durable adapter.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use castore_conformance::async_trait;
use castore_core::snapshot::{Snapshot, SnapshotAdapter, SnapshotKey};
use castore_core::storage::StorageError;

pub(crate) const MAX_STATE: usize = 400_000;

/// The snapshots, by event store and aggregate, and then by version, state shape and reducer version.
type Aggregates = BTreeMap<(String, String), BTreeMap<(u64, u64, u32), Snapshot>>;

#[derive(Debug, Clone, Default)]
pub(crate) struct JsonSnapshots {
    pub(crate) aggregates: Arc<Mutex<Aggregates>>,
    pub(crate) bounded: bool,
}

fn aggregate(key: &SnapshotKey) -> (String, String) {
    (key.event_store_id.to_owned(), key.aggregate_id.clone())
}

#[async_trait]
impl SnapshotAdapter for JsonSnapshots {
    async fn latest_snapshot(
        &self,
        key: &SnapshotKey,
        max_version: Option<u64>,
    ) -> Result<Option<Snapshot>, StorageError> {
        let aggregates = self.aggregates.lock().unwrap();
        let Some(snapshots) = aggregates.get(&aggregate(key)) else { return Ok(None) };
        let up_to = ..=(max_version.unwrap_or(u64::MAX), u64::MAX, u32::MAX);
        let mut found = snapshots.range(up_to).rev();
        let found = found.find(|((_, shape, reducer), _)| (*shape, *reducer) == (key.state_shape, key.reducer_version));
        Ok(found.map(|(_, snapshot)| snapshot.clone()))
    }

    async fn put_snapshot(&self, key: &SnapshotKey, snapshot: Snapshot, keep: usize) -> Result<(), StorageError> {
        let state = snapshot.state.get();
        if self.bounded && (state.len() > MAX_STATE || state.contains("\\u0000") || snapshot.version >> 63 == 1) {
            return Err(StorageError::Unsupported { what: "this state".to_owned() });
        }
        let mut aggregates = self.aggregates.lock().unwrap();
        let snapshots = aggregates.entry(aggregate(key)).or_default();
        let put = (snapshot.version, key.state_shape, key.reducer_version);
        snapshots.insert(put, snapshot);
        let kept: Vec<_> = snapshots.keys().rev().take(keep).copied().collect();
        snapshots.retain(|key, _| *key == put || kept.contains(key));
        Ok(())
    }

    async fn delete_snapshots(&self, event_store_id: &str, aggregate_id: &str) -> Result<(), StorageError> {
        self.aggregates.lock().unwrap().remove(&(event_store_id.to_owned(), aggregate_id.to_owned()));
        Ok(())
    }
}
