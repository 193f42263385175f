use castore_core::inbox;
use tokio_postgres::error::SqlState;

use super::rules::RULES;
use crate::PostgresError;
use crate::driver::DriverError;

/// The error type of [`PostgresInbox`](crate::PostgresInbox).
///
/// After an error of `first_time`, roll the transaction back. `Busy` does not occur. `Engine` contains any other error of
/// the server or of the connection, for example a deadlock, a lock timeout or a missing privilege.
pub type InboxError = inbox::InboxError<PostgresError>;

pub(super) fn inbox_error(error: DriverError, table: &str) -> InboxError {
    match error.code() {
        Some(&SqlState::UNDEFINED_TABLE | &SqlState::INVALID_SCHEMA_NAME) => {
            InboxError::MissingTable { table: table.to_owned() }
        }
        // The row is too large for the index of the primary key. This is the only limit that a key can exceed.
        Some(&SqlState::PROGRAM_LIMIT_EXCEEDED) => {
            RULES.unsupported("names and ids that are together too long for an index")
        }
        _ => InboxError::Engine(error.into()),
    }
}
