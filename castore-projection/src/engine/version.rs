use castore_core::log::{CheckpointEvent, LogEnd, LogId};

use crate::{ProjectionError, ProjectionState, ProjectionStatus};

/// The registry entry of a version of a read model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadModelVersion {
    /// The name of the read model.
    pub name: String,
    /// The number of the version.
    pub version: u32,
    /// The log from which the version is built.
    pub log_id: LogId,
    /// The checkpoint of the version: the position up to which all events are applied, except the events of parked
    /// aggregates.
    pub position: u64,
    /// Whether readers use this version.
    pub live: bool,
    /// The names of the version's tables, without the version suffix.
    pub tables: Vec<String>,
    /// The number of parked aggregates.
    pub parked: u64,
    /// The event that is stored with the checkpoint. `None` if no event has been applied, or if all events were applied
    /// by an old release of the storage that did not store the event.
    pub event: Option<CheckpointEvent>,
    /// The number of [requests](crate::ProjectionRequest) that no projection has carried out yet.
    pub requests: u64,
}

/// A new checkpoint of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Checkpoint {
    /// The position up to which all events are applied, except the events of parked aggregates.
    pub position: u64,
    /// The last event that was read at or before the position. With `None`, the stored event does not change.
    pub event: Option<CheckpointEvent>,
}

impl Checkpoint {
    /// Creates a checkpoint at a position, with the last event that was read.
    pub fn new(position: u64, event: CheckpointEvent) -> Self {
        Self { position, event: Some(event) }
    }
}

impl From<u64> for Checkpoint {
    /// Creates a checkpoint that keeps the stored event.
    fn from(position: u64) -> Self {
        Self { position, event: None }
    }
}

impl ReadModelVersion {
    /// Returns the status of a version whose projection may run in another process.
    pub fn into_status(self, end: &LogEnd) -> ProjectionStatus {
        ProjectionStatus {
            name: self.name,
            version: self.version,
            position: self.position,
            lag: end.last_position.saturating_sub(self.position),
            oldest_unapplied: None,
            applied: 0,
            state: ProjectionState::NotRunning,
            parked: self.parked,
            live: self.live,
            blocked_by: end.blocked_by.clone(),
        }
    }
}

/// Creates the error of an attempt to drop a version that readers use.
pub fn version_in_use(name: &str, version: u32) -> ProjectionError {
    let source = format!("version {version} of {name} cannot be dropped, because readers use it").into();
    ProjectionError::Setup { projection: name.to_owned(), source }
}
