use std::fmt::{self, Debug};
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::value::RawValue;

use crate::storage::StorageError;
use crate::time::Timestamp;

/// Keeps snapshots durably: what the author of a storage implements. Event stores decide when one is taken, and
/// whether one that is found still holds.
///
/// Snapshots are never the truth: one that is lost costs time.
#[async_trait]
pub trait SnapshotAdapter: Debug + Send + Sync + 'static {
    /// The snapshot of the highest version that has this key and is of `max_version` at most.
    ///
    /// # Errors
    /// [`StorageError::Engine`] or [`StorageError::Corrupt`]; event stores then load without a snapshot.
    async fn latest_snapshot(
        &self,
        key: &SnapshotKey,
        max_version: Option<u64>,
    ) -> Result<Option<Snapshot>, StorageError>;

    /// Keeps a snapshot, in place of one of the same key and version, and removes all but the `keep` of the highest
    /// versions of the same aggregate (of any shape and reducer version; the one just put stays). `keep` is 1 or more.
    ///
    /// # Errors
    /// [`StorageError::Engine`]; [`StorageError::Unsupported`] if the state is too large.
    async fn put_snapshot(&self, key: &SnapshotKey, snapshot: Snapshot, keep: usize) -> Result<(), StorageError>;

    /// Removes all snapshots of an aggregate, of whatever shape and reducer version.
    ///
    /// # Errors
    /// [`StorageError::Engine`].
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

/// The aggregate and the code of a snapshot: a state of another shape, or of another version of the reducer, is never found.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SnapshotKey {
    /// The event store.
    pub event_store_id: &'static str,
    /// The aggregate, as text.
    pub aggregate_id: String,
    /// The hash of the state's fields: [`EventSourced::STATE_SHAPE`](crate::event_sourced::EventSourced::STATE_SHAPE).
    pub state_shape: u64,
    /// [`EventSourced::REDUCER_VERSION`](crate::event_sourced::EventSourced::REDUCER_VERSION).
    pub reducer_version: u32,
}

/// A state at a version.
#[derive(Clone)]
pub struct Snapshot {
    /// The version of the last event in it.
    pub version: u64,
    /// How often events of the aggregate had been replaced or removed before its events were read:
    /// [`EventStorageAdapter::rewrite_count`](crate::storage::EventStorageAdapter::rewrite_count). A snapshot holds only as long
    /// as that number stays.
    pub rewrites: u64,
    /// When the last event in it happened: a storage that was restored may have another event of that version.
    pub event_timestamp: Timestamp,
    /// The state, as JSON.
    pub state: Box<RawValue>,
}

impl fmt::Debug for Snapshot {
    /// Without the state, which may be private.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Snapshot")
            .field("version", &self.version)
            .field("rewrites", &self.rewrites)
            .field("event_timestamp", &self.event_timestamp)
            .finish_non_exhaustive()
    }
}
