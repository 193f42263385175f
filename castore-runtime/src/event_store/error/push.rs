use std::error::Error;
use std::fmt;

use castore_core::channel::TwoPublishersError;
use castore_core::event::EncodeEventError;
use castore_core::event_sourced::ReduceError;
use castore_core::storage::{EventAlreadyExists, StorageError, UndefinedEventStorageAdapterError, VersionGap};

use super::{AfterPushFailure, StoredButNotPublished, UnsafeIntegerError};

/// The error of a push, of a single event or of a group.
///
/// With [`StoredButNotPublished`](Self::StoredButNotPublished), the events are stored. With a
/// [`Storage`](Self::Storage) error whose source is [`UnknownOutcome`](StorageError::UnknownOutcome), the events may be
/// stored. With all other errors, no event is stored.
#[derive(Debug)]
#[non_exhaustive]
pub enum PushEventError {
    /// The version is already stored, usually because another writer was faster, or two events of a group have the same
    /// aggregate and version. For a group, the error identifies the event with the conflict.
    EventAlreadyExists(EventAlreadyExists),
    /// The events **are stored**, but the hook or the publishing failed for at least one of them. Contains the stored
    /// events.
    StoredButNotPublished(StoredButNotPublished),
    /// The store has no storage adapter.
    UndefinedEventStorageAdapter(UndefinedEventStorageAdapterError),
    /// The version is invalid: 0 or `u64::MAX`. The first event of an aggregate has version 1.
    InvalidVersion {
        /// The id of the event store.
        event_store_id: &'static str,
        /// The id of the aggregate.
        aggregate_id: String,
        /// The invalid version.
        version: u64,
    },
    /// The event has no metadata, but its event store is declared with `metadata(required) = …`. The compiler rejects
    /// most such pushes. The error occurs if the field `metadata` of the event was set to `None` afterwards, or if the
    /// event was created with `EventDetail::new`.
    MissingMetadata {
        /// The id of the event store.
        event_store_id: &'static str,
        /// The id of the aggregate.
        aggregate_id: String,
        /// The version of the event.
        version: u64,
    },
    /// The version is not stored yet, but it does not directly follow the last version of the aggregate. For a group,
    /// the error identifies the event that leaves the gap.
    VersionGap(VersionGap),
    /// The reducer rejected the event.
    Reduce(Box<ReduceError>),
    /// The event cannot be converted to JSON that can be read again: for example, its payload contains NaN.
    Encode {
        /// The id of the event store.
        event_store_id: &'static str,
        /// The id of the aggregate.
        aggregate_id: String,
        /// The version of the event.
        version: u64,
        /// The reason, with the path of the field.
        source: Box<EncodeEventError>,
    },
    /// The event contains an integer outside of the range in which JavaScript numbers are exact, and the store rejects
    /// such events.
    UnsafeInteger(Box<UnsafeIntegerError>),
    /// The event would be published twice on a message channel: by this store, and by a relay.
    TwoPublishers(TwoPublishersError),
    /// The caller has set different timestamps on two events of a group. All events of a group must have the same
    /// timestamp.
    DifferentTimestamps {
        /// The index of the first event with a timestamp, counted from 0.
        first: usize,
        /// The index of the event with a different timestamp, counted from 0.
        second: usize,
    },
    /// The event was pushed in a transaction of the caller, but the event's store has a hook. A hook must run after the
    /// event is stored, and an event that is pushed in a transaction is stored only by the commit. Push without a
    /// transaction, or remove the hook.
    HookInTransaction {
        /// The id of the event store.
        event_store_id: &'static str,
    },
    /// The storage failed.
    Storage {
        /// The id of the event store. For a group, this is the store of the first event.
        event_store_id: &'static str,
        /// The id of the aggregate. For a group, this is the aggregate of the first event.
        aggregate_id: String,
        /// The version of the event. For a group, this is the version of the first event.
        version: u64,
        /// The error of the storage.
        source: Box<StorageError>,
    },
}

impl fmt::Display for PushEventError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EventAlreadyExists(EventAlreadyExists { event_store_id, aggregate_id, version, .. }) => write!(
                formatter,
                "another writer has stored version {version} of {event_store_id} aggregate {aggregate_id}"
            ),
            Self::StoredButNotPublished(error) => match error.failures() {
                [AfterPushFailure { event_store_id, aggregate_id, version, .. }, ..] => write!(
                    formatter,
                    "version {version} of {event_store_id} aggregate {aggregate_id} was stored, but not published"
                ),
                [] => formatter.write_str("an event was stored, but not published"),
            },
            Self::UndefinedEventStorageAdapter(error) => error.fmt(formatter),
            Self::InvalidVersion { event_store_id, aggregate_id, version } => write!(
                formatter,
                "{event_store_id} aggregate {aggregate_id} cannot have version {version}: versions are from 1 to {}",
                u64::MAX - 1
            ),
            Self::MissingMetadata { event_store_id, aggregate_id, version } => write!(
                formatter,
                "version {version} of {event_store_id} aggregate {aggregate_id} has no metadata, but the event store \
                 requires metadata; set it with `event.metadata(…)` or `store.with_metadata(…)`"
            ),
            Self::VersionGap(error) => error.fmt(formatter),
            Self::Reduce(error) => error.fmt(formatter),
            Self::Encode { event_store_id, aggregate_id, version, .. } => write!(
                formatter,
                "version {version} of {event_store_id} aggregate {aggregate_id} cannot be stored as JSON"
            ),
            Self::UnsafeInteger(error) => error.fmt(formatter),
            Self::TwoPublishers(error) => error.fmt(formatter),
            Self::DifferentTimestamps { first, second } => {
                write!(
                    formatter,
                    "events #{first} and #{second} of the event group have different timestamps; give all events of a \
                     group the same timestamp"
                )
            }
            Self::HookInTransaction { event_store_id } => write!(
                formatter,
                "event store {event_store_id} has an `on_event_pushed` hook, which cannot run after the commit of the \
                 caller's transaction; remove the hook, or push without a transaction"
            ),
            Self::Storage { event_store_id, aggregate_id, version, .. } => {
                write!(formatter, "could not push version {version} of {event_store_id} aggregate {aggregate_id}")
            }
        }
    }
}

impl Error for PushEventError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            // These two variants return the inner error itself, and not the source of the inner error:
            // `find_event_already_exists` must find the inner error even if another error wraps `PushEventError`
            // transparently.
            Self::EventAlreadyExists(error) => Some(error),
            Self::StoredButNotPublished(error) => Some(error),
            Self::UndefinedEventStorageAdapter(error) => error.source(),
            Self::Reduce(error) => error.source(),
            Self::TwoPublishers(error) => error.source(),
            Self::Encode { source, .. } => Some(&**source),
            Self::Storage { source, .. } => Some(&**source),
            Self::InvalidVersion { .. }
            | Self::MissingMetadata { .. }
            | Self::VersionGap(_)
            | Self::DifferentTimestamps { .. }
            | Self::HookInTransaction { .. }
            | Self::UnsafeInteger(_) => None,
        }
    }
}

impl From<EventAlreadyExists> for PushEventError {
    fn from(error: EventAlreadyExists) -> Self {
        Self::EventAlreadyExists(error)
    }
}

impl From<VersionGap> for PushEventError {
    fn from(error: VersionGap) -> Self {
        Self::VersionGap(error)
    }
}

impl From<TwoPublishersError> for PushEventError {
    fn from(error: TwoPublishersError) -> Self {
        Self::TwoPublishers(error)
    }
}

impl From<StoredButNotPublished> for PushEventError {
    fn from(error: StoredButNotPublished) -> Self {
        Self::StoredButNotPublished(error)
    }
}

impl From<UndefinedEventStorageAdapterError> for PushEventError {
    fn from(error: UndefinedEventStorageAdapterError) -> Self {
        Self::UndefinedEventStorageAdapter(error)
    }
}

impl From<ReduceError> for PushEventError {
    fn from(error: ReduceError) -> Self {
        Self::Reduce(Box::new(error))
    }
}
