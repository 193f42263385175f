use crate::log::BlockedBy;

/// How a projection is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectionStatus {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: u32,
    /// Everything up to this position of the log is in the read model, but for parked aggregates.
    pub position: u64,
    /// How far behind the log it is: the difference of positions, of which some may have no event for it.
    pub lag: u64,
    /// What it is doing.
    pub state: ProjectionState,
    /// How many aggregates are parked.
    pub parked: u64,
    /// Whether readers use this version, or still an earlier one.
    pub live: bool,
    /// Whom the log waits for, if it does.
    pub blocked_by: Option<BlockedBy>,
}

/// What a projection is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProjectionState {
    /// Reading history, before it takes over.
    Rebuilding,
    /// Up to date, or nearly.
    Following,
    /// An event, or the database, failed; it will try again.
    Retrying {
        /// What failed.
        error: String,
    },
    /// It gave up on an event, and stands before it.
    Stopped {
        /// What failed.
        error: String,
    },
    /// Nobody runs it in this process.
    NotRunning,
}
