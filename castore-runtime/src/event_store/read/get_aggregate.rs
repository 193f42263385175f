use std::fmt;
use std::future::IntoFuture;

use castore_core::aggregate::{Aggregate, Fold};
use castore_core::event::EventDetail;
use castore_core::event_sourced::EventSourced;
use castore_core::event_store::{AggregateNotFoundError, EventStoreError};
use castore_core::future::BoxFuture;
use castore_core::storage::{BlockingReadTransaction, GetEventsOptions, ReadTransaction};

use super::visit::visit_decoded;
use super::within::{Collect, Read};
use super::{ReadWithin, since_snapshot};
use crate::event_store::EventStore;

/// An aggregate, with its events.
#[non_exhaustive]
pub struct LoadedAggregate<S: EventSourced> {
    /// The aggregate after the last event, or `None` if there are no events.
    pub aggregate: Option<Aggregate<S>>,
    /// The events, in the order of their versions.
    pub events: Vec<EventDetail<S>>,
    /// The last event.
    pub last_event: Option<EventDetail<S>>,
}

/// An existing aggregate, with its events.
#[non_exhaustive]
pub struct LoadedExistingAggregate<S: EventSourced> {
    /// The aggregate after the last event.
    pub aggregate: Aggregate<S>,
    /// The events, in the order of their versions.
    pub events: Vec<EventDetail<S>>,
    /// The last event.
    pub last_event: EventDetail<S>,
}

impl<S: EventSourced + fmt::Debug> fmt::Debug for LoadedAggregate<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LoadedAggregate")
            .field("aggregate", &self.aggregate)
            .field("events", &self.events)
            .finish_non_exhaustive()
    }
}

impl<S: EventSourced + fmt::Debug> fmt::Debug for LoadedExistingAggregate<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LoadedExistingAggregate")
            .field("aggregate", &self.aggregate)
            .field("events", &self.events)
            .finish_non_exhaustive()
    }
}

/// An aggregate that was loaded from its latest snapshot, if there was one, with the events after the snapshot.
#[non_exhaustive]
pub struct AggregateSinceSnapshot<S: EventSourced> {
    /// The aggregate after the last event, or `None` if there are no events.
    pub aggregate: Option<Aggregate<S>>,
    /// The version of the snapshot, or `None` if there was no valid snapshot and all events were read.
    pub snapshot_version: Option<u64>,
    /// The events after the snapshot, or all events if there was no valid snapshot, in the order of their versions.
    pub events_since_snapshot: Vec<EventDetail<S>>,
}

/// An existing aggregate that was loaded from its latest snapshot, if there was one, with the events after the
/// snapshot.
#[non_exhaustive]
pub struct ExistingAggregateSinceSnapshot<S: EventSourced> {
    /// The aggregate after the last event.
    pub aggregate: Aggregate<S>,
    /// The version of the snapshot, or `None` if there was no valid snapshot and all events were read.
    pub snapshot_version: Option<u64>,
    /// The events after the snapshot, or all events if there was no valid snapshot, in the order of their versions.
    pub events_since_snapshot: Vec<EventDetail<S>>,
}

impl<S: EventSourced + fmt::Debug> fmt::Debug for AggregateSinceSnapshot<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("AggregateSinceSnapshot")
            .field("aggregate", &self.aggregate)
            .field("snapshot_version", &self.snapshot_version)
            .field("events_since_snapshot", &self.events_since_snapshot)
            .finish()
    }
}

impl<S: EventSourced + fmt::Debug> fmt::Debug for ExistingAggregateSinceSnapshot<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ExistingAggregateSinceSnapshot")
            .field("aggregate", &self.aggregate)
            .field("snapshot_version", &self.snapshot_version)
            .field("events_since_snapshot", &self.events_since_snapshot)
            .finish()
    }
}

/// The aggregate and its events, while they are read.
type WithEvents<S> = (Fold<S>, Vec<EventDetail<S>>);

/// Returns the result of a request for an aggregate that may not exist.
fn any<T, I>(found: T, _id: &I) -> Result<T, EventStoreError> {
    Ok(found)
}

fn existing<S: EventSourced>(
    found: LoadedAggregate<S>,
    id: &S::AggregateId,
) -> Result<LoadedExistingAggregate<S>, EventStoreError> {
    match found {
        LoadedAggregate { aggregate: Some(aggregate), events, last_event: Some(last_event) } => {
            Ok(LoadedExistingAggregate { aggregate, events, last_event })
        }
        _ => Err(not_found::<S>(id)),
    }
}

fn existing_state<S: EventSourced>(
    found: Option<Aggregate<S>>,
    id: &S::AggregateId,
) -> Result<Aggregate<S>, EventStoreError> {
    found.ok_or_else(|| not_found::<S>(id))
}

fn not_found<S: EventSourced>(id: &S::AggregateId) -> EventStoreError {
    AggregateNotFoundError { event_store_id: S::EVENT_STORE_ID, aggregate_id: id.to_string() }.into()
}

/// The parameters that all requests for an aggregate have in common.
struct Request<S: EventSourced> {
    event_store: EventStore<S>,
    aggregate_id: S::AggregateId,
    max_version: Option<u64>,
}

impl<S: EventSourced> Request<S> {
    async fn state(&self) -> Result<Option<Aggregate<S>>, EventStoreError> {
        since_snapshot::load(&self.event_store, &self.aggregate_id, self.max_version, false)
            .await
            .map(|loaded| loaded.aggregate)
    }

    async fn since_snapshot(&self) -> Result<AggregateSinceSnapshot<S>, EventStoreError> {
        let loaded = since_snapshot::load(&self.event_store, &self.aggregate_id, self.max_version, true).await?;
        Ok(AggregateSinceSnapshot {
            aggregate: loaded.aggregate,
            snapshot_version: Some(loaded.from_version).filter(|version| *version > 0),
            events_since_snapshot: loaded.events,
        })
    }

    fn options(&self) -> GetEventsOptions {
        let mut options = GetEventsOptions::default();
        options.max_version = self.max_version;
        options
    }

    async fn load(&self) -> Result<LoadedAggregate<S>, EventStoreError> {
        let start: WithEvents<S> = Default::default();
        let add = <WithEvents<S> as Collect<S>>::add;
        let collected = visit_decoded(&self.event_store, &self.aggregate_id, self.options(), start, add).await?;
        Ok(collected.finish())
    }

    fn into_read(self) -> Read<S> {
        let options = self.options();
        Read { event_store: self.event_store, aggregate_id: self.aggregate_id, options }
    }

    fn describe(&self, name: &str, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct(name)
            .field("event_store_id", &S::EVENT_STORE_ID)
            .field("aggregate_id", &format_args!("{}", self.aggregate_id))
            .field("max_version", &self.max_version)
            .finish()
    }
}

macro_rules! request {
    ($(#[$doc:meta])* $request:ident -> $output:ty, |$this:ident| $run:expr) => {
        $(#[$doc])*
        #[must_use = "nothing is read before this is awaited"]
        pub struct $request<S: EventSourced>(Request<S>);

        impl<S: EventSourced> fmt::Debug for $request<S> {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.describe(stringify!($request), formatter)
            }
        }

        impl<S: EventSourced> $request<S> {
            /// Sets the last version to read, inclusive: the result is the aggregate as of that version.
            pub fn max_version(mut self, max_version: u64) -> Self {
                self.0.max_version = Some(max_version);
                self
            }
        }

        impl<S: EventSourced> IntoFuture for $request<S> {
            type Output = Result<$output, EventStoreError>;
            type IntoFuture = BoxFuture<'static, Self::Output>;

            fn into_future(self) -> Self::IntoFuture {
                Box::pin(async move {
                    let $this = self.0;
                    $run
                })
            }
        }
    };
}

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

macro_rules! within {
    ($($request:ident -> $output:ty, $collect:ty, $then:ident;)*) => { $(
        impl<S: EventSourced> $request<S> {
            /// Creates a request that reads in a transaction of the caller. It sees the events that were pushed in the
            /// transaction before, and not those of other open transactions.
            ///
            /// The transaction, for example a `tokio_postgres::Transaction`, must belong to the database in which the event
            /// store stores its events. For drivers that block, see [`within_blocking`](Self::within_blocking).
            ///
            /// [Snapshots](EventStore::with_snapshots) are neither read nor taken: the read starts at the first event.
            ///
            /// # Cancellation
            /// If the future is dropped, the transaction can continue.
            ///
            /// # Errors
            /// When awaited: [`EventStoreError`]. [`StorageError::ReadInOtherStorage`] if the transaction belongs to another
            /// database; [`StorageError::TransactionLost`] if the transaction can only be rolled back.
            ///
            /// [`StorageError::ReadInOtherStorage`]: castore_core::storage::StorageError::ReadInOtherStorage
            /// [`StorageError::TransactionLost`]: castore_core::storage::StorageError::TransactionLost
            pub fn within<T, K: 'static>(self, transaction: &mut T) -> ReadWithin<'_, $output>
            where
                T: ReadTransaction<K>,
            {
                let id = self.0.aggregate_id.clone();
                self.0.into_read().within::<T, K, $collect, _>(transaction, move |found| $then(found, &id))
            }

            /// Reads in a transaction of a driver that blocks, such as a `rusqlite::Transaction` or an `SqliteTransaction`.
            /// See [`within`](Self::within).
            ///
            /// # Errors
            /// The errors of [`within`](Self::within), returned directly instead of when awaited.
            pub fn within_blocking<T, K>(self, transaction: &T) -> Result<$output, EventStoreError>
            where
                T: BlockingReadTransaction<K>,
            {
                let id = self.0.aggregate_id.clone();
                $then(self.0.into_read().within_blocking::<T, K, $collect>(transaction)?, &id)
            }
        }
    )* };
}

within! {
    GetAggregate -> LoadedAggregate<S>, WithEvents<S>, any;
    GetAggregateState -> Option<Aggregate<S>>, Fold<S>, any;
    GetExistingAggregate -> LoadedExistingAggregate<S>, WithEvents<S>, existing;
    GetExistingAggregateState -> Aggregate<S>, Fold<S>, existing_state;
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
