use async_trait::async_trait;
use castore_core::snapshot::SnapshotAdapter;
use castore_core::storage::{AggregateDeletion, Deletion, StorageError};

use super::InMemoryEventStorageAdapter;

#[async_trait]
impl AggregateDeletion for InMemoryEventStorageAdapter {
    async fn delete_aggregate(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        last_version: u64,
    ) -> Result<Deletion, StorageError> {
        let deletion = self.write(|state| state.delete(event_store_id, aggregate_id, last_version));
        if let Deletion::Deleted { .. } = deletion {
            // The future has no point at which it waits, so it cannot be dropped between the two deletions.
            self.delete_snapshots(event_store_id, aggregate_id).await?;
        }
        Ok(deletion)
    }
}
