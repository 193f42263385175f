use async_trait::async_trait;
use castore_core::log::{EventLog, LogId};
use castore_core::relay::{
    AcquireLease, CommitOutcome, Lease, LeaseOutcome, ParkedAggregate, RelayCheckpoint, RelayCommit,
    RelayStorageAdapter,
};
use castore_core::storage::StorageError;

use super::{lease, parked};
use crate::SqliteEventStorageAdapter;
use crate::errors::read_error;

/// Stores the state of relays in the file of the events. Times are read from SQLite's clock, which is the clock of the
/// machine. All processes that use the file run on this machine, so they share the clock. If the clock is set back, the
/// current leases count as expired.
#[async_trait]
impl RelayStorageAdapter for SqliteEventStorageAdapter {
    async fn shares_database_with(&self, log: &LogId) -> Result<bool, StorageError> {
        Ok(self.log_id().await? == *log)
    }

    async fn acquire(&self, request: AcquireLease<'_>) -> Result<LeaseOutcome, StorageError> {
        let request = lease::Request::from(request);
        self.writer().transact(move |connection| lease::acquire(connection, &request)).await
    }

    async fn commit(&self, lease: &Lease, commit: RelayCommit) -> Result<CommitOutcome, StorageError> {
        let lease = lease.clone();
        self.writer()
            .transact(move |connection| {
                if !lease::advance(connection, &lease, &commit)? {
                    return Ok(CommitOutcome::Fenced);
                }
                for aggregate in &commit.parked {
                    parked::put(connection, &lease.relay, aggregate)?;
                }
                for (event_store_id, aggregate_id) in &commit.freed {
                    parked::remove(connection, &lease.relay, event_store_id, aggregate_id)?;
                }
                Ok(CommitOutcome::Done)
            })
            .await
    }

    async fn release(&self, lease: &Lease) -> Result<(), StorageError> {
        let lease = lease.clone();
        self.writer().transact(move |connection| lease::release(connection, &lease)).await
    }

    async fn checkpoint(&self, relay: &str) -> Result<Option<RelayCheckpoint>, StorageError> {
        let relay = relay.to_owned();
        self.readers().read(move |connection, _| lease::checkpoint(connection, &relay).map_err(read_error)).await
    }

    async fn relay_names(&self) -> Result<Option<Vec<String>>, StorageError> {
        self.readers().read(|connection, _| lease::names(connection).map_err(read_error)).await.map(Some)
    }

    async fn parked(&self, relay: &str) -> Result<Vec<ParkedAggregate>, StorageError> {
        let relay = relay.to_owned();
        self.readers().read(move |connection, _| parked::list(connection, &relay).map_err(read_error)).await
    }

    async fn retry_parked(&self, relay: &str, event_store_id: &str, aggregate_id: &str) -> Result<bool, StorageError> {
        let key = parked::ParkedKey::new(relay, event_store_id, aggregate_id);
        self.writer().transact(move |connection| parked::retry(connection, &key)).await
    }

    async fn drop_parked(
        &self,
        relay: &str,
        event_store_id: &str,
        aggregate_id: &str,
        position: u64,
    ) -> Result<bool, StorageError> {
        let key = parked::ParkedKey::new(relay, event_store_id, aggregate_id);
        self.writer().transact(move |connection| parked::drop_message(connection, &key, position)).await
    }
}
