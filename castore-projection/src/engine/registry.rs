use castore_core::future::BoxFuture;
use castore_core::log::EventLog;
use castore_core::storage::StorageError;

use super::ReadModelVersion;
use crate::LiveReadModel;

/// A registry of the versions of all read models in a database.
pub trait ReadModelRegistry: Send + Sync + 'static {
    /// Returns all versions of all read models. Returns an empty list if the database has no read models.
    fn versions(&self) -> BoxFuture<'_, Result<Vec<ReadModelVersion>, StorageError>>;
}

/// Returns a handle for the version of a read model that readers use.
pub fn live(name: impl Into<String>, registry: impl ReadModelRegistry, log: impl EventLog) -> LiveReadModel {
    LiveReadModel::new(name.into(), registry, log)
}
