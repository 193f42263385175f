use castore_core::channel::TwoPublishersError;
use castore_core::error::InvalidOptionError;
use castore_core::storage::StorageError;
use castore_core::task::TaskPanicked;

use crate::StreamError;

/// An error of a relay or a Lambda handler that publishes the events of a table.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DynamoDbRelayError {
    /// No event store was added to the builder.
    #[error("no event store is published on message channel `{message_channel_id}`: add at least one with `publish`")]
    NoEventStore {
        /// The id of the channel.
        message_channel_id: &'static str,
    },
    /// An event store was added twice.
    #[error(
        "event store `{event_store_id}` is published on message channel `{message_channel_id}` twice: call `publish` \
         once for each event store"
    )]
    SameEventStoreTwice {
        /// The id of the channel.
        message_channel_id: &'static str,
        /// The id of the event store.
        event_store_id: &'static str,
    },
    /// An option has an invalid value. Nothing was started.
    #[error("relay `{relay}` has an {invalid}")]
    InvalidOption {
        /// The name of the relay.
        relay: String,
        /// The option and the rule. The text is part of this error's text, so it is not returned as a source.
        invalid: InvalidOptionError,
    },
    /// A store in this process is connected to the channel directly, so its events would be published twice.
    #[error(transparent)]
    TwoPublishers(#[from] TwoPublishersError),
    /// The stream cannot be read. If the error [is a gap](StreamError::is_gap), events were missed, and the relay has
    /// stopped.
    #[error("relay `{relay}` cannot read the stream of its table")]
    Stream {
        /// The name of the relay.
        relay: String,
        /// The error of the stream.
        source: Box<StreamError>,
    },
    /// The storage of the events, or the table of the relay's state, failed.
    #[error("the storage of relay `{relay}` failed")]
    Storage {
        /// The name of the relay.
        relay: String,
        /// The error of the storage.
        source: StorageError,
    },
    /// The relay itself panicked, which is a bug.
    #[error("relay `{relay}` ended unexpectedly")]
    Panicked {
        /// The name of the relay.
        relay: String,
        /// The panic.
        source: TaskPanicked,
    },
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::*;

    #[test]
    fn relay_errors_do_not_repeat_their_source() {
        let relay = || "APP_BUS".to_owned();
        let stream = StreamError::NoStream { table_name: "events".to_owned() };
        for error in [
            DynamoDbRelayError::Stream { relay: relay(), source: Box::new(stream) },
            DynamoDbRelayError::Storage { relay: relay(), source: StorageError::engine("disk on fire") },
        ] {
            let source = error.source().unwrap().to_string();
            assert!(!error.to_string().contains(&source), "{error}");
        }
    }
}
