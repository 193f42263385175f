use std::time::Instant;

#[cfg(any(feature = "sqlx-0_8", feature = "sqlx-0_9"))]
use super::sqlx;
use super::{DriverError, Native};
use crate::statement::{Parameter, Prepared, Session, Visit};

/// A connection of a pool, or a connection that was taken out of its pool.
pub(crate) enum Client {
    Native(Native),
    #[cfg(feature = "sqlx-0_8")]
    Sqlx08(sqlx::v08::SqlxSession<sqlx::v08::Owned>),
    #[cfg(feature = "sqlx-0_9")]
    Sqlx09(sqlx::v09::SqlxSession<sqlx::v09::Owned>),
}

/// Evaluates an expression with the inner client or transaction, whatever its driver is.
macro_rules! of_driver {
    ($kind:ident, $client:expr, $inner:ident => $result:expr) => {
        match $client {
            $kind::Native($inner) => $result,
            #[cfg(feature = "sqlx-0_8")]
            $kind::Sqlx08($inner) => $result,
            #[cfg(feature = "sqlx-0_9")]
            $kind::Sqlx09($inner) => $result,
        }
    };
}
pub(super) use of_driver;

impl Client {
    /// Takes the connection out of its pool. The pool can then open another connection in its place. The connection is
    /// closed when the client is dropped.
    pub(crate) fn detach(self) -> Self {
        match self {
            Self::Native(client) => Self::Native(client.detach()),
            #[cfg(feature = "sqlx-0_8")]
            Self::Sqlx08(client) => Self::Sqlx08(client.detach()),
            #[cfg(feature = "sqlx-0_9")]
            Self::Sqlx09(client) => Self::Sqlx09(client.detach()),
        }
    }

    /// Returns the time at which the connection was opened, if the pool reports it.
    pub(crate) fn opened_at(&self) -> Option<Instant> {
        match self {
            Self::Native(client) => client.opened_at(),
            #[cfg(any(feature = "sqlx-0_8", feature = "sqlx-0_9"))]
            _ => None,
        }
    }
}

impl Session for Client {
    // The native driver can pipeline requests, but `false` is also correct and only costs time.
    const PIPELINES: bool = false;

    async fn prepare<'a>(&self, sql: &'a str) -> Result<Prepared<'a>, DriverError> {
        of_driver!(Client, self, client => client.prepare(sql).await)
    }

    async fn run(
        &self,
        statement: &Prepared<'_>,
        parameters: &[&dyn Parameter],
        visit: &mut Visit<'_>,
    ) -> Result<u64, DriverError> {
        of_driver!(Client, self, client => client.run(statement, parameters, visit).await)
    }

    async fn batch(&self, sql: &str) -> Result<(), DriverError> {
        of_driver!(Client, self, client => client.batch(sql).await)
    }
}
