use std::fmt;
use std::ops::Deref;
#[cfg(any(feature = "sqlx-0_8", feature = "sqlx-0_9"))]
use std::ops::DerefMut;

use castore_core::storage::{
    EventStorageAdapter, EventVisitor, GetEventsOptions, GroupedRawEvent, PushOptions, PushReceipt, PushTransaction,
    ReadTransaction, StorageError,
};

use super::{Begun, PostgresTransactions};
use crate::PostgresEventStorageAdapter;
use crate::adapter::{Core, own_adapter};
use crate::driver::PostgresPool;

/// A transaction on a connection of the adapter's pool, which wakes the readers of the log when it is committed. See
/// [`PostgresEventStorageAdapter::begin`].
///
/// The value dereferences to the client of `tokio_postgres`, or to the `PgConnection` of sqlx, so that the caller can
/// execute SQL. If the value is dropped before its end, the transaction is rolled back: the native driver closes the
/// connection, and sqlx rolls back before the connection is used again.
pub struct PostgresTransaction<P: PostgresPool = deadpool_postgres::Pool> {
    begun: P::Begun,
    adapter: PostgresEventStorageAdapter<P>,
    /// The adapters of the pushed events.
    pushed: Vec<Core>,
}

impl<P: PostgresPool> PostgresEventStorageAdapter<P> {
    /// Begins a transaction on a connection of the pool. Push events in the transaction with `within`, and end the
    /// transaction with [`commit`](PostgresTransaction::commit), which wakes the readers of the event log.
    ///
    /// # Errors
    /// [`StorageError::Engine`] if no connection is available or the server fails; [`StorageError::ShutDown`] if the
    /// pool is closed.
    pub async fn begin(&self) -> Result<PostgresTransaction<P>, StorageError> {
        if self.database().is_closed() {
            return Err(StorageError::ShutDown);
        }
        let begun = self.pool().begin_in(self.database()).await?;
        Ok(PostgresTransaction { begun, adapter: self.clone(), pushed: Vec::new() })
    }
}

impl<P: PostgresPool> PostgresTransaction<P> {
    /// Commits the transaction, and wakes the readers of the event log if events were pushed.
    ///
    /// # Cancellation
    /// If the future is dropped, the outcome is unknown.
    ///
    /// # Errors
    /// [`StorageError::TransactionLost`] if the transaction was rolled back, for example because one of its statements
    /// has failed, or because of a serialization failure; [`StorageError::UnknownOutcome`] if the transaction may or
    /// may not have been committed.
    pub async fn commit(self) -> Result<(), StorageError> {
        self.begun.commit(self.adapter.database()).await?;
        self.pushed.iter().for_each(Core::committed);
        Ok(())
    }

    /// Rolls the transaction back, and returns its connection to the pool.
    ///
    /// # Errors
    /// [`StorageError::Engine`] if the server did not confirm the rollback. The server rolls the transaction back in
    /// any case.
    pub async fn rollback(self) -> Result<(), StorageError> {
        self.begun.rollback(self.adapter.database()).await
    }
}

impl<P: PostgresPool> PushTransaction<PostgresTransactions> for PostgresTransaction<P> {
    async fn push_in_transaction(
        &mut self,
        events: Vec<GroupedRawEvent>,
        options: PushOptions,
    ) -> Result<Vec<PushReceipt>, StorageError> {
        let receipts = self.begun.push(&events, options).await?;
        self.pushed.extend(events.iter().filter_map(|grouped| own_adapter(&*grouped.adapter)).cloned());
        Ok(receipts)
    }
}

impl<P: PostgresPool> ReadTransaction<PostgresTransactions> for PostgresTransaction<P> {
    async fn visit_in_transaction(
        &mut self,
        adapter: &dyn EventStorageAdapter,
        event_store_id: &'static str,
        aggregate_id: &str,
        options: GetEventsOptions,
        visit: EventVisitor,
    ) -> Result<(), StorageError> {
        self.begun.read(adapter, event_store_id, aggregate_id, options, visit).await
    }
}

impl Deref for PostgresTransaction {
    type Target = tokio_postgres::Client;

    fn deref(&self) -> &tokio_postgres::Client {
        self.begun.client()
    }
}

macro_rules! dereference_to_connection {
    ($($feature:literal, $sqlx:ident;)+) => {$(
        #[cfg(feature = $feature)]
        #[cfg_attr(docsrs, doc(cfg(feature = $feature)))]
        impl Deref for PostgresTransaction<$sqlx::PgPool> {
            type Target = $sqlx::PgConnection;

            fn deref(&self) -> &$sqlx::PgConnection {
                &self.begun
            }
        }

        #[cfg(feature = $feature)]
        #[cfg_attr(docsrs, doc(cfg(feature = $feature)))]
        impl DerefMut for PostgresTransaction<$sqlx::PgPool> {
            fn deref_mut(&mut self) -> &mut $sqlx::PgConnection {
                &mut self.begun
            }
        }
    )+};
}

dereference_to_connection! {
    "sqlx-0_8", sqlx_08;
    "sqlx-0_9", sqlx_09;
}

impl<P: PostgresPool> fmt::Debug for PostgresTransaction<P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PostgresTransaction").field("adapter", &self.adapter).finish_non_exhaustive()
    }
}
