use std::future::Future;

use castore_core::storage::{
    EventStorageAdapter, EventVisitor, GetEventsOptions, GroupedRawEvent, PushOptions, PushReceipt, StorageError,
};
use deadpool_postgres::{Client, Object, Pool, PoolError};

use crate::adapter::database_of;
use crate::database::Database;
use crate::driver::DriverError;
use crate::errors::PostgresError;
use crate::pipeline::in_order;
use crate::statement::query_once;
use crate::storage::{push_within, read_within, rejected};

/// A transaction that has begun on a connection of the adapter's pool. If the value is dropped, the transaction is
/// rolled back.
pub(crate) trait Begun: Send + Sized + 'static {
    /// Stores all events or none.
    fn push(
        &mut self,
        events: &[GroupedRawEvent],
        options: PushOptions,
    ) -> impl Future<Output = Result<Vec<PushReceipt>, StorageError>> + Send;

    /// Passes the events of an aggregate to `visit`, as the transaction sees them.
    fn read(
        &mut self,
        adapter: &dyn EventStorageAdapter,
        event_store_id: &str,
        aggregate_id: &str,
        options: GetEventsOptions,
        visit: EventVisitor,
    ) -> impl Future<Output = Result<(), StorageError>> + Send;

    /// Commits the transaction. If a statement of the transaction has failed, the server would confirm a `COMMIT`
    /// although it rolls back. Therefore a `SELECT`, which the server rejects in this case, is executed first.
    fn commit(self, database: &Database) -> impl Future<Output = Result<(), StorageError>> + Send;

    fn rollback(self, database: &Database) -> impl Future<Output = Result<(), StorageError>> + Send;
}

/// Converts the error of a `COMMIT`. If the server reported the error, the transaction is lost. If the connection broke,
/// the outcome is unknown.
pub(super) fn not_committed(error: DriverError) -> StorageError {
    if error.is_dead() || error.server().is_none() { unknown(PostgresError::from(error)) } else { lost(error) }
}

pub(super) fn lost(error: DriverError) -> StorageError {
    StorageError::transaction_lost(PostgresError::from(error))
}

pub(super) fn unknown(error: PostgresError) -> StorageError {
    StorageError::UnknownOutcome(error.into())
}

/// A transaction of the native driver. If the value is dropped before its end, the connection is closed.
pub(crate) struct NativeBegun {
    /// The connection, or `None` after the end of the transaction.
    client: Option<Client>,
}

impl NativeBegun {
    pub(crate) async fn begin(pool: &Pool, database: &Database) -> Result<Self, StorageError> {
        let mut dead = 0;
        loop {
            let client = pool.get().await.map_err(|error| match error {
                PoolError::Closed => StorageError::ShutDown,
                other => StorageError::engine(PostgresError::from(other)),
            })?;
            // The value holds the connection before the transaction begins, so that a connection with an open
            // transaction never returns to the pool.
            let transaction = Self { client: Some(client) };
            let began = database.within(transaction.client().batch_execute("BEGIN")).await;
            match began.map_err(StorageError::engine)?.map_err(DriverError::from) {
                Ok(()) => return Ok(transaction),
                // The pool may not have noticed yet that the connection is closed.
                Err(error) if error.is_dead() && dead < database.pool.max_size() => dead += 1,
                Err(error) => return Err(rejected(database, error)),
            }
        }
    }

    pub(super) fn client(&self) -> &tokio_postgres::Client {
        let Some(client) = &self.client else {
            unreachable!("the connection is taken only by methods that consume the transaction");
        };
        client
    }
}

impl Begun for NativeBegun {
    async fn push(
        &mut self,
        events: &[GroupedRawEvent],
        options: PushOptions,
    ) -> Result<Vec<PushReceipt>, StorageError> {
        push_within(self.client(), events, options, database_of).await
    }

    async fn read(
        &mut self,
        adapter: &dyn EventStorageAdapter,
        event_store_id: &str,
        aggregate_id: &str,
        options: GetEventsOptions,
        visit: EventVisitor,
    ) -> Result<(), StorageError> {
        read_within(self.client(), adapter, event_store_id, aggregate_id, options, visit, database_of).await
    }

    async fn commit(mut self, database: &Database) -> Result<(), StorageError> {
        let client = self.client();
        let ended = in_order(query_once(client, "SELECT", &[]), query_once(client, "COMMIT", &[]));
        let ended = match database.within(ended).await.map_err(unknown)? {
            (_, Err(error)) => Err(not_committed(error)),
            (Err(error), _) => Err(lost(error)),
            (Ok(_), Ok(_)) => Ok(()),
        };
        // After an unknown outcome, the connection is closed.
        if !matches!(ended, Err(StorageError::UnknownOutcome(_))) {
            drop(self.client.take());
        }
        ended
    }

    async fn rollback(mut self, database: &Database) -> Result<(), StorageError> {
        let ended = database.within(self.client().batch_execute("ROLLBACK")).await.map_err(StorageError::engine)?;
        ended.map_err(|error| rejected(database, error.into()))?;
        drop(self.client.take());
        Ok(())
    }
}

impl Drop for NativeBegun {
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            drop(Object::take(client));
        }
    }
}
