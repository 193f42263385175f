use std::future::Future;

use deadpool_postgres::{Client, ClientWrapper, Transaction};
use tokio_postgres::{Error, RowStream, Statement};

use super::Parameter;

/// A connection, inside or outside of a transaction.
pub(crate) trait Session: Sync {
    /// Prepares a statement under a name. A connection of a pool caches the prepared statement.
    fn prepared(&self, sql: &str) -> impl Future<Output = Result<Statement, Error>> + Send;

    fn execute_prepared(
        &self,
        statement: &Statement,
        parameters: &[&dyn Parameter],
    ) -> impl Future<Output = Result<RowStream, Error>> + Send;

    /// Executes a statement without a name, in one round trip.
    fn execute_unnamed(
        &self,
        sql: &str,
        parameters: &[&dyn Parameter],
    ) -> impl Future<Output = Result<RowStream, Error>> + Send;
}

macro_rules! sessions {
    ($($session:ty, $prepare:ident;)*) => { $(
        impl Session for $session {
            async fn prepared(&self, sql: &str) -> Result<Statement, Error> {
                self.$prepare(sql).await
            }

            async fn execute_prepared(
                &self,
                statement: &Statement,
                parameters: &[&dyn Parameter],
            ) -> Result<RowStream, Error> {
                self.query_raw(statement, parameters.iter().map(|parameter| parameter.value())).await
            }

            async fn execute_unnamed(&self, sql: &str, parameters: &[&dyn Parameter]) -> Result<RowStream, Error> {
                let parameters = parameters.iter().map(|parameter| (parameter.value(), parameter.sql_type()));
                self.query_typed_raw(sql, parameters).await
            }
        }
    )* };
}

sessions! {
    tokio_postgres::Client, prepare;
    ClientWrapper, prepare_cached;
    Client, prepare_cached;
    tokio_postgres::Transaction<'_>, prepare;
    Transaction<'_>, prepare_cached;
}
