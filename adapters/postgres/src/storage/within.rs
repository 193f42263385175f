//! Pushes in a transaction of the caller.

use std::sync::Arc;

use castore_core::storage::{GroupedRawEvent, PushOptions, PushReceipt, StorageError};
use tokio_postgres::error::SqlState;

use super::group::{FindDatabase, of_group, positions, refused, rows_of};
use super::insert_group::{OnTaken, insert_group};
use super::isolation::Isolation;
use super::known_group::KnownGroup;
use super::outcome::rejected;
use super::parts::{Columns, is_contiguous, parts};
use super::push::kept_back;
use super::refusal::{Lookup, refusal};
use crate::database::Database;
use crate::driver::{DriverError, Row};
use crate::errors::PostgresError;
use crate::pipeline::in_order;
use crate::schema::{Table, quote_literal};
use crate::statement::{Parameter, Session, query_once};
use crate::wake::{WITHIN, channel};

const SAVEPOINT: &str = "SAVEPOINT castore_push";
const RELEASE: &str = "RELEASE SAVEPOINT castore_push";
const UNDO: &str = "ROLLBACK TO SAVEPOINT castore_push";

/// Stores all events or none in an open transaction.
///
/// The events are stored after a savepoint, to which the transaction returns after a failure. Without the savepoint, a
/// failed statement would fail the whole transaction, and a later `COMMIT` would roll back without an error. A caller
/// that ignored a failed push would then believe that everything is stored.
///
/// Nothing is retried: a serialization failure or a deadlock concerns the whole transaction. Statements have no names,
/// because the connection may belong to another pool, or go through a pooler.
pub(crate) async fn push_within(
    session: &impl Session,
    group: &[GroupedRawEvent],
    options: PushOptions,
    find_database: FindDatabase,
) -> Result<Vec<PushReceipt>, StorageError> {
    let mut databases: Vec<&Database> = Vec::with_capacity(group.len());
    for (index, grouped) in group.iter().enumerate() {
        let database = find_database(&*grouped.adapter).ok_or_else(|| grouped.stored_elsewhere(index))?;
        if databases.first().is_some_and(|first| first.storage_id != database.storage_id) {
            return Err(StorageError::GroupSpansStorages { index, event_store_id: grouped.event_store_id.to_owned() });
        }
        databases.push(database);
    }
    let (Some(database), Some(first)) = (databases.first().copied(), group.first()) else { return Ok(Vec::new()) };
    if databases.iter().any(|database| database.is_closed()) {
        return Err(StorageError::ShutDown);
    }
    // The definition of a table that is not known yet is read in this session, so the session must use the right
    // database.
    if databases.iter().any(|database| database.known_table().is_none())
        && !is_true(session, &database.identity.is_here).await?
    {
        return Err(first.stored_elsewhere(0));
    }
    let mut tables = Vec::with_capacity(group.len());
    for database in &databases {
        tables.push(database.table_within(session).await?);
    }
    let rows = rows_of(&tables, group)?;
    if !options.refuses_gaps() {
        // The commit may change the last versions, and the adapter does not notice the commit.
        KnownGroup::new(&databases, &tables, &rows).remove();
    }
    let parts = parts(&tables, &rows, options.force);
    let stored = InTransaction(session);
    if options.refuses_gaps()
        && parts.iter().any(|part| !is_contiguous(part, &rows))
        && let Some(refusal) = refusal(&stored, &parts, &rows).await?
    {
        return Err(refused(group, &refusal));
    }
    let distinct: Vec<&Table> = parts.iter().map(|part| part.table).collect();
    let is_here = is_here(database, &distinct);
    let columns: Vec<Columns<'_>> = parts.iter().map(|part| Columns::new(&rows, &part.members)).collect();
    let parameters: Vec<&dyn Parameter> = columns.iter().flat_map(Columns::parameters).collect();
    let expected: usize = parts.iter().map(|part| part.members.len()).sum();
    let on_taken = if options.force { OnTaken::Replace } else { OnTaken::Skip };
    let isolation = database.isolated.as_deref().map(Isolation::new);
    let condition = isolation.as_ref().map_or_else(|| is_here.clone(), |one| format!("{is_here} AND {}", one.join()));
    let sql = insert_group(&distinct, on_taken, options.refuses_gaps(), Some(&condition));
    match after_savepoint(session, &sql, &parameters).await? {
        Ok(answers) if answers.len() == expected => {
            release(session, &databases, &tables).await?;
            positions(&parts, &tables, &rows, &answers, options.force)
        }
        Ok(_) => {
            undo(session).await?;
            if !is_true(session, &is_here).await? {
                return Err(first.stored_elsewhere(0));
            }
            if let Some(isolation) = isolation {
                isolation.check(session, first).await?;
            }
            Err(match refusal(&stored, &parts, &rows).await? {
                Some(refusal) => refused(group, &refusal),
                None => kept_back(&distinct.first().map(|table| table.qualified.clone()).unwrap_or_default()),
            })
        }
        Err(error) => {
            undo(session).await?;
            // In another database, the table may be missing or have other columns.
            if !is_true(session, &is_here).await? {
                return Err(first.stored_elsewhere(0));
            }
            Err(of_group(rejected(database, error), group))
        }
    }
}

/// Returns the condition that is true in the database of the events, if the tables are still the same.
pub(super) fn is_here(database: &Database, tables: &[&Table]) -> String {
    let table = |table: &&Table| {
        format!(" AND to_regclass({})::oid IS NOT DISTINCT FROM {}", quote_literal(&table.qualified), table.oid)
    };
    let tables: String = tables.iter().map(table).collect();
    format!("{}{tables}", database.identity.is_here)
}

pub(super) async fn is_true(session: &impl Session, condition: &str) -> Result<bool, StorageError> {
    let rows = query_once(session, &format!("SELECT {condition}"), &[]).await.map_err(lost)?;
    Ok(rows.first().is_some_and(|row| row.try_get(0).unwrap_or(false)))
}

/// Executes a statement after a savepoint, in one round trip if the driver can pipeline statements. Returns
/// `Ok(Err(_))` if the server rejected the statement. The transaction can then return to the savepoint.
async fn after_savepoint<S: Session>(
    session: &S,
    sql: &str,
    parameters: &[&dyn Parameter],
) -> Result<Result<Vec<Row>, DriverError>, StorageError> {
    let (savepoint, statement) = (query_once(session, SAVEPOINT, &[]), query_once(session, sql, parameters));
    let (savepoint, answers) = if S::PIPELINES {
        in_order(savepoint, statement).await
    } else {
        // With a driver that does not pipeline statements, the connection may have no open transaction. In that case,
        // the statement would be committed immediately.
        (Ok(savepoint.await.map_err(not_begun)?), statement.await)
    };
    savepoint.map_err(lost)?;
    match answers {
        Err(error) if is_lost(&error) => Err(lost(error)),
        other => Ok(other),
    }
}

/// Releases the savepoint, and sends the notifications that are part of the transaction.
async fn release(session: &impl Session, databases: &[&Database], tables: &[Arc<Table>]) -> Result<(), StorageError> {
    let notified = databases.iter().zip(tables).filter(|(database, _)| database.notify_within);
    let channels: Vec<String> = notified.map(|(_, table)| channel(table.oid)).collect();
    if channels.is_empty() {
        return query_once(session, RELEASE, &[]).await.map(drop).map_err(lost);
    }
    // The server sends equal notifications of a transaction only once.
    let sql = "SELECT pg_notify(channel, $2::text) FROM unnest($1::text[]) AS channel";
    let parameters: [&dyn Parameter; 2] = [&channels, &WITHIN];
    let (released, notified) = in_order(query_once(session, RELEASE, &[]), query_once(session, sql, &parameters)).await;
    released.and(notified).map(drop).map_err(lost)
}

/// Rolls the transaction back to the savepoint.
async fn undo(session: &impl Session) -> Result<(), StorageError> {
    let (undone, released) = in_order(query_once(session, UNDO, &[]), query_once(session, RELEASE, &[])).await;
    undone.and(released).map(drop).map_err(lost)
}

/// Returns whether the transaction can only be rolled back.
fn is_lost(error: &DriverError) -> bool {
    let Some(refusal) = error.server() else { return true };
    refusal.ends_the_session
        || matches!(
            *refusal.code,
            SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED | SqlState::IN_FAILED_SQL_TRANSACTION
        )
}

pub(super) fn lost(error: DriverError) -> StorageError {
    StorageError::transaction_lost(PostgresError::from(error))
}

/// Converts an error of the `SAVEPOINT` statement.
fn not_begun(error: DriverError) -> StorageError {
    match error.code() {
        Some(&SqlState::NO_ACTIVE_SQL_TRANSACTION) => StorageError::engine(PostgresError::text(
            "the connection has no open transaction, so nothing was stored; begin one, and push within it",
        )),
        _ => lost(error),
    }
}

/// The stored events, as the transaction sees them.
struct InTransaction<'a, S>(&'a S);

impl<S: Session> Lookup for InTransaction<'_, S> {
    async fn rows(&self, sql: &str, parameters: &[&dyn Parameter]) -> Result<Vec<Row>, StorageError> {
        query_once(self.0, sql, parameters).await.map_err(lost)
    }
}
