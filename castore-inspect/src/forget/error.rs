use castore_core::event::{DecodeEventError, EncodeEventError};
use castore_core::event_store::EventStoreError;
use castore_core::storage::StorageError;

/// The error of an attempt to forget an aggregate, which means to replace its personal data or to delete its events.
/// Nothing was changed, unless the documentation of the variant says otherwise.
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
    /// The command line has no storage that can delete aggregates, because
    /// [`Operate::deletion`](crate::Operate::deletion) was not called.
    #[error(
        "the binary `operate` has no storage that can delete aggregates: call `Operate::deletion(storage)` in its `main`"
    )]
    NoDeletion,
    /// The aggregate cannot be deleted, because a relay may still have to publish some of its events. Wait until the
    /// relays have published the events, or set [`ForgetOptions::force`](super::ForgetOptions::force).
    #[error(
        "relays may still have to publish events of {event_store_id} aggregate {aggregate_id}: {}; wait until they \
         have published the events, or delete the aggregate with `--force`",
        .relays.join(", ")
    )]
    Unpublished {
        /// The id of the event store.
        event_store_id: String,
        /// The id of the aggregate.
        aggregate_id: String,
        /// The names of the relays, each with the reason in parentheses.
        relays: Vec<String>,
    },
    /// The aggregate was not deleted, because its events changed in the meantime: for example, another event was
    /// pushed.
    #[error(
        "{event_store_id} aggregate {aggregate_id} was not deleted, because its last version changed from {read} to \
         {found}; run the command again"
    )]
    Changed {
        /// The id of the event store.
        event_store_id: String,
        /// The id of the aggregate.
        aggregate_id: String,
        /// The last version that was read.
        read: u64,
        /// The last version at the time of the deletion, or 0 if there are no more events.
        found: u64,
    },
    /// The storage failed to delete the aggregate. If the source is [`StorageError::UnknownOutcome`], the aggregate may
    /// be deleted: forget it again.
    #[error("the events of {event_store_id} aggregate {aggregate_id} could not be deleted")]
    Delete {
        /// The id of the event store.
        event_store_id: String,
        /// The id of the aggregate.
        aggregate_id: String,
        /// The error of the storage.
        source: Box<StorageError>,
    },
    /// The aggregate has no events. If [`ForgetOptions::delete`](super::ForgetOptions::delete) is set, the snapshots of
    /// the aggregate were deleted.
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
    #[error(
        "{event_store_id} aggregate {aggregate_id} could no longer be loaded after the change, so no event was changed"
    )]
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
    /// All events are rewritten or deleted, but the snapshots of the aggregate in a registered storage could not be
    /// deleted. The snapshots may still contain the old data. Forget the aggregate again, with the same options, to
    /// delete the snapshots.
    #[error(
        "the events of {event_store_id} aggregate {aggregate_id} are rewritten or deleted, but its snapshots could not \
         be deleted; run the command again"
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
