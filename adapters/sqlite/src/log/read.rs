use std::sync::Arc;

use castore_core::log::{LogEntry, LogId, LogPage, LogQuery};
use castore_core::storage::{RawEvent, StorageError};
use rusqlite::{Connection, OptionalExtension, Row, params_from_iter};
use serde_json::value::RawValue;

use super::sql;
use crate::errors::read_error;
use crate::reader::event_of;

/// The maximum number of positions that are scanned for one page, unless the query is for one aggregate. This number
/// limits the duration of a read whose filter matches few events.
const LOOK_AT: u64 = 32_768;

/// The size in bytes above which a page ends.
const BYTES: usize = 8 << 20;

pub(super) fn log_id(connection: &Connection) -> Result<LogId, StorageError> {
    let id: String = connection
        .prepare_cached("SELECT value FROM castore_meta WHERE name = 'log_id'")
        .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
        .map_err(read_error)?;
    Ok(id_of(&id))
}

/// Returns the log id for the id that is stored in the file.
pub(crate) fn id_of(id: &str) -> LogId {
    LogId::new(format!("sqlite:{id}"))
}

/// Returns the highest position that was ever assigned. Even if the event at this position was deleted, no later event
/// gets this position or a lower one.
pub(super) fn last_position(connection: &Connection) -> Result<u64, StorageError> {
    let last: Option<i64> = connection
        .prepare_cached("SELECT seq FROM sqlite_sequence WHERE name = 'event'")
        .and_then(|mut statement| statement.query_row([], |row| row.get(0)).optional())
        .map_err(read_error)?;
    Ok(unsigned(last.unwrap_or(0)))
}

/// Returns the number of times that events of an aggregate were replaced or removed.
pub(crate) fn rewrite_count(
    connection: &Connection,
    event_store_id: &str,
    aggregate_id: &str,
) -> Result<u64, StorageError> {
    let rewrites: Option<i64> = connection
        .prepare_cached("SELECT rewrites FROM castore_rewrite WHERE event_store_id = ?1 AND aggregate_id = ?2")
        .and_then(|mut statement| statement.query_row((event_store_id, aggregate_id), |row| row.get(0)).optional())
        .map_err(read_error)?;
    Ok(unsigned(rewrites.unwrap_or(0)))
}

fn all_rewrites(connection: &Connection) -> Result<u64, StorageError> {
    connection
        .prepare_cached("SELECT value FROM castore_meta WHERE name = 'rewrites'")
        .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
        .map(unsigned)
        .map_err(read_error)
}

/// Reads one page of the log.
pub(super) fn page(
    connection: &Connection,
    position: u64,
    query: &LogQuery,
    abandoned: &dyn Fn() -> bool,
) -> Result<LogPage, StorageError> {
    // All reads are in one transaction, so that the reported end matches the events that are read.
    let moment = connection.unchecked_transaction().map_err(read_error)?;
    let last = last_position(&moment)?.min(query.up_to.unwrap_or(u64::MAX));
    let mut page = LogPage::new(Vec::new(), position).rewrites(all_rewrites(&moment)?);
    if position >= last {
        return Ok(page);
    }
    if query.limit == 0 {
        page.more = true;
        return Ok(page);
    }
    // The events of one aggregate are found by an index, so the scan is not limited.
    let until = if query.aggregate.is_some() { last } else { last.min(position.saturating_add(LOOK_AT)) };
    // The statement requests one event more than the limit, to find out whether more events follow.
    let limit = i64::try_from(query.limit).unwrap_or(i64::MAX).saturating_add(1);
    let (sql, parameters) = sql::select(query, signed(position), signed(until), limit);
    let mut statement = moment.prepare_cached(&sql).map_err(read_error)?;
    let mut rows = statement.query(params_from_iter(parameters)).map_err(read_error)?;
    let mut stores = Vec::new();
    let mut bytes = 0;
    page.scanned_to = until;
    page.more = until < last;
    while let Some(row) = rows.next().map_err(read_error)? {
        if page.events.len() == query.limit || bytes > BYTES || abandoned() {
            page.scanned_to = page.events.last().map_or(position, |entry| entry.position);
            page.more = true;
            break;
        }
        let entry = match entry(row, &mut stores) {
            Ok(entry) => entry,
            // The page ends before the damaged event. The next page begins with the damaged event, so reading it fails.
            Err(_) if !page.events.is_empty() => {
                page.scanned_to = page.events.last().map_or(position, |entry| entry.position);
                page.more = true;
                break;
            }
            Err(error) => return Err(error),
        };
        bytes += size(&entry.event);
        page.events.push(entry);
    }
    Ok(page)
}

fn entry(row: &Row<'_>, stores: &mut Vec<Arc<str>>) -> Result<LogEntry, StorageError> {
    let position = row.get::<_, i64>(5).map(unsigned).map_err(read_error)?;
    let damaged = |what: &str| StorageError::Corrupt { what: format!("{what} of the event at position {position}") };
    let text =
        |at: usize, what: &str| row.get_ref(at).ok().and_then(|value| value.as_str().ok()).ok_or_else(|| damaged(what));
    let event_store_id = text(6, "the event store")?;
    let aggregate_id = text(7, "the aggregate")?;
    let event = event_of(row, aggregate_id).ok_or_else(|| damaged("a column"))?;
    let json = |text: Option<&str>, what: &str| {
        text.map(|text| RawValue::from_string(text.to_owned()).map_err(|_| damaged(what))).transpose()
    };
    let event = RawEvent {
        aggregate_id: aggregate_id.to_owned(),
        version: event.version,
        event_type: event.event_type.to_owned().into(),
        timestamp: event.timestamp,
        payload: json(event.payload, "the payload")?,
        metadata: json(event.metadata, "the metadata")?,
    };
    // There are few event stores, and a page may have many events, so the events share the ids of their stores.
    let known = stores.iter().find(|known| &***known == event_store_id).cloned();
    let event_store_id = known.unwrap_or_else(|| {
        let new: Arc<str> = Arc::from(event_store_id);
        stores.push(Arc::clone(&new));
        new
    });
    Ok(LogEntry::new(position, event_store_id, event))
}

fn size(event: &RawEvent) -> usize {
    let json = |value: &Option<Box<RawValue>>| value.as_ref().map_or(0, |json| json.get().len());
    event.aggregate_id.len() + json(&event.payload) + json(&event.metadata)
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// Converts a number to a signed integer. Numbers that are too large become the greatest integer, which is beyond every
/// position.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
