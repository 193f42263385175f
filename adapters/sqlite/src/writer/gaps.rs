use std::collections::{BTreeMap, HashSet};

use castore_core::storage::{StorageError, VersionGap, first_gap};
use rusqlite::{Connection, OptionalExtension};

use super::insert::already_exists;
use super::job::Write;

/// Checks the events of a group for taken versions and gaps. The events may have any order, so no event can be checked
/// before all events are known.
///
/// # Errors
/// The inner error concerns the first event whose version is taken, or else an event that leaves a gap. The outer error
/// is an error of SQLite.
pub(super) fn check(connection: &Connection, writes: &[Write]) -> rusqlite::Result<Result<(), StorageError>> {
    let mut versions: BTreeMap<(&str, &str), Vec<u64>> = BTreeMap::new();
    let mut keys = HashSet::new();
    for write in writes {
        let key = (&*write.event_store_id, &*write.event.aggregate_id);
        if !keys.insert((key, write.event.version)) || is_taken(connection, write)? {
            return Ok(Err(already_exists(write)));
        }
        versions.entry(key).or_default().push(write.event.version);
    }
    for ((event_store_id, aggregate_id), versions) in versions {
        let last = last_version(connection, event_store_id, aggregate_id)?;
        if let Some(gap) = first_gap(last, versions) {
            return Ok(Err(VersionGap::new(event_store_id, aggregate_id, gap.expected, gap.given).into()));
        }
    }
    Ok(Ok(()))
}

/// Returns the last version of an aggregate, or 0 if it has no events.
pub(crate) fn last_version(connection: &Connection, event_store_id: &str, aggregate_id: &str) -> rusqlite::Result<u64> {
    let sql = "SELECT max(version) FROM event WHERE event_store_id = ?1 AND aggregate_id = ?2";
    let last: Option<i64> =
        connection.prepare_cached(sql)?.query_row([event_store_id, aggregate_id], |row| row.get(0))?;
    Ok(last.and_then(|last| u64::try_from(last).ok()).unwrap_or(0))
}

fn is_taken(connection: &Connection, write: &Write) -> rusqlite::Result<bool> {
    let sql = "SELECT 1 FROM event WHERE event_store_id = ?1 AND aggregate_id = ?2 AND version = ?3";
    // The writer rejects versions beyond `i64::MAX` before they get here.
    let version = i64::try_from(write.event.version).unwrap_or(i64::MAX);
    let key = (&*write.event_store_id, &*write.event.aggregate_id, version);
    Ok(connection.prepare_cached(sql)?.query_row(key, |_| Ok(())).optional()?.is_some())
}
