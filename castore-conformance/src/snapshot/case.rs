//! The fixture of all behaviors: a fresh snapshot storage, with short helper functions.

use std::sync::Arc;

use castore_core::snapshot::{Snapshot, SnapshotAdapter, SnapshotKey};
use castore_core::storage::StorageError;

use super::{FreshSnapshots, SnapshotFactory};
use crate::storage::Capabilities;
use crate::storage::case::{POKEMONS, at};
use crate::storage::compare::{Json, json};

/// A number of snapshots to keep that is higher than the number that any test stores, so that no snapshot is removed.
pub(crate) const KEEP_ALL: usize = 100;

pub(crate) struct SnapshotCase {
    pub(crate) fresh: FreshSnapshots,
    pub(crate) adapter: Arc<dyn SnapshotAdapter>,
    pub(crate) capabilities: Capabilities,
}

/// Returns a snapshot whose state contains `mark`, so that tests can distinguish snapshots of the same version.
pub(crate) fn snapshot(version: u64, mark: impl std::fmt::Display) -> Snapshot {
    Snapshot {
        version,
        rewrites: version % 3,
        event_timestamp: at(version as i64 % 100_000 * 1_001),
        state: json(format!(r#"{{"version":{version},"mark":"{mark}"}}"#)),
    }
}

impl SnapshotCase {
    pub(crate) async fn new(factory: &dyn SnapshotFactory) -> Self {
        let fresh = factory.fresh().await;
        let capabilities = factory.capabilities().json_by_value();
        Self { adapter: fresh.adapter(), fresh, capabilities }
    }

    pub(crate) fn key(&self, aggregate: &str) -> SnapshotKey {
        SnapshotKey {
            event_store_id: POKEMONS,
            aggregate_id: self.capabilities.id(aggregate),
            state_shape: 0x1234_5678_9abc_def0,
            reducer_version: 1,
        }
    }

    pub(crate) async fn try_put(&self, key: &SnapshotKey, snapshot: Snapshot) -> Result<(), StorageError> {
        self.adapter.put_snapshot(key, snapshot, KEEP_ALL).await
    }

    pub(crate) async fn put(&self, key: &SnapshotKey, snapshot: Snapshot) {
        self.put_and_keep(key, snapshot, KEEP_ALL).await;
    }

    pub(crate) async fn put_and_keep(&self, key: &SnapshotKey, snapshot: Snapshot, keep: usize) {
        let what = format!("{snapshot:?} of {key:?}");
        let put = self.adapter.put_snapshot(key, snapshot, keep).await;
        put.unwrap_or_else(|error| panic!("putting {what}: {error}"));
    }

    pub(crate) async fn latest(&self, key: &SnapshotKey, max_version: Option<u64>) -> Option<Snapshot> {
        let found = self.adapter.latest_snapshot(key, max_version).await;
        found.unwrap_or_else(|error| panic!("the snapshot of {key:?} up to {max_version:?}: {error}"))
    }

    pub(crate) async fn version(&self, key: &SnapshotKey, max_version: Option<u64>) -> Option<u64> {
        self.latest(key, max_version).await.map(|snapshot| snapshot.version)
    }

    /// Returns the versions of all stored snapshots. Searches for them from the highest version down.
    pub(crate) async fn versions(&self, key: &SnapshotKey) -> Vec<u64> {
        let (mut versions, mut max) = (Vec::new(), None);
        while let Some(version) = self.version(key, max).await {
            assert!(max.is_none_or(|max| version <= max), "version {version} is beyond {max:?}");
            versions.insert(0, version);
            match version.checked_sub(1) {
                Some(below) => max = Some(below),
                None => break,
            }
        }
        versions
    }

    /// Asserts that the latest snapshot up to `max_version` equals the expected snapshot in all fields.
    pub(crate) async fn expect(&self, key: &SnapshotKey, max_version: Option<u64>, expected: &Snapshot) {
        let found = self.latest(key, max_version).await;
        let found = found.unwrap_or_else(|| panic!("no snapshot of {key:?} up to {max_version:?}"));
        let fields = |one: &Snapshot| (one.version, one.rewrites, one.event_timestamp);
        assert_eq!(fields(&found), fields(expected), "the snapshot of {key:?} up to {max_version:?}");
        let [found, expected] = [&found, expected].map(|one| Json::of(one.state.get(), &self.capabilities));
        assert!(found == expected, "the state {} came back as {}", expected.short(), found.short());
    }
}
