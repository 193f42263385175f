use std::sync::Arc;
use std::time::Duration;

use castore_core::log::{CheckpointEvent, LogId};
use castore_core::relay::{AcquireLease, Lease, LeaseOutcome, RelayCheckpoint, RelayCommit};
use rusqlite::{Connection, OptionalExtension, Row};

/// The current time in SQL, in milliseconds since 1970. The value is constant within one statement.
pub(super) const NOW: &str = "CAST(round(unixepoch('subsec') * 1000) AS INTEGER)";

/// Returns the SQL condition for a lease that is held.
///
/// If a lease ends later than a new lease of the same length would end, the clock was ahead when the lease was
/// acquired. Such a lease also counts as expired. Otherwise, if its holder has crashed, every other process would stay
/// on standby until the clock has caught up.
fn is_held() -> String {
    format!("(expires_at > {NOW} AND expires_at <= {NOW} + lasts)")
}

/// An owned copy of an [`AcquireLease`], which can be sent to the writer's thread.
pub(super) struct Request {
    relay: String,
    owner: String,
    lasts: i64,
    log_id: LogId,
    first: i64,
}

impl From<AcquireLease<'_>> for Request {
    fn from(request: AcquireLease<'_>) -> Self {
        Self {
            relay: request.relay.to_owned(),
            owner: request.owner.to_owned(),
            lasts: millis(request.lasts),
            log_id: request.log_id.clone(),
            first: signed(request.first),
        }
    }
}

/// Acquires the lease of a relay, unless the lease is held.
pub(super) fn acquire(connection: &Connection, request: &Request) -> rusqlite::Result<LeaseOutcome> {
    connection
        .prepare_cached(
            "INSERT INTO castore_relay VALUES (?1, ?2, ?3, 0, '', 0, 0, NULL) ON CONFLICT (name) DO NOTHING",
        )?
        .execute((&request.relay, request.log_id.as_str(), request.first))?;
    let taken = connection
        .prepare_cached(&format!(
            "UPDATE castore_relay SET token = token + 1, owner = ?2, expires_at = {NOW} + ?3, lasts = ?3
             WHERE name = ?1 AND NOT {} RETURNING token, position, log_id, checkpoint_event",
            is_held()
        ))?
        .query_row((&request.relay, &request.owner, request.lasts), |row| {
            let lease = Lease { relay: Arc::from(request.relay.as_str()), token: unsigned(row.get(0)?) };
            Ok(LeaseOutcome::Lease { lease, checkpoint: checkpoint_of(row, Some(request.owner.clone()))? })
        })
        .optional()?;
    if let Some(taken) = taken {
        return Ok(taken);
    }
    connection
        .prepare_cached(&format!("SELECT owner, max(expires_at - {NOW}, 0) FROM castore_relay WHERE name = ?1"))?
        .query_row([&request.relay], |row| {
            Ok(LeaseOutcome::HeldByOther { owner: row.get(0)?, expires_in: duration(row.get(1)?) })
        })
}

/// Moves the checkpoint and extends the lease. Returns `false` and changes nothing if the lease has been acquired again
/// in the meantime.
pub(super) fn advance(connection: &Connection, lease: &Lease, commit: &RelayCommit) -> rusqlite::Result<bool> {
    let rows = connection
        .prepare_cached(&format!(
            "UPDATE castore_relay SET position = ?3, expires_at = {NOW} + ?4, lasts = ?4,
                 checkpoint_event = coalesce(?5, checkpoint_event)
             WHERE name = ?1 AND token = ?2"
        ))?
        .execute((
            &*lease.relay,
            signed(lease.token),
            signed(commit.position),
            millis(commit.lasts),
            commit.event.as_ref().map(CheckpointEvent::to_text),
        ))?;
    Ok(rows == 1)
}

/// Releases the lease, unless it has been acquired again in the meantime.
pub(super) fn release(connection: &Connection, lease: &Lease) -> rusqlite::Result<()> {
    connection
        .prepare_cached(&format!("UPDATE castore_relay SET expires_at = {NOW} WHERE name = ?1 AND token = ?2"))?
        .execute((&*lease.relay, signed(lease.token)))
        .map(drop)
}

pub(super) fn checkpoint(connection: &Connection, relay: &str) -> rusqlite::Result<Option<RelayCheckpoint>> {
    connection
        .prepare_cached(&format!(
            "SELECT iif({}, owner, NULL), position, log_id, checkpoint_event FROM castore_relay WHERE name = ?1",
            is_held()
        ))?
        .query_row([relay], |row| checkpoint_of(row, row.get(0)?))
        .optional()
}

/// Returns the names of all relays, in order.
pub(super) fn names(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare_cached("SELECT name FROM castore_relay ORDER BY name")?;
    statement.query_map([], |row| row.get(0))?.collect()
}

fn checkpoint_of(row: &Row<'_>, owner: Option<String>) -> rusqlite::Result<RelayCheckpoint> {
    let event: Option<String> = row.get(3)?;
    let event = event.as_deref().and_then(CheckpointEvent::from_text);
    Ok(RelayCheckpoint::new(unsigned(row.get(1)?), LogId::new(row.get::<_, String>(2)?)).event(event).owner(owner))
}

/// Converts a duration to milliseconds. The result is limited to a thousand years.
pub(super) fn millis(duration: Duration) -> i64 {
    const FOR_EVER: i64 = 1000 * 365 * 24 * 60 * 60 * 1000;
    i64::try_from(duration.as_millis()).unwrap_or(FOR_EVER).min(FOR_EVER)
}

pub(super) fn duration(millis: i64) -> Duration {
    Duration::from_millis(unsigned(millis))
}

pub(super) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// Converts a number to a signed integer. Numbers that are too large become the greatest integer, which is beyond every
/// position and every token.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
