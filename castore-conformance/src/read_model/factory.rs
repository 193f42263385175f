use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use castore_core::log::{EventLog, LogId};
use castore_projection::LiveReadModel;
use castore_projection::engine::ReadModelRegistry;

use super::ErasedStore;

/// The name of the kit's read model.
pub const NAME: &str = "counts";

/// A factory of the databases to test, implemented by the author of a store.
#[async_trait]
pub trait ReadModelFactory: Send + Sync {
    /// Creates a new database without read models. Tests run concurrently, so the database must be independent of all
    /// others.
    async fn fresh(&self) -> FreshReadModels;
}

/// A database for versions 1 and 2 of the read model [`NAME`].
///
/// The handler of both versions decodes events as [`CountedEvent`](super::CountedEvent). The handler adds 1 to the
/// count of the event's aggregate, and then returns [`CountedEvent::outcome`](super::CountedEvent::outcome). The kit
/// calls the methods concurrently.
#[async_trait]
pub trait ReadModelDatabase: Send + Sync {
    /// Opens the store of a version as a separate process would do, and registers the version if it is new. Panics if
    /// this fails.
    async fn open(&self, version: u32, log: &LogId) -> Box<dyn ErasedStore>;

    /// Returns the counts of all aggregates from the version that readers use.
    async fn read(&self) -> BTreeMap<String, u64>;

    /// Returns a handle for the version of [`NAME`] that readers use.
    fn live(&self, log: Arc<dyn EventLog>) -> LiveReadModel;

    /// Returns the registry of the database, which lists the versions of all read models.
    fn registry(&self) -> Arc<dyn ReadModelRegistry>;

    /// Drops a version that readers do not use. Panics if this fails.
    async fn drop_version(&self, version: u32);
}

/// A database for one test, together with the resources that it needs.
pub struct FreshReadModels {
    // Declared before `kept`, so that the database is closed before its directory is removed.
    database: Arc<dyn ReadModelDatabase>,
    kept: Vec<Box<dyn Any + Send + Sync>>,
}

impl FreshReadModels {
    /// Creates a `FreshReadModels` from the handle of a database. If the handle does not keep the database alive, add a
    /// guard with [`keeping`](Self::keeping).
    pub fn new(database: impl ReadModelDatabase + 'static) -> Self {
        Self { database: Arc::new(database), kept: Vec::new() }
    }

    /// Adds a guard that is kept until the end of the test, for example a temporary directory.
    #[must_use]
    pub fn keeping(mut self, guard: impl Any + Send + Sync) -> Self {
        self.kept.push(Box::new(guard));
        self
    }

    pub(crate) fn database(&self) -> Arc<dyn ReadModelDatabase> {
        self.database.clone()
    }
}

impl fmt::Debug for FreshReadModels {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("FreshReadModels").finish_non_exhaustive()
    }
}
