use std::future::poll_fn;
use std::ops::{Deref, DerefMut};
use std::pin::pin;
use std::time::Instant;

use deadpool_postgres::{ClientWrapper, Object, Transaction};
use futures_core::Stream;

use super::{DriverError, Row};
use crate::statement::{Parameter, Prepared, Session, Visit};

/// A connection of the native driver.
pub(crate) enum Native {
    Pooled(Object),
    /// A connection that was taken out of its pool.
    Detached(ClientWrapper),
}

impl Native {
    pub(super) fn detach(self) -> Self {
        match self {
            Self::Pooled(client) => Self::Detached(Object::take(client)),
            Self::Detached(client) => Self::Detached(client),
        }
    }

    pub(super) fn opened_at(&self) -> Option<Instant> {
        match self {
            Self::Pooled(client) => Some(Object::metrics(client).created),
            Self::Detached(_) => None,
        }
    }
}

impl Deref for Native {
    type Target = ClientWrapper;

    fn deref(&self) -> &Self::Target {
        match self {
            Self::Pooled(client) => client,
            Self::Detached(client) => client,
        }
    }
}

impl DerefMut for Native {
    fn deref_mut(&mut self) -> &mut ClientWrapper {
        match self {
            Self::Pooled(client) => client,
            Self::Detached(client) => client,
        }
    }
}

macro_rules! sessions {
    ($($session:ty, $prepare:ident;)*) => { $(
        impl Session for $session {
            const PIPELINES: bool = true;

            async fn prepare<'a>(&self, sql: &'a str) -> Result<Prepared<'a>, DriverError> {
                Ok(Prepared::statement(sql, self.$prepare(sql).await?))
            }

            async fn run(
                &self,
                statement: &Prepared<'_>,
                parameters: &[&dyn Parameter],
                visit: &mut Visit<'_>,
            ) -> Result<u64, DriverError> {
                let rows = match statement.native() {
                    Some(statement) => {
                        self.query_raw(statement, parameters.iter().map(|parameter| parameter.value())).await?
                    }
                    None => {
                        let parameters = parameters.iter().map(|parameter| (parameter.value(), parameter.sql_type()));
                        self.query_typed_raw(statement.sql(), parameters).await?
                    }
                };
                let mut rows = pin!(rows);
                while let Some(row) = poll_fn(|context| rows.as_mut().poll_next(context)).await {
                    if visit(Row::Native(row?)).is_break() {
                        break;
                    }
                }
                Ok(rows.rows_affected().unwrap_or(0))
            }

            async fn batch(&self, sql: &str) -> Result<(), DriverError> {
                Ok(self.batch_execute(sql).await?)
            }
        }
    )* };
}

sessions! {
    tokio_postgres::Client, prepare;
    tokio_postgres::Transaction<'_>, prepare;
    Transaction<'_>, prepare_cached;
    Native, prepare_cached;
}
