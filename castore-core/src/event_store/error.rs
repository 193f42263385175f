use std::error::Error;
use std::fmt;

use crate::event::DecodeEventError;
use crate::event_sourced::ReduceError;
use crate::storage::{StorageError, UndefinedEventStorageAdapterError};

/// The error for an aggregate that must exist, but has no events, or no events up to the requested version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
// The error text is the same as in the original TypeScript package.
#[error("Unable to find aggregate {aggregate_id} in event store {event_store_id}.")]
pub struct AggregateNotFoundError {
    /// The id of the event store.
    pub event_store_id: &'static str,
    /// The id of the aggregate.
    pub aggregate_id: String,
}

/// The error of a read from an event store.
#[derive(Debug)]
#[non_exhaustive]
pub enum EventStoreError {
    /// The store has no storage adapter.
    UndefinedEventStorageAdapter(UndefinedEventStorageAdapterError),
    /// The aggregate has no events, or no events up to the requested version.
    AggregateNotFound(AggregateNotFoundError),
    /// A stored event does not match the types of the event store.
    Decode(Box<DecodeEventError>),
    /// The reducer rejected a stored event.
    Reduce(Box<ReduceError>),
    /// A listed aggregate has an id that cannot be parsed as the store's id type.
    InvalidAggregateId {
        /// The id of the event store.
        event_store_id: &'static str,
        /// The id of the aggregate, as it is stored.
        aggregate_id: String,
    },
    /// The storage failed.
    Storage {
        /// The id of the event store.
        event_store_id: &'static str,
        /// The id of the aggregate that was read, or `None` if aggregates were listed.
        aggregate_id: Option<String>,
        /// The error of the storage.
        source: Box<StorageError>,
    },
    /// The read ended without a result: the storage adapter stopped early, or a reducer panicked on the adapter's
    /// thread.
    ReadAbandoned {
        /// The id of the event store.
        event_store_id: &'static str,
        /// The id of the aggregate.
        aggregate_id: String,
    },
}

impl fmt::Display for EventStoreError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UndefinedEventStorageAdapter(error) => error.fmt(formatter),
            Self::AggregateNotFound(error) => error.fmt(formatter),
            Self::Decode(error) => error.fmt(formatter),
            Self::Reduce(error) => error.fmt(formatter),
            Self::InvalidAggregateId { event_store_id, aggregate_id } => write!(
                formatter,
                "the id of {event_store_id} aggregate {aggregate_id:?} is not a valid id of the event store"
            ),
            Self::Storage { event_store_id, aggregate_id: Some(aggregate_id), .. } => {
                write!(formatter, "could not read {event_store_id} aggregate {aggregate_id}")
            }
            Self::Storage { event_store_id, aggregate_id: None, .. } => {
                write!(formatter, "could not list the aggregates of event store {event_store_id}")
            }
            Self::ReadAbandoned { event_store_id, aggregate_id } => {
                write!(
                    formatter,
                    "the read of {event_store_id} aggregate {aggregate_id} was aborted by the adapter or by a panic"
                )
            }
        }
    }
}

impl Error for EventStoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            // `Display` shows the text of the inner error, so the source is the source of the inner error.
            Self::UndefinedEventStorageAdapter(error) => error.source(),
            Self::AggregateNotFound(error) => error.source(),
            Self::Decode(error) => error.source(),
            Self::Reduce(error) => error.source(),
            Self::Storage { source, .. } => Some(&**source),
            Self::InvalidAggregateId { .. } | Self::ReadAbandoned { .. } => None,
        }
    }
}

impl From<UndefinedEventStorageAdapterError> for EventStoreError {
    fn from(error: UndefinedEventStorageAdapterError) -> Self {
        Self::UndefinedEventStorageAdapter(error)
    }
}

impl From<AggregateNotFoundError> for EventStoreError {
    fn from(error: AggregateNotFoundError) -> Self {
        Self::AggregateNotFound(error)
    }
}

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
