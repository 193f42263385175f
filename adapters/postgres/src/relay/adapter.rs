use async_trait::async_trait;
use castore_core::log::{EventLog, LogId};
use castore_core::relay::{
    AcquireLease, CommitOutcome, Lease, LeaseOutcome, ParkedAggregate, RelayCheckpoint, RelayCommit,
    RelayStorageAdapter,
};
use castore_core::storage::StorageError;

use super::{lease, parked};
use crate::PostgresEventStorageAdapter;
use crate::driver::PostgresPool;
use crate::log::database_of;

/// Stores the state of relays in the tables `castore_relay` and `castore_parked`, in the schema of the event table. The
/// tables are created when a relay first writes to them, or earlier by
/// [`create_relay_tables`](PostgresEventStorageAdapter::create_relay_tables). The name of a relay must be unique within
/// the schema, even if the schema contains several event tables. All times are from the clock of the database server.
#[async_trait]
impl<P: PostgresPool> RelayStorageAdapter for PostgresEventStorageAdapter<P> {
    async fn shares_database_with(&self, log: &LogId) -> Result<bool, StorageError> {
        let own = self.log_id().await?;
        Ok(own == *log || database_of(&own).is_some_and(|own| database_of(log) == Some(own)))
    }

    async fn acquire(&self, request: AcquireLease<'_>) -> Result<LeaseOutcome, StorageError> {
        lease::acquire(self.database(), request).await
    }

    async fn commit(&self, lease: &Lease, commit: RelayCommit) -> Result<CommitOutcome, StorageError> {
        parked::commit(self.database(), lease, commit).await
    }

    async fn release(&self, lease: &Lease) -> Result<(), StorageError> {
        lease::release(self.database(), lease).await
    }

    async fn checkpoint(&self, relay: &str) -> Result<Option<RelayCheckpoint>, StorageError> {
        lease::checkpoint(self.database(), relay).await
    }

    async fn relay_names(&self) -> Result<Option<Vec<String>>, StorageError> {
        lease::names(self.database()).await.map(Some)
    }

    async fn parked(&self, relay: &str) -> Result<Vec<ParkedAggregate>, StorageError> {
        parked::list(self.database(), relay).await
    }

    async fn retry_parked(&self, relay: &str, event_store_id: &str, aggregate_id: &str) -> Result<bool, StorageError> {
        parked::make_due(self.database(), relay, (event_store_id, aggregate_id), None).await
    }

    async fn drop_parked(
        &self,
        relay: &str,
        event_store_id: &str,
        aggregate_id: &str,
        position: u64,
    ) -> Result<bool, StorageError> {
        parked::make_due(self.database(), relay, (event_store_id, aggregate_id), Some(position)).await
    }
}
