use castore_core::storage::{EventAlreadyExists, PushReceipt, StorageError};
use rusqlite::{Connection, ErrorCode, ToSql, ffi};
use serde_json::value::RawValue;

use super::job::Write;

const INSERT: &str = "INSERT INTO event (event_store_id, aggregate_id, version, type, timestamp, payload, metadata)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

/// `ON CONFLICT DO UPDATE` keeps the position; `INSERT OR REPLACE` would assign a new one.
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
    Engine(rusqlite::Error),
}

/// Inserts one event. A failure leaves the transaction unchanged, unless SQLite has rolled it back.
pub(super) fn insert(connection: &Connection, write: &Write, force: bool) -> Result<PushReceipt, InsertError> {
    let event = &write.event;
    let version = i64::try_from(event.version).map_err(|_| InsertError::Refused(version_too_great(event.version)))?;
    let timestamp = event.timestamp.unix_millis();
    let payload = event.payload.as_deref().map(RawValue::get);
    let metadata = event.metadata.as_deref().map(RawValue::get);
    let parameters: [&dyn ToSql; 7] =
        [&write.event_store_id, &event.aggregate_id, &version, &event.event_type, &timestamp, &payload, &metadata];
    let position = if force {
        upsert(connection, parameters)
    } else {
        connection.prepare_cached(INSERT).and_then(|mut statement| statement.insert(parameters))
    };
    match position {
        Ok(position) => Ok(PushReceipt::new(u64::try_from(position).ok())),
        Err(error) => Err(refusal(write, error)),
    }
}

/// Replaces or inserts an event and returns its position.
///
/// A statement outside of a transaction commits after it has returned its last row. Therefore it must be stepped to its
/// end, or a failed commit would not be detected.
fn upsert(connection: &Connection, parameters: [&dyn ToSql; 7]) -> rusqlite::Result<i64> {
    let mut statement = connection.prepare_cached(UPSERT)?;
    let mut rows = statement.query(parameters)?;
    let position = rows.next()?.ok_or(rusqlite::Error::QueryReturnedNoRows)?.get(0)?;
    while rows.next()?.is_some() {}
    Ok(position)
}

pub(super) fn version_too_great(version: u64) -> StorageError {
    StorageError::Unsupported { what: format!("version {version}: the greatest is {}", i64::MAX) }
}

fn refusal(write: &Write, error: rusqlite::Error) -> InsertError {
    match &error {
        // There is only one unique index.
        rusqlite::Error::SqliteFailure(failure, _) if failure.extended_code == ffi::SQLITE_CONSTRAINT_UNIQUE => {
            InsertError::Refused(
                EventAlreadyExists::new(
                    write.event_store_id.clone().into_owned(),
                    write.event.aggregate_id.clone(),
                    write.event.version,
                )
                .into(),
            )
        }
        rusqlite::Error::SqliteFailure(failure, _) if failure.code == ErrorCode::TooBig => {
            InsertError::Refused(StorageError::Unsupported { what: "an event that exceeds SQLite's limit".to_owned() })
        }
        _ => InsertError::Engine(error),
    }
}
