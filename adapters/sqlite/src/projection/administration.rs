//! The administration of the versions of read models, from any process.

use std::sync::Arc;

use castore_core::future::BoxFuture;
use castore_core::storage::StorageError;
use castore_projection::ProjectionRequest;
use castore_projection::engine::{self, ReadModelRegistry, ReadModelVersion, table_name};
use rusqlite::Connection;

use super::worker::begin;
use super::{ParkedProjectionAggregate, ProjectionError, SqliteReadModels, registry, requests};
use crate::errors::read_error;
use crate::fair_lock::FairLock;

impl SqliteReadModels {
    /// Drops the tables of a version that readers do not use. If a projection still writes to these tables, it stops
    /// with an error. Returns whether the version existed.
    ///
    /// # Errors
    /// [`ProjectionError::Setup`] if readers use the version; [`ProjectionError::Storage`] if the database fails.
    pub async fn drop_version(&self, name: &str, version: u32) -> Result<bool, ProjectionError> {
        let projection = name.to_owned();
        let name = name.to_owned();
        let fair_lock = Arc::clone(&self.fair_lock);
        let drop_version =
            move |connection: &mut Connection| drop_version(&fair_lock, connection, &name, version).map_err(read_error);
        let dropped = self.with(drop_version).await;
        match dropped.map_err(|source| ProjectionError::Storage { projection: projection.clone(), source })? {
            None | Some(Dropped::Unknown) => Ok(false),
            Some(Dropped::Done) => Ok(true),
            Some(Dropped::InUse) => Err(engine::version_in_use(&projection, version)),
        }
    }
}

impl ReadModelRegistry for SqliteReadModels {
    fn versions(&self) -> BoxFuture<'_, Result<Vec<ReadModelVersion>, StorageError>> {
        Box::pin(async {
            let versions = self.with(|connection| registry::all(connection).map_err(read_error)).await?;
            Ok(versions.unwrap_or_default())
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
        let name = name.to_owned();
        let read = move |connection: &mut Connection| requests::all(connection, &name, version).map_err(read_error);
        Box::pin(async { Ok(self.with(read).await?.unwrap_or_default()) })
    }

    fn request<'a>(
        &'a self,
        name: &'a str,
        version: u32,
        request: ProjectionRequest,
    ) -> BoxFuture<'a, Result<bool, StorageError>> {
        let (name, fair_lock) = (name.to_owned(), Arc::clone(&self.fair_lock));
        let store = move |connection: &mut Connection| {
            store_request(&fair_lock, connection, &name, version, &request).map_err(read_error)
        };
        Box::pin(async { Ok(self.with(store).await?.unwrap_or(false)) })
    }

    fn drop_version<'a>(&'a self, name: &'a str, version: u32) -> BoxFuture<'a, Result<bool, ProjectionError>> {
        Box::pin(self.drop_version(name, version))
    }
}

enum Dropped {
    Done,
    Unknown,
    InUse,
}

fn drop_version(
    fair_lock: &Arc<FairLock>,
    connection: &mut Connection,
    name: &str,
    version: u32,
) -> rusqlite::Result<Dropped> {
    let (_guard, transaction) = begin(fair_lock, connection)?;
    let Some(entry) = registry::find(&transaction, name, version)? else {
        return Ok(Dropped::Unknown);
    };
    if entry.live {
        return Ok(Dropped::InUse);
    }
    for table in &entry.tables {
        transaction.execute_batch(&format!("DROP TABLE IF EXISTS \"{}\"", table_name(table, version)))?;
    }
    registry::remove(&transaction, name, version)?;
    transaction.commit()?;
    Ok(Dropped::Done)
}

fn store_request(
    fair_lock: &Arc<FairLock>,
    connection: &mut Connection,
    name: &str,
    version: u32,
    request: &ProjectionRequest,
) -> rusqlite::Result<bool> {
    let (_guard, transaction) = begin(fair_lock, connection)?;
    let stored = requests::insert(&transaction, name, version, request)?;
    transaction.commit()?;
    Ok(stored)
}
