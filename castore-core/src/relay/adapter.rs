use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::ParkedAggregate;
use crate::log::{CheckpointEvent, LogId};
use crate::storage::StorageError;

/// Keeps the state of relays: what the author of a storage implements beside
/// [`EventStorageAdapter`](crate::storage::EventStorageAdapter) and [`EventLog`](crate::log::EventLog).
///
/// Of a relay, by its name, one process at a time holds the lease. Each time the lease is taken its token grows, and
/// whatever a holder writes is written only if the token is still its own: a holder that was paused past its lease can
/// write nothing any more. Time is the storage's own: clocks of different machines are not compared.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not keep the state of relays",
    label = "keeps no lease, no checkpoint",
    note = "the in-memory, SQLite and Postgres storage adapters do; for another log, pass one of them beside it: `start_with(log, state, …)`"
)]
#[async_trait]
pub trait RelayStorageAdapter: Debug + Send + Sync + 'static {
    /// Whether this state is kept in the database of that log, so that both are lost or restored together. If not,
    /// checkpoints hold only positions of events that were read.
    ///
    /// # Errors
    /// [`StorageError::Engine`].
    async fn shares_database_with(&self, log: &LogId) -> Result<bool, StorageError>;

    /// Takes the lease, if nobody holds it or it has run out. A relay that is not known yet starts with the checkpoint
    /// `first`.
    ///
    /// # Errors
    /// [`StorageError::Engine`].
    async fn acquire(&self, request: AcquireLease<'_>) -> Result<LeaseOutcome, StorageError>;

    /// Moves the checkpoint, extends the lease, parks and frees aggregates: all of it in one transaction, and only if
    /// the lease is still held. Also the heartbeat, when nothing else changes.
    ///
    /// A lease that has run out but was taken by nobody else is still held.
    ///
    /// # Errors
    /// [`StorageError::Engine`], or [`StorageError::UnknownOutcome`].
    async fn commit(&self, lease: &Lease, commit: RelayCommit) -> Result<CommitOutcome, StorageError>;

    /// Gives the lease back, so that another takes it at once. Does nothing if it is not held any more.
    ///
    /// # Errors
    /// [`StorageError::Engine`].
    async fn release(&self, lease: &Lease) -> Result<(), StorageError>;

    /// Where a relay is; `None` if it never ran.
    ///
    /// # Errors
    /// [`StorageError::Engine`].
    async fn checkpoint(&self, relay: &str) -> Result<Option<RelayCheckpoint>, StorageError>;

    /// The parked aggregates of a relay, by [`next_position`](ParkedAggregate::next_position).
    ///
    /// # Errors
    /// [`StorageError::Engine`].
    async fn parked(&self, relay: &str) -> Result<Vec<ParkedAggregate>, StorageError>;

    /// Makes a parked aggregate due now. Answers whether it was parked.
    ///
    /// # Errors
    /// [`StorageError::Engine`].
    async fn retry_parked(&self, relay: &str, event_store_id: &str, aggregate_id: &str) -> Result<bool, StorageError>;

    /// Gives up on the message at `position`, which the aggregate is parked for, and makes the aggregate due now: the
    /// relay goes on after it. Answers whether the aggregate was parked for that message.
    ///
    /// # Errors
    /// [`StorageError::Engine`].
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

/// Asks for the lease of a relay.
#[derive(Debug, Clone, Copy)]
pub struct AcquireLease<'a> {
    /// The name of the relay.
    pub relay: &'a str,
    /// Who asks: said to others, and to people.
    pub owner: &'a str,
    /// How long the lease lasts without a heartbeat.
    pub lasts: Duration,
    /// The log that is read, kept with the checkpoint of a new relay.
    pub log_id: &'a LogId,
    /// Where a new relay starts.
    pub first: u64,
}

/// What became of asking for a lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeaseOutcome {
    /// It is held now.
    Lease {
        /// What to show when writing.
        lease: Lease,
        /// Where the relay is.
        checkpoint: RelayCheckpoint,
    },
    /// Another holds it.
    HeldByOther {
        /// Who.
        owner: String,
        /// How long at most until it runs out.
        expires_in: Duration,
    },
}

/// The right to write the state of a relay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The name of the relay.
    pub relay: Arc<str>,
    /// Grows each time the lease is taken.
    pub token: u64,
}

/// Where a relay is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RelayCheckpoint {
    /// Everything up to it is published or parked.
    pub position: u64,
    /// The log that it is a position of.
    pub log_id: LogId,
    /// The last event that the relay had read when it stored the checkpoint. `None` if it had read none, or if the
    /// checkpoint was stored by a version of the storage adapter that did not keep the event.
    pub event: Option<CheckpointEvent>,
    /// Who holds the lease, if it has not run out.
    pub owner: Option<String>,
}

impl RelayCheckpoint {
    /// Creates the checkpoint of a relay whose lease nobody holds.
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

/// What the holder of a lease writes.
#[derive(Debug, Clone, Default)]
pub struct RelayCommit {
    /// The new position.
    pub position: u64,
    /// The last event that the relay has read at or before the position. `None` keeps the event that is stored.
    pub event: Option<CheckpointEvent>,
    /// How long the lease lasts from now.
    pub lasts: Duration,
    /// Aggregates to park, or whose parking has changed.
    pub parked: Vec<ParkedAggregate>,
    /// Aggregates that are not parked any more: event store and aggregate id.
    pub freed: Vec<(String, String)>,
}

/// Whether something was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommitOutcome {
    /// It is.
    Done,
    /// Another has taken the lease: nothing was written.
    Fenced,
}
