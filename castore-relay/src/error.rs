use std::time::Duration;

use castore_runtime::channel::TwoPublishersError;
use castore_runtime::log::{BlockedBy, LogId};
use castore_runtime::storage::StorageError;

/// Why a relay cannot start, has stopped, or could not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RelayError {
    /// The relay was given no event store to publish the events of.
    #[error("relay {relay} has no event store: name at least one with `publish`")]
    NoEventStore {
        /// The name of the relay.
        relay: String,
    },
    /// The relay was given an event store twice.
    #[error("relay {relay} was given event store {event_store_id} twice")]
    SameEventStoreTwice {
        /// The name of the relay.
        relay: String,
        /// The id of the event store.
        event_store_id: &'static str,
    },
    /// The options contradict each other.
    #[error("the options of relay {relay} cannot be: {reason}")]
    InvalidOptions {
        /// The name of the relay.
        relay: String,
        /// Why not.
        reason: String,
    },
    /// In this process a store is connected to the channel directly, so that its events would be published twice.
    #[error("{0}")]
    TwoPublishers(
        #[from]
        #[source]
        TwoPublishersError,
    ),
    /// An event store is kept in another storage than the one whose log the relay reads: its events would never be
    /// published.
    #[error(
        "relay {relay} reads the log of another storage than event store {event_store_id} is kept in; start one relay \
         for each storage"
    )]
    OtherStorage {
        /// The name of the relay.
        relay: String,
        /// The id of the event store.
        event_store_id: &'static str,
    },
    /// The checkpoint of this relay is a position of another log: another relay has this name, or the database was
    /// swapped. Nothing is published.
    #[error(
        "the checkpoint of relay {relay} belongs to log {checkpoint}, but the relay reads log {log}; give the relay \
         another name if that is another log on purpose"
    )]
    OtherLog {
        /// The name of the relay.
        relay: String,
        /// The log of the checkpoint.
        checkpoint: LogId,
        /// The log that is read.
        log: LogId,
    },
    /// The log ends before the checkpoint: it was restored from a backup, while the checkpoint was not. Nothing is
    /// published: events would be passed over.
    #[error(
        "relay {relay} has published up to position {position}, but its log ends at {last}: the log was taken back; \
         restore the relay's state too, or give the relay another name"
    )]
    LogTakenBack {
        /// The name of the relay.
        relay: String,
        /// The position of the checkpoint.
        position: u64,
        /// The last position of the log.
        last: u64,
    },
    /// A new relay was to start at a position that the log has not come to.
    #[error("relay {relay} cannot start at position {position}: its log ends at {last}")]
    StartBeyondEnd {
        /// The name of the relay.
        relay: String,
        /// Where it was to start.
        position: u64,
        /// The last position of the log.
        last: u64,
    },
    /// The log, or the storage of the relay's state, failed.
    #[error("the storage of relay {relay} failed: {source}")]
    Storage {
        /// The name of the relay.
        relay: String,
        /// What the storage said.
        source: StorageError,
    },
    /// The relay did not come to a position in time.
    #[error(
        "relay {relay} did not come to position {position} within {waited:?}: it is at {}{}{}",
        .reached.map_or_else(|| "an unknown position".to_owned(), |reached| format!("position {reached}")),
        .blocked_by.as_ref().map_or_else(String::new, |writers| format!(", the log waits for {writers}")),
        .last_error.as_ref().map_or_else(String::new, |error| format!(", its last error was: {error}")),
    )]
    WaitTimedOut {
        /// The name of the relay.
        relay: String,
        /// Where it should have come.
        position: u64,
        /// Where it is, if that is known.
        reached: Option<u64>,
        /// How long was waited.
        waited: Duration,
        /// The writers that the log waits for, if it does.
        blocked_by: Option<BlockedBy>,
        /// The last error of the relay.
        last_error: Option<String>,
    },
    /// The relay has stopped, and publishes nothing any more.
    #[error("relay {relay} has stopped{}", .reason.as_ref().map_or_else(String::new, |reason| format!(": {reason}")))]
    Stopped {
        /// The name of the relay.
        relay: String,
        /// Why, if not because it was asked to.
        reason: Option<String>,
    },
}

impl RelayError {
    pub(crate) fn storage(relay: &str) -> impl FnOnce(StorageError) -> Self {
        move |source| Self::Storage { relay: relay.to_owned(), source }
    }
}
