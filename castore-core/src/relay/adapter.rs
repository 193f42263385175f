use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::ParkedAggregate;
use crate::log::{CheckpointEvent, LogId};
use crate::storage::StorageError;

/// A storage for the state of relays. Authors of storages implement this trait in addition to
/// [`EventStorageAdapter`](crate::storage::EventStorageAdapter) and [`EventLog`](crate::log::EventLog).
///
/// A relay is identified by its name, and one process at a time holds the lease of the relay. The fencing token of the
/// lease increases each time the lease is acquired, and a write succeeds only with the current token. Thus a process
/// that was paused can no longer write after another process has acquired the lease. The storage measures all times, so
/// the clocks of different machines are not compared. After the storage was shut down, the methods may return
/// [`StorageError::ShutDown`] in addition to the listed errors.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot store the state of relays",
    label = "cannot store leases and checkpoints",
    note = "use the in-memory, SQLite or Postgres storage adapter; for a log without relay state, pass such an adapter as `state`: `start_with(log, state, …)`"
)]
#[async_trait]
pub trait RelayStorageAdapter: Debug + Send + Sync + 'static {
    /// Returns whether the state of relays is stored in the same database as the log, so that both are lost or restored
    /// together. If not, a relay stores only positions of events that it has read: after a crash of the log's database,
    /// new events may reuse the positions beyond the last event.
    ///
    /// # Errors
    /// [`StorageError::Engine`] if the storage fails.
    async fn shares_database_with(&self, log: &LogId) -> Result<bool, StorageError>;

    /// Acquires the lease if it is free or has expired. A new relay starts at the position
    /// [`first`](AcquireLease::first).
    ///
    /// # Errors
    /// [`StorageError::Engine`] if the storage fails.
    async fn acquire(&self, request: AcquireLease<'_>) -> Result<LeaseOutcome, StorageError>;

    /// Moves the checkpoint, extends the lease, and stores which aggregates are [parked](ParkedAggregate) or no longer
    /// parked. All changes are made in one transaction, and only if the lease is still held. A commit that only extends
    /// the lease serves as a heartbeat.
    ///
    /// A lease that has expired still counts as held, unless another process has acquired it.
    ///
    /// # Errors
    /// [`StorageError::Engine`] if the storage fails; [`StorageError::UnknownOutcome`] if it is unknown whether the
    /// changes were written.
    async fn commit(&self, lease: &Lease, commit: RelayCommit) -> Result<CommitOutcome, StorageError>;

    /// Releases the lease, so that another process can acquire it immediately. Does nothing if the lease is no longer
    /// held.
    ///
    /// # Errors
    /// [`StorageError::Engine`] if the storage fails.
    async fn release(&self, lease: &Lease) -> Result<(), StorageError>;

    /// Returns the checkpoint of a relay, or `None` if the relay never ran.
    ///
    /// # Errors
    /// [`StorageError::Engine`] if the storage fails.
    async fn checkpoint(&self, relay: &str) -> Result<Option<RelayCheckpoint>, StorageError>;

    /// Returns the names of all relays that have ever acquired a lease, ordered by name. Returns `None` if the storage
    /// cannot list them. Defaults to `None`.
    ///
    /// # Errors
    /// [`StorageError::Engine`] if the storage fails.
    async fn relay_names(&self) -> Result<Option<Vec<String>>, StorageError> {
        Ok(None)
    }

    /// Returns the parked aggregates of a relay, ordered by [`next_position`](ParkedAggregate::next_position).
    ///
    /// # Errors
    /// [`StorageError::Engine`] if the storage fails.
    async fn parked(&self, relay: &str) -> Result<Vec<ParkedAggregate>, StorageError>;

    /// Makes the next attempt of a parked aggregate due immediately. Returns whether the aggregate was parked.
    ///
    /// # Errors
    /// [`StorageError::Engine`] if the storage fails.
    async fn retry_parked(&self, relay: &str, event_store_id: &str, aggregate_id: &str) -> Result<bool, StorageError>;

    /// Drops the message at `position` if it is the message for which the aggregate is parked, and makes the next
    /// attempt of the aggregate due immediately. The relay then continues after this message. Returns whether the
    /// aggregate was parked for this message.
    ///
    /// # Errors
    /// [`StorageError::Engine`] if the storage fails.
    async fn drop_parked(
        &self,
        relay: &str,
        event_store_id: &str,
        aggregate_id: &str,
        position: u64,
    ) -> Result<bool, StorageError>;
}

#[async_trait]
impl<A: RelayStorageAdapter + ?Sized> RelayStorageAdapter for Arc<A> {
    async fn shares_database_with(&self, log: &LogId) -> Result<bool, StorageError> {
        (**self).shares_database_with(log).await
    }

    async fn acquire(&self, request: AcquireLease<'_>) -> Result<LeaseOutcome, StorageError> {
        (**self).acquire(request).await
    }

    async fn commit(&self, lease: &Lease, commit: RelayCommit) -> Result<CommitOutcome, StorageError> {
        (**self).commit(lease, commit).await
    }

    async fn release(&self, lease: &Lease) -> Result<(), StorageError> {
        (**self).release(lease).await
    }

    async fn checkpoint(&self, relay: &str) -> Result<Option<RelayCheckpoint>, StorageError> {
        (**self).checkpoint(relay).await
    }

    async fn relay_names(&self) -> Result<Option<Vec<String>>, StorageError> {
        (**self).relay_names().await
    }

    async fn parked(&self, relay: &str) -> Result<Vec<ParkedAggregate>, StorageError> {
        (**self).parked(relay).await
    }

    async fn retry_parked(&self, relay: &str, event_store_id: &str, aggregate_id: &str) -> Result<bool, StorageError> {
        (**self).retry_parked(relay, event_store_id, aggregate_id).await
    }

    async fn drop_parked(
        &self,
        relay: &str,
        event_store_id: &str,
        aggregate_id: &str,
        position: u64,
    ) -> Result<bool, StorageError> {
        (**self).drop_parked(relay, event_store_id, aggregate_id, position).await
    }
}

/// A request for the lease of a relay.
#[derive(Debug, Clone, Copy)]
pub struct AcquireLease<'a> {
    /// The name of the relay.
    pub relay: &'a str,
    /// The name of the requesting process, which is shown to other processes and to operators.
    pub owner: &'a str,
    /// The duration of the lease. The lease expires after this time, unless a heartbeat extends it.
    pub lasts: Duration,
    /// The id of the log that the relay reads. The storage stores this id with the checkpoint of a new relay.
    pub log_id: &'a LogId,
    /// The position at which a new relay starts.
    pub first: u64,
}

/// The outcome of a request for a lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeaseOutcome {
    /// The lease was acquired.
    Lease {
        /// The lease, which is required for writing.
        lease: Lease,
        /// The checkpoint of the relay.
        checkpoint: RelayCheckpoint,
    },
    /// Another process holds the lease.
    HeldByOther {
        /// The name of that process.
        owner: String,
        /// The time until the lease expires, if that process does not extend it.
        expires_in: Duration,
    },
}

/// The permission to write the state of a relay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The name of the relay.
    pub relay: Arc<str>,
    /// The fencing token, which increases each time the lease is acquired.
    pub token: u64,
}

/// The position of a relay, with the owner of its lease.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RelayCheckpoint {
    /// The position up to which all events are published or parked.
    pub position: u64,
    /// The id of the log to which the position belongs.
    pub log_id: LogId,
    /// The last event that the relay had read when it stored the checkpoint. `None` if the relay had read no event, or
    /// if an older version of the storage adapter stored the checkpoint without the event.
    pub event: Option<CheckpointEvent>,
    /// The name of the process that holds the lease, or `None` if the lease is free or has expired.
    pub owner: Option<String>,
}

impl RelayCheckpoint {
    /// Creates the checkpoint of a relay whose lease is free.
    pub fn new(position: u64, log_id: LogId) -> Self {
        Self { position, log_id, event: None, owner: None }
    }

    /// Sets the last event that the relay had read.
    #[must_use]
    pub fn event(mut self, event: Option<CheckpointEvent>) -> Self {
        self.event = event;
        self
    }

    /// Sets the owner of the lease.
    #[must_use]
    pub fn owner(mut self, owner: Option<String>) -> Self {
        self.owner = owner;
        self
    }
}

/// The changes that the holder of a lease writes.
#[derive(Debug, Clone, Default)]
pub struct RelayCommit {
    /// The new position.
    pub position: u64,
    /// The last event that the relay has read at or before the position. `None` keeps the event that is stored.
    pub event: Option<CheckpointEvent>,
    /// The duration of the lease, from now.
    pub lasts: Duration,
    /// Aggregates that are parked, or whose parked state has changed.
    pub parked: Vec<ParkedAggregate>,
    /// Aggregates that are no longer parked, as pairs of event store id and aggregate id.
    pub freed: Vec<(String, String)>,
}

/// The outcome of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommitOutcome {
    /// The changes were written.
    Done,
    /// Another process has acquired the lease. Nothing was written.
    Fenced,
}
