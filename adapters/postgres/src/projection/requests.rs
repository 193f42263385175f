//! The table of requests to projections.

use castore_projection::ProjectionRequest;

use super::registry::{Registry, VersionKey};
use crate::driver::DriverError as Error;
use crate::statement::{Parameter, Session, query_once};

impl Registry {
    pub(super) async fn requests(
        &self,
        client: &impl Session,
        name: &str,
        version: u32,
    ) -> Result<Vec<ProjectionRequest>, Error> {
        let sql = format!(
            "SELECT kind, event_store_id, aggregate_id FROM {} WHERE name = $1 AND version = $2",
            self.requests
        );
        let rows = self.statements.rows(client, &sql, &[&name, &i64::from(version)]).await?;
        let mut requests = Vec::with_capacity(rows.len());
        for row in &rows {
            requests.extend(ProjectionRequest::from_columns(row.try_get(0)?, row.try_get(1)?, row.try_get(2)?));
        }
        requests.sort();
        Ok(requests)
    }

    /// Stores a request, unless it is already stored. Returns `false` if the version does not exist, or if the request
    /// is a retry of an aggregate that is not parked.
    pub(super) async fn request(
        &self,
        client: &impl Session,
        name: &str,
        version: u32,
        request: &ProjectionRequest,
    ) -> Result<bool, Error> {
        let (kind, event_store_id, aggregate_id) = request.to_columns();
        let is_retry = matches!(request, ProjectionRequest::RetryParked { .. });
        // If the request is already stored, the update changes nothing, but makes the statement return a row.
        let sql = format!(
            "INSERT INTO {requests} SELECT $1::text, $2::bigint, $3::text, $4::text, $5::text
             WHERE EXISTS (SELECT FROM {versions} WHERE name = $1 AND version = $2)
               AND (NOT $6::boolean OR EXISTS (SELECT FROM {parked}
                    WHERE name = $1 AND version = $2 AND event_store_id = $4 AND aggregate_id = $5))
             ON CONFLICT (name, version, kind, event_store_id, aggregate_id) DO UPDATE SET kind = EXCLUDED.kind
             RETURNING 1",
            requests = self.requests,
            versions = self.versions,
            parked = self.parked
        );
        let parameters: [&dyn Parameter; 6] =
            [&name, &i64::from(version), &kind, &event_store_id, &aggregate_id, &is_retry];
        Ok(!query_once(client, &sql, &parameters).await?.is_empty())
    }

    pub(super) async fn close_request(
        &self,
        client: &impl Session,
        key: VersionKey,
        request: &ProjectionRequest,
    ) -> Result<(), Error> {
        let (kind, event_store_id, aggregate_id) = request.to_columns();
        let sql = format!(
            "DELETE FROM {} WHERE name = $1 AND version = $2 AND kind = $3 AND event_store_id = $4 AND aggregate_id = $5",
            self.requests
        );
        let parameters: [&dyn Parameter; 5] = [&key.name, &key.version(), &kind, &event_store_id, &aggregate_id];
        query_once(client, &sql, &parameters).await.map(drop)
    }
}
