use std::fmt;
use std::future::IntoFuture;

use castore_core::event::{EventDetail, StoredEvent};
use castore_core::event_sourced::EventSourced;
use castore_core::event_store::EventStoreError;
use castore_core::future::BoxFuture;
use castore_core::storage::{BlockingReadTransaction, GetEventsOptions, ReadTransaction};

use super::visit::visit_decoded;
use super::within::Read;
use super::{EventStream, ReadWithin};
use crate::event_store::EventStore;

/// A request that reads events when awaited. See [`Store::get_events`](crate::event_store::Store::get_events).
#[must_use = "nothing is read before this is awaited"]
pub struct GetEvents<S: EventSourced> {
    event_store: EventStore<S>,
    aggregate_id: S::AggregateId,
    options: GetEventsOptions,
}

impl<S: EventSourced> GetEvents<S> {
    pub(in crate::event_store) fn new(event_store: EventStore<S>, aggregate_id: S::AggregateId) -> Self {
        Self { event_store, aggregate_id, options: GetEventsOptions::default() }
    }

    /// Sets the first version to read, inclusive.
    pub fn min_version(mut self, min_version: u64) -> Self {
        self.options.min_version = Some(min_version);
        self
    }

    /// Sets the last version to read, inclusive.
    pub fn max_version(mut self, max_version: u64) -> Self {
        self.options.max_version = Some(max_version);
        self
    }

    /// Sets the maximum number of events, after the other options are applied. With 0, no events are read. Defaults to
    /// no limit.
    pub fn limit(mut self, limit: u64) -> Self {
        self.options.limit = Some(limit);
        self
    }

    /// Sets whether to read the highest version first. Defaults to `false`.
    pub fn reverse(mut self, reverse: bool) -> Self {
        self.options.reverse = reverse;
        self
    }

    /// Creates a request that reads in a transaction of the caller. The read sees events that were pushed earlier in the
    /// same transaction, but not events of other open transactions.
    ///
    /// The transaction, for example a `tokio_postgres::Transaction`, must belong to the database in which the event
    /// store stores its events. For drivers that block, see [`within_blocking`](Self::within_blocking).
    ///
    /// # Cancellation
    /// If the future is dropped, the transaction can continue.
    ///
    /// # Errors
    /// When awaited: [`EventStoreError::UndefinedEventStorageAdapter`] if the event store has no adapter;
    /// [`EventStoreError::Decode`] if a stored event does not match the types of the event store;
    /// [`EventStoreError::ReadAbandoned`] if the adapter stops early; [`EventStoreError::Storage`] if the
    /// storage fails. The source of `Storage` is [`StorageError::ReadInOtherStorage`] if the transaction belongs to
    /// another database, and [`StorageError::TransactionLost`] if the transaction can only be rolled back.
    ///
    /// [`StorageError::ReadInOtherStorage`]: castore_core::storage::StorageError::ReadInOtherStorage
    /// [`StorageError::TransactionLost`]: castore_core::storage::StorageError::TransactionLost
    pub fn within<T, K: 'static>(self, transaction: &mut T) -> ReadWithin<'_, Vec<EventDetail<S>>>
    where
        T: ReadTransaction<K>,
    {
        self.into_read().within::<T, K, Vec<_>, _>(transaction, Ok)
    }

    /// Reads immediately, in a transaction of a blocking driver, such as a `rusqlite::Transaction` or an
    /// `SqliteTransaction`. In all other respects, this method works like [`within`](Self::within).
    ///
    /// # Errors
    /// The errors of [`within`](Self::within), returned directly instead of when awaited.
    pub fn within_blocking<T, K>(self, transaction: &T) -> Result<Vec<EventDetail<S>>, EventStoreError>
    where
        T: BlockingReadTransaction<K>,
    {
        self.into_read().within_blocking::<T, K, Vec<_>>(transaction)
    }

    fn into_read(self) -> Read<S> {
        Read { event_store: self.event_store, aggregate_id: self.aggregate_id, options: self.options }
    }

    /// Creates a request that returns the events together with their stored JSON. The caller can store these events
    /// again without losing fields that the types do not declare. See [`StoredEvent`].
    pub fn with_raw(self) -> GetStoredEvents<S> {
        GetStoredEvents(self.stream())
    }

    /// Creates a stream that reads the events page by page instead of all at once, for aggregates whose events do not
    /// fit in memory.
    pub fn stream(self) -> EventStream<S> {
        EventStream::new(self.event_store, self.aggregate_id, self.options)
    }
}

impl<S: EventSourced> IntoFuture for GetEvents<S> {
    type Output = Result<Vec<EventDetail<S>>, EventStoreError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            visit_decoded(&self.event_store, &self.aggregate_id, self.options, Vec::new(), |events, event| {
                events.push(event.into_owned());
                Ok(())
            })
            .await
        })
    }
}

impl<S: EventSourced> fmt::Debug for GetEvents<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("GetEvents")
            .field("event_store_id", &S::EVENT_STORE_ID)
            .field("aggregate_id", &format_args!("{}", self.aggregate_id))
            .field("options", &self.options)
            .finish()
    }
}

/// A request that reads events with their stored JSON when awaited. See [`GetEvents::with_raw`].
#[must_use = "nothing is read before this is awaited"]
pub struct GetStoredEvents<S: EventSourced>(EventStream<S>);

impl<S: EventSourced> IntoFuture for GetStoredEvents<S> {
    type Output = Result<Vec<StoredEvent<S>>, EventStoreError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(mut self) -> Self::IntoFuture {
        Box::pin(async move {
            let mut events = Vec::new();
            while let Some(event) = self.0.next_stored().await {
                events.push(event?);
            }
            Ok(events)
        })
    }
}

impl<S: EventSourced> fmt::Debug for GetStoredEvents<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("GetStoredEvents").field(&self.0).finish()
    }
}
