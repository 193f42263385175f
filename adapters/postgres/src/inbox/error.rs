use tokio_postgres::error::SqlState;

use crate::PostgresError;

/// Why it could not be said whether a message was handled before, or not be remembered.
///
/// After it, a transaction is good for nothing but to be rolled back. It shows no more of a message than that it cannot
/// be kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InboxError {
    /// Something that the table has no room for. It never will: trying again is of no use.
    #[error("Postgres cannot remember {what}")]
    Unsupported {
        /// What it is.
        what: String,
    },
    /// The table does not exist.
    #[error("the table {table} does not exist; call `create_table` first")]
    MissingTable {
        /// The table.
        table: String,
    },
    /// The server failed, took the transaction back (for a deadlock or a serialization failure, say), or cannot be
    /// reached.
    #[error("{0}")]
    Engine(#[source] PostgresError),
}

impl InboxError {
    pub(super) fn unsupported(what: impl Into<String>) -> Self {
        Self::Unsupported { what: what.into() }
    }

    pub(super) fn of_server(error: tokio_postgres::Error, table: &str) -> Self {
        match error.code() {
            Some(&SqlState::UNDEFINED_TABLE | &SqlState::INVALID_SCHEMA_NAME) => {
                Self::MissingTable { table: table.to_owned() }
            }
            // Of an index, the only thing here that has a limit.
            Some(&SqlState::PROGRAM_LIMIT_EXCEEDED) => Self::unsupported("names and ids of so many bytes"),
            _ => Self::Engine(error.into()),
        }
    }
}
