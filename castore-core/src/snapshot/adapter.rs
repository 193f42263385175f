use std::fmt::{self, Debug};
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::value::RawValue;

use super::key::SnapshotKey;
use crate::storage::StorageError;
use crate::time::Timestamp;

/// A storage for snapshots. A snapshot is the state of an aggregate at a version: a load can start from a snapshot
/// instead of from the first event. Authors of storages implement this trait. Event stores decide when a snapshot is
/// taken, and whether a stored snapshot is still valid.
///
/// Snapshots are only a cache: a lost snapshot costs time, but no data. After the storage was shut down, the methods
/// may return [`StorageError::ShutDown`] in addition to the listed errors.
#[async_trait]
pub trait SnapshotAdapter: Debug + Send + Sync + 'static {
    /// Returns the snapshot with this key that has the highest version, up to and including `max_version`.
    ///
    /// # Errors
    /// [`StorageError::Engine`] if the storage fails; [`StorageError::Corrupt`] if the stored snapshot has an
    /// unexpected format. Event stores then load the aggregate without a snapshot.
    async fn latest_snapshot(
        &self,
        key: &SnapshotKey,
        max_version: Option<u64>,
    ) -> Result<Option<Snapshot>, StorageError>;

    /// Stores a snapshot, and replaces any snapshot with the same key and version. Then removes old snapshots of the
    /// aggregate, with any state shape and reducer version: only the new snapshot and the snapshots with the `keep`
    /// highest versions remain. `keep` is at least 1.
    ///
    /// # Errors
    /// [`StorageError::Engine`] if the storage fails; [`StorageError::Unsupported`] if the state is too large.
    async fn put_snapshot(&self, key: &SnapshotKey, snapshot: Snapshot, keep: usize) -> Result<(), StorageError>;

    /// Removes all snapshots of an aggregate, with any state shape and reducer version.
    ///
    /// # Errors
    /// [`StorageError::Engine`] if the storage fails.
    async fn delete_snapshots(&self, event_store_id: &str, aggregate_id: &str) -> Result<(), StorageError>;
}

#[async_trait]
impl<A: SnapshotAdapter + ?Sized> SnapshotAdapter for Arc<A> {
    async fn latest_snapshot(
        &self,
        key: &SnapshotKey,
        max_version: Option<u64>,
    ) -> Result<Option<Snapshot>, StorageError> {
        (**self).latest_snapshot(key, max_version).await
    }

    async fn put_snapshot(&self, key: &SnapshotKey, snapshot: Snapshot, keep: usize) -> Result<(), StorageError> {
        (**self).put_snapshot(key, snapshot, keep).await
    }

    async fn delete_snapshots(&self, event_store_id: &str, aggregate_id: &str) -> Result<(), StorageError> {
        (**self).delete_snapshots(event_store_id, aggregate_id).await
    }
}

/// The state of an aggregate at a version.
#[derive(Clone)]
pub struct Snapshot {
    /// The version of the last event in the state.
    pub version: u64,
    /// The [rewrite count](crate::storage::EventStorageAdapter::rewrite_count) of the aggregate before its events
    /// were read. The snapshot is valid only while the count stays the same.
    pub rewrites: u64,
    /// The timestamp of the last event in the state. Event stores use this timestamp to detect that the storage was
    /// restored and has another event of that version.
    pub event_timestamp: Timestamp,
    /// The state, as JSON.
    pub state: Box<RawValue>,
}

impl fmt::Debug for Snapshot {
    /// Omits the state, which may be private.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Snapshot")
            .field("version", &self.version)
            .field("rewrites", &self.rewrites)
            .field("event_timestamp", &self.event_timestamp)
            .finish_non_exhaustive()
    }
}
