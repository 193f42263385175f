use castore_core::log::{CheckpointEvent, LogId};
use castore_projection::engine::{Checkpoint, ReadModelVersion};
use rusqlite::{Connection, OptionalExtension, Row};

/// The SQL that creates the registry: the tables of the versions with their checkpoints, of the parked aggregates, and
/// of the requests to projections.
const CREATE: &str = "CREATE TABLE IF NOT EXISTS castore_projection (
        name TEXT NOT NULL,
        version INTEGER NOT NULL,
        log_id TEXT NOT NULL,
        position INTEGER NOT NULL,
        live INTEGER NOT NULL,
        tables TEXT NOT NULL,
        checkpoint_event TEXT,
        PRIMARY KEY (name, version)
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS castore_projection_parked (
        name TEXT NOT NULL,
        version INTEGER NOT NULL,
        event_store_id TEXT NOT NULL,
        aggregate_id TEXT NOT NULL,
        next_position INTEGER NOT NULL,
        event_version INTEGER NOT NULL,
        attempts INTEGER NOT NULL,
        error TEXT NOT NULL,
        PRIMARY KEY (name, version, event_store_id, aggregate_id)
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS castore_projection_request (
        name TEXT NOT NULL,
        version INTEGER NOT NULL,
        kind TEXT NOT NULL,
        event_store_id TEXT NOT NULL,
        aggregate_id TEXT NOT NULL,
        PRIMARY KEY (name, version, kind, event_store_id, aggregate_id)
    ) WITHOUT ROWID;";

/// The key of one version of a read model.
#[derive(Debug, Clone, Copy)]
pub(super) struct VersionKey {
    pub(super) name: &'static str,
    pub(super) version: u32,
}

const SELECT: &str = "SELECT name, version, log_id, position, live, tables,
         (SELECT count(*) FROM castore_projection_parked AS parked
          WHERE parked.name = castore_projection.name AND parked.version = castore_projection.version),
         checkpoint_event,
         (SELECT count(*) FROM castore_projection_request AS request
          WHERE request.name = castore_projection.name AND request.version = castore_projection.version)
     FROM castore_projection";

fn version_of(row: &Row<'_>) -> rusqlite::Result<ReadModelVersion> {
    Ok(ReadModelVersion {
        name: row.get(0)?,
        version: row.get(1)?,
        log_id: LogId::new(row.get::<_, String>(2)?),
        position: unsigned(row.get(3)?),
        live: row.get(4)?,
        tables: row.get::<_, String>(5)?.split_whitespace().map(str::to_owned).collect(),
        parked: unsigned(row.get(6)?),
        event: row.get::<_, Option<String>>(7)?.as_deref().and_then(CheckpointEvent::from_text),
        requests: unsigned(row.get(8)?),
    })
}

pub(super) fn create(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(CREATE)?;
    let is_earlier = !has_checkpoint_event(connection)?;
    if is_earlier {
        connection.execute_batch("ALTER TABLE castore_projection ADD COLUMN checkpoint_event TEXT")?;
    }
    Ok(())
}

/// Returns whether the registry has the column for the event of a checkpoint, which earlier versions of this crate did
/// not create.
fn has_checkpoint_event(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM pragma_table_info('castore_projection') WHERE name = 'checkpoint_event')",
        [],
        |row| row.get(0),
    )
}

/// Returns whether the registry exists. The registry stays even if all read models are dropped.
pub(super) fn exists(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'castore_projection_parked')",
        [],
        |row| row.get(0),
    )
}

pub(super) fn find(connection: &Connection, name: &str, version: u32) -> rusqlite::Result<Option<ReadModelVersion>> {
    connection
        .prepare_cached(&format!("{SELECT} WHERE name = ?1 AND version = ?2"))?
        .query_row((name, version), version_of)
        .optional()
}

/// Returns the version that readers use.
pub(super) fn live(connection: &Connection, name: &str) -> rusqlite::Result<Option<ReadModelVersion>> {
    connection.prepare_cached(&format!("{SELECT} WHERE name = ?1 AND live"))?.query_row([name], version_of).optional()
}

pub(super) fn all(connection: &Connection) -> rusqlite::Result<Vec<ReadModelVersion>> {
    let mut statement = connection.prepare_cached(&format!("{SELECT} ORDER BY name, version"))?;
    let entries = statement.query_map([], version_of)?;
    entries.collect()
}

pub(super) fn insert(
    connection: &Connection,
    key: VersionKey,
    log_id: &LogId,
    tables: &[&str],
) -> rusqlite::Result<()> {
    connection
        .execute(
            "INSERT INTO castore_projection VALUES (?1, ?2, ?3, 0, 0, ?4, NULL)",
            (key.name, key.version, log_id.as_str(), tables.join(" ")),
        )
        .map(drop)
}

pub(super) fn remove(connection: &Connection, name: &str, version: u32) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM castore_projection WHERE name = ?1 AND version = ?2", (name, version))?;
    remove_details(connection, name, version)
}

/// Removes the parked aggregates and the requests of a version.
fn remove_details(connection: &Connection, name: &str, version: u32) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM castore_projection_parked WHERE name = ?1 AND version = ?2", (name, version))?;
    connection.execute("DELETE FROM castore_projection_request WHERE name = ?1 AND version = ?2", (name, version))?;
    Ok(())
}

/// Moves a version to the beginning of a log, and removes its parked aggregates and its requests.
pub(super) fn restart(
    connection: &Connection,
    key: VersionKey,
    log_id: &LogId,
    tables: &[&str],
) -> rusqlite::Result<()> {
    connection.execute(
        "UPDATE castore_projection SET log_id = ?3, position = 0, tables = ?4, checkpoint_event = NULL
         WHERE name = ?1 AND version = ?2",
        (key.name, key.version, log_id.as_str(), tables.join(" ")),
    )?;
    remove_details(connection, key.name, key.version)
}

pub(super) fn set_live(connection: &Connection, key: VersionKey) -> rusqlite::Result<()> {
    connection
        .execute("UPDATE castore_projection SET live = (version = ?2) WHERE name = ?1", (key.name, key.version))
        .map(drop)
}

/// Moves the checkpoint. If the new checkpoint does not contain the identity of an event, the identity in the old
/// checkpoint is kept.
pub(super) fn advance(connection: &Connection, key: VersionKey, to: &Checkpoint) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE castore_projection SET position = ?3, checkpoint_event = coalesce(?4, checkpoint_event)
             WHERE name = ?1 AND version = ?2",
        )?
        .execute((key.name, key.version, signed(to.position), to.event.as_ref().map(CheckpointEvent::to_text)))
        .map(drop)
}

pub(super) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
