use std::time::Duration;

use castore_core::channel::TwoPublishersError;
use castore_core::error::InvalidOptionError;
use castore_core::log::{BlockedBy, LogId};
use castore_core::storage::StorageError;

/// An error of a relay.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RelayError {
    /// The relay has no event store.
    #[error("relay `{relay}` has no event store: add at least one with `publish`")]
    NoEventStore {
        /// The name of the relay.
        relay: String,
    },
    /// An event store was added twice.
    #[error(
        "event store `{event_store_id}` was added to relay `{relay}` twice: call `publish` once for each event store"
    )]
    SameEventStoreTwice {
        /// The name of the relay.
        relay: String,
        /// The id of the event store.
        event_store_id: &'static str,
    },
    /// An option has an invalid value. Nothing was started.
    #[error("relay `{relay}` has an {invalid}")]
    InvalidOption {
        /// The name of the relay.
        relay: String,
        /// The option and the rule. The text of this error contains the text of the field, so `source` does not return
        /// the field.
        invalid: InvalidOptionError,
    },
    /// A store in this process is connected to the channel directly, so the events of this store would be published
    /// twice.
    #[error(transparent)]
    TwoPublishers(#[from] TwoPublishersError),
    /// An event store is not in the storage whose log the relay reads, so the relay would never publish the events of
    /// this store.
    #[error(
        "event store `{event_store_id}` is not in the storage whose log relay `{relay}` reads: start one relay for each \
         storage"
    )]
    OtherStorage {
        /// The name of the relay.
        relay: String,
        /// The id of the event store.
        event_store_id: &'static str,
    },
    /// The stored checkpoint belongs to another log: another relay has the same name, or the database was replaced.
    /// Nothing is published.
    #[error(
        "the checkpoint of relay `{relay}` belongs to log {checkpoint}, but the relay reads log {log}: if the log was \
         replaced on purpose, give the relay another name"
    )]
    OtherLog {
        /// The name of the relay.
        relay: String,
        /// The log of the checkpoint.
        checkpoint: LogId,
        /// The log that is read.
        log: LogId,
    },
    /// The log ends before the checkpoint: the log was restored from a backup, but the checkpoint was not. The relay
    /// publishes nothing, because it would skip events.
    #[error(
        "relay `{relay}` has published up to position {position}, but its log ends at {last}: restore the relay's state \
         from the same backup as the log, or give the relay another name"
    )]
    LogTakenBack {
        /// The name of the relay.
        relay: String,
        /// The position of the checkpoint.
        position: u64,
        /// The last position of the log.
        last: u64,
    },
    /// At the position of the last event that the relay has read, the log now has another event or none. The log was
    /// restored from a backup or replaced, and may have grown again since then. If the relay continued from its checkpoint,
    /// it would skip events, so it publishes nothing.
    #[error(
        "relay `{relay}` has published version {version} of {event_store_id} aggregate {aggregate_id} at position {position}, \
         but its log no longer contains that event: restore the relay's state from the same backup as the log, or \
         give the relay another name"
    )]
    LogReplaced {
        /// The name of the relay.
        relay: String,
        /// The position of the event.
        position: u64,
        /// The id of the event store of the published event.
        event_store_id: String,
        /// The id of the aggregate of the published event.
        aggregate_id: String,
        /// The version of the published event.
        version: u64,
    },
    /// The start position of a new relay is beyond the end of the log.
    #[error(
        "relay `{relay}` cannot start after position {position}: its log ends at {last}; start at an earlier position"
    )]
    StartBeyondEnd {
        /// The name of the relay.
        relay: String,
        /// The requested start position.
        position: u64,
        /// The last position of the log.
        last: u64,
    },
    /// The log, or the storage of the relay's state, failed.
    #[error("the storage of relay `{relay}` failed")]
    Storage {
        /// The name of the relay.
        relay: String,
        /// The error of the storage.
        source: StorageError,
    },
    /// The relay did not reach a position in time.
    #[error(
        "relay `{relay}` did not reach position {position} within {waited:?}: it is at {}{}{}",
        .reached.map_or_else(|| "an unknown position".to_owned(), |reached| format!("position {reached}")),
        .blocked_by.as_ref().map_or_else(String::new, |writers| format!("; the log waits for {writers}")),
        .last_error.as_ref().map_or_else(String::new, |error| format!("; the last error was: {error}")),
    )]
    WaitTimedOut {
        /// The name of the relay.
        relay: String,
        /// The position to reach.
        position: u64,
        /// The position of the relay, if it is known.
        reached: Option<u64>,
        /// The time limit of the caller.
        waited: Duration,
        /// The writers that the log waits for, if any.
        blocked_by: Option<BlockedBy>,
        /// The last error of the relay, if there was one.
        last_error: Option<String>,
    },
    /// The relay has stopped, because it failed, was shut down or was aborted.
    #[error("relay `{relay}` has stopped{}", .reason.as_ref().map_or_else(String::new, |reason| format!(": {reason}")))]
    Stopped {
        /// The name of the relay.
        relay: String,
        /// The reason, if it is known. After a shutdown, this is `None` or the last failure before the shutdown.
        reason: Option<String>,
    },
}

impl RelayError {
    pub(crate) fn storage(relay: &str) -> impl FnOnce(StorageError) -> Self {
        move |source| Self::Storage { relay: relay.to_owned(), source }
    }
}
