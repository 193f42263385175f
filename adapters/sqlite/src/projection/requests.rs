//! The table of requests to projections.

use castore_projection::ProjectionRequest;
use rusqlite::Connection;

use super::registry::VersionKey;

pub(super) fn all(connection: &Connection, name: &str, version: u32) -> rusqlite::Result<Vec<ProjectionRequest>> {
    let mut statement = connection.prepare_cached(
        "SELECT kind, event_store_id, aggregate_id FROM castore_projection_request WHERE name = ?1 AND version = ?2",
    )?;
    let rows = statement.query_map((name, version), |row| {
        Ok(ProjectionRequest::from_columns(&row.get::<_, String>(0)?, row.get(1)?, row.get(2)?))
    })?;
    let mut requests = rows.filter_map(Result::transpose).collect::<rusqlite::Result<Vec<_>>>()?;
    requests.sort();
    Ok(requests)
}

/// Stores a request, unless it is already stored. Returns `false` if the version does not exist, or if the request is a
/// retry of an aggregate that is not parked.
pub(super) fn insert(
    connection: &Connection,
    name: &str,
    version: u32,
    request: &ProjectionRequest,
) -> rusqlite::Result<bool> {
    let (kind, event_store_id, aggregate_id) = request.to_columns();
    let table = match request {
        ProjectionRequest::RetryParked { .. } => {
            "castore_projection_parked WHERE name = ?1 AND version = ?2 AND event_store_id = ?4 AND aggregate_id = ?5"
        }
        _ => "castore_projection WHERE name = ?1 AND version = ?2 AND ?4 = '' AND ?5 = ''",
    };
    let sql = format!("INSERT OR REPLACE INTO castore_projection_request SELECT ?1, ?2, ?3, ?4, ?5 FROM {table}");
    Ok(connection.execute(&sql, (name, version, kind, event_store_id, aggregate_id))? > 0)
}

pub(super) fn remove(connection: &Connection, key: VersionKey, request: &ProjectionRequest) -> rusqlite::Result<()> {
    let (kind, event_store_id, aggregate_id) = request.to_columns();
    connection
        .execute(
            "DELETE FROM castore_projection_request
             WHERE name = ?1 AND version = ?2 AND kind = ?3 AND event_store_id = ?4 AND aggregate_id = ?5",
            (key.name, key.version, kind, event_store_id, aggregate_id),
        )
        .map(drop)
}
