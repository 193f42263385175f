use std::collections::HashMap;
use std::sync::Arc;

use castore_core::storage::{EventStorageAdapter, GroupedRawEvent, PushOptions, PushReceipt, StorageError};

use super::check::{Row, unsupported};
use super::insert_group::{OnTaken, insert_group};
use super::known_group::KnownGroup;
use super::outcome::{ATTEMPTS, Failed, back_off, write};
use super::parts::{Columns, Part, is_contiguous, parts};
use super::push::{kept_back, position};
use super::refusal::{Refusal, refusal};
use crate::database::Database;
use crate::driver;
use crate::errors::PostgresError;
use crate::schema::Table;
use crate::statement::Parameter;

/// The maximum size of a group in bytes. The server rejects messages of one gigabyte or more.
const MAX_GROUP_BYTES: usize = 1_000_000_000;

/// A function that returns the database of an adapter, or `None` if the adapter is not one of this crate.
pub(crate) type FindDatabase = fn(&dyn EventStorageAdapter) -> Option<&Database>;

/// Stores a group with one statement, which may write to several tables.
pub(crate) async fn push_event_group(
    database: &Database,
    group: &[GroupedRawEvent],
    options: PushOptions,
    find_database: FindDatabase,
) -> Result<Vec<PushReceipt>, StorageError> {
    let (databases, tables) = tables_of(database, group, find_database).await?;
    let rows = rows_of(&tables, group)?;
    let known = KnownGroup::new(&databases, &tables, &rows);
    if !options.refuses_gaps() {
        known.remove();
    }
    let result = store(database, group, options, &tables, &rows, &known).await;
    if result.is_err() || !options.refuses_gaps() {
        known.remove();
    }
    result
}

/// Returns the events of a group as rows of their tables.
pub(super) fn rows_of<'a>(tables: &[Arc<Table>], group: &'a [GroupedRawEvent]) -> Result<Vec<Row<'a>>, StorageError> {
    let mut rows = Vec::with_capacity(group.len());
    let mut bytes = 0_usize;
    for (table, grouped) in tables.iter().zip(group) {
        let row = Row::new(table, grouped.event_store_id, &grouped.event).map_err(|error| of_event(error, grouped))?;
        let json = [&grouped.event.payload, &grouped.event.metadata];
        bytes += json.into_iter().flatten().map(|json| json.get().len()).sum::<usize>();
        rows.push(row);
    }
    if bytes > MAX_GROUP_BYTES {
        return Err(unsupported("a group of one gigabyte or more"));
    }
    Ok(rows)
}

async fn store(
    database: &Database,
    group: &[GroupedRawEvent],
    options: PushOptions,
    tables: &[Arc<Table>],
    rows: &[Row<'_>],
    known: &KnownGroup<'_>,
) -> Result<Vec<PushReceipt>, StorageError> {
    let parts = parts(tables, rows, options.force);
    if options.refuses_gaps()
        && parts.iter().any(|part| !is_contiguous(part, rows))
        && let Some(refusal) = refusal(database, &parts, rows).await?
    {
        return Err(refused(group, &refusal));
    }
    let distinct: Vec<&Table> = parts.iter().map(|part| part.table).collect();
    let columns: Vec<Columns<'_>> = parts.iter().map(|part| Columns::new(rows, &part.members)).collect();
    let parameters: Vec<&dyn Parameter> = columns.iter().flat_map(Columns::parameters).collect();
    let mut attempt = 0;
    loop {
        let next = if options.refuses_gaps() { known.follow() } else { None };
        let checked = options.refuses_gaps() && next.is_none();
        let asked_at = next.unwrap_or_else(|| known.now());
        let on_taken = if options.force { OnTaken::Replace } else { OnTaken::Fail };
        let sql = insert_group(&distinct, on_taken, checked, None);
        let failed = match write(database, &distinct, &sql, &parameters).await {
            Ok(answers) if answers.is_empty() && checked => {
                match refusal(database, &parts, rows).await? {
                    Some(refusal) => return Err(refused(group, &refusal)),
                    // The preceding versions were stored in the meantime, or a trigger keeps the events from being
                    // stored.
                    None => kept_back(&tables.first().map(|table| table.qualified.clone()).unwrap_or_default()),
                }
            }
            Ok(answers) => {
                let stored = positions(&parts, tables, rows, &answers, options.force)?;
                if options.refuses_gaps() {
                    known.record(&asked_at);
                }
                return Ok(stored);
            }
            Err(Failed::Taken) => match refusal(database, &parts, rows).await? {
                Some(refusal) => return Err(refused(group, &refusal)),
                // The conflicting event was removed in the meantime.
                None => StorageError::engine(PostgresError::text(
                    "an event of the group was already stored, but was deleted before its version could be determined",
                )),
            },
            Err(Failed::Again(error)) => error,
            Err(Failed::Finally(error)) => return Err(of_group(error, group)),
        };
        attempt += 1;
        if attempt > ATTEMPTS {
            return Err(failed);
        }
        known.remove();
        back_off(attempt).await;
    }
}

/// Adds the identity of an unsupported event of the group to the error.
fn of_event(error: StorageError, grouped: &GroupedRawEvent) -> StorageError {
    match error {
        StorageError::Unsupported { what } => {
            let (event_store, event) = (grouped.event_store_id, &grouped.event);
            let (aggregate, version) = (&event.aggregate_id, event.version);
            unsupported(format!("version {version} of aggregate {aggregate:?} of event store {event_store}: {what}"))
        }
        other => other,
    }
}

/// Adds to the error text that the error concerns an event of the group. The server does not report which event it has
/// rejected.
pub(super) fn of_group(error: StorageError, group: &[GroupedRawEvent]) -> StorageError {
    match (error, group) {
        (error, [only]) => of_event(error, only),
        (StorageError::Unsupported { what }, _) => unsupported(format!("one of the events of the group: {what}")),
        (other, _) => other,
    }
}

pub(super) fn refused(group: &[GroupedRawEvent], refusal: &Refusal) -> StorageError {
    let Some(grouped) = group.get(refusal.index()) else {
        return StorageError::engine(PostgresError::text("the server rejected an event that is not in the group"));
    };
    refusal.error(grouped.event_store_id, &grouped.event)
}

/// Returns the databases and the tables of the events, in the order of the group.
async fn tables_of<'a>(
    database: &'a Database,
    group: &'a [GroupedRawEvent],
    find_database: FindDatabase,
) -> Result<(Vec<&'a Database>, Vec<Arc<Table>>), StorageError> {
    let mut databases = Vec::with_capacity(group.len());
    let mut tables = Vec::with_capacity(group.len());
    for (index, grouped) in group.iter().enumerate() {
        if grouped.adapter.storage_id() != database.storage_id {
            return Err(StorageError::GroupSpansStorages { index, event_store_id: grouped.event_store_id.to_owned() });
        }
        let database = match find_database(&*grouped.adapter) {
            Some(database) => database,
            // The event's adapter is a wrapper around the adapter that was called with the group, so the event belongs
            // to that adapter's table.
            None if group.first().is_some_and(|first| Arc::ptr_eq(&first.adapter, &grouped.adapter)) => database,
            None => {
                return Err(unsupported(format!(
                    "event #{index} of the group (event store {}), whose adapter is wrapped by another adapter, so that its table is unknown",
                    grouped.event_store_id
                )));
            }
        };
        tables.push(database.table().await?);
        databases.push(database);
    }
    Ok((databases, tables))
}

/// Returns the positions that the server assigned, in the order of the group.
pub(super) fn positions(
    parts: &[Part<'_>],
    tables: &[Arc<Table>],
    rows: &[Row<'_>],
    answers: &[driver::Row],
    force: bool,
) -> Result<Vec<PushReceipt>, StorageError> {
    let damaged = |_| StorageError::engine(PostgresError::text("the response to a push has an unexpected form"));
    let mut stored = vec![PushReceipt::default(); rows.len()];
    for (number, part) in (0_i64..).zip(parts) {
        let mut ids = Vec::with_capacity(part.members.len());
        let mut by_key = HashMap::new();
        for answer in answers {
            if answer.try_get::<i64>(0).map_err(damaged)? != number {
                continue;
            }
            let id: i64 = answer.try_get(1).map_err(damaged)?;
            if force {
                let name: &str = answer.try_get(2).map_err(damaged)?;
                let aggregate_id: &str = answer.try_get(3).map_err(damaged)?;
                let version: i64 = answer.try_get(4).map_err(damaged)?;
                by_key.insert((name, aggregate_id, version), id);
            }
            ids.push(id);
        }
        if ids.len() != part.members.len() {
            return Err(kept_back(&part.table.qualified));
        }
        if force {
            for ((row, table), stored) in rows.iter().zip(tables).zip(&mut stored) {
                if table.oid == part.table.oid {
                    let key = (row.aggregate_name, &*row.aggregate_id.text(), row.version);
                    stored.position = by_key.get(&key).copied().and_then(position);
                }
            }
        } else {
            // The ids were allocated in the order of the group.
            ids.sort_unstable();
            for (index, id) in part.members.iter().zip(ids) {
                if let Some(stored) = stored.get_mut(*index) {
                    stored.position = position(id);
                }
            }
        }
    }
    Ok(stored)
}
