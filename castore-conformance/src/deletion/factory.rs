use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use castore_core::log::EventLog;
use castore_core::snapshot::SnapshotAdapter;
use castore_core::storage::{AggregateDeletion, EventStorageAdapter};

use crate::log::FreshLog;
use crate::storage::Capabilities;

/// A factory of the storages to test, implemented by the author of an adapter.
#[async_trait]
pub trait DeletionFactory: Send + Sync {
    /// Creates a new, empty storage. Tests run concurrently, so the storage must be independent of all others.
    async fn fresh(&self) -> FreshDeletion;

    /// Returns the capabilities of the storage. They must be the same as for
    /// [`storage_conformance!`](crate::storage_conformance). Defaults to [`Capabilities::full`].
    fn capabilities(&self) -> Capabilities {
        Capabilities::full()
    }
}

/// A storage for one test, together with the resources that it needs.
pub struct FreshDeletion {
    pub(crate) log: FreshLog,
    pub(crate) deletion: Arc<dyn AggregateDeletion>,
    pub(crate) snapshots: Arc<dyn SnapshotAdapter>,
}

impl FreshDeletion {
    /// Creates a `FreshDeletion` from an adapter that stores events and snapshots, and is the log of its events.
    pub fn new<A>(adapter: A) -> Self
    where
        A: EventStorageAdapter + EventLog + SnapshotAdapter + AggregateDeletion + Clone,
    {
        let (deletion, snapshots) = (Arc::new(adapter.clone()), Arc::new(adapter.clone()));
        Self { log: FreshLog::new(adapter), deletion, snapshots }
    }

    /// Replaces the storage and its log, for example to keep a guard with [`FreshLog::keeping`].
    #[must_use]
    pub fn map_log(self, change: impl FnOnce(FreshLog) -> FreshLog) -> Self {
        Self { log: change(self.log), ..self }
    }
}

impl fmt::Debug for FreshDeletion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("FreshDeletion").field("log", &self.log).finish_non_exhaustive()
    }
}
