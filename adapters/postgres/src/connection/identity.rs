use castore_core::storage::StorageId;

use crate::driver::DriverError;
use crate::schema::quote_literal;
use crate::statement::{Session, query_once};

/// The query for the system identifier of the cluster, the oid of the database, and the address of the server. The
/// address is needed because a cluster and its physical copies have the same system identifier.
const WITH_SYSTEM: &str = "SELECT concat_ws(' ', (SELECT system_identifier FROM pg_control_system()),
    (SELECT oid FROM pg_database WHERE datname = current_database()), host(inet_server_addr()),
    current_setting('port'))";

/// The query for roles that may not read the system identifier.
const WITHOUT_SYSTEM: &str = "SELECT concat_ws(' ', current_database(),
    (SELECT oid FROM pg_database WHERE datname = current_database()), host(inet_server_addr()),
    current_setting('port'), current_setting('cluster_name'))";

/// The identity of a database.
#[derive(Debug)]
pub(crate) struct Identity {
    /// The id of the storage. A transaction may span all tables whose storage has this id.
    pub(crate) storage_id: StorageId,
    /// An SQL condition that is true only in sessions of this database.
    pub(crate) is_here: String,
    /// The schema in which Postgres creates tables, or an empty text if there is none.
    pub(crate) current_schema: String,
}

impl Identity {
    pub(crate) async fn of(client: &impl Session) -> Result<Self, DriverError> {
        Ok(Self {
            storage_id: storage_id(client).await?,
            is_here: is_here(client).await?,
            current_schema: current_schema(client).await?,
        })
    }

    /// Returns the identity of a schema that counts as a separate storage: no event group contains events of this
    /// schema and of another one.
    pub(crate) fn isolated(&self, schema: &str) -> StorageId {
        StorageId::named(format!("{} isolated schema {schema}", self.storage_id))
    }
}

/// Returns the identity of the database. A transaction may span all tables of one database.
async fn storage_id(client: &impl Session) -> Result<StorageId, DriverError> {
    let rows = match query_once(client, WITH_SYSTEM, &[]).await {
        Err(error) if error.code().is_some() => query_once(client, WITHOUT_SYSTEM, &[]).await?,
        other => other?,
    };
    let server: Option<&str> = rows.first().map(|row| row.try_get(0)).transpose()?;
    Ok(StorageId::named(format!("postgres {}", server.unwrap_or_default())))
}

/// Returns an SQL condition that is true in the database of this session. In any other database, the condition is
/// false, unless that database is on another server and has the same oid and port. The condition needs no privileges,
/// and does not depend on the route to the server.
async fn is_here(client: &impl Session) -> Result<String, DriverError> {
    let sql = "SELECT (SELECT oid FROM pg_database WHERE datname = current_database()), current_setting('port')";
    let rows = query_once(client, sql, &[]).await?;
    let found: Option<(u32, String)> =
        rows.first().map(|row| Ok::<_, DriverError>((row.try_get(0)?, row.try_get(1)?))).transpose()?;
    let (oid, port) = found.unwrap_or_default();
    Ok(format!(
        "((SELECT oid FROM pg_database WHERE datname = current_database()) = {oid} AND current_setting('port') = {})",
        quote_literal(&port)
    ))
}

async fn current_schema(client: &impl Session) -> Result<String, DriverError> {
    let rows = query_once(client, "SELECT coalesce(current_schema()::text, '')", &[]).await?;
    rows.first().map_or_else(|| Ok(String::new()), |row| row.try_get(0))
}
