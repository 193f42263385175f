//! The deletion of aggregates.

use async_trait::async_trait;
use castore_core::storage::{AggregateDeletion, Deletion, StorageError};

use crate::driver::PostgresPool;
use crate::projection::refuse_push;
use crate::{PostgresEventStorageAdapter, storage};

/// The deletion needs the privilege `DELETE` on the event table and on the snapshot table. The event table must also
/// [count rewrites](crate#the-event-log).
///
/// The transaction locks the event table against all other writers. It waits for open transactions that have pushed
/// events, for at most the [`lock_timeout`](crate::PostgresEventStorageAdapterBuilder::lock_timeout), and fails with
/// [`SchemaError::Locked`](crate::SchemaError::Locked) as the source of [`StorageError::Engine`] if they take longer.
/// Pushes wait in the meantime, so do not delete aggregates while a long transaction writes events.
///
/// In two cases, the next event of the aggregate may still be stored after the deletion, and is then its only event.
/// Delete the aggregate again in these cases.
/// * Adapters cache the last versions of aggregates for 5 seconds. A push that begins within this time, and then
///   possibly waits for a connection, may store its event.
/// * A transaction of the caller with the isolation level `REPEATABLE READ` or higher, which began before the deletion,
///   does not see the deletion.
#[async_trait]
impl<P: PostgresPool> AggregateDeletion for PostgresEventStorageAdapter<P> {
    async fn delete_aggregate(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        last_version: u64,
    ) -> Result<Deletion, StorageError> {
        refuse_push(&self.database().pool)?;
        storage::delete_aggregate(self.database(), event_store_id, aggregate_id, last_version).await
    }
}
