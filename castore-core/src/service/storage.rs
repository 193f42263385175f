use std::fmt;
use std::future::{pending, ready};
use std::sync::Arc;

use super::{PartError, PartHealth, Readiness, ServicePart};
use crate::error::error_chain;
use crate::future::BoxFuture;
use crate::storage::{EventStorageAdapter, GetEventsOptions};

/// An event store id and an aggregate id that no program uses.
const PROBE: &str = "castore-health";

/// A part of a service that checks whether a storage is reachable, for [`Service::health`](super::Service::health).
///
/// Each check reads the events of an aggregate that does not exist. The part never ends by itself, and it does not shut
/// down the storage.
///
/// ```
/// # use castore_core as castore;
/// # use castore::storage::EventStorageAdapter;
/// use castore::service::{ReachableStorage, Service};
///
/// # fn example(storage: impl EventStorageAdapter) {
/// let service = Service::new().with(&ReachableStorage::new("events", storage));
/// # }
/// ```
#[derive(Clone)]
pub struct ReachableStorage {
    name: Arc<str>,
    storage: Arc<dyn EventStorageAdapter>,
}

impl ReachableStorage {
    /// Creates a part that checks this storage. `name` is the name of the storage in errors and in
    /// [`PartHealth::name`].
    pub fn new(name: impl Into<Arc<str>>, storage: impl EventStorageAdapter) -> Self {
        Self { name: name.into(), storage: Arc::new(storage) }
    }
}

impl ServicePart for ReachableStorage {
    fn name(&self) -> String {
        format!("storage `{}`", self.name)
    }

    fn finished(&self) -> BoxFuture<'_, Result<(), PartError>> {
        Box::pin(pending())
    }

    fn shutdown(&self) -> BoxFuture<'_, Result<(), PartError>> {
        Box::pin(ready(Ok(())))
    }

    fn health<'a>(&'a self, _: &'a Readiness) -> BoxFuture<'a, PartHealth> {
        Box::pin(async {
            match self.storage.get_events(PROBE, PROBE, GetEventsOptions::new().limit(1)).await {
                Ok(_) => PartHealth::ready(self.name()),
                Err(error) => PartHealth::not_ready(self.name(), error_chain(&error)),
            }
        })
    }
}

impl fmt::Debug for ReachableStorage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ReachableStorage").field("name", &self.name).finish_non_exhaustive()
    }
}
