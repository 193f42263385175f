use std::error::Error;
use std::time::Duration;

use castore_core::error::InvalidOptionError;
use castore_core::event::DecodeEventError;
use castore_core::log::{BlockedBy, LogId};
use castore_core::storage::StorageError;

/// An error of a projection: it could not start, it has stopped, or a request of the caller failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProjectionError {
    /// The handler failed to apply an event: it returned a permanent error, it failed in all attempts that
    /// [`ProjectionOptions`](crate::ProjectionOptions) allows, or it failed again when a parked aggregate was retried.
    #[error(
        "projection {projection} could not apply version {version} of {event_store_id} aggregate {aggregate_id} \
         (position {position})"
    )]
    Handler {
        /// The name of the projection.
        projection: String,
        /// The id of the event store.
        event_store_id: String,
        /// The id of the aggregate.
        aggregate_id: String,
        /// The version of the event.
        version: u64,
        /// The position of the event in the log.
        position: u64,
        /// The handler's error.
        source: Box<dyn Error + Send + Sync>,
    },
    /// An option has an invalid value. Nothing was started.
    #[error("projection `{projection}` has an {invalid}")]
    InvalidOption {
        /// The name of the projection.
        projection: String,
        /// The invalid option, and the rule that it violates. The text of this error contains the text of the field, so
        /// `source` does not return the field.
        invalid: InvalidOptionError,
    },
    /// An event cannot be decoded, because it does not match the types of its event store.
    #[error("projection {projection} cannot decode an event")]
    Decode {
        /// The name of the projection.
        projection: String,
        /// The event and the problem.
        #[source]
        source: Box<DecodeEventError>,
    },
    /// The read model was built from another log: the database of the log was replaced, or the projection was started
    /// with another log.
    #[error(
        "projection {projection} was built from log {expected}, but was started with log {found}; raise the projection's version to build it from this log"
    )]
    OtherLog {
        /// The name of the projection.
        projection: String,
        /// The log from which the read model was built.
        expected: LogId,
        /// The log that the projection was started with.
        found: LogId,
    },
    /// The log ends before the checkpoint, because the log was restored from an earlier backup.
    #[error(
        "projection {projection} is at position {position}, but its log ends at {end}: the log was restored from an earlier backup; raise the projection's version to build the read model again"
    )]
    LogTakenBack {
        /// The name of the projection.
        projection: String,
        /// The checkpoint of the projection.
        position: u64,
        /// The end of the log.
        end: u64,
    },
    /// At the position of the last event that was read, the log now has another event or no event. The log was restored
    /// from a backup or replaced, and may have grown again since then. The projection stops, because it would skip
    /// events.
    #[error(
        "projection {projection} has read version {version} of {event_store_id} aggregate {aggregate_id} at position \
         {position}, but its log no longer contains that event: the log was restored or replaced; raise the projection's version to build the read model again"
    )]
    LogReplaced {
        /// The name of the projection.
        projection: String,
        /// The position of the event.
        position: u64,
        /// The id of the event store of the event that was read.
        event_store_id: String,
        /// The id of the aggregate of that event.
        aggregate_id: String,
        /// The version of that event.
        version: u64,
    },
    /// The log or the database of the read model failed.
    #[error("the storage of projection {projection} failed")]
    Storage {
        /// The name of the projection.
        projection: String,
        /// The error of the storage.
        source: StorageError,
    },
    /// The read model could not be set up or changed. For example, a name is invalid, a table or a view could not be
    /// created, or the version is in use or was dropped. This error is also returned if the store of the read model has
    /// failed permanently, or if the projection has stopped.
    #[error("could not set up or change the read model of projection {projection}")]
    Setup {
        /// The name of the projection.
        projection: String,
        /// The reason why the read model could not be set up or changed.
        source: Box<dyn Error + Send + Sync>,
    },
}

/// An error of [`RunningProjection::wait_for`](crate::RunningProjection::wait_for) or of
/// [`LiveReadModel::wait_for`](crate::LiveReadModel::wait_for).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WaitForError {
    /// The projection did not reach the position within the time limit.
    #[error("projection {projection} did not reach position {wanted} within {waited:?}: it is at position {at}{}", waits_for(.blocked_by))]
    TimedOut {
        /// The name of the projection.
        projection: String,
        /// The position to wait for.
        wanted: u64,
        /// The position of the projection.
        at: u64,
        /// The time for which the caller has waited.
        waited: Duration,
        /// The open transactions that the log waits for, if any.
        blocked_by: Option<BlockedBy>,
    },
    /// The projection has stopped before it reached the position.
    #[error("projection {projection} has stopped at position {at}, before position {wanted}: {error}")]
    Stopped {
        /// The name of the projection.
        projection: String,
        /// The position to wait for.
        wanted: u64,
        /// The position of the projection.
        at: u64,
        /// The error that stopped the projection.
        error: String,
    },
    /// The log was restored from a backup, or replaced, after the position was reached.
    #[error("projection {projection} has reached position {wanted}, but its log was restored or replaced since then")]
    LogReplaced {
        /// The name of the projection.
        projection: String,
        /// The position to wait for.
        wanted: u64,
    },
    /// The log could not be read.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

fn waits_for(blocked_by: &Option<BlockedBy>) -> String {
    blocked_by.as_ref().map_or_else(String::new, |blocked_by| format!("; the log waits for {blocked_by}"))
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use castore_core::event::DecodeEventProblem;

    use super::*;

    #[test]
    fn projection_errors_do_not_repeat_their_source() {
        let projection = || "counts".to_owned();
        let decode = DecodeEventError {
            event_store_id: Cow::Borrowed("STORE"),
            aggregate_id: "a".to_owned(),
            version: 1,
            event_type: "HAPPENED".to_owned(),
            problem: DecodeEventProblem::AggregateId,
        };
        for error in [
            ProjectionError::Handler {
                projection: projection(),
                event_store_id: "STORE".to_owned(),
                aggregate_id: "a".to_owned(),
                version: 1,
                position: 1,
                source: "disk on fire".into(),
            },
            ProjectionError::Decode { projection: projection(), source: Box::new(decode) },
            ProjectionError::Storage { projection: projection(), source: StorageError::engine("disk on fire") },
            ProjectionError::Setup { projection: projection(), source: "disk on fire".into() },
        ] {
            let (text, source) = (error.to_string(), error.source().unwrap().to_string());
            assert!(text.contains("counts") && !text.contains(&source), "{text}");
        }
    }
}
