use std::fmt;
use std::future::Future;

use castore_core::storage::StorageError;

use super::Pool;
#[cfg(any(feature = "sqlx-0_8", feature = "sqlx-0_9"))]
use super::sqlx;
use crate::database::Database;
use crate::transaction::{Begun, NativeBegun};

/// A pool of connections that a [`PostgresEventStorageAdapter`](crate::PostgresEventStorageAdapter) can use:
/// `deadpool_postgres::Pool`, and with the features `sqlx-0_8` and `sqlx-0_9` the `PgPool` of the corresponding version
/// of sqlx.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a pool of Postgres connections that castore supports",
    label = "not a supported pool",
    note = "pass a `deadpool_postgres::Pool`",
    note = "or enable the feature `sqlx-0_8` or `sqlx-0_9` of `castore-postgres`, and pass a `PgPool` of that version"
)]
#[allow(private_bounds, reason = "the trait is sealed")]
pub trait PostgresPool: Sealed + fmt::Debug + Clone + Send + Sync + 'static {}

/// The part of [`PostgresPool`] that only this crate can implement.
pub(crate) trait Sealed {
    type Begun: Begun;

    fn erased(&self) -> Pool;

    /// Begins a transaction on a connection of the pool.
    fn begin_in(&self, database: &Database) -> impl Future<Output = Result<Self::Begun, StorageError>> + Send;
}

macro_rules! pools {
    ($($(#[$attribute:meta])* $pool:ty => $driver:ident, $begun:ty, $begin:path;)+) => {$(
        $(#[$attribute])*
        impl PostgresPool for $pool {}

        $(#[$attribute])*
        impl Sealed for $pool {
            type Begun = $begun;

            fn erased(&self) -> Pool {
                Pool::$driver(self.clone())
            }

            async fn begin_in(&self, database: &Database) -> Result<$begun, StorageError> {
                $begin(self, database).await
            }
        }
    )+};
}

pools! {
    deadpool_postgres::Pool => Native, NativeBegun, NativeBegun::begin;
    #[cfg(feature = "sqlx-0_8")]
    sqlx_08::PgPool => Sqlx08, sqlx::v08::Transaction<'static>, crate::transaction::begin_v08;
    #[cfg(feature = "sqlx-0_9")]
    sqlx_09::PgPool => Sqlx09, sqlx::v09::Transaction<'static>, crate::transaction::begin_v09;
}
