use std::sync::Arc;
use std::time::Duration;

use castore_core::log::{CheckpointEvent, LogId};
use castore_core::relay::{AcquireLease, Lease, LeaseOutcome, RelayCheckpoint};
use castore_core::storage::StorageError;
use tokio_postgres::error::SqlState;

use super::TABLES;
use crate::database::Database;
use crate::driver::{DriverError, Row};
use crate::errors::PostgresError;
use crate::statement::Parameter;
use crate::storage::{check_names, read_side_rows, transact};

/// The SQL condition for a lease that is held.
///
/// If a lease ends later than a new lease of the same length would end, the server's clock was ahead when the lease was
/// acquired. Such a lease also counts as expired. Otherwise every relay would stay on standby until the clock has
/// caught up. Rows that an earlier version of this crate wrote do not contain the length of the lease.
const IS_HELD: &str = "relay.expires_at > clock_timestamp() AND (relay.lasts IS NULL
    OR relay.expires_at <= clock_timestamp() + relay.lasts * interval '1 microsecond')";

/// Acquires the lease, unless another relay process holds it.
pub(super) async fn acquire(database: &Database, request: AcquireLease<'_>) -> Result<LeaseOutcome, StorageError> {
    check_names(&[request.relay, request.owner, request.log_id.as_str()])?;
    let schema = &database.table().await?.schema;
    let lasts = micros(request.lasts);
    let take = format!(
        "INSERT INTO {schema}.castore_relay AS relay (name, log_id, position, token, owner, expires_at, lasts)
         VALUES ($1, $2, $3, 1, $4, clock_timestamp() + $5::int8 * interval '1 microsecond', $5::int8)
         ON CONFLICT (name) DO UPDATE SET token = relay.token + 1, owner = EXCLUDED.owner, lasts = EXCLUDED.lasts,
            expires_at = clock_timestamp() + $5::int8 * interval '1 microsecond'
         WHERE NOT ({IS_HELD})
         RETURNING token, position, log_id, owner, checkpoint_event"
    );
    let holder = format!(
        "SELECT owner, greatest(extract(epoch FROM expires_at - clock_timestamp()) * 1000000, 0)::int8
         FROM {schema}.castore_relay WHERE name = $1"
    );
    loop {
        let parameters: [&dyn Parameter; 5] =
            [&request.relay, &request.log_id.as_str(), &signed(request.first), &request.owner, &lasts];
        let taken = transact(database, TABLES, &take, &parameters).await?;
        if let Some(row) = taken.first() {
            let token = unsigned(row.try_get(0).map_err(engine)?);
            let lease = Lease { relay: Arc::from(request.relay), token };
            return Ok(LeaseOutcome::Lease { lease, checkpoint: checkpoint_of(row)? });
        }
        let rows = read_side_rows(database, &holder, &[&request.relay]).await?;
        if let Some(row) = rows.first() {
            let expires_in = duration(row.try_get(1).map_err(engine)?);
            return Ok(LeaseOutcome::HeldByOther { owner: row.try_get(0).map_err(engine)?, expires_in });
        }
        // The row was deleted manually in the meantime.
    }
}

/// Releases the lease, unless another process has acquired it in the meantime.
pub(super) async fn release(database: &Database, lease: &Lease) -> Result<(), StorageError> {
    check_names(&[&lease.relay])?;
    let schema = &database.table().await?.schema;
    let sql =
        format!("UPDATE {schema}.castore_relay SET expires_at = clock_timestamp() WHERE name = $1 AND token = $2");
    transact(database, TABLES, &sql, &[&&*lease.relay, &signed(lease.token)]).await.map(drop)
}

pub(super) async fn checkpoint(database: &Database, relay: &str) -> Result<Option<RelayCheckpoint>, StorageError> {
    check_names(&[relay])?;
    let schema = &database.table().await?.schema;
    let sql = format!(
        "SELECT token, position, log_id, CASE WHEN {IS_HELD} THEN owner END, checkpoint_event
         FROM {schema}.castore_relay AS relay WHERE name = $1"
    );
    let rows = match read_side_rows(database, &sql, &[&relay]).await {
        // The table was created by an earlier version of this crate.
        Err(error) if is_missing_column(&error) => {
            database.create_side_tables(TABLES).await.map_err(StorageError::engine)?;
            read_side_rows(database, &sql, &[&relay]).await?
        }
        rows => rows?,
    };
    rows.first().map(checkpoint_of).transpose()
}

/// Returns the names of all relays, in order.
pub(super) async fn names(database: &Database) -> Result<Vec<String>, StorageError> {
    let schema = &database.table().await?.schema;
    let sql = format!("SELECT name FROM {schema}.castore_relay ORDER BY name COLLATE \"C\"");
    let rows = read_side_rows(database, &sql, &[]).await?;
    rows.iter().map(|row| row.try_get(0).map_err(engine)).collect()
}

fn is_missing_column(error: &StorageError) -> bool {
    let StorageError::Engine(source) = error else { return false };
    source.downcast_ref::<PostgresError>().is_some_and(|error| error.code() == Some(&SqlState::UNDEFINED_COLUMN))
}

fn checkpoint_of(row: &Row) -> Result<RelayCheckpoint, StorageError> {
    let event = row.try_get::<Option<&str>>(4).map_err(engine)?.and_then(CheckpointEvent::from_text);
    let log_id = LogId::new(row.try_get::<String>(2).map_err(engine)?);
    let owner = row.try_get(3).map_err(engine)?;
    Ok(RelayCheckpoint::new(unsigned(row.try_get(1).map_err(engine)?), log_id).event(event).owner(owner))
}

pub(super) fn engine(error: DriverError) -> StorageError {
    StorageError::engine(PostgresError::from(error))
}

/// Converts a duration to microseconds, limited to one thousand years.
pub(super) fn micros(duration: Duration) -> i64 {
    const FOR_EVER: i64 = 1_000_000 * 1000 * 365 * 24 * 60 * 60;
    i64::try_from(duration.as_micros()).unwrap_or(FOR_EVER).min(FOR_EVER)
}

pub(super) fn duration(micros: i64) -> Duration {
    Duration::from_micros(unsigned(micros))
}

pub(super) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// Converts a number to a signed integer. Numbers that are too large become the greatest integer, which is beyond every
/// position and every token.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
