#[cfg(any(feature = "sqlx-0_8", feature = "sqlx-0_9"))]
use super::sqlx;
use super::{Client, Native};
use crate::errors::PostgresError;

/// A pool of any driver.
#[derive(Debug, Clone)]
pub(crate) enum Pool {
    Native(deadpool_postgres::Pool),
    #[cfg(feature = "sqlx-0_8")]
    Sqlx08(sqlx::v08::PgPool),
    #[cfg(feature = "sqlx-0_9")]
    Sqlx09(sqlx::v09::PgPool),
}

impl Pool {
    pub(crate) async fn get(&self) -> Result<Client, PostgresError> {
        match self {
            Self::Native(pool) => Ok(Client::Native(Native::Pooled(pool.get().await?))),
            #[cfg(feature = "sqlx-0_8")]
            Self::Sqlx08(pool) => sqlx::v08::acquire(pool).await.map(Client::Sqlx08),
            #[cfg(feature = "sqlx-0_9")]
            Self::Sqlx09(pool) => sqlx::v09::acquire(pool).await.map(Client::Sqlx09),
        }
    }

    /// Returns the maximum number of connections.
    pub(crate) fn max_size(&self) -> usize {
        match self {
            Self::Native(pool) => pool.status().max_size,
            #[cfg(feature = "sqlx-0_8")]
            Self::Sqlx08(pool) => pool.options().get_max_connections() as usize,
            #[cfg(feature = "sqlx-0_9")]
            Self::Sqlx09(pool) => pool.options().get_max_connections() as usize,
        }
    }

    pub(crate) fn is_closed(&self) -> bool {
        match self {
            Self::Native(pool) => pool.is_closed(),
            #[cfg(feature = "sqlx-0_8")]
            Self::Sqlx08(pool) => pool.is_closed(),
            #[cfg(feature = "sqlx-0_9")]
            Self::Sqlx09(pool) => pool.is_closed(),
        }
    }

    /// Closes the pool: connections are closed as soon as they are idle.
    pub(crate) fn close(&self) {
        match self {
            Self::Native(pool) => pool.close(),
            // The call marks the pool as closed. The future only waits until all connections are closed.
            #[cfg(feature = "sqlx-0_8")]
            Self::Sqlx08(pool) => drop(pool.close()),
            #[cfg(feature = "sqlx-0_9")]
            Self::Sqlx09(pool) => drop(pool.close()),
        }
    }

    /// Returns an id that all clones of the pool share. The id is an address within the pool, so it is unique as long
    /// as a clone exists.
    pub(crate) fn id(&self) -> usize {
        match self {
            Self::Native(pool) => std::ptr::from_ref(pool.manager()).addr(),
            #[cfg(feature = "sqlx-0_8")]
            Self::Sqlx08(pool) => std::ptr::from_ref(pool.options()).addr(),
            #[cfg(feature = "sqlx-0_9")]
            Self::Sqlx09(pool) => std::ptr::from_ref(pool.options()).addr(),
        }
    }
}
