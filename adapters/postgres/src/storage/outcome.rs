use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use castore_core::storage::StorageError;
use tokio_postgres::error::SqlState;

use super::check::unsupported;
use crate::database::Database;
use crate::driver::{Client, DriverError, Row, ServerError};
use crate::errors::PostgresError;
use crate::schema::{Table, is_event_key};
use crate::statement::Parameter;

/// The maximum number of retries of a push. A push is retried only if it certainly stored nothing: after a deadlock or
/// a serialization failure, or after a check that another push has made obsolete.
pub(super) const ATTEMPTS: u32 = 5;

/// The reason why a write failed.
pub(super) enum Failed {
    /// One of the versions is taken. Nothing was written.
    Taken,
    /// Nothing was written, and another attempt may succeed.
    Again(StorageError),
    Finally(StorageError),
}

impl From<StorageError> for Failed {
    fn from(error: StorageError) -> Self {
        Self::Finally(error)
    }
}

/// Runs a statement that writes, as a separate transaction.
///
/// Dropping the future is safe: either the statement was not sent, or the server completes it, and the next user of the
/// connection waits until then.
pub(super) async fn write(
    database: &Database,
    tables: &[&Table],
    sql: &str,
    parameters: &[&dyn Parameter],
) -> Result<Vec<Row>, Failed> {
    let client = database.client().await?;
    // Preparing a statement writes nothing, so the outcome of a failure is known.
    let statement = match database.within(database.statements.prepare(&client, sql)).await {
        Ok(prepared) => prepared.map_err(|error| rejected(database, error))?,
        Err(late) => {
            drop(client.detach());
            return Err(StorageError::engine(late).into());
        }
    };
    let error = match database.within(statement.rows(&client, parameters)).await {
        Ok(Ok(rows)) => return Ok(rows),
        Ok(Err(error)) => error,
        Err(late) => {
            // The connection is closed, because its next user would have to wait, too.
            drop(client.detach());
            return Err(StorageError::UnknownOutcome(late.into()).into());
        }
    };
    let Some(refusal) = error.server().filter(|refusal| !refusal.ends_the_session) else {
        // The pool may not have noticed yet that the connection is closed.
        drop(client.detach());
        return Err(StorageError::UnknownOutcome(PostgresError::from(error).into()).into());
    };
    match *refusal.code {
        SqlState::UNIQUE_VIOLATION if is_taken(&client, tables, &refusal).await? => Err(Failed::Taken),
        SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED => {
            Err(Failed::Again(StorageError::engine(PostgresError::from(error))))
        }
        _ => Err(rejected(database, error).into()),
    }
}

/// Returns whether the unique key of the events was violated, rather than another constraint of the table.
async fn is_taken(client: &Client, tables: &[&Table], refusal: &ServerError<'_>) -> Result<bool, StorageError> {
    let Some(constraint) = refusal.constraint else {
        return Ok(false);
    };
    if tables.iter().any(|table| table.keys.iter().any(|key| key == constraint)) {
        return Ok(true);
    }
    // The constraint was renamed since the table was read, or belongs to a partition.
    is_event_key(client, refusal.schema.unwrap_or_default(), constraint).await
}

/// Converts a server error of a statement that was rolled back, so that nothing was written.
pub(crate) fn rejected(database: &Database, error: DriverError) -> StorageError {
    let Some(code) = error.code() else {
        return StorageError::engine(PostgresError::from(error));
    };
    match code.code() {
        "22P05" => unsupported("JSON with a NUL character (\\u0000)"),
        "22P02" => unsupported("JSON that Postgres rejects, such as an unpaired surrogate"),
        // The sequence of the column `id` has reached its last number.
        "2200H" => StorageError::engine(PostgresError::text(format!(
            "the ids of the event table {} are exhausted: widen its column `id` and the column's sequence to BIGINT (SQLSTATE \
             2200H)",
            database.requested
        ))),
        "22003" => unsupported("a number beyond the range of Postgres"),
        "54000" | "54001" => unsupported("a value that is too large or too deeply nested"),
        other if other.starts_with("22") => unsupported(format!("a value (SQLSTATE {other})")),
        other => {
            // The table may have been altered, so its definition is read again.
            if other.starts_with("42") {
                database.forget_table();
            }
            StorageError::engine(PostgresError::from(error))
        }
    }
}

/// Waits before another attempt: longer after each attempt, and with jitter.
pub(super) async fn back_off(attempt: u32) {
    let random = RandomState::new().hash_one(attempt) % 16;
    tokio::time::sleep(Duration::from_millis((1 << attempt) * (4 + random))).await;
}
