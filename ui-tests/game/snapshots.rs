// A snapshot store, and a state that cannot be stored in it.

#[allow(unused_imports)]
use castore::snapshot::{InMemorySnapshotAdapter, Snapshot, SnapshotAdapter, SnapshotKey, Snapshots};
use castore::storage::StorageError;

/// A snapshot store of a third party.
#[derive(Debug)]
pub struct Shelf;

#[async_trait::async_trait]
impl SnapshotAdapter for Shelf {
    async fn latest_snapshot(&self, _: &SnapshotKey, _: Option<u64>) -> Result<Option<Snapshot>, StorageError> {
        Ok(None)
    }

    async fn put_snapshot(&self, _: &SnapshotKey, _: Snapshot, _: usize) -> Result<(), StorageError> {
        Ok(())
    }

    async fn delete_snapshots(&self, _: &str, _: &str) -> Result<(), StorageError> {
        Ok(())
    }
}

/// A state that serde cannot serialize.
#[derive(Debug, Clone)]
#[event_store(id = "SHOPS", event = TrainerEvent)]
pub struct Shop {
    pub open: bool,
}

impl Reducer for Shop {
    fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(Self { open: true })
    }
}
