use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use castore_core::snapshot::{Snapshot, SnapshotAdapter, SnapshotKey};
use castore_core::storage::StorageError;

use super::InMemoryEventStorageAdapter;

/// All snapshots, keyed by event store and aggregate.
#[derive(Default)]
pub(super) struct SnapshotStates(Mutex<HashMap<(String, String), AggregateSnapshots>>);

/// The snapshots of an aggregate, keyed by version, state shape and reducer version.
type AggregateSnapshots = BTreeMap<(u64, u64, u32), Snapshot>;

impl SnapshotStates {
    /// Locks the states. No user code runs while the lock is held, so the state is consistent even if the lock is
    /// poisoned.
    fn lock(&self) -> MutexGuard<'_, HashMap<(String, String), AggregateSnapshots>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl SnapshotAdapter for InMemoryEventStorageAdapter {
    async fn latest_snapshot(
        &self,
        key: &SnapshotKey,
        max_version: Option<u64>,
    ) -> Result<Option<Snapshot>, StorageError> {
        let aggregates = self.snapshots().lock();
        let Some(snapshots) = aggregates.get(&(key.event_store_id.to_owned(), key.aggregate_id.clone())) else {
            return Ok(None);
        };
        let up_to = ..=(max_version.unwrap_or(u64::MAX), u64::MAX, u32::MAX);
        let latest = snapshots
            .range(up_to)
            .rev()
            .find(|((_, shape, reducer), _)| (*shape, *reducer) == (key.state_shape, key.reducer_version));
        Ok(latest.map(|(_, snapshot)| snapshot.clone()))
    }

    async fn put_snapshot(&self, key: &SnapshotKey, snapshot: Snapshot, keep: usize) -> Result<(), StorageError> {
        let mut aggregates = self.snapshots().lock();
        let snapshots = aggregates.entry((key.event_store_id.to_owned(), key.aggregate_id.clone())).or_default();
        let new = (snapshot.version, key.state_shape, key.reducer_version);
        snapshots.insert(new, snapshot);
        // Keeps the `keep` highest versions, and always the new snapshot.
        let lowest_kept = snapshots.keys().rev().take(keep).next_back().copied().unwrap_or(new);
        snapshots.retain(|key, _| *key == new || *key >= lowest_kept);
        Ok(())
    }

    async fn delete_snapshots(&self, event_store_id: &str, aggregate_id: &str) -> Result<(), StorageError> {
        self.snapshots().lock().remove(&(event_store_id.to_owned(), aggregate_id.to_owned()));
        Ok(())
    }
}
