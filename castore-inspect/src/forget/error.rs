use castore_core::event::{DecodeEventError, EncodeEventError};
use castore_core::event_store::EventStoreError;
use castore_core::storage::StorageError;

/// The error of an attempt to forget an aggregate. Unless the variant says otherwise, nothing was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ForgetError {
    /// The command line has no access to the storage of the events.
    #[error("the binary `operate` has no storage: call `events(storage)`")]
    NoStorage,
    /// The program has no event store with this id.
    #[error("there is no event store {event_store_id}; the event stores are {}", .known.join(", "))]
    UnknownStore {
        /// The id.
        event_store_id: String,
        /// The ids of the program's event stores.
        known: Vec<&'static str>,
    },
    /// The command line has no rule for the events of the event store.
    #[error(
        "the binary `operate` has no rule for events of {event_store_id}: call `forget_with`, with a function that \
         replaces the personal data of an event"
    )]
    NoRule {
        /// The event store.
        event_store_id: String,
    },
    /// The aggregate has no events.
    #[error("event store {event_store_id} has no events of aggregate {aggregate_id}")]
    UnknownAggregate {
        /// The event store.
        event_store_id: String,
        /// The aggregate.
        aggregate_id: String,
    },
    /// The events could not be read.
    #[error("the events of {event_store_id} aggregate {aggregate_id} could not be read")]
    Read {
        /// The event store.
        event_store_id: String,
        /// The aggregate.
        aggregate_id: String,
        /// The error of the storage.
        source: Box<StorageError>,
    },
    /// A stored event does not match the types of the event store, so the rule cannot change it.
    #[error("an event cannot be decoded, so its data cannot be replaced")]
    Decode(#[source] Box<DecodeEventError>),
    /// A changed event cannot be encoded.
    #[error(
        "the rule returned an event that cannot be stored: version {version} of {event_store_id} aggregate {aggregate_id}"
    )]
    Encode {
        /// The event store.
        event_store_id: String,
        /// The aggregate.
        aggregate_id: String,
        /// The version of the event.
        version: u64,
        /// The error.
        source: Box<EncodeEventError>,
    },
    /// The rule changed the aggregate id, the version or the timestamp of an event.
    #[error(
        "the rule changed the aggregate id, the version or the timestamp of version {version} of {event_store_id} \
         aggregate {aggregate_id}; it may only change the payload and the metadata"
    )]
    ChangedIdentity {
        /// The event store.
        event_store_id: String,
        /// The aggregate.
        aggregate_id: String,
        /// The version of the event.
        version: u64,
    },
    /// With the changed events, the aggregate could no longer be loaded.
    #[error("with the changed events, {event_store_id} aggregate {aggregate_id} could not be loaded")]
    Unloadable {
        /// The event store.
        event_store_id: String,
        /// The aggregate.
        aggregate_id: String,
        /// The error of loading.
        source: Box<EventStoreError>,
    },
    /// The storage failed while the events were rewritten. At least `rewritten` events are rewritten, and all others may
    /// still hold the old data. Forgetting the aggregate again continues.
    #[error(
        "{rewritten} of {total} events of {event_store_id} aggregate {aggregate_id} are rewritten, and the storage failed \
         to rewrite the others; run the command again"
    )]
    Rewrite {
        /// The event store.
        event_store_id: String,
        /// The aggregate.
        aggregate_id: String,
        /// The number of events that are rewritten.
        rewritten: u64,
        /// The number of events to rewrite.
        total: u64,
        /// The error of the storage.
        source: Box<StorageError>,
    },
    /// All events are rewritten, but the snapshots of the aggregate could not be deleted, and may still hold the old
    /// data. Forgetting the aggregate again continues.
    #[error(
        "the events of {event_store_id} aggregate {aggregate_id} are rewritten, but its snapshots could not be deleted; \
         run the command again"
    )]
    Snapshots {
        /// The event store.
        event_store_id: String,
        /// The aggregate.
        aggregate_id: String,
        /// The error of the storage of snapshots.
        source: Box<StorageError>,
    },
}
