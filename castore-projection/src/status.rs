use castore_core::log::BlockedBy;

/// The status of a projection.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProjectionStatus {
    /// The name of the read model.
    pub name: String,
    /// The version of the read model.
    pub version: u32,
    /// All events up to this position of the log are in the read model, except those of parked aggregates.
    pub position: u64,
    /// The number of positions of the log that the projection has not read. Some of these positions may have no event
    /// for the projection.
    pub lag: u64,
    /// The state of the projection's task.
    pub state: ProjectionState,
    /// How many aggregates are parked.
    pub parked: u64,
    /// Whether readers use this version. If not, they use an earlier or a later one.
    pub live: bool,
    /// The open transactions that the log waits for, if any.
    pub blocked_by: Option<BlockedBy>,
}

/// The state of a projection's task.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProjectionState {
    /// The projection reads the history, and readers do not use this version yet.
    Rebuilding,
    /// The projection has caught up with the log and applies new events.
    Following,
    /// An event or the database failed; the projection retries.
    Retrying {
        /// The text of the error.
        error: String,
    },
    /// The projection has stopped. If an event failed, it stopped before that event.
    Stopped {
        /// The text of the error.
        error: String,
    },
    /// This process does not run the projection, or the status was not returned by its handle.
    NotRunning,
}
