use std::collections::{HashMap, HashSet};

use castore_core::log::CheckpointEvent;
use castore_core::relay::{CommitOutcome, Lease, ParkedAggregate, RelayCommit};
use castore_core::storage::StorageError;

use super::TABLES;
use super::lease::{duration, engine, micros, signed, unsigned};
use crate::database::Database;
use crate::driver::{DriverError, Row};
use crate::statement::Parameter;
use crate::storage::{check_names, read_side_rows, transact, without_nul};

/// Commits the progress of a relay in one statement, unless another process has acquired the lease: moves the
/// checkpoint, extends the lease, and parks and frees aggregates.
pub(super) async fn commit(
    database: &Database,
    lease: &Lease,
    commit: RelayCommit,
) -> Result<CommitOutcome, StorageError> {
    check_names(&[&lease.relay])?;
    let schema = &database.table().await?.schema;
    let (relay, token) = (&*lease.relay, signed(lease.token));
    let (position, lasts) = (signed(commit.position), micros(commit.lasts));
    let advance = format!(
        "UPDATE {schema}.castore_relay AS relay SET position = $3, lasts = $4::int8,
            expires_at = clock_timestamp() + $4::int8 * interval '1 microsecond',
            checkpoint_event = coalesce($5::text, checkpoint_event)
         WHERE name = $1 AND token = $2"
    );
    let event = commit.event.as_ref().map(CheckpointEvent::to_text);
    let lease: [&dyn Parameter; 5] = [&relay, &token, &position, &lasts, &event];
    if commit.parked.is_empty() && commit.freed.is_empty() {
        let rows = transact(database, TABLES, &format!("{advance} RETURNING name"), &lease).await?;
        return Ok(outcome(&rows));
    }
    let columns = Columns::new(commit)?;
    // The server may still execute an earlier commit of this lease whose future was dropped. If this statement waits
    // for that commit, it does not see the aggregates that the commit parks, so it could not free them. In this case,
    // this statement changes nothing, and is executed again.
    let sql = format!(
        "WITH seen AS MATERIALIZED (SELECT xmin AS change FROM {schema}.castore_relay WHERE name = $1),
             lease AS ({advance} AND relay.xmin = (SELECT change FROM seen) RETURNING name), freed AS (
                DELETE FROM {schema}.castore_parked parked USING lease, unnest($6::text[], $7::text[])
                    AS free (event_store_id, aggregate_id)
                WHERE parked.relay = lease.name AND parked.event_store_id = free.event_store_id
                AND parked.aggregate_id = free.aggregate_id),
             parked AS (
                INSERT INTO {schema}.castore_parked AS before (relay, event_store_id, aggregate_id, next_position,
                    version, attempts, error, next_attempt_at, dropped)
                SELECT lease.name, event_store_id, aggregate_id, next_position, version, attempts, error,
                    clock_timestamp() + next_attempt_in * interval '1 microsecond', dropped
                FROM lease, unnest($8::text[], $9::text[], $10::int8[], $11::int8[], $12::int8[], $13::text[],
                    $14::int8[], $15::bool[]) AS park (event_store_id, aggregate_id, next_position, version, attempts,
                    error, next_attempt_in, dropped)
                ON CONFLICT (relay, event_store_id, aggregate_id) DO UPDATE SET
                    dropped = EXCLUDED.dropped OR (before.dropped AND before.next_position = EXCLUDED.next_position),
                    next_position = EXCLUDED.next_position, version = EXCLUDED.version, attempts = EXCLUDED.attempts,
                    error = EXCLUDED.error, next_attempt_at = EXCLUDED.next_attempt_at)
             SELECT name FROM lease"
    );
    let parameters: Vec<_> = lease.into_iter().chain(columns.parameters()).collect();
    let is_held = format!("SELECT name FROM {schema}.castore_relay WHERE name = $1 AND token = $2");
    loop {
        let rows = transact(database, TABLES, &sql, &parameters).await?;
        if !rows.is_empty() || read_side_rows(database, &is_held, &[&relay, &token]).await?.is_empty() {
            return Ok(outcome(&rows));
        }
    }
}

/// Returns the outcome of a commit from its rows. The statement returns the name of the relay if the lease is held.
fn outcome(rows: &[Row]) -> CommitOutcome {
    if rows.is_empty() { CommitOutcome::Fenced } else { CommitOutcome::Done }
}

/// The parked and freed aggregates of a commit, column by column and without duplicates. The parked aggregates are in a
/// fixed order.
#[derive(Default)]
struct Columns {
    freed_stores: Vec<String>,
    freed_aggregates: Vec<String>,
    stores: Vec<String>,
    aggregates: Vec<String>,
    next_positions: Vec<i64>,
    versions: Vec<i64>,
    attempts: Vec<i64>,
    errors: Vec<String>,
    next_attempts_in: Vec<i64>,
    dropped: Vec<bool>,
}

impl Columns {
    fn new(commit: RelayCommit) -> Result<Self, StorageError> {
        let freed: HashSet<(String, String)> = commit.freed.into_iter().collect();
        let mut parked: HashMap<(String, String), ParkedAggregate> = HashMap::new();
        for mut aggregate in commit.parked {
            let key = (aggregate.event_store_id.clone(), aggregate.aggregate_id.clone());
            check_names(&[&key.0, &key.1])?;
            let before = parked.get(&key);
            aggregate.dropped |=
                before.is_some_and(|before| before.dropped && before.next_position == aggregate.next_position);
            parked.insert(key, aggregate);
        }
        parked.retain(|key, _| !freed.contains(key));
        let mut parked: Vec<_> = parked.into_values().collect();
        parked.sort_by(|one, other| {
            (&one.event_store_id, &one.aggregate_id).cmp(&(&other.event_store_id, &other.aggregate_id))
        });
        let mut columns = Self::default();
        // An aggregate whose name cannot be stored was never parked, so it need not be freed.
        for (store, aggregate) in freed.into_iter().filter(|(store, id)| check_names(&[store, id]).is_ok()) {
            columns.freed_stores.push(store);
            columns.freed_aggregates.push(aggregate);
        }
        for aggregate in parked {
            columns.next_positions.push(signed(aggregate.next_position));
            columns.versions.push(signed(aggregate.version));
            columns.attempts.push(i64::from(aggregate.attempts));
            columns.errors.push(without_nul(&aggregate.error).into_owned());
            columns.next_attempts_in.push(micros(aggregate.next_attempt_in));
            columns.dropped.push(aggregate.dropped);
            columns.stores.push(aggregate.event_store_id);
            columns.aggregates.push(aggregate.aggregate_id);
        }
        Ok(columns)
    }

    fn parameters(&self) -> [&dyn Parameter; 10] {
        [
            &self.freed_stores,
            &self.freed_aggregates,
            &self.stores,
            &self.aggregates,
            &self.next_positions,
            &self.versions,
            &self.attempts,
            &self.errors,
            &self.next_attempts_in,
            &self.dropped,
        ]
    }
}

pub(super) async fn list(database: &Database, relay: &str) -> Result<Vec<ParkedAggregate>, StorageError> {
    check_names(&[relay])?;
    let schema = &database.table().await?.schema;
    let sql = format!(
        "SELECT event_store_id, aggregate_id, next_position, version, attempts, error,
            greatest(extract(epoch FROM next_attempt_at - clock_timestamp()) * 1000000, 0)::int8, dropped
         FROM {schema}.castore_parked WHERE relay = $1 ORDER BY next_position, event_store_id, aggregate_id"
    );
    read_side_rows(database, &sql, &[&relay]).await?.iter().map(|row| parked(row).map_err(engine)).collect()
}

fn parked(row: &Row) -> Result<ParkedAggregate, DriverError> {
    Ok(ParkedAggregate {
        event_store_id: row.try_get(0)?,
        aggregate_id: row.try_get(1)?,
        next_position: unsigned(row.try_get(2)?),
        version: unsigned(row.try_get(3)?),
        attempts: u32::try_from(row.try_get::<i64>(4)?).unwrap_or(u32::MAX),
        error: row.try_get(5)?,
        next_attempt_in: duration(row.try_get(6)?),
        dropped: row.try_get(7)?,
    })
}

/// Makes a parked aggregate due immediately. If `dropped` is a position, also marks the event at that position as
/// dropped, but only if the aggregate is parked at that event. Returns whether the aggregate was parked (at that event,
/// if a position is given).
pub(super) async fn make_due(
    database: &Database,
    relay: &str,
    (event_store_id, aggregate_id): (&str, &str),
    dropped: Option<u64>,
) -> Result<bool, StorageError> {
    if check_names(&[relay, event_store_id, aggregate_id]).is_err() {
        return Ok(false);
    }
    let schema = &database.table().await?.schema;
    let sql = format!(
        "UPDATE {schema}.castore_parked SET next_attempt_at = clock_timestamp(), dropped = dropped OR $4::int8 IS NOT NULL
         WHERE relay = $1 AND event_store_id = $2 AND aggregate_id = $3
         AND ($4::int8 IS NULL OR next_position = $4::int8) RETURNING relay"
    );
    let dropped = dropped.map(signed);
    let rows = transact(database, TABLES, &sql, &[&relay, &event_store_id, &aggregate_id, &dropped]).await?;
    Ok(!rows.is_empty())
}
