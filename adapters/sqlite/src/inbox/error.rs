use rusqlite::ErrorCode;

use crate::errors::is_busy;

/// A name that no table can have: see [`SqliteInbox::table`](crate::SqliteInbox::table).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} cannot be the name of a table: {why}")]
pub struct InvalidTableName {
    pub(super) name: String,
    pub(super) why: &'static str,
}

/// Why it could not be said whether a message was handled before, or not be remembered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InboxError {
    /// Something that the table has no room for. It never will: trying again is of no use.
    #[error("SQLite cannot remember {what}")]
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
    /// Another connection was writing for longer than the busy timeout, or has written since the transaction read: begin
    /// it with `BEGIN IMMEDIATE`.
    #[error("the database is locked by another connection; nothing is lost by trying again")]
    Busy(#[source] rusqlite::Error),
    /// Anything else, as SQLite says it.
    #[error("{0}")]
    Engine(#[source] rusqlite::Error),
}

impl InboxError {
    pub(super) fn unsupported(what: impl Into<String>) -> Self {
        Self::Unsupported { what: what.into() }
    }

    pub(super) fn of_engine(error: rusqlite::Error, table: &str) -> Self {
        let missing = match &error {
            rusqlite::Error::SqlInputError { msg, .. } => msg.starts_with("no such table"),
            rusqlite::Error::SqliteFailure(_, Some(message)) => message.starts_with("no such table"),
            _ => false,
        };
        match error.sqlite_error_code() {
            _ if missing => Self::MissingTable { table: table.to_owned() },
            Some(ErrorCode::TooBig) => Self::unsupported("a name or an id that is larger than SQLite's limit"),
            _ if is_busy(&error) => Self::Busy(error),
            _ => Self::Engine(error),
        }
    }
}
