use std::borrow::Cow;
use std::future::poll_fn;
use std::ops::ControlFlow;
use std::pin::pin;

use castore_core::storage::{GetEventsOptions, RawEvent, RawEventRef, StorageError};
use deadpool_postgres::{Client, Object};
use futures_core::Stream;
use serde_json::value::RawValue;
use tokio_postgres::types::FromSqlOwned;
use tokio_postgres::{Row, RowStream};

use super::aggregate_id::AggregateId;
use super::known::Known;
use super::outcome::{ends_the_session, rejected};
use super::values::{JsonText, Moment};
use crate::database::Database;
use crate::errors::PostgresError;
use crate::statement::Parameter;

/// Passes the events of an aggregate to `visit` as they arrive, borrowed from the driver's rows. The driver buffers
/// only a few rows.
pub(crate) async fn visit_events(
    database: &Database,
    event_store_id: &str,
    aggregate_id: &str,
    options: GetEventsOptions,
    mut visit: impl FnMut(RawEventRef<'_>) -> Result<ControlFlow<()>, StorageError>,
) -> Result<(), StorageError> {
    // No stored version is greater than the greatest bigint, so no event matches.
    let Ok(first) = i64::try_from(options.min_version.unwrap_or(0)) else {
        return Ok(());
    };
    let table = database.table().await?;
    // A name that cannot be stored has no events.
    if event_store_id.contains('\0') || options.limit == Some(0) {
        return Ok(());
    }
    let id = AggregateId::new(&table, aggregate_id)?;
    let shown = id.text();
    let sql = if options.reverse { &table.statements.read_reverse } else { &table.statements.read };
    let (last, limit) = (saturated(options.max_version), saturated(options.limit));
    let known = Known::new(database, &table, event_store_id, &id);
    let asked_at = known.now();
    let (_client, rows) = query(database, sql, &[&event_store_id, &id, &first, &last, &limit]).await?;
    let mut rows = pin!(rows);
    let mut last_read = None;
    while let Some(row) = poll_fn(|context| rows.as_mut().poll_next(context)).await {
        let row = row.map_err(|error| rejected(database, error))?;
        let event = event_of(&row, &shown).map_err(|column| damaged(column, event_store_id, &shown, &row))?;
        last_read = Some(event.version);
        if visit(event)?.is_break() {
            return Ok(());
        }
    }
    known.record_read(asked_at, &options, last_read);
    Ok(())
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

/// Sends a read-only statement. If the connection is closed, for example after a restart of the server, another one is
/// used.
pub(super) async fn query(
    database: &Database,
    sql: &str,
    parameters: &[&dyn Parameter],
) -> Result<(Client, RowStream), StorageError> {
    let mut dead = 0;
    loop {
        let client = database.client().await?;
        let attempt = database.within(async {
            let statement = database.statements.prepare(&client, sql).await?;
            statement.stream(&client, parameters).await
        });
        match attempt.await {
            Ok(Ok(rows)) => return Ok((client, rows)),
            Ok(Err(error)) if is_dead(&error) && dead < database.pool.status().max_size => {
                // The pool may not have noticed yet that the connection is closed.
                drop(Object::take(client));
                dead += 1;
            }
            Ok(Err(error)) => return Err(rejected(database, error)),
            Err(late) => {
                drop(Object::take(client));
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
    let (_client, rows) = query(database, sql, parameters).await?;
    let mut rows = pin!(rows);
    let mut all = Vec::new();
    while let Some(row) = poll_fn(|context| rows.as_mut().poll_next(context)).await {
        all.push(row.map_err(|error| rejected(database, error))?);
    }
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

pub(crate) fn is_dead(error: &tokio_postgres::Error) -> bool {
    error.is_closed() || error.as_db_error().is_some_and(ends_the_session)
}

/// Decodes an event. Returns the name of the column with an invalid value as the error.
fn event_of<'a>(row: &'a Row, aggregate_id: &'a str) -> Result<RawEventRef<'a>, &'static str> {
    Ok(RawEventRef {
        aggregate_id,
        version: version_of(row).ok_or("version")?,
        event_type: row.try_get(1).map_err(|_| "type")?,
        timestamp: row.try_get::<_, Moment>(2).ok().and_then(Moment::timestamp).ok_or("timestamp")?,
        payload: row.try_get::<_, Option<JsonText<'_>>>(3).map_err(|_| "data")?.and_then(JsonText::get),
        metadata: row.try_get::<_, Option<JsonText<'_>>>(4).map_err(|_| "metadata")?.and_then(JsonText::get),
        decoded: None,
    })
}

fn version_of(row: &Row) -> Option<u64> {
    u64::try_from(row.try_get::<_, i64>(0).ok()?).ok()
}

fn damaged(column: &str, event_store_id: &str, aggregate_id: &str, row: &Row) -> StorageError {
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

/// Converts an error with which the server aborted a read.
pub(super) fn unreadable(error: tokio_postgres::Error) -> StorageError {
    StorageError::engine(PostgresError::from(error))
}
