//! Pushes and reads in transactions of the caller.

mod begun;
#[cfg(any(feature = "sqlx-0_8", feature = "sqlx-0_9"))]
mod begun_sqlx;
mod postgres_transaction;

pub(crate) use begun::{Begun, NativeBegun};
#[cfg(feature = "sqlx-0_8")]
pub(crate) use begun_sqlx::begin_v08;
#[cfg(feature = "sqlx-0_9")]
pub(crate) use begun_sqlx::begin_v09;
pub use postgres_transaction::PostgresTransaction;

use castore_core::storage::{
    EventStorageAdapter, EventVisitor, GetEventsOptions, GroupedRawEvent, PushOptions, PushReceipt, PushTransaction,
    ReadTransaction, StorageError,
};

use crate::adapter::database_of;
#[cfg(feature = "sqlx-0_8")]
use crate::driver::sqlx::v08;
#[cfg(feature = "sqlx-0_9")]
use crate::driver::sqlx::v09;
use crate::storage::{push_within, read_within};

/// A marker type for Postgres, used as the type parameter of [`PushTransaction`] and [`ReadTransaction`].
#[derive(Debug)]
pub enum PostgresTransactions {}

macro_rules! native_transactions {
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

        $(#[$attribute])*
        impl ReadTransaction<PostgresTransactions> for $transaction {
            async fn visit_in_transaction(
                &mut self,
                adapter: &dyn EventStorageAdapter,
                event_store_id: &'static str,
                aggregate_id: &str,
                options: GetEventsOptions,
                visit: EventVisitor,
            ) -> Result<(), StorageError> {
                read_within(self, adapter, event_store_id, aggregate_id, options, visit, database_of).await
            }
        }
    )+};
}

native_transactions! {
    /// A transaction of `tokio_postgres`, on any connection to the database of the events. See [Transactions of the
    /// caller](crate#transactions-of-the-caller).
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

        /// A transaction of sqlx, on any connection to the database of the events. See
        /// [Transactions of the caller](crate#transactions-of-the-caller).
        #[cfg(feature = $feature)]
        #[cfg_attr(docsrs, doc(cfg(feature = $feature)))]
        impl ReadTransaction<PostgresTransactions> for $sqlx::Transaction<'_, $sqlx::Postgres> {
            async fn visit_in_transaction(
                &mut self,
                adapter: &dyn EventStorageAdapter,
                event_store_id: &'static str,
                aggregate_id: &str,
                options: GetEventsOptions,
                visit: EventVisitor,
            ) -> Result<(), StorageError> {
                read_within(&$version::SqlxSession::new(&mut **self), adapter, event_store_id, aggregate_id, options, visit, database_of).await
            }
        }

        /// A connection of sqlx with an open transaction. Without an open transaction, a push stores nothing and
        /// returns [`StorageError::Engine`].
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

        /// A connection of sqlx. Without an open transaction, a read sees the committed events.
        #[cfg(feature = $feature)]
        #[cfg_attr(docsrs, doc(cfg(feature = $feature)))]
        impl ReadTransaction<PostgresTransactions> for $sqlx::PgConnection {
            async fn visit_in_transaction(
                &mut self,
                adapter: &dyn EventStorageAdapter,
                event_store_id: &'static str,
                aggregate_id: &str,
                options: GetEventsOptions,
                visit: EventVisitor,
            ) -> Result<(), StorageError> {
                read_within(&$version::SqlxSession::new(self), adapter, event_store_id, aggregate_id, options, visit, database_of).await
            }
        }
    )+};
}

sqlx_transactions! {
    "sqlx-0_8", v08, sqlx_08;
    "sqlx-0_9", v09, sqlx_09;
}
