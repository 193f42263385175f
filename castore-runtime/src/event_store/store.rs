use std::future::Future;
use std::sync::Arc;

use castore_core::aggregate::{Aggregate, fold};
use castore_core::channel::{CarriesEvents, ConnectsTo};
use castore_core::consumer::{HandlerError, HandlerState};
use castore_core::event::{EventDetail, NewEvent};
use castore_core::event_sourced::{EventSourced, GivenMetadata, IntoAggregateId, ReduceError};
use castore_core::storage::EventStorageAdapter;

use super::after_push::Publishers;
use super::metadata::{AcceptsEvent, MetadataSource};
use super::{
    ByPush, ConnectedEventStore, EventStore, GetAggregate, GetEvents, GetExistingAggregate, GroupedEvent,
    ListAggregateIds, MetadataFor, Publishing, PushEvent, PushedEvent, SimulateAggregate, StoreWithMetadata,
};

/// The operations of an event store, whether or not it is connected to message channels. Use this trait in code that
/// accepts connected and unconnected stores.
///
/// Most operations return a request: set its options with methods, and await it to run the operation.
///
/// The trait is not dyn-compatible. A function that accepts any store of `Pokemon` takes a `&impl Store<Pokemon>`. Code
/// that needs a single type uses an [`AnyEventStore<Pokemon>`](super::AnyEventStore), or the
/// [`EventStore<Pokemon>`](EventStore) itself.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event store of `{S}`",
    label = "expected a store of `{S}`",
    note = "pass an `EventStore<{S}>`, or a connected event store; a message channel is not an event store"
)]
pub trait Store<S: EventSourced>: Clone + Send + Sync + 'static {
    /// The way in which pushed events are published. This type determines whether events can be pushed in a transaction
    /// of the caller. See [`TransactionalStore`](super::TransactionalStore).
    type Publishing: Publishing;

    /// Whether this store gives metadata to new events: [`AsDeclared`](super::AsDeclared) if it does not, and
    /// [`GivenByStore`](super::GivenByStore) if it was returned by [`with_metadata`](Self::with_metadata). This type
    /// determines whether an event without metadata can be pushed on a store that is declared with
    /// `metadata(required) = …`.
    type Metadata: AcceptsEvent<S, GivenMetadata<S>>;

    /// Returns the original event store, without its connections to message channels, and without the metadata that it
    /// gives to events.
    fn event_store(&self) -> &EventStore<S>;

    #[doc(hidden)]
    fn __publishers(&self) -> Publishers<S>;

    #[doc(hidden)]
    fn __metadata(&self) -> Option<&MetadataSource<S>> {
        None
    }

    /// Returns the id of the event store.
    fn event_store_id(&self) -> &'static str {
        S::EVENT_STORE_ID
    }

    /// Returns the storage adapter of the original store, if there is one.
    fn event_storage_adapter(&self) -> Option<Arc<dyn EventStorageAdapter>> {
        self.event_store().event_storage_adapter()
    }

    /// Sets, replaces or removes the storage adapter of the original store, and of all stores that were cloned or
    /// connected from it.
    fn set_event_storage_adapter(&self, adapter: Option<Arc<dyn EventStorageAdapter>>) {
        self.event_store().set_event_storage_adapter(adapter);
    }

    /// Sets the hook of the [`EventStore`] from which this store was made. See [`EventStore::on_event_pushed`].
    fn on_event_pushed<F, Fut>(&self, hook: F)
    where
        F: Fn(PushedEvent<S>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        self.event_store().on_event_pushed(hook);
    }

    /// Sets the hook of the original store, with a state. See [`EventStore::on_event_pushed_with_state`].
    fn on_event_pushed_with_state<T, F, Fut>(&self, state: T, hook: F)
    where
        T: HandlerState,
        F: Fn(T, PushedEvent<S>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        self.event_store().on_event_pushed_with_state(state, hook);
    }

    /// Creates a request that reads the events of an aggregate, by default in ascending order of their versions. An
    /// unknown aggregate has no events.
    ///
    /// # Errors
    /// When awaited: [`EventStoreError`](castore_core::event_store::EventStoreError).
    fn get_events(&self, aggregate_id: impl IntoAggregateId<S::AggregateId>) -> GetEvents<S> {
        GetEvents::new(self.event_store().clone(), aggregate_id.into_aggregate_id())
    }

    /// Creates a request that reads an aggregate: its events and the resulting state. If there are no events, the state
    /// is `None`.
    ///
    /// # Errors
    /// When awaited: [`EventStoreError`](castore_core::event_store::EventStoreError).
    fn get_aggregate(&self, aggregate_id: impl IntoAggregateId<S::AggregateId>) -> GetAggregate<S> {
        GetAggregate::new(self.event_store().clone(), aggregate_id.into_aggregate_id())
    }

    /// Creates a request that reads an aggregate that must exist: its events and the resulting state.
    ///
    /// # Errors
    /// When awaited: [`EventStoreError`](castore_core::event_store::EventStoreError), which is
    /// [`AggregateNotFound`](castore_core::event_store::EventStoreError::AggregateNotFound) if there are no events.
    fn get_existing_aggregate(&self, aggregate_id: impl IntoAggregateId<S::AggregateId>) -> GetExistingAggregate<S> {
        GetExistingAggregate::new(self.event_store().clone(), aggregate_id.into_aggregate_id())
    }

    /// Creates a request that stores an event. For each channel to which the store is connected, the request then
    /// publishes the event, or wakes the relays of the channel that run in this process.
    ///
    /// If the aggregate before the event is known (for version 1, or if the caller has set the previous aggregate), the
    /// reducer is called first. An event that the reducer rejects is not stored.
    ///
    /// If the event store is declared with `metadata(required) = …`, the event must have metadata, or this store must
    /// give it: see [`with_metadata`](Self::with_metadata). Otherwise, the call does not compile.
    ///
    /// # Cancellation
    /// On a store that is connected to a channel or has a hook, a push that has begun runs to its end. If its future is
    /// dropped, the push continues in a background task of the current tokio runtime, so that a stored event is also
    /// published. When the runtime shuts down, it drops these tasks. Therefore call [`shutdown`](Self::shutdown), which
    /// waits for the tasks, before the program ends. On any other store, dropping the future leaves the event either
    /// stored or not stored.
    ///
    /// # Errors
    /// When awaited: [`PushEventError`](super::PushEventError). The event is stored if the error is
    /// [`StoredButNotPublished`](super::PushEventError::StoredButNotPublished), and may be stored if the storage does
    /// not know the outcome. With all other errors, the event is not stored.
    fn push_event<M: MetadataFor<S, Self::Metadata>>(&self, event: NewEvent<S, M>) -> PushEvent<S, Self::Publishing> {
        let event = MetadataSource::give(self.__metadata(), event);
        PushEvent::new(self.event_store().clone(), self.__publishers(), event)
    }

    /// Waits for all pushes that run in the background. This includes the pushes of all clones of this store and of all
    /// stores that were created from it by connecting channels, because they share one counter.
    ///
    /// A push runs in the background after its future was dropped: see [`push_event`](Self::push_event). Call this
    /// method at the end of the program, when no more pushes are started, and before you shut down the adapters of message
    /// channels and storages. This method neither rejects new pushes nor waits for pushes that are still awaited. Wrap
    /// the call in a `timeout` to limit the time.
    ///
    /// # Cancellation
    /// If the future is dropped, the pushes still continue in the background.
    fn shutdown(&self) -> impl Future<Output = ()> + Send {
        let event_store = self.event_store().clone();
        async move { event_store.background().ended().await }
    }

    /// Wraps an event as part of a group, for [`push_event_group`](super::push_event_group).
    ///
    /// The event needs metadata in the same cases as with [`push_event`](Self::push_event).
    fn group_event<M: MetadataFor<S, Self::Metadata>>(
        &self,
        event: NewEvent<S, M>,
    ) -> GroupedEvent<S, Self::Publishing> {
        let event = MetadataSource::give(self.__metadata(), event);
        GroupedEvent::new(self.event_store().clone(), self.__publishers(), event)
    }

    /// Creates a request that lists the aggregates of the store, sorted by the timestamp of their first event and then
    /// by id. The order is ascending by default.
    ///
    /// # Errors
    /// When awaited: [`EventStoreError`](castore_core::event_store::EventStoreError).
    fn list_aggregate_ids(&self) -> ListAggregateIds<S> {
        ListAggregateIds::new(self.event_store().clone())
    }

    /// Reduces `events` to an aggregate, starting from `aggregate` if it is given.
    ///
    /// # Errors
    /// [`ReduceError`] if the reducer rejects an event.
    fn build_aggregate<'a>(
        &self,
        events: impl IntoIterator<Item = &'a EventDetail<S>>,
        aggregate: Option<Aggregate<S>>,
    ) -> Result<Option<Aggregate<S>>, ReduceError> {
        fold(aggregate, events)
    }

    /// Creates a simulation of the aggregate that would result from these events. Their versions may have gaps, because
    /// the simulation numbers the events again. See [`SimulateAggregate`].
    fn simulate_aggregate(&self, events: impl IntoIterator<Item = EventDetail<S>>) -> SimulateAggregate<S> {
        SimulateAggregate::new(events.into_iter().collect())
    }

    /// Returns a store that gives metadata to new events. When a new event without metadata is passed to
    /// [`push_event`](Self::push_event) or [`group_event`](Self::group_event), the store calls `metadata` and sets the
    /// metadata of the event. Use such a store where all events of a request or a job have the same metadata, for
    /// example the user. The call is cheap, so each request can create its own store.
    ///
    /// The metadata of an event itself takes precedence. An event that was read and is pushed again, for example to
    /// rewrite it with `force`, keeps the metadata that it was stored with, if any.
    ///
    /// The original store is unchanged. The returned store has the same connections to message channels, and can be
    /// connected to further channels. If this store already gives metadata, the new function replaces the previous one.
    ///
    /// ```
    /// # use castore::prelude::*;
    /// # #[derive(Debug, Clone, Event)]
    /// # enum OrderEvent { Placed }
    /// # impl Reducer for Order {
    /// #     fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> { Ok(Order) }
    /// # }
    /// #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
    /// struct Audit { user: String }
    ///
    /// #[derive(Debug, Clone)]
    /// #[event_store(id = "ORDERS", event = OrderEvent, metadata(required) = Audit)]
    /// struct Order;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), PushEventError> {
    /// let orders = EventStore::<Order>::new(InMemoryEventStorageAdapter::new());
    /// let orders = orders.with_metadata(|| Audit { user: "ada".into() });
    /// let pushed = orders.push_event(NewEvent::new("o-1", 1, OrderEvent::Placed)).await?;
    /// assert_eq!(pushed.event.metadata, Some(Audit { user: "ada".into() }));
    /// # Ok(())
    /// # }
    /// ```
    fn with_metadata<F>(&self, metadata: F) -> StoreWithMetadata<S, Self::Publishing>
    where
        F: Fn() -> S::Metadata + Send + Sync + 'static,
    {
        StoreWithMetadata::new(self, metadata)
    }

    /// Returns a store whose pushes publish the events on `message_channel`. The original store is unchanged. If the
    /// original store is already connected, the returned store keeps the existing connections. A push handles the
    /// connections in the order in which they were made.
    ///
    /// The channel must carry messages of the store, and these messages must contain events. Otherwise, the call does
    /// not compile.
    fn connect<C>(&self, message_channel: C) -> ConnectedEventStore<S, C::Channel, ByPush<C::Channel>, Self::Metadata>
    where
        C: ConnectsTo<S, Channel: CarriesEvents>,
    {
        ConnectedEventStore::new(self.clone(), message_channel)
    }

    /// Returns a store whose events are published on `message_channel` by a relay. A push stores the event, and wakes
    /// the relays of the channel that run in this process. A stored event is published eventually, even if this process
    /// ends before the relay publishes it.
    ///
    /// The events of a store must have only one publisher on each channel. While a relay in this process publishes the
    /// events of a store on a channel, do not push through a store of the same type that is connected to that channel
    /// with [`connect`](Self::connect). Such pushes are rejected with
    /// [`TwoPublishers`](super::PushEventError::TwoPublishers).
    ///
    /// The channel must carry messages of the store, and these messages must contain events. Otherwise, the call does
    /// not compile.
    fn connect_via_relay<C>(
        &self,
        message_channel: C,
    ) -> ConnectedEventStore<S, C::Channel, <Self::Publishing as Publishing>::AndByRelay, Self::Metadata>
    where
        C: ConnectsTo<S, Channel: CarriesEvents>,
    {
        ConnectedEventStore::via_relay(self.clone(), message_channel)
    }
}
