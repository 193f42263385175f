use std::time::Duration;

use castore_core::log::BlockedBy;
use castore_core::time::Timestamp;

/// The status of a projection.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProjectionStatus {
    /// The name of the read model.
    pub name: String,
    /// The version of the read model.
    pub version: u32,
    /// The position of the log up to which all events are in the read model, except the events of parked aggregates.
    pub position: u64,
    /// The number of positions of the log that the projection has not read yet. Some of these positions may have no
    /// event for the projection.
    pub lag: u64,
    /// The timestamp of the first event of the batch that the projection is applying. `None` if it is applying no
    /// batch, or if the status was not returned by the handle of a running projection.
    pub oldest_unapplied: Option<Timestamp>,
    /// The number of events that the projection has applied since this process started it. 0 if the status was not
    /// returned by the handle of a running projection.
    pub applied: u64,
    /// The state of the projection's task.
    pub state: ProjectionState,
    /// The number of parked aggregates.
    pub parked: u64,
    /// Whether readers use this version. If not, they use an earlier or a later version.
    pub live: bool,
    /// The open transactions that the log waits for, if any.
    pub blocked_by: Option<BlockedBy>,
}

impl ProjectionStatus {
    /// Returns the age of the [oldest unapplied event](Self::oldest_unapplied), or 0 if there is none.
    pub fn lag_time(&self) -> Duration {
        self.oldest_unapplied.map(Timestamp::elapsed).unwrap_or_default()
    }
}

/// The state of a projection's task.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProjectionState {
    /// The projection was started and has not caught up with the log yet. Readers may already use this version, see
    /// [`ProjectionStatus::live`].
    Rebuilding,
    /// The projection has caught up with the log and applies new events.
    Following,
    /// The projection failed to read the log, to use the database or to apply an event, and retries.
    Retrying {
        /// The text of the error.
        error: String,
    },
    /// The projection has stopped because of an error. If an event failed, the projection stopped before that event. A
    /// shutdown does not change the state.
    Stopped {
        /// The text of the error.
        error: String,
    },
    /// The state is unknown, because the status was not returned by the handle of a running projection. Another process
    /// may run the projection.
    NotRunning,
}
