//! The deletion of aggregates.

use std::sync::Arc;

use async_trait::async_trait;
use castore_core::storage::{AggregateDeletion, Deletion, StorageError};
use rusqlite::Connection;

use crate::SqliteEventStorageAdapter;
use crate::errors::EngineError;
use crate::snapshot;
use crate::writer::{engine_error, last_version};

/// The pages of the file that contained the events are reused later. To overwrite them at once, execute `VACUUM`.
///
/// Pushes through this adapter never follow a deleted event. Another process that has this file open may store the next
/// event of a deleted aggregate for up to 5 seconds, because it caches last versions.
#[async_trait]
impl AggregateDeletion for SqliteEventStorageAdapter {
    async fn delete_aggregate(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        last_version: u64,
    ) -> Result<Deletion, StorageError> {
        let ids = (event_store_id.to_owned(), aggregate_id.to_owned());
        let of_commit = ids.clone();
        let known = Arc::clone(self.writer().known());
        let act = move |connection: &Connection| {
            delete(connection, &ids.0, &ids.1, last_version).map_err(|error| engine_error(&EngineError::from(error)))
        };
        // The writer's thread calls this function after the commit, while no push can begin.
        let committed = move |_: &Deletion| known.remove(&of_commit.0, &of_commit.1);
        self.writer().transaction(act, committed).await
    }
}

fn delete(
    connection: &Connection,
    event_store_id: &str,
    aggregate_id: &str,
    expected: u64,
) -> rusqlite::Result<Deletion> {
    let last_version = last_version(connection, event_store_id, aggregate_id)?;
    if last_version != expected || last_version == 0 {
        return Ok(Deletion::Changed { last_version });
    }
    let events = connection
        .prepare_cached("DELETE FROM event WHERE event_store_id = ?1 AND aggregate_id = ?2")?
        .execute((event_store_id, aggregate_id))?;
    snapshot::delete(connection, event_store_id, aggregate_id)?;
    Ok(Deletion::Deleted { events: events as u64 })
}
