use castore_runtime::channel::TwoPublishersError;
use castore_runtime::storage::StorageError;

use crate::StreamError;

/// Why events of a table cannot be published from its stream, or not any more.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DynamoDbRelayError {
    /// No event store was given.
    #[error("no event store is published on message channel {message_channel_id}: name at least one with `publish`")]
    NoEventStore {
        /// The id of the channel.
        message_channel_id: &'static str,
    },
    /// An event store was given twice.
    #[error("event store {event_store_id} is published twice on message channel {message_channel_id}")]
    SameEventStoreTwice {
        /// The id of the channel.
        message_channel_id: &'static str,
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
    /// The stream cannot be read. If [it is a gap](StreamError::is_gap), events were missed, and the relay has stopped.
    #[error("relay {relay}: {source}")]
    Stream {
        /// The name of the relay.
        relay: String,
        /// Why not.
        source: Box<StreamError>,
    },
    /// The storage of the events, or the table of the relay's state, failed.
    #[error("the storage of relay {relay} failed: {source}")]
    Storage {
        /// The name of the relay.
        relay: String,
        /// What it said.
        source: StorageError,
    },
}
