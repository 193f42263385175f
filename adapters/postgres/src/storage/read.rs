use std::borrow::Cow;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

use castore_core::storage::{GetEventsOptions, RawEvent, RawEventRef, StorageError};
use serde_json::value::RawValue;
use tokio_postgres::types::FromSqlOwned;

use super::aggregate_id::AggregateId;
use super::known::Known;
use super::outcome::rejected;
use super::values::{JsonText, Moment};
use crate::database::Database;
use crate::driver::{DriverError, Row};
use crate::errors::PostgresError;
use crate::schema::Table;
use crate::statement::{Parameter, Session};

/// Passes the events of an aggregate to `visit` as they arrive, borrowed from the driver's rows. The driver buffers
/// only a few rows.
pub(crate) async fn visit_events(
    database: &Database,
    event_store_id: &str,
    aggregate_id: &str,
    options: GetEventsOptions,
    mut visit: impl FnMut(RawEventRef<'_>) -> Result<ControlFlow<()>, StorageError> + Send,
) -> Result<(), StorageError> {
    let table = database.table().await?;
    let Some(query) = EventQuery::new(&table, event_store_id, &options) else { return Ok(()) };
    let id = AggregateId::new(&table, aggregate_id)?;
    let shown = id.text();
    let known = Known::new(database, &table, event_store_id, &id);
    let asked_at = known.now();
    let mut last_read = None;
    let parameters = query.parameters(&event_store_id, &id);
    let read = visit_rows(database, query.sql, &parameters, |row| {
        let event = event_of(&row, &shown).map_err(|column| damaged(column, event_store_id, &shown, &row))?;
        last_read = Some(event.version);
        visit(event)
    });
    if read.await? {
        known.record_read(asked_at, &options, last_read);
    }
    Ok(())
}

/// The query for the events of an aggregate.
pub(super) struct EventQuery<'a> {
    pub(super) sql: &'a str,
    first: i64,
    last: i64,
    limit: i64,
}

impl<'a> EventQuery<'a> {
    /// Returns `None` if no event can match.
    pub(super) fn new(table: &'a Table, event_store_id: &str, options: &GetEventsOptions) -> Option<Self> {
        // A name with a NUL character cannot be stored, so there are no events.
        if event_store_id.contains('\0') || options.limit == Some(0) {
            return None;
        }
        // No stored version is greater than the greatest bigint, so no event matches.
        let first = i64::try_from(options.min_version.unwrap_or(0)).ok()?;
        let sql = if options.reverse { &table.statements.read_reverse } else { &table.statements.read };
        Some(Self { sql, first, last: saturated(options.max_version), limit: saturated(options.limit) })
    }

    pub(super) fn parameters<'p>(
        &'p self,
        event_store_id: &'p &str,
        id: &'p AggregateId<'_>,
    ) -> [&'p dyn Parameter; 5] {
        [event_store_id, id, &self.first, &self.last, &self.limit]
    }
}

/// Returns the events of an aggregate.
pub(crate) async fn get_events(
    database: &Database,
    event_store_id: &str,
    aggregate_id: &str,
    options: GetEventsOptions,
) -> Result<Vec<RawEvent>, StorageError> {
    let mut events = Vec::new();
    visit_events(database, event_store_id, aggregate_id, options, |event| {
        let json = |text: Option<&str>| {
            // Postgres always writes valid JSON.
            text.map(|text| RawValue::from_string(text.to_owned())).transpose().map_err(|_| StorageError::Corrupt {
                what: format!(
                    "the JSON of version {} of aggregate {} of event store {event_store_id}",
                    event.version, event.aggregate_id
                ),
            })
        };
        events.push(RawEvent {
            aggregate_id: event.aggregate_id.to_owned(),
            version: event.version,
            event_type: Cow::Owned(event.event_type.to_owned()),
            timestamp: event.timestamp,
            payload: json(event.payload)?,
            metadata: json(event.metadata)?,
        });
        Ok(ControlFlow::Continue(()))
    })
    .await?;
    Ok(events)
}

/// Executes a read-only statement, and passes the rows to `visit` as they arrive. If the connection is closed before
/// the first row, for example after a restart of the server, another connection is used. Returns whether all rows were
/// visited.
pub(super) async fn visit_rows(
    database: &Database,
    sql: &str,
    parameters: &[&dyn Parameter],
    mut visit: impl FnMut(Row) -> Result<ControlFlow<()>, StorageError> + Send,
) -> Result<bool, StorageError> {
    let mut dead = 0;
    loop {
        let client = database.client().await?;
        let (started, mut end) = (AtomicBool::new(false), Ok(ControlFlow::Continue(())));
        let mut visit_one = |row| {
            started.store(true, Ordering::Relaxed);
            end = visit(row);
            if matches!(end, Ok(ControlFlow::Continue(()))) {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        };
        let read = database.starts_within(&started, async {
            let statement = database.statements.prepare(&client, sql).await?;
            client.run(&statement, parameters, &mut visit_one).await
        });
        match read.await {
            Ok(Ok(_)) => return end.map(|end| end.is_continue()),
            Ok(Err(error)) if error.is_dead() && !started.into_inner() && dead < database.pool.max_size() => {
                // The pool may not have noticed yet that the connection is closed.
                drop(client.detach());
                dead += 1;
            }
            Ok(Err(error)) => return Err(rejected(database, error)),
            Err(late) => {
                drop(client.detach());
                return Err(StorageError::engine(late));
            }
        }
    }
}

/// Returns all rows of a read-only statement.
pub(crate) async fn read_rows(
    database: &Database,
    sql: &str,
    parameters: &[&dyn Parameter],
) -> Result<Vec<Row>, StorageError> {
    let mut all = Vec::new();
    let read = visit_rows(database, sql, parameters, |row| {
        all.push(row);
        Ok(ControlFlow::Continue(()))
    });
    read.await?;
    Ok(all)
}

/// Returns the single value of a read-only statement.
pub(crate) async fn read_value<T: FromSqlOwned>(
    database: &Database,
    sql: &str,
    parameters: &[&dyn Parameter],
) -> Result<T, StorageError> {
    let rows = read_rows(database, sql, parameters).await?;
    let row = rows.first().ok_or_else(|| StorageError::engine(PostgresError::text("a response has no row")))?;
    row.try_get(0).map_err(unreadable)
}

/// Decodes an event. Returns the name of the column with an invalid value as the error.
pub(super) fn event_of<'a>(row: &'a Row, aggregate_id: &'a str) -> Result<RawEventRef<'a>, &'static str> {
    Ok(RawEventRef {
        aggregate_id,
        version: version_of(row).ok_or("version")?,
        event_type: row.try_get(1).map_err(|_| "type")?,
        timestamp: row.try_get::<Moment>(2).ok().and_then(Moment::timestamp).ok_or("timestamp")?,
        payload: row.try_get::<Option<JsonText<'_>>>(3).map_err(|_| "data")?.and_then(JsonText::get),
        metadata: row.try_get::<Option<JsonText<'_>>>(4).map_err(|_| "metadata")?.and_then(JsonText::get),
        decoded: None,
    })
}

fn version_of(row: &Row) -> Option<u64> {
    u64::try_from(row.try_get::<i64>(0).ok()?).ok()
}

pub(super) fn damaged(column: &str, event_store_id: &str, aggregate_id: &str, row: &Row) -> StorageError {
    let version = version_of(row).unwrap_or_default();
    StorageError::Corrupt {
        what: format!(
            "the column {column} of version {version} of aggregate {aggregate_id} of event store {event_store_id}"
        ),
    }
}

/// Converts a limit. `None`, and limits that are too large for the type of the column, mean no limit.
pub(super) fn saturated(limit: Option<u64>) -> i64 {
    limit.map_or(i64::MAX, |limit| i64::try_from(limit).unwrap_or(i64::MAX))
}

/// Converts an error that occurred while a response was being decoded.
fn unreadable(error: DriverError) -> StorageError {
    StorageError::engine(PostgresError::from(error))
}
