use std::error::Error;
use std::time::Duration;

use crate::DecodeEventError;
use crate::log::{BlockedBy, LogId};
use crate::storage::StorageError;

/// Why a projection stopped, or could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProjectionError {
    /// The handler refused an event, as often as its retry policy says.
    #[error(
        "projection {projection} could not apply version {version} of {event_store_id} aggregate {aggregate_id} \
         (position {position}): {source}"
    )]
    Handler {
        /// The projection.
        projection: String,
        /// The event store.
        event_store_id: String,
        /// The aggregate.
        aggregate_id: String,
        /// The version of the event.
        version: u64,
        /// Its position in the log.
        position: u64,
        /// What the handler said.
        source: Box<dyn Error + Send + Sync>,
    },
    /// An event is not what its store declares.
    #[error("projection {projection}: {source}")]
    Decode {
        /// The projection.
        projection: String,
        /// What is wrong.
        #[source]
        source: Box<DecodeEventError>,
    },
    /// The read model follows another log: a database was swapped, or restored from elsewhere.
    #[error("projection {projection} follows log {expected}, but was given log {found}")]
    OtherLog {
        /// The projection.
        projection: String,
        /// The log that its checkpoint is of.
        expected: LogId,
        /// The log that it was given.
        found: LogId,
    },
    /// The log ends before the checkpoint: it was restored from an earlier moment.
    #[error("projection {projection} is at position {position}, but its log ends at {end}: the log was taken back")]
    LogTakenBack {
        /// The projection.
        projection: String,
        /// Its checkpoint.
        position: u64,
        /// The end of the log.
        end: u64,
    },
    /// The storage failed.
    #[error("projection {projection}: {source}")]
    Storage {
        /// The projection.
        projection: String,
        /// What failed.
        source: StorageError,
    },
    /// What the read model's own code did outside of events failed: creating its tables, swapping them.
    #[error("projection {projection} could not be set up: {source}")]
    Setup {
        /// The projection.
        projection: String,
        /// What failed.
        source: Box<dyn Error + Send + Sync>,
    },
}

/// A read model did not come to a position in time.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WaitForError {
    /// The time was up.
    #[error("projection {projection} is at position {at} after {waited:?}, not yet at {wanted}{}", waits_for(.blocked_by))]
    TimedOut {
        /// The projection.
        projection: String,
        /// The position waited for.
        wanted: u64,
        /// Where it is.
        at: u64,
        /// How long was waited.
        waited: Duration,
        /// Whom the log waits for: writers that have not finished.
        blocked_by: Option<BlockedBy>,
    },
    /// The projection stopped before it.
    #[error("projection {projection} has stopped at position {at}, before {wanted}: {error}")]
    Stopped {
        /// The projection.
        projection: String,
        /// The position waited for.
        wanted: u64,
        /// Where it is.
        at: u64,
        /// Why it stopped.
        error: String,
    },
    /// Its position could not be read.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

fn waits_for(blocked_by: &Option<BlockedBy>) -> String {
    blocked_by.as_ref().map_or_else(String::new, |blocked_by| format!("; the log waits for {blocked_by}"))
}
