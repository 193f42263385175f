//! The administration of the versions of read models, from any process.

use castore_core::future::BoxFuture;
use castore_core::storage::StorageError;
use castore_projection::ProjectionRequest;
use castore_projection::engine::{ReadModelRegistry, ReadModelVersion, table_name, version_in_use};

use super::read_models::engine;
use super::tables::qualified;
use super::{ParkedProjectionAggregate, PostgresReadModels, ProjectionError};
use crate::driver::PostgresPool;
use crate::statement::Session;

impl<P: PostgresPool> PostgresReadModels<P> {
    /// Drops the tables of a version that readers do not use. If a projection still writes to these tables, it stops
    /// with an error. Returns whether the version existed.
    ///
    /// # Errors
    /// [`ProjectionError::Setup`] if readers use the version; [`ProjectionError::Storage`] if the database fails.
    pub async fn drop_version(&self, name: &str, version: u32) -> Result<bool, ProjectionError> {
        let storage = |source| ProjectionError::Storage { projection: name.to_owned(), source };
        let Some((mut client, schema, registry)) = self.existing().await.map_err(storage)? else { return Ok(false) };
        let dropped = async {
            let transaction = client.begin().await?;
            let Some((entry, _)) = registry.lock(&transaction, name, version).await? else { return Ok(Some(false)) };
            if entry.live {
                return Ok(None);
            }
            let mut sql = "SET LOCAL lock_timeout = '5s'; SET LOCAL client_min_messages = warning;".to_owned();
            for table in &entry.tables {
                sql.push_str(&format!("DROP TABLE IF EXISTS {};", qualified(&schema, &table_name(table, version))));
            }
            transaction.batch(&sql).await?;
            registry.remove(&transaction, name, version).await?;
            transaction.commit().await?;
            Ok(Some(true))
        };
        match dropped.await.map_err(engine).map_err(storage)? {
            Some(dropped) => Ok(dropped),
            None => Err(version_in_use(name, version)),
        }
    }
}

impl<P: PostgresPool> ReadModelRegistry for PostgresReadModels<P> {
    fn versions(&self) -> BoxFuture<'_, Result<Vec<ReadModelVersion>, StorageError>> {
        Box::pin(async {
            let Some((client, _, registry)) = self.existing().await? else { return Ok(Vec::new()) };
            registry.all(&client).await.map_err(engine)
        })
    }

    fn parked<'a>(
        &'a self,
        name: &'a str,
        version: u32,
    ) -> BoxFuture<'a, Result<Vec<ParkedProjectionAggregate>, StorageError>> {
        Box::pin(self.parked(name, version))
    }

    fn requests<'a>(
        &'a self,
        name: &'a str,
        version: u32,
    ) -> BoxFuture<'a, Result<Vec<ProjectionRequest>, StorageError>> {
        Box::pin(async move {
            let Some((client, _, registry)) = self.existing().await? else { return Ok(Vec::new()) };
            registry.requests(&client, name, version).await.map_err(engine)
        })
    }

    fn request<'a>(
        &'a self,
        name: &'a str,
        version: u32,
        request: ProjectionRequest,
    ) -> BoxFuture<'a, Result<bool, StorageError>> {
        Box::pin(async move {
            let Some((client, _, registry)) = self.existing().await? else { return Ok(false) };
            registry.request(&client, name, version, &request).await.map_err(engine)
        })
    }

    fn drop_version<'a>(&'a self, name: &'a str, version: u32) -> BoxFuture<'a, Result<bool, ProjectionError>> {
        Box::pin(self.drop_version(name, version))
    }
}
