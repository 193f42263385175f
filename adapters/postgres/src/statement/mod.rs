//! Statements and their parameters, as they are sent to the server.

mod parameter;
mod prepared;
mod session;

pub(crate) use parameter::{Parameter, parameters};
pub(crate) use prepared::Prepared;
pub(crate) use session::{Session, Visit};

use std::ops::ControlFlow;

use crate::driver::{DriverError, Row};

/// The way in which statements are sent to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StatementMode {
    /// Each connection prepares a statement once, and keeps it under a name.
    Prepared,
    /// Every execution sends the text, with the types of the parameters. Nothing remains in the session of the server,
    /// so that the next execution may be in another session.
    Unnamed,
}

impl StatementMode {
    /// Returns the mode for connections on which each transaction may run in another session of the server.
    pub(crate) fn of(transaction_pooling: bool) -> Self {
        if transaction_pooling { Self::Unnamed } else { Self::Prepared }
    }

    /// Prepares a statement, unless the connection has already prepared it. Preparing writes nothing to the database.
    pub(crate) async fn prepare<'a>(self, session: &impl Session, sql: &'a str) -> Result<Prepared<'a>, DriverError> {
        match self {
            Self::Prepared => session.prepare(sql).await,
            Self::Unnamed => Ok(Prepared::unnamed(sql)),
        }
    }

    /// Prepares and executes a statement, and returns all rows.
    pub(crate) async fn rows(
        self,
        session: &impl Session,
        sql: &str,
        parameters: &[&dyn Parameter],
    ) -> Result<Vec<Row>, DriverError> {
        self.prepare(session, sql).await?.rows(session, parameters).await
    }

    /// Prepares and executes a statement, and returns the first row, if there is one.
    pub(crate) async fn first(
        self,
        session: &impl Session,
        sql: &str,
        parameters: &[&dyn Parameter],
    ) -> Result<Option<Row>, DriverError> {
        Ok(self.rows(session, sql, parameters).await?.into_iter().next())
    }

    /// Prepares and executes a statement, and returns the number of changed rows.
    pub(crate) async fn execute(
        self,
        session: &impl Session,
        sql: &str,
        parameters: &[&dyn Parameter],
    ) -> Result<u64, DriverError> {
        let statement = self.prepare(session, sql).await?;
        session.run(&statement, parameters, &mut |_| ControlFlow::Continue(())).await
    }
}

impl Prepared<'_> {
    /// Executes the statement, and returns all rows.
    pub(crate) async fn rows(
        &self,
        session: &impl Session,
        parameters: &[&dyn Parameter],
    ) -> Result<Vec<Row>, DriverError> {
        let mut all = Vec::new();
        let mut keep = |row| {
            all.push(row);
            ControlFlow::Continue(())
        };
        session.run(self, parameters, &mut keep).await?;
        Ok(all)
    }
}

/// Executes a statement that a connection needs only once, and returns all rows.
pub(crate) async fn query_once(
    session: &impl Session,
    sql: &str,
    parameters: &[&dyn Parameter],
) -> Result<Vec<Row>, DriverError> {
    StatementMode::Unnamed.rows(session, sql, parameters).await
}
