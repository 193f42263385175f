use castore_core::storage::StorageError;
use tokio_postgres::error::SqlState;

use super::outcome::{ATTEMPTS, back_off, rejected};
use crate::database::Database;
use crate::driver::{DriverError, Row};
use crate::errors::PostgresError;
use crate::schema::SideTables;
use crate::statement::Parameter;

/// Runs a statement that writes to the additional tables of this crate, as a separate transaction. Creates the tables
/// if they are missing.
pub(crate) async fn transact(
    database: &Database,
    tables: SideTables,
    sql: &str,
    parameters: &[&dyn Parameter],
) -> Result<Vec<Row>, StorageError> {
    let (mut attempt, mut may_create) = (0, true);
    loop {
        let error = match execute(database, sql, parameters).await? {
            Ok(rows) => return Ok(rows),
            Err(error) => error,
        };
        match error.code() {
            // A table is missing, or an earlier version of this crate created it without one of its columns.
            Some(&(SqlState::UNDEFINED_TABLE | SqlState::UNDEFINED_COLUMN)) if may_create => {
                may_create = false;
                database.create_side_tables(tables).await.map_err(StorageError::engine)?;
            }
            Some(&(SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED)) if attempt < ATTEMPTS => {
                attempt += 1;
                back_off(attempt).await;
            }
            _ => return Err(rejected(database, error)),
        }
    }
}

/// Executes a statement. Returns `Ok(Err(_))` if the server rejected the statement without writing anything.
async fn execute(
    database: &Database,
    sql: &str,
    parameters: &[&dyn Parameter],
) -> Result<Result<Vec<Row>, DriverError>, StorageError> {
    let mut dead = 0;
    let (client, statement) = loop {
        let client = database.client().await?;
        match database.within(database.statements.prepare(&client, sql)).await {
            Ok(Ok(statement)) => break (client, statement),
            // Preparing a statement writes nothing.
            Ok(Err(error)) if error.is_dead() && dead < database.pool.max_size() => {
                drop(client.detach());
                dead += 1;
            }
            Ok(Err(error)) => return Ok(Err(error)),
            Err(late) => {
                drop(client.detach());
                return Err(StorageError::engine(late));
            }
        }
    };
    match database.within(statement.rows(&client, parameters)).await {
        Ok(Ok(rows)) => Ok(Ok(rows)),
        Ok(Err(error)) if error.server().is_some_and(|refusal| !refusal.ends_the_session) => Ok(Err(error)),
        Ok(Err(error)) => {
            drop(client.detach());
            Err(StorageError::UnknownOutcome(PostgresError::from(error).into()))
        }
        Err(late) => {
            drop(client.detach());
            Err(StorageError::UnknownOutcome(late.into()))
        }
    }
}

/// Returns all rows of a statement that reads tables of this crate, or none if the tables do not exist yet.
pub(crate) async fn read_side_rows(
    database: &Database,
    sql: &str,
    parameters: &[&dyn Parameter],
) -> Result<Vec<Row>, StorageError> {
    match super::read_rows(database, sql, parameters).await {
        Err(StorageError::Engine(error))
            if error
                .downcast_ref::<PostgresError>()
                .is_some_and(|error| error.code() == Some(&SqlState::UNDEFINED_TABLE)) =>
        {
            // The schema of the event table may have changed, so `read_rows` has dropped the cached definition.
            Ok(Vec::new())
        }
        other => other,
    }
}

/// Replaces NUL characters, which Postgres cannot store, in a text for human readers, such as an error.
pub(crate) fn without_nul(text: &str) -> std::borrow::Cow<'_, str> {
    if text.contains('\0') { text.replace('\0', "\u{fffd}").into() } else { text.into() }
}

/// Rejects names that Postgres cannot store.
pub(crate) fn check_names(names: &[&str]) -> Result<(), StorageError> {
    if names.iter().any(|name| name.contains('\0')) {
        return Err(super::check::unsupported("a name with a NUL character"));
    }
    Ok(())
}
