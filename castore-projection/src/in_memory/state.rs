use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use castore_core::log::LogId;

use crate::engine::{Checkpoint, ReadModelVersion};
use crate::{ParkedProjectionAggregate, ProjectionRequest};

/// The shared state of a set of read models: all versions of all read models.
#[derive(Default)]
pub(super) struct State {
    versions: Mutex<BTreeMap<(String, u32), Kept>>,
}

/// A version of a read model, with its parked aggregates and its model.
pub(super) struct Kept {
    pub(super) version: ReadModelVersion,
    pub(super) parked: BTreeMap<(String, String), ParkedProjectionAggregate>,
    pub(super) requests: BTreeSet<ProjectionRequest>,
    pub(super) model: Arc<dyn Any + Send + Sync>,
}

impl Kept {
    pub(super) fn new(name: &str, version: u32, log_id: LogId, live: bool, model: Arc<dyn Any + Send + Sync>) -> Self {
        let (name, tables) = (name.to_owned(), vec![name.to_owned()]);
        let version =
            ReadModelVersion { name, version, log_id, position: 0, live, tables, parked: 0, event: None, requests: 0 };
        Self { version, parked: BTreeMap::new(), requests: BTreeSet::new(), model }
    }

    /// Moves the checkpoint. Keeps the stored event if the new checkpoint has none.
    pub(super) fn move_to(&mut self, to: Checkpoint) {
        self.version.position = to.position;
        if to.event.is_some() {
            self.version.event = to.event;
        }
    }

    /// Stores a request. Stores nothing and returns `false` if the request is a retry of an aggregate that is not
    /// parked.
    pub(super) fn ask(&mut self, request: ProjectionRequest) -> bool {
        if let ProjectionRequest::RetryParked { event_store_id, aggregate_id } = &request
            && !self.parked.contains_key(&(event_store_id.clone(), aggregate_id.clone()))
        {
            return false;
        }
        self.requests.insert(request);
        true
    }

    /// Returns the registry entry of the version, as a database would store it.
    pub(super) fn reported(&self) -> ReadModelVersion {
        let (parked, requests) = (self.parked.len() as u64, self.requests.len() as u64);
        ReadModelVersion { parked, requests, ..self.version.clone() }
    }
}

impl State {
    /// Locks the state. No user code runs under the lock, so a poisoned lock guards a consistent state.
    pub(super) fn lock(&self) -> MutexGuard<'_, BTreeMap<(String, u32), Kept>> {
        self.versions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the version that readers use.
pub(super) fn live<'a>(versions: &'a mut BTreeMap<(String, u32), Kept>, name: &str) -> Option<&'a mut Kept> {
    versions.values_mut().find(|kept| kept.version.name == name && kept.version.live)
}
