use deadpool_postgres::Transaction;

use super::client::of_driver;
#[cfg(any(feature = "sqlx-0_8", feature = "sqlx-0_9"))]
use super::sqlx;
use super::{Client, DriverError};
use crate::statement::{Parameter, Prepared, Session, Visit};

/// An open transaction. If the value is dropped before a commit or a rollback, the driver rolls the transaction back,
/// at the latest when the connection is used again.
pub(crate) enum OpenTransaction<'a> {
    Native(Transaction<'a>),
    #[cfg(feature = "sqlx-0_8")]
    Sqlx08(sqlx::v08::SqlxSession<sqlx::v08::Transaction<'a>>),
    #[cfg(feature = "sqlx-0_9")]
    Sqlx09(sqlx::v09::SqlxSession<sqlx::v09::Transaction<'a>>),
}

impl Client {
    pub(crate) async fn begin(&mut self) -> Result<OpenTransaction<'_>, DriverError> {
        match self {
            Self::Native(client) => Ok(OpenTransaction::Native(client.transaction().await?)),
            #[cfg(feature = "sqlx-0_8")]
            Self::Sqlx08(client) => client.begin().await.map(OpenTransaction::Sqlx08),
            #[cfg(feature = "sqlx-0_9")]
            Self::Sqlx09(client) => client.begin().await.map(OpenTransaction::Sqlx09),
        }
    }
}

impl OpenTransaction<'_> {
    pub(crate) async fn commit(self) -> Result<(), DriverError> {
        match self {
            Self::Native(transaction) => Ok(transaction.commit().await?),
            #[cfg(feature = "sqlx-0_8")]
            Self::Sqlx08(transaction) => transaction.commit().await,
            #[cfg(feature = "sqlx-0_9")]
            Self::Sqlx09(transaction) => transaction.commit().await,
        }
    }

    pub(crate) async fn rollback(self) -> Result<(), DriverError> {
        match self {
            Self::Native(transaction) => Ok(transaction.rollback().await?),
            #[cfg(feature = "sqlx-0_8")]
            Self::Sqlx08(transaction) => transaction.rollback().await,
            #[cfg(feature = "sqlx-0_9")]
            Self::Sqlx09(transaction) => transaction.rollback().await,
        }
    }

    pub(crate) fn native(&self) -> Option<&Transaction<'_>> {
        match self {
            Self::Native(transaction) => Some(transaction),
            #[cfg(any(feature = "sqlx-0_8", feature = "sqlx-0_9"))]
            _ => None,
        }
    }

    /// Returns whether the driver has noticed that the connection is closed. Always `false` for sqlx, which does not report
    /// this for a transaction.
    pub(crate) fn is_closed(&self) -> bool {
        match self {
            Self::Native(transaction) => transaction.client().is_closed(),
            #[cfg(any(feature = "sqlx-0_8", feature = "sqlx-0_9"))]
            _ => false,
        }
    }
}

impl Session for OpenTransaction<'_> {
    const PIPELINES: bool = false;

    async fn prepare<'a>(&self, sql: &'a str) -> Result<Prepared<'a>, DriverError> {
        of_driver!(OpenTransaction, self, transaction => transaction.prepare(sql).await)
    }

    async fn run(
        &self,
        statement: &Prepared<'_>,
        parameters: &[&dyn Parameter],
        visit: &mut Visit<'_>,
    ) -> Result<u64, DriverError> {
        of_driver!(OpenTransaction, self, transaction => transaction.run(statement, parameters, visit).await)
    }

    async fn batch(&self, sql: &str) -> Result<(), DriverError> {
        of_driver!(OpenTransaction, self, transaction => transaction.batch(sql).await)
    }
}
