use std::error::Error;

use super::EventStorageAdapter;

/// The error for a pushed event whose version is already stored for the same aggregate.
///
/// This error is the version conflict of optimistic concurrency control: usually, another writer pushed the version
/// first. Commands are retried after this error (see `#[command]`).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
// The error text is the same as in the original TypeScript package.
#[error("Event already exists for {event_store_id} aggregate {aggregate_id} and version {version}")]
#[non_exhaustive]
pub struct EventAlreadyExists {
    /// The id of the event store.
    pub event_store_id: String,
    /// The id of the aggregate.
    pub aggregate_id: String,
    /// The version that is already stored.
    pub version: u64,
}

impl EventAlreadyExists {
    /// Creates the error for an event whose version is taken.
    pub fn new(event_store_id: impl Into<String>, aggregate_id: impl Into<String>, version: u64) -> Self {
        Self { event_store_id: event_store_id.into(), aggregate_id: aggregate_id.into(), version }
    }
}

/// The error for a pushed event whose version is free, but does not directly follow the last version of its aggregate.
///
/// A gap usually means that the version was computed wrongly, or that events of the aggregate were removed. Aggregates
/// whose stored events have gaps stay readable, and their next event follows the last version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "version {given} of {event_store_id} aggregate {aggregate_id} is not the next version, which is {expected}; \
     set `allow_gap(true)` on the push to store it anyway"
)]
#[non_exhaustive]
pub struct VersionGap {
    /// The id of the event store.
    pub event_store_id: String,
    /// The id of the aggregate.
    pub aggregate_id: String,
    /// The version that directly follows the last version of the aggregate.
    pub expected: u64,
    /// The version of the rejected event.
    pub given: u64,
}

impl VersionGap {
    /// Creates the error for an event with the version `given`, if the next version of its aggregate is `expected`.
    pub fn new(event_store_id: impl Into<String>, aggregate_id: impl Into<String>, expected: u64, given: u64) -> Self {
        Self { event_store_id: event_store_id.into(), aggregate_id: aggregate_id.into(), expected, given }
    }
}

/// The error for an event store without an event storage adapter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
// The error text is the same as in the original TypeScript package.
#[error("EventStorageAdapter not found for event store {event_store_id}")]
pub struct UndefinedEventStorageAdapterError {
    /// The id of the event store.
    pub event_store_id: String,
}

/// The error of an event storage adapter.
///
/// Nothing was written, unless the variant is [`UnknownOutcome`](Self::UnknownOutcome). In the variants, the engine is
/// the database system behind the adapter.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StorageError {
    /// The version is already stored.
    #[error("the version is already stored")]
    EventAlreadyExists(
        #[from]
        #[source]
        EventAlreadyExists,
    ),
    /// The version is free, but does not directly follow the last version of the aggregate.
    #[error("the version leaves a gap")]
    VersionGap(
        #[from]
        #[source]
        VersionGap,
    ),
    /// The page token was not created by an adapter of this kind.
    // The error text is the same as in the original TypeScript package.
    #[error("Invalid page token")]
    InvalidPageToken,
    /// An event group spans two storages, which do not share transactions.
    #[error(
        "event #{index} of the event group (event store {event_store_id}) and event #0 are stored in different \
         storages; all events of a group must be in one storage"
    )]
    GroupSpansStorages {
        /// The position of the event in the group, from 0.
        index: usize,
        /// The id of the event store of that event.
        event_store_id: String,
    },
    /// An event was pushed in a transaction of one database or file, but its event store uses another one. The
    /// transaction can continue.
    #[error(
        "event #{index} (event store {event_store_id}) is stored in {stored_in}, not in the database of this \
         transaction; push the event in a transaction of its own storage"
    )]
    OtherStorage {
        /// The index of the event in the push, from 0.
        index: usize,
        /// The id of the event store of that event.
        event_store_id: String,
        /// The identity of the storage of that event store.
        stored_in: String,
    },
    /// Events were read in a transaction of one database or file, but their event store uses another one. The
    /// transaction can continue.
    #[error(
        "the events of event store {event_store_id} are stored in {stored_in}, not in the database of this transaction; \
         read them in a transaction of their own storage"
    )]
    ReadInOtherStorage {
        /// The id of the event store.
        event_store_id: String,
        /// The identity of the storage of that event store.
        stored_in: String,
    },
    /// An event was pushed in a transaction that already contains events of another storage in the same database. The
    /// two storages are isolated from each other: for example, they are the schemas of two tenants. The transaction can
    /// continue.
    #[error(
        "event #{index} (event store {event_store_id}) is stored in {stored_in}, but this transaction contains events \
         of {transaction_of}, and these are isolated from each other; use a separate transaction for each"
    )]
    TransactionSpansStorages {
        /// The index of the event in the push, from 0.
        index: usize,
        /// The id of the event store of that event.
        event_store_id: String,
        /// The isolated storage of that event store.
        stored_in: String,
        /// The isolated storage of the earlier events of the transaction.
        transaction_of: String,
    },
    /// The engine has ended the transaction in which events were pushed or read, or accepts no further statements in
    /// it: for example, after a serialization failure, a deadlock or a lost connection. Nothing is stored. Roll the
    /// transaction back, and repeat all of it.
    #[error("the transaction is lost; roll it back and run all of it again")]
    TransactionLost(#[source] Box<dyn Error + Send + Sync>),
    /// The engine permanently rejects the data, because it is too large or contains a value that the engine cannot
    /// store.
    #[error("the storage engine cannot store {what}")]
    Unsupported {
        /// The kind of data that cannot be stored, without its content.
        what: String,
    },
    /// Stored data has an unexpected format.
    #[error("stored data is damaged: {what}")]
    Corrupt {
        /// A description of the problem, without the content of the data.
        what: String,
    },
    /// The engine failed. Nothing was written.
    #[error("the storage engine failed")]
    Engine(#[source] Box<dyn Error + Send + Sync>),
    /// The connection to the engine was lost before the engine responded. The push may or may not have been stored.
    /// Pushing the same version again without `force` is safe: if the first push was stored, the second push fails with
    /// [`EventAlreadyExists`](Self::EventAlreadyExists).
    #[error(
        "the storage engine did not confirm the write, which may or may not have been stored; repeating a push without \
         `force` is safe"
    )]
    UnknownOutcome(#[source] Box<dyn Error + Send + Sync>),
    /// The adapter was shut down.
    #[error("the event storage adapter was shut down")]
    ShutDown,
}

impl StorageError {
    /// Creates the error for reading the events of an event store in a transaction of another storage. `adapter` is the
    /// adapter of the event store.
    pub fn read_elsewhere(event_store_id: &str, adapter: &dyn EventStorageAdapter) -> Self {
        Self::ReadInOtherStorage {
            event_store_id: event_store_id.to_owned(),
            stored_in: adapter.storage_id().to_string(),
        }
    }

    /// Wraps an error of the engine's driver.
    pub fn engine(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Engine(source.into())
    }

    /// Wraps an error after which a transaction cannot continue.
    pub fn transaction_lost(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::TransactionLost(source.into())
    }
}
