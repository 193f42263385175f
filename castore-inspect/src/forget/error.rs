use castore_core::event::{DecodeEventError, EncodeEventError};
use castore_core::event_store::EventStoreError;
use castore_core::storage::StorageError;

/// The error of an attempt to forget an aggregate, which means to replace its personal data. Nothing was changed,
/// unless the documentation of the variant says otherwise.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ForgetError {
    /// The command line has no access to the storage of the events, because [`Operate::events`](crate::Operate::events)
    /// was not called.
    #[error("the binary `operate` has no storage: call `events(storage)`")]
    NoStorage,
    /// The program has no event store with this id.
    #[error("there is no event store {event_store_id}; the event stores are {}", .known.join(", "))]
    UnknownStore {
        /// The id that was passed.
        event_store_id: String,
        /// The ids of the program's event stores.
        known: Vec<&'static str>,
    },
    /// The command line has no rule for the events of the event store, because
    /// [`Operate::forget_with`](crate::Operate::forget_with) was not called for this event store.
    #[error(
        "the binary `operate` has no rule for events of {event_store_id}: call `forget_with`, with a function that \
         replaces the personal data of an event"
    )]
    NoRule {
        /// The id of the event store.
        event_store_id: String,
    },
    /// The aggregate has no events.
    #[error("event store {event_store_id} has no events of aggregate {aggregate_id}")]
    UnknownAggregate {
        /// The id of the event store.
        event_store_id: String,
        /// The id of the aggregate.
        aggregate_id: String,
    },
    /// The storage failed to read the events.
    #[error("the events of {event_store_id} aggregate {aggregate_id} could not be read")]
    Read {
        /// The id of the event store.
        event_store_id: String,
        /// The id of the aggregate.
        aggregate_id: String,
        /// The error of the storage.
        source: Box<StorageError>,
    },
    /// A stored event does not match the types of the event store, so the rule cannot change the event.
    #[error("an event cannot be decoded, so its data cannot be replaced")]
    Decode(#[source] Box<DecodeEventError>),
    /// The rule returned an event that cannot be encoded as JSON.
    #[error(
        "the rule returned an event that cannot be stored: version {version} of {event_store_id} aggregate {aggregate_id}"
    )]
    Encode {
        /// The id of the event store.
        event_store_id: String,
        /// The id of the aggregate.
        aggregate_id: String,
        /// The version of the event.
        version: u64,
        /// The error of the encoding.
        source: Box<EncodeEventError>,
    },
    /// The rule changed the aggregate id, the version or the timestamp of an event. A rule may change only the payload
    /// and the metadata.
    #[error(
        "the rule changed the aggregate id, the version or the timestamp of version {version} of {event_store_id} \
         aggregate {aggregate_id}; it may only change the payload and the metadata"
    )]
    ChangedIdentity {
        /// The id of the event store.
        event_store_id: String,
        /// The id of the aggregate.
        aggregate_id: String,
        /// The version of the event.
        version: u64,
    },
    /// The aggregate could not be loaded from the changed events, for example because the reducer rejects one of them.
    #[error("with the changed events, {event_store_id} aggregate {aggregate_id} could not be loaded")]
    Unloadable {
        /// The id of the event store.
        event_store_id: String,
        /// The id of the aggregate.
        aggregate_id: String,
        /// The error that loading the aggregate would return.
        source: Box<EventStoreError>,
    },
    /// The storage failed while the events were rewritten. At least `rewritten` events are rewritten. The other events
    /// may still contain the old data. Forget the aggregate again to rewrite them.
    #[error(
        "{rewritten} of {total} events of {event_store_id} aggregate {aggregate_id} are rewritten, and the storage failed \
         to rewrite the others; run the command again"
    )]
    Rewrite {
        /// The id of the event store.
        event_store_id: String,
        /// The id of the aggregate.
        aggregate_id: String,
        /// The number of events that are certainly rewritten.
        rewritten: u64,
        /// The number of events that had to be rewritten.
        total: u64,
        /// The error of the storage.
        source: Box<StorageError>,
    },
    /// All events are rewritten, but the snapshots of the aggregate could not be deleted. The snapshots may still
    /// contain the old data. Forget the aggregate again to delete them.
    #[error(
        "the events of {event_store_id} aggregate {aggregate_id} are rewritten, but its snapshots could not be deleted; \
         run the command again"
    )]
    Snapshots {
        /// The id of the event store.
        event_store_id: String,
        /// The id of the aggregate.
        aggregate_id: String,
        /// The error of the storage of snapshots.
        source: Box<StorageError>,
    },
}
