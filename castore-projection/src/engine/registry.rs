use castore_core::future::BoxFuture;
use castore_core::log::EventLog;
use castore_core::storage::StorageError;

use super::ReadModelVersion;
use crate::{LiveReadModel, ParkedProjectionAggregate, ProjectionError, ProjectionRequest};

/// The registry of the versions of all read models in a database. Any process that can access the database can use the
/// registry, whether or not the process runs a projection.
pub trait ReadModelRegistry: Send + Sync + 'static {
    /// Returns all versions of all read models. Returns an empty list if the database has no read models.
    ///
    /// # Errors
    /// [`StorageError`] if the database cannot be read.
    fn versions(&self) -> BoxFuture<'_, Result<Vec<ReadModelVersion>, StorageError>>;

    /// Returns the parked aggregates of a version, sorted by the position of the event that is applied next. Returns an
    /// empty list if the version does not exist.
    ///
    /// # Errors
    /// [`StorageError`] if the database cannot be read.
    fn parked<'a>(
        &'a self,
        name: &'a str,
        version: u32,
    ) -> BoxFuture<'a, Result<Vec<ParkedProjectionAggregate>, StorageError>>;

    /// Returns the requests that no projection of the version has carried out yet, sorted by the `Ord`
    /// of [`ProjectionRequest`]. Returns an empty list if the version does not exist.
    ///
    /// # Errors
    /// [`StorageError`] if the database cannot be read.
    fn requests<'a>(
        &'a self,
        name: &'a str,
        version: u32,
    ) -> BoxFuture<'a, Result<Vec<ProjectionRequest>, StorageError>>;

    /// Stores a request for the projection of a version, and returns `true`. Storing a request again has no further
    /// effect. Stores nothing and returns `false` if the version does not exist, or if the request is a retry of an
    /// aggregate that is not parked.
    ///
    /// # Errors
    /// [`StorageError`] if the database fails. The request may have been stored nevertheless.
    fn request<'a>(
        &'a self,
        name: &'a str,
        version: u32,
        request: ProjectionRequest,
    ) -> BoxFuture<'a, Result<bool, StorageError>>;

    /// Drops the tables and the registry entry of a version that readers do not use. If a projection of the version is
    /// running, it stops with an error. Returns whether the version existed.
    ///
    /// # Errors
    /// [`ProjectionError::Setup`] if readers use the version; [`ProjectionError::Storage`] if the database fails.
    fn drop_version<'a>(&'a self, name: &'a str, version: u32) -> BoxFuture<'a, Result<bool, ProjectionError>>;
}

/// Returns a handle for the version of a read model that readers use.
pub fn live(name: impl Into<String>, registry: impl ReadModelRegistry, log: impl EventLog) -> LiveReadModel {
    LiveReadModel::new(name.into(), registry, log)
}
