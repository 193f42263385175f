//! Transactions of sqlx on connections of the adapter's pool.

use castore_core::storage::{
    EventStorageAdapter, EventVisitor, GetEventsOptions, GroupedRawEvent, PushOptions, PushReceipt, StorageError,
};

use super::Begun;
use super::begun::{lost, not_committed, unknown};
use crate::adapter::database_of;
use crate::database::Database;
use crate::driver::DriverError;
#[cfg(feature = "sqlx-0_8")]
use crate::driver::sqlx::v08;
#[cfg(feature = "sqlx-0_9")]
use crate::driver::sqlx::v09;
use crate::statement::query_once;
use crate::storage::{push_within, read_within, rejected};

macro_rules! begun {
    ($($feature:literal, $version:ident, $begin:ident;)+) => {$(
        #[cfg(feature = $feature)]
        impl Begun for $version::Transaction<'static> {
            async fn push(
                &mut self,
                events: &[GroupedRawEvent],
                options: PushOptions,
            ) -> Result<Vec<PushReceipt>, StorageError> {
                push_within(&$version::SqlxSession::new(&mut **self), events, options, database_of).await
            }

            async fn read(
                &mut self,
                adapter: &dyn EventStorageAdapter,
                event_store_id: &str,
                aggregate_id: &str,
                options: GetEventsOptions,
                visit: EventVisitor,
            ) -> Result<(), StorageError> {
                read_within(&$version::SqlxSession::new(&mut **self), adapter, event_store_id, aggregate_id, options, visit, database_of).await
            }

            async fn commit(mut self, database: &Database) -> Result<(), StorageError> {
                let alive = {
                    let session = $version::SqlxSession::new(&mut *self);
                    database.within(query_once(&session, "SELECT", &[])).await
                };
                alive.map_err(StorageError::transaction_lost)?.map_err(lost)?;
                let committed = database.within(self.commit()).await.map_err(unknown)?;
                committed.map_err(|error| not_committed($version::failed(error)))
            }

            async fn rollback(self, database: &Database) -> Result<(), StorageError> {
                let ended = database.within(self.rollback()).await.map_err(StorageError::engine)?;
                ended.map_err(|error| rejected(database, $version::failed(error)))
            }
        }

        #[cfg(feature = $feature)]
        pub(crate) async fn $begin(
            pool: &$version::PgPool,
            database: &Database,
        ) -> Result<$version::Transaction<'static>, StorageError> {
            let mut dead = 0;
            loop {
                // The pool has its own time limit for this wait.
                match pool.begin().await.map_err($version::not_acquired) {
                    Ok(transaction) => return Ok(transaction),
                    Err(error) if error.is_pool_closed() => return Err(StorageError::ShutDown),
                    // The pool may not have noticed yet that the connection is closed.
                    Err(error)
                        if error.of_driver().is_some_and(DriverError::is_dead) && dead < database.pool.max_size() =>
                    {
                        dead += 1;
                    }
                    Err(error) => return Err(StorageError::engine(error)),
                }
            }
        }
    )+};
}

begun! {
    "sqlx-0_8", v08, begin_v08;
    "sqlx-0_9", v09, begin_v09;
}
