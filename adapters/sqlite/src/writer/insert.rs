use castore_core::storage::{EventAlreadyExists, KnownVersions, PushOptions, PushReceipt, StorageError};
use rusqlite::{Connection, ErrorCode, ToSql, ffi};
use serde_json::value::RawValue;

use super::job::Write;

/// The statement that stores an event whose version is the next one of its aggregate. A taken version is inserted
/// unchanged, so that the unique index rejects it. Any other version becomes NULL, which the column rejects.
///
/// The condition is part of the value, because `INSERT ... SELECT ... WHERE` from the table itself would make SQLite
/// copy the row to a temporary table.
const INSERT_NEXT: &str =
    "INSERT INTO event (event_store_id, aggregate_id, version, type, timestamp, payload, metadata)
     VALUES (?1, ?2, CASE
         WHEN ?3 = 1 + coalesce((SELECT max(version) FROM event WHERE event_store_id = ?1 AND aggregate_id = ?2), 0)
         THEN ?3
         WHEN EXISTS (SELECT 1 FROM event WHERE event_store_id = ?1 AND aggregate_id = ?2 AND version = ?3) THEN ?3
     END, ?4, ?5, ?6, ?7)";

/// The statement that stores an event whose version is not taken, even if the event leaves a gap.
const INSERT: &str = "INSERT INTO event (event_store_id, aggregate_id, version, type, timestamp, payload, metadata)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

/// The statement that replaces or stores an event. `ON CONFLICT DO UPDATE` keeps the position of a replaced event,
/// whereas `INSERT OR REPLACE` would assign a new position.
const UPSERT: &str = "INSERT INTO event (event_store_id, aggregate_id, version, type, timestamp, payload, metadata)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
     ON CONFLICT (event_store_id, aggregate_id, version) DO UPDATE SET
     type = excluded.type, timestamp = excluded.timestamp, payload = excluded.payload, metadata = excluded.metadata
     RETURNING position";

/// The reason why an event was not inserted.
#[derive(Debug)]
pub(super) enum InsertError {
    /// The failure concerns only this event.
    Refused(StorageError),
    /// The event does not follow the last event of its aggregate.
    Gap,
    Engine(rusqlite::Error),
}

/// Inserts one event. A failure leaves the transaction unchanged, unless SQLite has rolled the whole transaction back.
///
/// If the options refuse gaps, the version is recorded in `known` immediately, for the next event of the transaction.
/// Otherwise, and after a failure, the aggregate is removed from `known`. If the transaction is rolled back, the caller
/// must remove the version again.
pub(super) fn insert(
    connection: &Connection,
    known: &KnownVersions,
    write: &Write,
    options: PushOptions,
) -> Result<PushReceipt, InsertError> {
    let (event_store_id, event) = (&*write.event_store_id, &write.event);
    let next =
        if options.refuses_gaps() { known.is_next(event_store_id, &event.aggregate_id, event.version) } else { None };
    let asked_at = next.unwrap_or_else(|| known.now());
    let result = execute(connection, write, options, next.is_some());
    if options.refuses_gaps() && result.is_ok() {
        known.record(asked_at, event_store_id, &event.aggregate_id, event.version);
    } else {
        known.remove(event_store_id, &event.aggregate_id);
    }
    result
}

fn execute(
    connection: &Connection,
    write: &Write,
    options: PushOptions,
    is_next: bool,
) -> Result<PushReceipt, InsertError> {
    let event = &write.event;
    let version = i64::try_from(event.version).map_err(|_| InsertError::Refused(version_too_great(event.version)))?;
    let timestamp = event.timestamp.unix_millis();
    let payload = event.payload.as_deref().map(RawValue::get);
    let metadata = event.metadata.as_deref().map(RawValue::get);
    let parameters: [&dyn ToSql; 7] =
        [&write.event_store_id, &event.aggregate_id, &version, &event.event_type, &timestamp, &payload, &metadata];
    let position = if options.force {
        upsert(connection, parameters)
    } else {
        let sql = if options.refuses_gaps() && !is_next { INSERT_NEXT } else { INSERT };
        connection.prepare_cached(sql).and_then(|mut statement| statement.insert(parameters))
    };
    match position {
        Ok(position) => Ok(PushReceipt::new(u64::try_from(position).ok())),
        Err(error) => Err(refusal(write, error)),
    }
}

/// Replaces or inserts an event and returns its position.
///
/// A statement outside of a transaction commits after it has returned its last row. Therefore the statement must be
/// stepped to its end, because otherwise a failed commit would not be detected.
fn upsert(connection: &Connection, parameters: [&dyn ToSql; 7]) -> rusqlite::Result<i64> {
    let mut statement = connection.prepare_cached(UPSERT)?;
    let mut rows = statement.query(parameters)?;
    let position = rows.next()?.ok_or(rusqlite::Error::QueryReturnedNoRows)?.get(0)?;
    while rows.next()?.is_some() {}
    Ok(position)
}

pub(super) fn version_too_great(version: u64) -> StorageError {
    StorageError::Unsupported { what: format!("version {version}: the greatest version is {}", i64::MAX) }
}

pub(super) fn already_exists(write: &Write) -> StorageError {
    EventAlreadyExists::new(
        write.event_store_id.clone().into_owned(),
        write.event.aggregate_id.clone(),
        write.event.version,
    )
    .into()
}

fn refusal(write: &Write, error: rusqlite::Error) -> InsertError {
    match &error {
        // There is only one unique index.
        rusqlite::Error::SqliteFailure(failure, _) if failure.extended_code == ffi::SQLITE_CONSTRAINT_UNIQUE => {
            InsertError::Refused(already_exists(write))
        }
        // Only the version can be NULL here: all other columns that reject NULL have values.
        rusqlite::Error::SqliteFailure(failure, _) if failure.extended_code == ffi::SQLITE_CONSTRAINT_NOTNULL => {
            InsertError::Gap
        }
        rusqlite::Error::SqliteFailure(failure, _) if failure.code == ErrorCode::TooBig => {
            InsertError::Refused(StorageError::Unsupported { what: "an event that exceeds SQLite's limit".to_owned() })
        }
        _ => InsertError::Engine(error),
    }
}
