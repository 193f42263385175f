use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use castore_core::storage::{StorageError, StorageId};
use deadpool_postgres::{Client, Pool, PoolError};

use crate::errors::{PostgresError, SchemaError};
use crate::schema::{EventTable, Patience, SideTables, Table, create_tables, describe};

/// How much longer than the server's own time-out its word of it may take.
const GRACE: Duration = Duration::from_secs(5);

/// The pool and the event table of an adapter. All clones share it.
pub(crate) struct Database {
    pub(crate) pool: Pool,
    pub(crate) storage_id: StorageId,
    pub(crate) event_table: EventTable,
    /// The table's name as it was asked for, in quotes.
    pub(crate) requested: String,
    pub(crate) patience: Patience,
    pub(crate) statement_timeout: Option<Duration>,
    /// Looked at when it is first used.
    pub(crate) table: RwLock<Option<Arc<Table>>>,
}

impl Database {
    pub(crate) async fn client(&self) -> Result<Client, StorageError> {
        self.pool.get().await.map_err(|error| match error {
            PoolError::Closed => StorageError::ShutDown,
            other => StorageError::engine(PostgresError::from(other)),
        })
    }

    /// The event table as it is in the database.
    pub(crate) async fn table(&self) -> Result<Arc<Table>, StorageError> {
        if let Some(table) = self.known_table() {
            return Ok(table);
        }
        let client = self.client().await?;
        let found = self.within(describe(&client, &self.requested)).await.map_err(StorageError::engine)??;
        let table = Arc::new(found.ok_or_else(|| {
            StorageError::engine(PostgresError::text(format!(
                "the table {} does not exist (create_event_table creates it)",
                self.requested
            )))
        })?);
        *self.table.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&table));
        Ok(table)
    }

    /// The event table, if it has been looked at.
    pub(crate) fn known_table(&self) -> Option<Arc<Table>> {
        self.table.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Forgets the table, so that it is read from the database again.
    pub(crate) fn forget_table(&self) {
        *self.table.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Creates tables of this crate beside the event table, if they are missing.
    pub(crate) async fn create_side_tables(&self, tables: SideTables) -> Result<(), SchemaError> {
        let table = self.table().await.map_err(|error| SchemaError::OtherTable(error.into()))?;
        let client = self.pool.get().await.map_err(|error| SchemaError::Engine(PostgresError::from(error)))?;
        create_tables(client, &table.schema, &(tables.create)(&table), tables.what, self.patience).await
    }

    /// Waits for the server no longer than it may take: it may have vanished without a word.
    pub(crate) async fn within<F: Future>(&self, answer: F) -> Result<F::Output, PostgresError> {
        match self.statement_timeout {
            Some(limit) => tokio::time::timeout(limit.saturating_add(GRACE), answer)
                .await
                .map_err(|_| PostgresError::text("the server did not answer in time")),
            None => Ok(answer.await),
        }
    }
}
