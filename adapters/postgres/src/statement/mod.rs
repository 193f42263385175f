//! Statements and their parameters, as they are sent to the server.

mod parameter;
mod session;

pub(crate) use parameter::{Parameter, parameters};
pub(crate) use session::Session;

use std::future::poll_fn;
use std::pin::pin;

use futures_core::Stream;
use tokio_postgres::{Error, Row, RowStream, Statement};

/// The way in which statements are sent to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StatementMode {
    /// Each connection prepares a statement once, and keeps it under a name.
    Prepared,
    /// Every execution sends the text, with the types of the parameters, in one round trip. Nothing remains in the
    /// session of the server, so the next execution may use another session.
    Unnamed,
}

/// A statement that can be executed.
pub(crate) enum Prepared<'a> {
    Named(Statement),
    Unnamed(&'a str),
}

impl StatementMode {
    /// Returns the mode for connections on which each transaction may run in another session of the server.
    pub(crate) fn of(transaction_pooling: bool) -> Self {
        if transaction_pooling { Self::Unnamed } else { Self::Prepared }
    }

    /// Returns the statement to execute. In mode `Prepared`, prepares it unless the connection already has. In mode
    /// `Unnamed`, returns the text. Changes no data, so the outcome of a failed call is known.
    pub(crate) async fn prepare<'a>(self, session: &impl Session, sql: &'a str) -> Result<Prepared<'a>, Error> {
        match self {
            Self::Prepared => session.prepared(sql).await.map(Prepared::Named),
            Self::Unnamed => Ok(Prepared::Unnamed(sql)),
        }
    }

    /// Prepares and executes a statement, and returns all rows.
    pub(crate) async fn rows(
        self,
        session: &impl Session,
        sql: &str,
        parameters: &[&dyn Parameter],
    ) -> Result<Vec<Row>, Error> {
        self.prepare(session, sql).await?.rows(session, parameters).await
    }

    /// Prepares and executes a statement, and returns the first row, if there is one.
    pub(crate) async fn first(
        self,
        session: &impl Session,
        sql: &str,
        parameters: &[&dyn Parameter],
    ) -> Result<Option<Row>, Error> {
        Ok(self.rows(session, sql, parameters).await?.into_iter().next())
    }

    /// Prepares and executes a statement, and returns the number of rows that it changed.
    pub(crate) async fn execute(
        self,
        session: &impl Session,
        sql: &str,
        parameters: &[&dyn Parameter],
    ) -> Result<u64, Error> {
        let statement = self.prepare(session, sql).await?;
        let mut rows = pin!(statement.stream(session, parameters).await?);
        while let Some(row) = poll_fn(|context| rows.as_mut().poll_next(context)).await {
            row?;
        }
        Ok(rows.rows_affected().unwrap_or(0))
    }
}

impl Prepared<'_> {
    /// Executes the statement, and returns the rows as they arrive.
    pub(crate) async fn stream(
        &self,
        session: &impl Session,
        parameters: &[&dyn Parameter],
    ) -> Result<RowStream, Error> {
        match self {
            Self::Named(statement) => session.execute_prepared(statement, parameters).await,
            Self::Unnamed(sql) => session.execute_unnamed(sql, parameters).await,
        }
    }

    /// Executes the statement, and returns all rows.
    pub(crate) async fn rows(&self, session: &impl Session, parameters: &[&dyn Parameter]) -> Result<Vec<Row>, Error> {
        let mut rows = pin!(self.stream(session, parameters).await?);
        let mut all = Vec::new();
        while let Some(row) = poll_fn(|context| rows.as_mut().poll_next(context)).await {
            all.push(row?);
        }
        Ok(all)
    }
}

/// Executes a statement that a connection needs only once, and returns all rows.
pub(crate) async fn query_once(
    session: &impl Session,
    sql: &str,
    parameters: &[&dyn Parameter],
) -> Result<Vec<Row>, Error> {
    StatementMode::Unnamed.rows(session, sql, parameters).await
}
