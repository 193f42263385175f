use castore_core::snapshot::{Snapshot, SnapshotKey};
use castore_core::storage::StorageError;
use castore_core::time::Timestamp;
use rusqlite::{Connection, ErrorCode, OptionalExtension, Row};
use serde_json::value::RawValue;

use crate::errors::read_error;

pub(super) fn latest(
    connection: &Connection,
    key: &SnapshotKey,
    max_version: Option<u64>,
) -> Result<Option<Snapshot>, StorageError> {
    let row = connection
        .prepare_cached(
            "SELECT version, rewrites, event_timestamp, state FROM castore_snapshot
             WHERE event_store_id = ?1 AND aggregate_id = ?2 AND state_shape = ?3 AND reducer_version = ?4
             AND version <= ?5 ORDER BY version DESC LIMIT 1",
        )
        .and_then(|mut statement| {
            let max_version = max_version.map_or(i64::MAX, signed);
            let shape = key.state_shape.cast_signed();
            statement
                .query_row((key.event_store_id, &key.aggregate_id, shape, key.reducer_version, max_version), |row| {
                    Ok(snapshot_of(row))
                })
                .optional()
        })
        .map_err(read_error)?;
    match row {
        None => Ok(None),
        Some(Some(snapshot)) => Ok(Some(snapshot)),
        Some(None) => Err(StorageError::Corrupt {
            what: format!("a snapshot of aggregate {} of event store {}", key.aggregate_id, key.event_store_id),
        }),
    }
}

/// Decodes the snapshot of a row. Returns `None` if a column has a value that this crate does not write.
fn snapshot_of(row: &Row<'_>) -> Option<Snapshot> {
    Some(Snapshot {
        version: u64::try_from(row.get::<_, i64>(0).ok()?).ok()?,
        rewrites: u64::try_from(row.get::<_, i64>(1).ok()?).ok()?,
        event_timestamp: Timestamp::from_unix_millis(row.get(2).ok()?)?,
        state: RawValue::from_string(row.get(3).ok()?).ok()?,
    })
}

/// Stores a snapshot, and deletes other snapshots of the aggregate. The `keep` snapshots with the highest versions
/// remain, across all state types and reducer versions, and so does the snapshot that was just stored. Returns `false`
/// and changes nothing if the state is too large.
pub(super) fn put(
    connection: &Connection,
    key: &SnapshotKey,
    snapshot: &Snapshot,
    keep: usize,
) -> rusqlite::Result<bool> {
    let put = connection
        .prepare_cached(
            "INSERT INTO castore_snapshot (event_store_id, aggregate_id, version, state_shape, reducer_version,
                 rewrites, event_timestamp, state)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (event_store_id, aggregate_id, version, state_shape, reducer_version) DO UPDATE SET
             rewrites = excluded.rewrites, event_timestamp = excluded.event_timestamp, state = excluded.state
             RETURNING rowid",
        )?
        .query_row(
            (
                key.event_store_id,
                &key.aggregate_id,
                signed(snapshot.version),
                key.state_shape.cast_signed(),
                key.reducer_version,
                signed(snapshot.rewrites),
                snapshot.event_timestamp.unix_millis(),
                snapshot.state.get(),
            ),
            |row| row.get::<_, i64>(0),
        );
    let put = match put {
        Ok(put) => put,
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::TooBig) => return Ok(false),
        Err(error) => return Err(error),
    };
    connection
        .prepare_cached(
            "DELETE FROM castore_snapshot
             WHERE event_store_id = ?1 AND aggregate_id = ?2 AND rowid <> ?3 AND rowid NOT IN (
                 SELECT rowid FROM castore_snapshot WHERE event_store_id = ?1 AND aggregate_id = ?2
                 ORDER BY version DESC, rowid = ?3 DESC, rowid DESC LIMIT ?4)",
        )?
        .execute((key.event_store_id, &key.aggregate_id, put, i64::try_from(keep).unwrap_or(i64::MAX)))?;
    Ok(true)
}

pub(crate) fn delete(connection: &Connection, event_store_id: &str, aggregate_id: &str) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM castore_snapshot WHERE event_store_id = ?1 AND aggregate_id = ?2")?
        .execute((event_store_id, aggregate_id))
        .map(drop)
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use rusqlite::limits::Limit;

    use super::*;
    use crate::schema;

    #[test]
    fn a_state_that_is_too_large_does_not_fit() {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::migrate(&mut connection).unwrap();
        connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, 10_000).unwrap();
        let key =
            SnapshotKey { event_store_id: "STORE", aggregate_id: "a".to_owned(), state_shape: 1, reducer_version: 1 };
        let snapshot = |length: usize| Snapshot {
            version: 1,
            rewrites: 0,
            event_timestamp: Timestamp::from_unix_millis(0).unwrap(),
            state: serde_json::value::to_raw_value(&"x".repeat(length)).unwrap(),
        };
        assert!(put(&connection, &key, &snapshot(5_000), 1).unwrap());
        assert!(!put(&connection, &key, &snapshot(20_000), 1).unwrap());
        assert_eq!(latest(&connection, &key, None).unwrap().unwrap().state.get().len(), 5_002);
    }
}
