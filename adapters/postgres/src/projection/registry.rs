use castore_core::log::{CheckpointEvent, LogId};
use castore_projection::engine::{Checkpoint, ReadModelVersion};

use crate::driver::{DriverError as Error, Row};
use crate::statement::{Parameter, Session, StatementMode, query_once};

/// The key of one version of a read model.
#[derive(Debug, Clone, Copy)]
pub(super) struct VersionKey {
    pub(super) name: &'static str,
    pub(super) version: u32,
}

impl VersionKey {
    pub(super) fn version(self) -> i64 {
        i64::from(self.version)
    }
}

/// The registry of the read models in a schema: their versions and checkpoints.
#[derive(Debug)]
pub(super) struct Registry {
    pub(super) versions: String,
    pub(super) parked: String,
    pub(super) requests: String,
    columns: String,
    pub(super) statements: StatementMode,
}

/// Returns the statements that create the missing tables and columns of the registry.
pub(crate) fn create(schema: &str) -> String {
    format!(
        "CREATE TABLE IF NOT EXISTS {schema}.castore_projection (
            name TEXT NOT NULL,
            version BIGINT NOT NULL,
            log_id TEXT NOT NULL,
            position BIGINT NOT NULL,
            live BOOLEAN NOT NULL,
            tables TEXT[] NOT NULL,
            PRIMARY KEY (name, version)
        ) WITH (fillfactor = 50);
        ALTER TABLE {schema}.castore_projection ADD COLUMN IF NOT EXISTS checkpoint_event TEXT;
        CREATE TABLE IF NOT EXISTS {schema}.castore_projection_parked (
            name TEXT NOT NULL,
            version BIGINT NOT NULL,
            event_store_id TEXT NOT NULL,
            aggregate_id TEXT NOT NULL,
            next_position BIGINT NOT NULL,
            event_version BIGINT NOT NULL,
            attempts BIGINT NOT NULL,
            error TEXT NOT NULL,
            PRIMARY KEY (name, version, event_store_id, aggregate_id)
        );
        CREATE TABLE IF NOT EXISTS {schema}.castore_projection_request (
            name TEXT NOT NULL,
            version BIGINT NOT NULL,
            kind TEXT NOT NULL,
            event_store_id TEXT NOT NULL,
            aggregate_id TEXT NOT NULL,
            PRIMARY KEY (name, version, kind, event_store_id, aggregate_id)
        );"
    )
}

impl Registry {
    /// Returns the registry of a schema. `schema` is the quoted name.
    pub(super) fn new(schema: &str, statements: StatementMode) -> Self {
        let versions = format!("{schema}.castore_projection");
        let parked = format!("{schema}.castore_projection_parked");
        let requests = format!("{schema}.castore_projection_request");
        let columns = format!(
            "name, version, log_id, position, live, tables, (SELECT count(*) FROM {parked} AS parked
                WHERE parked.name = projection.name AND parked.version = projection.version),
                checkpoint_event,
                (SELECT count(*) FROM {requests} AS request
                 WHERE request.name = projection.name AND request.version = projection.version)"
        );
        Self { versions, parked, requests, columns, statements }
    }

    async fn entries(
        &self,
        client: &impl Session,
        rest: &str,
        parameters: &[&dyn Parameter],
    ) -> Result<Vec<ReadModelVersion>, Error> {
        let sql = format!("SELECT {} FROM {} AS projection {rest}", self.columns, self.versions);
        self.statements.rows(client, &sql, parameters).await?.iter().map(version_of).collect()
    }

    /// Returns whether the tables of the registry exist.
    pub(super) async fn exists(&self, client: &impl Session) -> Result<bool, Error> {
        let found = query_once(client, "SELECT to_regclass($1::text) IS NOT NULL", &[&self.parked]).await?;
        Ok(found.first().is_some_and(|row| row.try_get(0).unwrap_or(false)))
    }

    /// Returns whether all tables and columns exist. Earlier versions of this crate stored neither the event of a
    /// checkpoint nor requests.
    pub(super) async fn is_current(&self, client: &impl Session) -> Result<bool, Error> {
        let sql = "SELECT to_regclass($1::text) IS NOT NULL AND to_regclass($3::text) IS NOT NULL
                AND EXISTS (SELECT FROM pg_attribute
                WHERE attrelid = to_regclass($2::text) AND attname = 'checkpoint_event' AND NOT attisdropped)";
        let found = query_once(client, sql, &[&self.parked, &self.versions, &self.requests]).await?;
        Ok(found.first().is_some_and(|row| row.try_get(0).unwrap_or(false)))
    }

    pub(super) async fn find(
        &self,
        client: &impl Session,
        name: &str,
        version: u32,
    ) -> Result<Option<ReadModelVersion>, Error> {
        let found = self.entries(client, "WHERE name = $1 AND version = $2", &[&name, &i64::from(version)]).await?;
        Ok(found.into_iter().next())
    }

    pub(super) async fn all(&self, client: &impl Session) -> Result<Vec<ReadModelVersion>, Error> {
        self.entries(client, "ORDER BY name, version", &[]).await
    }

    /// Returns all versions of a read model, and locks them until the transaction ends.
    pub(super) async fn lock_all(&self, client: &impl Session, name: &str) -> Result<Vec<ReadModelVersion>, Error> {
        self.entries(client, "WHERE name = $1 ORDER BY version FOR UPDATE OF projection", &[&name]).await
    }

    /// Locks a version until the transaction ends. Returns the version and the id of the transaction, or `None` if the
    /// version is not registered.
    pub(super) async fn lock(
        &self,
        client: &impl Session,
        name: &str,
        version: u32,
    ) -> Result<Option<(ReadModelVersion, String)>, Error> {
        let sql = format!(
            "SELECT {}, pg_current_xact_id()::text FROM {} AS projection WHERE name = $1 AND version = $2
             FOR UPDATE OF projection",
            self.columns, self.versions
        );
        let row = self.statements.first(client, &sql, &[&name, &i64::from(version)]).await?;
        row.map(|row| Ok((version_of(&row)?, row.try_get(9)?))).transpose()
    }

    pub(super) async fn insert(
        &self,
        client: &impl Session,
        key: VersionKey,
        log_id: &LogId,
        tables: &[&str],
    ) -> Result<(), Error> {
        let sql = format!(
            "INSERT INTO {} (name, version, log_id, position, live, tables) VALUES ($1, $2, $3, 0, false, $4)",
            self.versions
        );
        query_once(client, &sql, &[&key.name, &key.version(), &log_id.as_str(), &tables]).await.map(drop)
    }

    pub(super) async fn remove(&self, client: &impl Session, name: &str, version: u32) -> Result<(), Error> {
        for table in [&self.versions, &self.parked, &self.requests] {
            let sql = format!("DELETE FROM {table} WHERE name = $1 AND version = $2");
            query_once(client, &sql, &[&name, &i64::from(version)]).await?;
        }
        Ok(())
    }

    /// Moves a version to the beginning of a log, and removes its parked aggregates and its requests.
    pub(super) async fn restart(
        &self,
        client: &impl Session,
        key: VersionKey,
        log_id: &LogId,
        tables: &[&str],
    ) -> Result<(), Error> {
        let sql = format!(
            "UPDATE {} SET log_id = $3, position = 0, tables = $4, checkpoint_event = NULL
             WHERE name = $1 AND version = $2",
            self.versions
        );
        query_once(client, &sql, &[&key.name, &key.version(), &log_id.as_str(), &tables]).await?;
        for table in [&self.parked, &self.requests] {
            let sql = format!("DELETE FROM {table} WHERE name = $1 AND version = $2");
            query_once(client, &sql, &[&key.name, &key.version()]).await?;
        }
        Ok(())
    }

    pub(super) async fn set_live(&self, client: &impl Session, key: VersionKey) -> Result<(), Error> {
        let sql = format!("UPDATE {} SET live = (version = $2) WHERE name = $1", self.versions);
        query_once(client, &sql, &[&key.name, &key.version()]).await.map(drop)
    }

    /// Moves the checkpoint, if the current transaction still has the given id. (The id differs if a handler has ended
    /// the transaction of its projection.) Returns whether the checkpoint was moved. If the new checkpoint has no
    /// event, the stored event is kept.
    pub(super) async fn advance(
        &self,
        client: &impl Session,
        key: VersionKey,
        to: &Checkpoint,
        transaction: &str,
    ) -> Result<bool, Error> {
        let sql = format!(
            "UPDATE {} SET position = $3, checkpoint_event = coalesce($5::text, checkpoint_event)
             WHERE name = $1 AND version = $2 AND pg_current_xact_id()::text = $4",
            self.versions
        );
        let event = to.event.as_ref().map(CheckpointEvent::to_text);
        let parameters: [&dyn Parameter; 5] = [&key.name, &key.version(), &signed(to.position), &transaction, &event];
        let rows = self.statements.execute(client, &sql, &parameters).await?;
        Ok(rows == 1)
    }
}

fn version_of(row: &Row) -> Result<ReadModelVersion, Error> {
    Ok(ReadModelVersion {
        name: row.try_get(0)?,
        version: u32::try_from(row.try_get::<i64>(1)?).unwrap_or(0),
        log_id: LogId::new(row.try_get::<String>(2)?),
        position: unsigned(row.try_get(3)?),
        live: row.try_get(4)?,
        tables: row.try_get(5)?,
        parked: unsigned(row.try_get(6)?),
        event: row.try_get::<Option<&str>>(7)?.and_then(CheckpointEvent::from_text),
        requests: unsigned(row.try_get(8)?),
    })
}

pub(super) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
