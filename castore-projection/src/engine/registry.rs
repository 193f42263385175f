use castore_core::future::BoxFuture;
use castore_core::log::EventLog;
use castore_core::storage::StorageError;

use super::ReadModelVersion;
use crate::{LiveReadModel, ParkedProjectionAggregate, ProjectionError, ProjectionRequest};

/// The registry of the versions of all read models in a database. It is independent of the processes that run the
/// projections.
pub trait ReadModelRegistry: Send + Sync + 'static {
    /// Returns all versions of all read models. Returns an empty list if the database has no read models.
    ///
    /// # Errors
    /// [`StorageError`] if the database cannot be read.
    fn versions(&self) -> BoxFuture<'_, Result<Vec<ReadModelVersion>, StorageError>>;

    /// Returns the parked aggregates of a version, sorted by the position of their next event. Returns an empty list if
    /// the version does not exist.
    ///
    /// # Errors
    /// [`StorageError`] if the database cannot be read.
    fn parked<'a>(
        &'a self,
        name: &'a str,
        version: u32,
    ) -> BoxFuture<'a, Result<Vec<ParkedProjectionAggregate>, StorageError>>;

    /// Returns the requests that no projection of the version has carried out yet, sorted.
    ///
    /// # Errors
    /// [`StorageError`] if the database cannot be read.
    fn requests<'a>(
        &'a self,
        name: &'a str,
        version: u32,
    ) -> BoxFuture<'a, Result<Vec<ProjectionRequest>, StorageError>>;

    /// Stores a request for the projection of a version. Storing a request again has no further effect. Returns
    /// `false`, and stores nothing, if the version does not exist, or if the request is a retry of an aggregate that
    /// is not parked.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails. The request may be stored.
    fn request<'a>(
        &'a self,
        name: &'a str,
        version: u32,
        request: ProjectionRequest,
    ) -> BoxFuture<'a, Result<bool, StorageError>>;

    /// Drops a version that readers do not use. A projection of the version stops. Returns whether the version existed.
    ///
    /// # Errors
    /// [`ProjectionError::Setup`] if readers use the version; [`ProjectionError::Storage`] if the database fails.
    fn drop_version<'a>(&'a self, name: &'a str, version: u32) -> BoxFuture<'a, Result<bool, ProjectionError>>;
}

/// Returns a handle for the version of a read model that readers use.
pub fn live(name: impl Into<String>, registry: impl ReadModelRegistry, log: impl EventLog) -> LiveReadModel {
    LiveReadModel::new(name.into(), registry, log)
}
