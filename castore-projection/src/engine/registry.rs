use castore_core::future::BoxFuture;
use castore_core::log::EventLog;
use castore_core::storage::StorageError;

use super::ReadModelVersion;
use crate::LiveReadModel;

/// The versions of all read models of a database.
pub trait ReadModelRegistry: Send + Sync + 'static {
    /// Returns all versions of all read models. A database without read models has none.
    fn versions(&self) -> BoxFuture<'_, Result<Vec<ReadModelVersion>, StorageError>>;
}

/// Returns the handle of the version of a read model that readers use.
pub fn live(name: impl Into<String>, registry: impl ReadModelRegistry, log: impl EventLog) -> LiveReadModel {
    LiveReadModel::new(name.into(), registry, log)
}
