use castore_core::inbox;
use rusqlite::ErrorCode;

use super::rules::RULES;
use crate::errors::is_busy;

/// The error type of [`SqliteInbox`](crate::SqliteInbox).
///
/// `Busy` has two causes: another connection was writing for longer than the busy timeout, or another connection has
/// written since this transaction read the database. Begin the transaction with `BEGIN IMMEDIATE` to avoid the second
/// cause.
pub type InboxError = inbox::InboxError<rusqlite::Error>;

pub(super) fn inbox_error(error: rusqlite::Error, table: &str) -> InboxError {
    let missing = match &error {
        rusqlite::Error::SqlInputError { msg, .. } => msg.starts_with("no such table"),
        rusqlite::Error::SqliteFailure(_, Some(message)) => message.starts_with("no such table"),
        _ => false,
    };
    match error.sqlite_error_code() {
        _ if missing => InboxError::MissingTable { table: table.to_owned() },
        Some(ErrorCode::TooBig) => RULES.unsupported("a name or an id that exceeds SQLite's limit"),
        _ if is_busy(&error) => InboxError::Busy(error),
        _ => InboxError::Engine(error),
    }
}
