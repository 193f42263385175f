use std::any::Any;
use std::error::Error;
use std::fmt;

use super::Pushed;
use crate::channel::PublishError;
use crate::storage::{EventAlreadyExists, StorageError, UndefinedEventStorageAdapterError};
use crate::{DecodeEventError, EventSourced, ReduceError};

/// An aggregate that must exist has no events.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Unable to find aggregate {aggregate_id} in event store {event_store_id}.")]
pub struct AggregateNotFoundError {
    /// The id of the event store.
    pub event_store_id: &'static str,
    /// The id of the aggregate.
    pub aggregate_id: String,
}

/// Why an event store could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EventStoreError {
    /// The store has no storage adapter.
    #[error("{0}")]
    UndefinedEventStorageAdapter(
        #[from]
        #[source]
        UndefinedEventStorageAdapterError,
    ),
    /// The aggregate has no events (up to the version asked for).
    #[error("{0}")]
    AggregateNotFound(
        #[from]
        #[source]
        AggregateNotFoundError,
    ),
    /// A stored event is not what the store declares.
    #[error("{0}")]
    Decode(#[source] Box<DecodeEventError>),
    /// The reducer refuses a stored event.
    #[error("{0}")]
    Reduce(#[source] Box<ReduceError>),
    /// A listed aggregate has an id that is not of the store's id type.
    #[error("the id of {event_store_id} aggregate {aggregate_id:?} is not of the event store's id type")]
    InvalidAggregateId {
        /// The id of the event store.
        event_store_id: &'static str,
        /// The id, as stored.
        aggregate_id: String,
    },
    /// The storage failed.
    #[error("could not read {}{event_store_id}: {source}", of_aggregate(.aggregate_id))]
    Storage {
        /// The id of the event store.
        event_store_id: &'static str,
        /// The aggregate that was read, if it was one.
        aggregate_id: Option<String>,
        /// What the storage said.
        source: Box<StorageError>,
    },
    /// The storage adapter answered without reading.
    #[error("the storage adapter of event store {event_store_id} gave up the read of aggregate {aggregate_id}")]
    ReadAbandoned {
        /// The id of the event store.
        event_store_id: &'static str,
        /// The id of the aggregate.
        aggregate_id: String,
    },
}

// The large ones are boxed: commands put these errors into enums of their own, which have to stay small.

impl From<DecodeEventError> for EventStoreError {
    fn from(error: DecodeEventError) -> Self {
        Self::Decode(Box::new(error))
    }
}

impl From<ReduceError> for EventStoreError {
    fn from(error: ReduceError) -> Self {
        Self::Reduce(Box::new(error))
    }
}

impl From<ReduceError> for PushEventError {
    fn from(error: ReduceError) -> Self {
        Self::Reduce(Box::new(error))
    }
}

fn of_aggregate(aggregate_id: &Option<String>) -> String {
    aggregate_id.as_ref().map_or_else(String::new, |id| format!("aggregate {id} of "))
}

/// Why an event, or a group of events, was not pushed, or was pushed and not published.
///
/// Nothing is stored, unless it is [`StoredButNotPublished`](Self::StoredButNotPublished), or a
/// [`Storage`](Self::Storage) error of [`UnknownOutcome`](StorageError::UnknownOutcome).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PushEventError {
    /// The version is taken: another writer was faster. For a group, the event that lost.
    #[error("{0}")]
    EventAlreadyExists(
        #[from]
        #[source]
        EventAlreadyExists,
    ),
    /// The event **is stored**; what should have followed failed. Carries the stored event.
    #[error("{0}")]
    StoredButNotPublished(
        #[from]
        #[source]
        StoredButNotPublished,
    ),
    /// The store has no storage adapter.
    #[error("{0}")]
    UndefinedEventStorageAdapter(
        #[from]
        #[source]
        UndefinedEventStorageAdapterError,
    ),
    /// The version is 0. The first event of an aggregate has version 1.
    #[error("{event_store_id} aggregate {aggregate_id} cannot have version 0; the first event has version 1")]
    InvalidVersion {
        /// The id of the event store.
        event_store_id: &'static str,
        /// The id of the aggregate.
        aggregate_id: String,
    },
    /// The reducer refuses the event.
    #[error("{0}")]
    Reduce(#[source] Box<ReduceError>),
    /// The payload or the metadata cannot be written as JSON.
    #[error("version {version} of {event_store_id} aggregate {aggregate_id} cannot be written as JSON: {source}")]
    Serialize {
        /// The id of the event store.
        event_store_id: &'static str,
        /// The id of the aggregate.
        aggregate_id: String,
        /// The version.
        version: u64,
        /// What serde said.
        source: serde_json::Error,
    },
    /// Two events of a group were given different timestamps. A group happens at one moment.
    #[error("Event group events #{first} and #{second} have different timestamps")]
    DifferentTimestamps {
        /// The place of one of them in the group, from 0.
        first: usize,
        /// The place of the other.
        second: usize,
    },
    /// The storage failed.
    #[error("could not push version {version} of {event_store_id} aggregate {aggregate_id}: {source}")]
    Storage {
        /// The id of the event store; for a group, of its first event.
        event_store_id: &'static str,
        /// The id of the aggregate; for a group, of its first event.
        aggregate_id: String,
        /// The version; for a group, of its first event.
        version: u64,
        /// What the storage said.
        source: Box<StorageError>,
    },
}

/// Events are stored, and something that should have followed failed: the hook of the store, or publishing.
///
/// Pushing again is wrong (the versions are taken); publishing again is what is left to do.
pub struct StoredButNotPublished(Box<Inner>);

struct Inner {
    pushed: Vec<Box<dyn Any + Send + Sync>>,
    failures: Vec<AfterPushFailure>,
}

impl StoredButNotPublished {
    pub(super) fn new(pushed: Vec<Box<dyn Any + Send + Sync>>, failures: Vec<AfterPushFailure>) -> Self {
        Self(Box::new(Inner { pushed, failures }))
    }

    /// The stored events of store `S`: one after a push, any number after a group, in its order.
    pub fn pushed<S: EventSourced>(&self) -> impl Iterator<Item = &Pushed<S>> {
        self.0.pushed.iter().filter_map(|pushed| pushed.downcast_ref())
    }

    /// What failed, in order.
    pub fn failures(&self) -> &[AfterPushFailure] {
        &self.0.failures
    }
}

impl fmt::Debug for StoredButNotPublished {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("StoredButNotPublished").field("failures", &self.0.failures).finish_non_exhaustive()
    }
}

impl fmt::Display for StoredButNotPublished {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.failures.as_slice() {
            [] => formatter.write_str("stored, but not published"),
            [failure] => write!(formatter, "stored, but not published: {failure}"),
            [first, others @ ..] => {
                write!(formatter, "stored, but not published: {first} (and {} more failures)", others.len())
            }
        }
    }
}

impl Error for StoredButNotPublished {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.failures.first().map(|failure| failure as _)
    }
}

/// What failed after an event was stored.
#[derive(Debug, thiserror::Error)]
#[error("version {version} of {event_store_id} aggregate {aggregate_id}: {step}")]
pub struct AfterPushFailure {
    /// The id of the event store.
    pub event_store_id: &'static str,
    /// The id of the aggregate.
    pub aggregate_id: String,
    /// The version of the stored event.
    pub version: u64,
    /// Which step failed, and why.
    #[source]
    pub step: AfterPushStep,
}

/// A step after an event was stored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AfterPushStep {
    /// The hook that was set with `on_event_pushed`. Nothing was published then.
    #[error("the on_event_pushed hook failed: {0}")]
    OnEventPushed(#[source] Box<dyn Error + Send + Sync>),
    /// Publishing on a channel.
    #[error("message channel {message_channel_id}: {error}")]
    Publish {
        /// The id of the channel.
        message_channel_id: &'static str,
        /// Why not.
        #[source]
        error: Box<PublishError>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_small_enough_to_be_wrapped() {
        assert!(size_of::<EventStoreError>() <= 64, "{}", size_of::<EventStoreError>());
        assert!(size_of::<PushEventError>() <= 64, "{}", size_of::<PushEventError>());
    }
}
