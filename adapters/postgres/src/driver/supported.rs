use std::fmt;

use super::Pool;

/// A pool of connections that a [`PostgresEventStorageAdapter`](crate::PostgresEventStorageAdapter) can use:
/// `deadpool_postgres::Pool`, and with the features `sqlx-0_8` and `sqlx-0_9` the `PgPool` of that version of sqlx.
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
    fn erased(&self) -> Pool;
}

macro_rules! pools {
    ($($(#[$attribute:meta])* $pool:ty => $driver:ident;)+) => {$(
        $(#[$attribute])*
        impl PostgresPool for $pool {}

        $(#[$attribute])*
        impl Sealed for $pool {
            fn erased(&self) -> Pool {
                Pool::$driver(self.clone())
            }
        }
    )+};
}

pools! {
    deadpool_postgres::Pool => Native;
    #[cfg(feature = "sqlx-0_8")]
    sqlx_08::PgPool => Sqlx08;
    #[cfg(feature = "sqlx-0_9")]
    sqlx_09::PgPool => Sqlx09;
}
