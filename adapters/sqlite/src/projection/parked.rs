//! The table of parked aggregates.

use std::collections::HashMap;

use rusqlite::Connection;

use super::ParkedProjectionAggregate;
use super::registry::{VersionKey, signed, unsigned};

/// Returns the position of the first event that is not applied yet, for each parked aggregate. The keys are pairs of
/// event store id and aggregate id.
pub(super) fn positions(connection: &Connection, key: VersionKey) -> rusqlite::Result<HashMap<(String, String), u64>> {
    let mut statement = connection.prepare_cached(
        "SELECT event_store_id, aggregate_id, next_position FROM castore_projection_parked
         WHERE name = ?1 AND version = ?2",
    )?;
    let rows =
        statement.query_map((key.name, key.version), |row| Ok(((row.get(0)?, row.get(1)?), unsigned(row.get(2)?))))?;
    rows.collect()
}

pub(super) fn all(
    connection: &Connection,
    name: &str,
    version: u32,
) -> rusqlite::Result<Vec<ParkedProjectionAggregate>> {
    let mut statement = connection.prepare_cached(
        "SELECT event_store_id, aggregate_id, next_position, event_version, attempts, error
         FROM castore_projection_parked WHERE name = ?1 AND version = ?2 ORDER BY next_position",
    )?;
    let rows = statement.query_map((name, version), |row| {
        Ok(ParkedProjectionAggregate {
            event_store_id: row.get(0)?,
            aggregate_id: row.get(1)?,
            next_position: unsigned(row.get(2)?),
            version: unsigned(row.get(3)?),
            attempts: row.get(4)?,
            error: row.get(5)?,
        })
    })?;
    rows.collect()
}

/// Parks an aggregate, or updates the row of an aggregate that is already parked.
pub(super) fn park(
    connection: &Connection,
    key: VersionKey,
    aggregate: &ParkedProjectionAggregate,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO castore_projection_parked VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?
        .execute((
            key.name,
            key.version,
            &aggregate.event_store_id,
            &aggregate.aggregate_id,
            signed(aggregate.next_position),
            signed(aggregate.version),
            aggregate.attempts,
            &aggregate.error,
        ))
        .map(drop)
}

/// Advances a parked aggregate to its next event.
pub(super) fn advance(
    connection: &Connection,
    key: VersionKey,
    event_store_id: &str,
    aggregate_id: &str,
    next_position: u64,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE castore_projection_parked SET next_position = ?5
             WHERE name = ?1 AND version = ?2 AND event_store_id = ?3 AND aggregate_id = ?4",
        )?
        .execute((key.name, key.version, event_store_id, aggregate_id, signed(next_position)))
        .map(drop)
}

pub(super) fn unpark(
    connection: &Connection,
    key: VersionKey,
    event_store_id: &str,
    aggregate_id: &str,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "DELETE FROM castore_projection_parked
             WHERE name = ?1 AND version = ?2 AND event_store_id = ?3 AND aggregate_id = ?4",
        )?
        .execute((key.name, key.version, event_store_id, aggregate_id))
        .map(drop)
}
