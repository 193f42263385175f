use castore_core::relay::ParkedAggregate;
use rusqlite::Connection;

use super::lease::{NOW, duration, millis, signed, unsigned};

/// An owned key of a parked aggregate, which can be sent to the writer's thread.
pub(super) struct ParkedKey {
    relay: String,
    event_store_id: String,
    aggregate_id: String,
}

impl ParkedKey {
    pub(super) fn new(relay: &str, event_store_id: &str, aggregate_id: &str) -> Self {
        Self {
            relay: relay.to_owned(),
            event_store_id: event_store_id.to_owned(),
            aggregate_id: aggregate_id.to_owned(),
        }
    }
}

/// Parks an aggregate, or updates the row of an aggregate that is already parked. A `dropped` flag that is set stays
/// set while the aggregate is parked at the same event.
pub(super) fn put(connection: &Connection, relay: &str, aggregate: &ParkedAggregate) -> rusqlite::Result<()> {
    connection
        .prepare_cached(&format!(
            "INSERT INTO castore_parked (relay, event_store_id, aggregate_id, next_position, version, attempts, error,
                 next_attempt_at, dropped)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, {NOW} + ?8, ?9)
             ON CONFLICT (relay, event_store_id, aggregate_id) DO UPDATE SET
             dropped = excluded.dropped OR (dropped AND next_position = excluded.next_position),
             next_position = excluded.next_position, version = excluded.version, attempts = excluded.attempts,
             error = excluded.error, next_attempt_at = excluded.next_attempt_at"
        ))?
        .execute((
            relay,
            &aggregate.event_store_id,
            &aggregate.aggregate_id,
            signed(aggregate.next_position),
            signed(aggregate.version),
            aggregate.attempts,
            &aggregate.error,
            millis(aggregate.next_attempt_in),
            aggregate.dropped,
        ))
        .map(drop)
}

pub(super) fn remove(
    connection: &Connection,
    relay: &str,
    event_store_id: &str,
    aggregate_id: &str,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM castore_parked WHERE relay = ?1 AND event_store_id = ?2 AND aggregate_id = ?3")?
        .execute((relay, event_store_id, aggregate_id))
        .map(drop)
}

pub(super) fn list(connection: &Connection, relay: &str) -> rusqlite::Result<Vec<ParkedAggregate>> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT event_store_id, aggregate_id, next_position, version, attempts, error,
             max(next_attempt_at - {NOW}, 0), dropped
         FROM castore_parked WHERE relay = ?1 ORDER BY next_position, event_store_id, aggregate_id"
    ))?;
    let parked = statement.query_map([relay], |row| {
        Ok(ParkedAggregate {
            event_store_id: row.get(0)?,
            aggregate_id: row.get(1)?,
            next_position: unsigned(row.get(2)?),
            version: unsigned(row.get(3)?),
            attempts: row.get(4)?,
            error: row.get(5)?,
            next_attempt_in: duration(row.get(6)?),
            dropped: row.get(7)?,
        })
    })?;
    parked.collect()
}

/// Makes the next attempt for a parked aggregate due immediately. Returns whether the aggregate was parked.
pub(super) fn retry(connection: &Connection, key: &ParkedKey) -> rusqlite::Result<bool> {
    let rows = connection
        .prepare_cached(&format!(
            "UPDATE castore_parked SET next_attempt_at = {NOW}
             WHERE relay = ?1 AND event_store_id = ?2 AND aggregate_id = ?3"
        ))?
        .execute((&key.relay, &key.event_store_id, &key.aggregate_id))?;
    Ok(rows == 1)
}

/// Marks a message as dropped, if its aggregate is parked at the event with the given position. Returns whether the
/// aggregate is parked at that event.
pub(super) fn drop_message(connection: &Connection, key: &ParkedKey, position: u64) -> rusqlite::Result<bool> {
    let rows = connection
        .prepare_cached(&format!(
            "UPDATE castore_parked SET dropped = 1, next_attempt_at = {NOW}
             WHERE relay = ?1 AND event_store_id = ?2 AND aggregate_id = ?3 AND next_position = ?4"
        ))?
        .execute((&key.relay, &key.event_store_id, &key.aggregate_id, signed(position)))?;
    Ok(rows == 1)
}
