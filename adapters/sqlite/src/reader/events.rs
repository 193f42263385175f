use std::ops::ControlFlow;

use castore_core::storage::{GetEventsOptions, KnownVersions, RawEvent, RawEventRef, StorageError};
use castore_core::time::Timestamp;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};
use serde_json::value::RawValue;

use crate::errors::read_error;

const FORWARD: &str = "SELECT version, type, timestamp, payload, metadata FROM event
     WHERE event_store_id = ?1 AND aggregate_id = ?2 AND version BETWEEN ?3 AND ?4 ORDER BY version LIMIT ?5";

const REVERSE: &str = "SELECT version, type, timestamp, payload, metadata FROM event
     WHERE event_store_id = ?1 AND aggregate_id = ?2 AND version BETWEEN ?3 AND ?4 ORDER BY version DESC LIMIT ?5";

/// The statement for all events from a version on, which loads use. Without an upper bound and a limit, SQLite does less
/// work per row.
const TO_THE_END: &str = "SELECT version, type, timestamp, payload, metadata FROM event
     WHERE event_store_id = ?1 AND aggregate_id = ?2 AND version >= ?3 ORDER BY version";

/// Passes the events of an aggregate to `visit`, borrowed from SQLite's rows. If `visit` does not stop the read, and
/// the options include the last event of the aggregate, the last version is recorded in `known`.
pub(crate) fn visit_events(
    connection: &Connection,
    known: &KnownVersions,
    event_store_id: &str,
    aggregate_id: &str,
    options: GetEventsOptions,
    mut visit: impl FnMut(RawEventRef<'_>) -> Result<ControlFlow<()>, StorageError>,
) -> Result<(), StorageError> {
    // No stored version is greater than SQLite's largest integer, so no event matches.
    let Ok(first) = i64::try_from(options.min_version.unwrap_or(0)) else {
        return Ok(());
    };
    let to_the_end = options.max_version.is_none() && options.limit.is_none() && !options.reverse;
    let sql = match options.reverse {
        _ if to_the_end => TO_THE_END,
        true => REVERSE,
        false => FORWARD,
    };
    let asked_at = known.now();
    let mut statement = connection.prepare_cached(sql).map_err(read_error)?;
    let rows = if to_the_end {
        statement.query((event_store_id, aggregate_id, first))
    } else {
        let last = saturated(options.max_version);
        statement.query((event_store_id, aggregate_id, first, last, saturated(options.limit)))
    };
    let mut rows = rows.map_err(read_error)?;
    let mut last_read = None;
    while let Some(row) = rows.next().map_err(read_error)? {
        let event = event_of(row, aggregate_id)
            .ok_or_else(|| damaged("a column", event_store_id, aggregate_id, version_of(row).unwrap_or_default()))?;
        last_read = Some(event.version);
        if visit(event)?.is_break() {
            return Ok(());
        }
    }
    known.record_read(asked_at, event_store_id, aggregate_id, &options, last_read);
    Ok(())
}

/// Returns the events of an aggregate.
pub(crate) fn read_events(
    connection: &Connection,
    known: &KnownVersions,
    event_store_id: &str,
    aggregate_id: &str,
    options: GetEventsOptions,
    abandoned: &dyn Fn() -> bool,
) -> Result<Vec<RawEvent>, StorageError> {
    let mut events = Vec::new();
    visit_events(connection, known, event_store_id, aggregate_id, options, |event| {
        if abandoned() {
            return Ok(ControlFlow::Break(()));
        }
        let json = |text: Option<&str>, column: &str| match text {
            Some(text) => RawValue::from_string(text.to_owned())
                .map(Some)
                .map_err(|_| damaged(column, event_store_id, aggregate_id, event.version)),
            None => Ok(None),
        };
        events.push(RawEvent {
            aggregate_id: event.aggregate_id.to_owned(),
            version: event.version,
            event_type: event.event_type.to_owned().into(),
            timestamp: event.timestamp,
            payload: json(event.payload, "the payload")?,
            metadata: json(event.metadata, "the metadata")?,
        });
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(events)
}

/// Decodes the event of a row. Returns `None` if a column has a value that this crate does not write.
pub(crate) fn event_of<'a>(row: &'a Row<'_>, aggregate_id: &'a str) -> Option<RawEventRef<'a>> {
    Some(RawEventRef {
        aggregate_id,
        version: version_of(row)?,
        event_type: row.get_ref(1).ok()?.as_str().ok()?,
        timestamp: Timestamp::from_unix_millis(row.get(2).ok()?)?,
        payload: optional_text(row.get_ref(3).ok()?)?,
        metadata: optional_text(row.get_ref(4).ok()?)?,
        decoded: None,
    })
}

fn version_of(row: &Row<'_>) -> Option<u64> {
    u64::try_from(row.get::<_, i64>(0).ok()?).ok()
}

fn optional_text(value: ValueRef<'_>) -> Option<Option<&str>> {
    match value {
        ValueRef::Null => Some(None),
        other => other.as_str().ok().map(Some),
    }
}

fn damaged(what: &str, event_store_id: &str, aggregate_id: &str, version: u64) -> StorageError {
    StorageError::Corrupt {
        what: format!("{what} of version {version} of aggregate {aggregate_id} of event store {event_store_id}"),
    }
}

/// Converts a limit. `None`, and limits that are too large for SQLite's integers, mean no limit.
pub(super) fn saturated(limit: Option<u64>) -> i64 {
    limit.map_or(i64::MAX, |limit| i64::try_from(limit).unwrap_or(i64::MAX))
}
