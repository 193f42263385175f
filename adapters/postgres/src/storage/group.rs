use std::collections::HashMap;
use std::sync::Arc;

use castore_core::storage::{
    EventAlreadyExists, EventStorageAdapter, GroupedRawEvent, PushOptions, PushReceipt, StorageError,
};
use tokio_postgres::types::ToSql;

use super::aggregate_id::AggregateId;
use super::check::{Row, unsupported};
use super::insert_group::insert_group;
use super::outcome::{ATTEMPTS, Failed, back_off, write};
use super::push::{kept_back, position};
use super::values::{Json, Moment};
use crate::database::Database;
use crate::errors::PostgresError;
use crate::schema::Table;

/// The server rejects messages of one gigabyte or more.
const MAX_GROUP_BYTES: usize = 1_000_000_000;

/// A function that returns the database of an adapter, or `None` if it is not an adapter of this crate.
pub(crate) type FindDatabase = fn(&dyn EventStorageAdapter) -> Option<&Database>;

/// Stores a group with one statement, which may write to several tables.
pub(crate) async fn push_event_group(
    database: &Database,
    group: &[GroupedRawEvent],
    options: PushOptions,
    find_database: FindDatabase,
) -> Result<Vec<PushReceipt>, StorageError> {
    let tables = tables_of(database, group, find_database).await?;
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
    let parts = parts(&tables, &rows, options.force);
    let distinct: Vec<&Table> = parts.iter().map(|part| part.table).collect();
    let sql = insert_group(&distinct, options.force);
    let columns: Vec<Columns<'_>> = parts.iter().map(|part| Columns::new(&rows, &part.members)).collect();
    let parameters: Vec<&(dyn ToSql + Sync)> = columns.iter().flat_map(Columns::parameters).collect();
    let mut attempt = 0;
    loop {
        let failed = match write(database, &distinct, &sql, &parameters).await {
            Ok(answers) => return positions(&parts, &tables, &rows, &answers, options.force),
            Err(Failed::Taken(client)) => match taken(&client, &parts, &rows, &columns).await? {
                Some(index) => return Err(already_exists(group, index)),
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

/// Adds to the error that an event of the group was rejected. The server does not report which one.
fn of_group(error: StorageError, group: &[GroupedRawEvent]) -> StorageError {
    match (error, group) {
        (error, [only]) => of_event(error, only),
        (StorageError::Unsupported { what }, _) => unsupported(format!("one of the events of the group: {what}")),
        (other, _) => other,
    }
}

fn already_exists(group: &[GroupedRawEvent], index: usize) -> StorageError {
    let (event_store_id, aggregate_id, version) = group
        .get(index)
        .map(|grouped| (grouped.event_store_id, grouped.event.aggregate_id.as_str(), grouped.event.version))
        .unwrap_or_default();
    StorageError::EventAlreadyExists(EventAlreadyExists::new(
        event_store_id.to_owned(),
        aggregate_id.to_owned(),
        version,
    ))
}

/// Returns the table of each event, which is the table of the event's own adapter.
async fn tables_of(
    database: &Database,
    group: &[GroupedRawEvent],
    find_database: FindDatabase,
) -> Result<Vec<Arc<Table>>, StorageError> {
    let mut tables = Vec::with_capacity(group.len());
    for (index, grouped) in group.iter().enumerate() {
        if grouped.adapter.storage_id() != database.storage_id {
            return Err(StorageError::GroupSpansStorages { index, event_store_id: grouped.event_store_id.to_owned() });
        }
        let table = match find_database(&*grouped.adapter) {
            Some(database) => database.table().await?,
            // The event's adapter is a wrapper around the adapter that was called with the group, so the event belongs
            // to that adapter's table.
            None if group.first().is_some_and(|first| Arc::ptr_eq(&first.adapter, &grouped.adapter)) => {
                database.table().await?
            }
            None => {
                return Err(unsupported(format!(
                    "event #{index} of the group (event store {}), whose adapter is wrapped by another adapter, so that its table is unknown",
                    grouped.event_store_id
                )));
            }
        };
        tables.push(table);
    }
    Ok(tables)
}

/// The events of a group that belong to one table, as indexes into the group.
struct Part<'a> {
    table: &'a Table,
    members: Vec<usize>,
}

/// Splits a group by table, in an order that is the same for all groups. If a forced group contains an event twice, the
/// last one is stored.
fn parts<'a>(tables: &'a [Arc<Table>], rows: &[Row<'_>], force: bool) -> Vec<Part<'a>> {
    let mut parts: Vec<Part<'a>> = Vec::new();
    for (index, table) in tables.iter().enumerate() {
        match parts.iter_mut().find(|part| part.table.oid == table.oid) {
            Some(part) => part.members.push(index),
            None => parts.push(Part { table, members: vec![index] }),
        }
    }
    parts.sort_by_key(|part| part.table.oid);
    if force {
        for part in &mut parts {
            let last: HashMap<_, usize> =
                part.members.iter().filter_map(|index| Some((rows.get(*index)?.key(), *index))).collect();
            part.members.retain(|index| rows.get(*index).is_some_and(|row| last.get(&row.key()) == Some(index)));
        }
    }
    parts
}

/// The events of a part, as one array per column.
struct Columns<'a> {
    aggregate_names: Vec<&'a str>,
    aggregate_ids: Vec<AggregateId<'a>>,
    versions: Vec<i64>,
    types: Vec<&'a str>,
    data: Vec<Option<Json<'a>>>,
    metadata: Vec<Option<Json<'a>>>,
    timestamps: Vec<Moment>,
}

impl<'a> Columns<'a> {
    fn new(rows: &[Row<'a>], members: &[usize]) -> Self {
        let rows = || members.iter().filter_map(|index| rows.get(*index));
        Self {
            aggregate_names: rows().map(|row| row.aggregate_name).collect(),
            aggregate_ids: rows().map(|row| row.aggregate_id.clone()).collect(),
            versions: rows().map(|row| row.version).collect(),
            types: rows().map(|row| row.event_type).collect(),
            data: rows().map(|row| row.data).collect(),
            metadata: rows().map(|row| row.metadata).collect(),
            timestamps: rows().map(|row| row.timestamp).collect(),
        }
    }

    fn parameters(&self) -> [&(dyn ToSql + Sync); super::insert_group::GROUP_PARAMETERS] {
        [
            &self.aggregate_names,
            &self.aggregate_ids,
            &self.versions,
            &self.types,
            &self.data,
            &self.metadata,
            &self.timestamps,
        ]
    }
}

/// Returns the positions that the server assigned, in the order of the group.
fn positions(
    parts: &[Part<'_>],
    tables: &[Arc<Table>],
    rows: &[Row<'_>],
    answers: &[tokio_postgres::Row],
    force: bool,
) -> Result<Vec<PushReceipt>, StorageError> {
    let damaged = |_| StorageError::engine(PostgresError::text("the response to a push has an unexpected form"));
    let mut stored = vec![PushReceipt::default(); rows.len()];
    for (number, part) in (0_i64..).zip(parts) {
        let mut ids = Vec::with_capacity(part.members.len());
        let mut by_key = HashMap::new();
        for answer in answers {
            if answer.try_get::<_, i64>(0).map_err(damaged)? != number {
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
            // The ids were drawn in the order of the group.
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

/// Returns the first event of the group whose version already exists, in the table or in an earlier event of the group.
async fn taken(
    client: &deadpool_postgres::Client,
    parts: &[Part<'_>],
    rows: &[Row<'_>],
    columns: &[Columns<'_>],
) -> Result<Option<usize>, StorageError> {
    let failed = |error| StorageError::engine(PostgresError::from(error));
    let mut first = None;
    for (part, columns) in parts.iter().zip(columns) {
        let sql = &part.table.statements.taken;
        let statement = client.prepare_cached(sql).await.map_err(failed)?;
        let found = client
            .query_opt(&statement, &[&columns.aggregate_names, &columns.aggregate_ids, &columns.versions])
            .await
            .map_err(failed)?;
        let place = found.map(|row| row.try_get::<_, i64>(0)).transpose().map_err(failed)?;
        let stored = place.and_then(|place| part.members.get(usize::try_from(place - 1).ok()?).copied());
        let mut seen = HashMap::new();
        let twice = part
            .members
            .iter()
            .copied()
            .find(|index| rows.get(*index).is_some_and(|row| seen.insert(row.key(), ()).is_some()));
        first = [first, stored, twice].into_iter().flatten().min();
    }
    Ok(first)
}
