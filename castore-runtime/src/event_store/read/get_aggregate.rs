use std::fmt;
use std::future::IntoFuture;

use castore_core::aggregate::{Aggregate, Fold};
use castore_core::event_sourced::EventSourced;
use castore_core::event_store::EventStoreError;
use castore_core::future::BoxFuture;
use castore_core::storage::{BlockingReadTransaction, ReadTransaction};

use super::request::{Request, WithEvents, existing, existing_state, not_found, request};
use super::{
    AggregateSinceSnapshot, ExistingAggregateSinceSnapshot, LoadedAggregate, LoadedExistingAggregate, ReadWithin,
};
use crate::event_store::EventStore;

request! {
    /// A request that reads an aggregate when awaited. See
    /// [`Store::get_aggregate`](crate::event_store::Store::get_aggregate).
    GetAggregate -> LoadedAggregate<S>, |request| request.load().await
}

request! {
    /// A request that reads an aggregate without its events when awaited. See [`GetAggregate::without_events`].
    GetAggregateState -> Option<Aggregate<S>>, |request| request.state().await
}

request! {
    /// A request that, when awaited, reads an aggregate with its events. The aggregate must exist. See
    /// [`Store::get_existing_aggregate`](crate::event_store::Store::get_existing_aggregate).
    GetExistingAggregate -> LoadedExistingAggregate<S>, |request| {
        existing(request.load().await?, &request.aggregate_id)
    }
}

request! {
    /// A request that, when awaited, reads an aggregate without its events. The aggregate must exist. See
    /// [`GetExistingAggregate::without_events`].
    GetExistingAggregateState -> Aggregate<S>, |request| {
        existing_state(request.state().await?, &request.aggregate_id)
    }
}

request! {
    /// A request that, when awaited, reads an aggregate and the events after its latest snapshot. See
    /// [`GetAggregate::since_snapshot`].
    GetAggregateSinceSnapshot -> AggregateSinceSnapshot<S>, |request| request.since_snapshot().await
}

request! {
    /// A request that, when awaited, reads an aggregate and the events after its latest snapshot. The aggregate must
    /// exist. See [`GetExistingAggregate::since_snapshot`].
    GetExistingAggregateSinceSnapshot -> ExistingAggregateSinceSnapshot<S>, |request| {
        match request.since_snapshot().await? {
            AggregateSinceSnapshot { aggregate: Some(aggregate), snapshot_version, events_since_snapshot } => {
                Ok(ExistingAggregateSinceSnapshot { aggregate, snapshot_version, events_since_snapshot })
            }
            _ => Err(not_found::<S>(&request.aggregate_id)),
        }
    }
}

impl<S: EventSourced> GetAggregate<S> {
    pub(in crate::event_store) fn new(event_store: EventStore<S>, aggregate_id: S::AggregateId) -> Self {
        Self(Request { event_store, aggregate_id, max_version: None })
    }

    /// Creates a request that reads the aggregate without returning its events. Each event is dropped after it is
    /// reduced, so a long history does not have to fit in memory. With [snapshots](EventStore::with_snapshots), the
    /// read starts at the latest snapshot instead of at the first event.
    pub fn without_events(self) -> GetAggregateState<S> {
        GetAggregateState(self.0)
    }

    /// Creates a request that returns the aggregate and the events after its latest
    /// [snapshot](EventStore::with_snapshots), but not the earlier events. If there is no valid snapshot, all events
    /// are returned.
    pub fn since_snapshot(self) -> GetAggregateSinceSnapshot<S> {
        GetAggregateSinceSnapshot(self.0)
    }
}

impl<S: EventSourced> GetExistingAggregate<S> {
    pub(in crate::event_store) fn new(event_store: EventStore<S>, aggregate_id: S::AggregateId) -> Self {
        Self(Request { event_store, aggregate_id, max_version: None })
    }

    /// Creates a request that reads the aggregate without returning its events. Each event is dropped after it is
    /// reduced, so a long history does not have to fit in memory. With [snapshots](EventStore::with_snapshots), the
    /// read starts at the latest snapshot instead of at the first event.
    pub fn without_events(self) -> GetExistingAggregateState<S> {
        GetExistingAggregateState(self.0)
    }

    /// Creates a request that returns the aggregate and the events after its latest
    /// [snapshot](EventStore::with_snapshots), but not the earlier events. If there is no valid snapshot, all events
    /// are returned.
    pub fn since_snapshot(self) -> GetExistingAggregateSinceSnapshot<S> {
        GetExistingAggregateSinceSnapshot(self.0)
    }
}

// The methods for transactions are written without a macro, because compile errors would name the macro.

impl<S: EventSourced> GetAggregate<S> {
    /// Creates a request that reads in a transaction of the caller. The read sees events that were pushed earlier in
    /// the same transaction, but not events of other open transactions.
    ///
    /// The transaction, for example a `tokio_postgres::Transaction`, must belong to the database in which the event
    /// store stores its events. For drivers that block, see [`within_blocking`](Self::within_blocking).
    ///
    /// The read starts at the first event: it neither uses nor takes
    /// [snapshots](crate::event_store::EventStore::with_snapshots).
    ///
    /// # Cancellation
    /// If the future is dropped, the transaction can continue.
    ///
    /// # Errors
    /// When awaited: [`EventStoreError::UndefinedEventStorageAdapter`] if the event store has no adapter;
    /// [`EventStoreError::Decode`] if a stored event does not match the types of the event store;
    /// [`EventStoreError::Reduce`] if the reducer rejects an event; [`EventStoreError::ReadAbandoned`] if the adapter
    /// stops early, or if a reducer panics on the adapter's thread; [`EventStoreError::Storage`] if the storage fails.
    /// The source of `Storage` is [`StorageError::ReadInOtherStorage`] if the transaction belongs to another database,
    /// and [`StorageError::TransactionLost`] if the transaction can only be rolled back.
    ///
    /// [`StorageError::ReadInOtherStorage`]: castore_core::storage::StorageError::ReadInOtherStorage
    /// [`StorageError::TransactionLost`]: castore_core::storage::StorageError::TransactionLost
    pub fn within<T, K: 'static>(self, transaction: &mut T) -> ReadWithin<'_, LoadedAggregate<S>>
    where
        T: ReadTransaction<K>,
    {
        self.0.into_read().within::<T, K, WithEvents<S>, _>(transaction, Ok)
    }

    /// Reads immediately, in a transaction of a blocking driver, such as a `rusqlite::Transaction` or an
    /// `SqliteTransaction`. In all other respects, this method works like [`within`](Self::within).
    ///
    /// # Errors
    /// The errors of [`within`](Self::within), returned directly instead of when awaited.
    pub fn within_blocking<T, K>(self, transaction: &T) -> Result<LoadedAggregate<S>, EventStoreError>
    where
        T: BlockingReadTransaction<K>,
    {
        self.0.into_read().within_blocking::<T, K, WithEvents<S>>(transaction)
    }
}

impl<S: EventSourced> GetAggregateState<S> {
    /// Creates a request that reads in a transaction of the caller. [`GetAggregate::within`] describes which events the
    /// read sees, and what happens if the future is dropped.
    ///
    /// # Errors
    /// When awaited: the errors of [`GetAggregate::within`].
    pub fn within<T, K: 'static>(self, transaction: &mut T) -> ReadWithin<'_, Option<Aggregate<S>>>
    where
        T: ReadTransaction<K>,
    {
        self.0.into_read().within::<T, K, Fold<S>, _>(transaction, Ok)
    }

    /// Reads immediately, in a transaction of a blocking driver, such as a `rusqlite::Transaction` or an
    /// `SqliteTransaction`. In all other respects, this method works like [`within`](Self::within).
    ///
    /// # Errors
    /// The errors of [`within`](Self::within), returned directly instead of when awaited.
    pub fn within_blocking<T, K>(self, transaction: &T) -> Result<Option<Aggregate<S>>, EventStoreError>
    where
        T: BlockingReadTransaction<K>,
    {
        self.0.into_read().within_blocking::<T, K, Fold<S>>(transaction)
    }
}

impl<S: EventSourced> GetExistingAggregate<S> {
    /// Creates a request that reads in a transaction of the caller. [`GetAggregate::within`] describes which events the
    /// read sees, and what happens if the future is dropped.
    ///
    /// # Errors
    /// When awaited: the errors of [`GetAggregate::within`], and [`EventStoreError::AggregateNotFound`] if there are no
    /// events.
    pub fn within<T, K: 'static>(self, transaction: &mut T) -> ReadWithin<'_, LoadedExistingAggregate<S>>
    where
        T: ReadTransaction<K>,
    {
        let id = self.0.aggregate_id.clone();
        let read = self.0.into_read();
        read.within::<T, K, WithEvents<S>, _>(transaction, move |found| existing(found, &id))
    }

    /// Reads immediately, in a transaction of a blocking driver, such as a `rusqlite::Transaction` or an
    /// `SqliteTransaction`. In all other respects, this method works like [`within`](Self::within).
    ///
    /// # Errors
    /// The errors of [`within`](Self::within), returned directly instead of when awaited.
    pub fn within_blocking<T, K>(self, transaction: &T) -> Result<LoadedExistingAggregate<S>, EventStoreError>
    where
        T: BlockingReadTransaction<K>,
    {
        let id = self.0.aggregate_id.clone();
        existing(self.0.into_read().within_blocking::<T, K, WithEvents<S>>(transaction)?, &id)
    }
}

impl<S: EventSourced> GetExistingAggregateState<S> {
    /// Creates a request that reads in a transaction of the caller. [`GetAggregate::within`] describes which events the
    /// read sees, and what happens if the future is dropped.
    ///
    /// # Errors
    /// When awaited: the errors of [`GetAggregate::within`], and [`EventStoreError::AggregateNotFound`] if there are no
    /// events.
    pub fn within<T, K: 'static>(self, transaction: &mut T) -> ReadWithin<'_, Aggregate<S>>
    where
        T: ReadTransaction<K>,
    {
        let id = self.0.aggregate_id.clone();
        let read = self.0.into_read();
        read.within::<T, K, Fold<S>, _>(transaction, move |found| existing_state(found, &id))
    }

    /// Reads immediately, in a transaction of a blocking driver, such as a `rusqlite::Transaction` or an
    /// `SqliteTransaction`. In all other respects, this method works like [`within`](Self::within).
    ///
    /// # Errors
    /// The errors of [`within`](Self::within), returned directly instead of when awaited.
    pub fn within_blocking<T, K>(self, transaction: &T) -> Result<Aggregate<S>, EventStoreError>
    where
        T: BlockingReadTransaction<K>,
    {
        let id = self.0.aggregate_id.clone();
        existing_state(self.0.into_read().within_blocking::<T, K, Fold<S>>(transaction)?, &id)
    }
}
