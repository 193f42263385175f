use std::fmt;
use std::ops::Deref;

use castore_core::storage::{GroupedRawEvent, PushOptions, PushReceipt, PushTransaction, StorageError};
use deadpool_postgres::{Client, Object, Pool, PoolError};

use crate::PostgresEventStorageAdapter;
use crate::adapter::{Core, database_of, own_adapter};
use crate::driver::DriverError;
#[cfg(feature = "sqlx-0_8")]
use crate::driver::sqlx::v08;
#[cfg(feature = "sqlx-0_9")]
use crate::driver::sqlx::v09;
use crate::errors::PostgresError;
use crate::pipeline::in_order;
use crate::statement::query_once;
use crate::storage::{push_within, rejected};

/// The kind of storage whose transactions are those of Postgres, for [`PushTransaction`].
#[derive(Debug)]
pub enum PostgresTransactions {}

macro_rules! push_transactions {
    ($($(#[$attribute:meta])* $transaction:ty;)+) => {$(
        $(#[$attribute])*
        impl PushTransaction<PostgresTransactions> for $transaction {
            async fn push_in_transaction(
                &mut self,
                events: Vec<GroupedRawEvent>,
                options: PushOptions,
            ) -> Result<Vec<PushReceipt>, StorageError> {
                push_within(self, &events, options, database_of).await
            }
        }
    )+};
}

push_transactions! {
    /// A transaction of the driver, on any connection to the database of the events. See
    /// [Transactions of the caller](crate#transactions-of-the-caller).
    tokio_postgres::Transaction<'_>;
    /// A transaction on a connection of a pool. See [Transactions of the caller](crate#transactions-of-the-caller).
    deadpool_postgres::Transaction<'_>;
}

macro_rules! sqlx_transactions {
    ($($feature:literal, $version:ident, $sqlx:ident;)+) => {$(
        /// A transaction of sqlx, on any connection to the database of the events. See
        /// [Transactions of the caller](crate#transactions-of-the-caller).
        #[cfg(feature = $feature)]
        #[cfg_attr(docsrs, doc(cfg(feature = $feature)))]
        impl PushTransaction<PostgresTransactions> for $sqlx::Transaction<'_, $sqlx::Postgres> {
            async fn push_in_transaction(
                &mut self,
                events: Vec<GroupedRawEvent>,
                options: PushOptions,
            ) -> Result<Vec<PushReceipt>, StorageError> {
                push_within(&$version::SqlxSession::new(&mut **self), &events, options, database_of).await
            }
        }

        /// A connection of sqlx with an open transaction. Without one, a push stores nothing and returns
        /// [`StorageError::Engine`].
        #[cfg(feature = $feature)]
        #[cfg_attr(docsrs, doc(cfg(feature = $feature)))]
        impl PushTransaction<PostgresTransactions> for $sqlx::PgConnection {
            async fn push_in_transaction(
                &mut self,
                events: Vec<GroupedRawEvent>,
                options: PushOptions,
            ) -> Result<Vec<PushReceipt>, StorageError> {
                push_within(&$version::SqlxSession::new(self), &events, options, database_of).await
            }
        }
    )+};
}

sqlx_transactions! {
    "sqlx-0_8", v08, sqlx_08;
    "sqlx-0_9", v09, sqlx_09;
}

/// A transaction on a connection of the adapter's pool, which wakes the readers of the log when it is committed. See
/// [`PostgresEventStorageAdapter::begin`].
///
/// It dereferences to the driver's client, for SQL of the caller. If it is dropped before its end, its connection is
/// closed, and the server rolls it back.
pub struct PostgresTransaction {
    /// `None` after the end.
    client: Option<Client>,
    adapter: PostgresEventStorageAdapter,
    /// The adapters of the pushed events.
    pushed: Vec<Core>,
}

impl PostgresEventStorageAdapter {
    /// Begins a transaction on a connection of the pool. Push in it with `within`, and end it with
    /// [`commit`](PostgresTransaction::commit), which wakes the readers of the event log.
    ///
    /// # Errors
    /// [`StorageError::Engine`] and [`StorageError::ShutDown`].
    pub async fn begin(&self) -> Result<PostgresTransaction, StorageError> {
        let database = self.database();
        let mut dead = 0;
        loop {
            // Holds the connection before the transaction begins, so that a connection with an open transaction never
            // returns to the pool.
            let transaction = PostgresTransaction {
                client: Some(client(self.pool()).await?),
                adapter: self.clone(),
                pushed: Vec::new(),
            };
            match database.within(transaction.batch_execute("BEGIN")).await.map_err(StorageError::engine)? {
                Ok(()) => return Ok(transaction),
                // The pool may not have noticed yet that the connection is closed.
                Err(error) => match DriverError::from(error) {
                    error if error.is_dead() && dead < database.pool.max_size() => dead += 1,
                    error => return Err(rejected(database, error)),
                },
            }
        }
    }
}

impl PostgresTransaction {
    /// Commits the transaction, and wakes the readers of the event log if events were pushed.
    ///
    /// # Cancellation
    /// If the future is dropped, the outcome is unknown.
    ///
    /// # Errors
    /// Nothing is stored, unless the error is [`StorageError::UnknownOutcome`]. [`StorageError::TransactionLost`] if a
    /// statement of the transaction has failed, or for a serialization failure.
    pub async fn commit(mut self) -> Result<(), StorageError> {
        // After a failed statement, the server confirms a commit, but rolls back. It rejects any other statement.
        let client: &tokio_postgres::Client = &self;
        let ended = in_order(query_once(client, "SELECT", &[]), query_once(client, "COMMIT", &[]));
        let (alive, committed) = self.adapter.database().within(ended).await.map_err(unknown)?;
        match (alive, committed) {
            (Ok(_), Ok(_)) => {}
            (_, Err(error)) if error.is_dead() || error.server().is_none() => {
                return Err(unknown(PostgresError::from(error)));
            }
            (Err(error), _) | (_, Err(error)) => {
                drop(self.client.take());
                return Err(StorageError::transaction_lost(PostgresError::from(error)));
            }
        }
        drop(self.client.take());
        self.pushed.iter().for_each(Core::wake_readers);
        Ok(())
    }

    /// Rolls the transaction back, and returns its connection to the pool.
    ///
    /// # Errors
    /// [`StorageError::Engine`]. The server rolls the transaction back in any case.
    pub async fn rollback(mut self) -> Result<(), StorageError> {
        let database = self.adapter.database();
        let ended = database.within(self.batch_execute("ROLLBACK")).await.map_err(StorageError::engine)?;
        ended.map_err(|error| rejected(database, error.into()))?;
        drop(self.client.take());
        Ok(())
    }
}

async fn client(pool: &Pool) -> Result<Client, StorageError> {
    pool.get().await.map_err(|error| match error {
        PoolError::Closed => StorageError::ShutDown,
        other => StorageError::engine(PostgresError::from(other)),
    })
}

fn unknown(error: PostgresError) -> StorageError {
    StorageError::UnknownOutcome(error.into())
}

impl PushTransaction<PostgresTransactions> for PostgresTransaction {
    async fn push_in_transaction(
        &mut self,
        events: Vec<GroupedRawEvent>,
        options: PushOptions,
    ) -> Result<Vec<PushReceipt>, StorageError> {
        let receipts = push_within(&**self, &events, options, database_of).await?;
        self.pushed.extend(events.iter().filter_map(|grouped| own_adapter(&*grouped.adapter)).cloned());
        Ok(receipts)
    }
}

impl Deref for PostgresTransaction {
    type Target = tokio_postgres::Client;

    fn deref(&self) -> &Self::Target {
        let Some(client) = &self.client else {
            unreachable!("the connection is taken only by methods that consume the transaction");
        };
        client
    }
}

impl Drop for PostgresTransaction {
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            drop(Object::take(client));
        }
    }
}

impl fmt::Debug for PostgresTransaction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PostgresTransaction").field("adapter", &self.adapter).finish_non_exhaustive()
    }
}
