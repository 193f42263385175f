use std::future::Future;
use std::sync::Arc;

use castore_core::aggregate::{Aggregate, fold};
use castore_core::channel::{CarriesEvents, ConnectsTo};
use castore_core::consumer::HandlerError;
use castore_core::event::{EventDetail, NewEvent};
use castore_core::event_sourced::{EventSourced, IntoAggregateId, ReduceError};
use castore_core::storage::EventStorageAdapter;

use super::after_push::Publishers;
use super::{
    ConnectedEventStore, EventStore, GetAggregate, GetEvents, GetExistingAggregate, GroupedEvent, ListAggregateIds,
    Publishing, PushEvent, PushedEvent, SimulateAggregate,
};

/// The operations of an event store, whether or not it is connected to message channels. Use this trait in code that
/// accepts both.
///
/// Operations are requests: options are set with methods, and the work is done when the request is awaited.
///
/// The trait is not dyn-compatible. Code that takes any store of `Pokemon` takes `&impl Store<Pokemon>`. Code that
/// needs a single type takes an [`AnyEventStore<Pokemon>`](super::AnyEventStore), or the
/// [`EventStore<Pokemon>`](EventStore) itself.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event store of `{S}`",
    label = "expected a store of `{S}`",
    note = "pass an `EventStore<{S}>`, or a connected event store; a message channel is not an event store"
)]
pub trait Store<S: EventSourced>: Clone + Send + Sync + 'static {
    /// How pushed events are published, which determines whether they can be pushed in a transaction of the caller. See
    /// [`TransactionalStore`](super::TransactionalStore).
    type Publishing: Publishing;

    /// Returns the original event store.
    fn event_store(&self) -> &EventStore<S>;

    #[doc(hidden)]
    fn __publishers(&self) -> Publishers<S>;

    /// Returns the id of the event store.
    fn event_store_id(&self) -> &'static str {
        S::EVENT_STORE_ID
    }

    /// Returns the storage adapter of the original store.
    fn event_storage_adapter(&self) -> Option<Arc<dyn EventStorageAdapter>> {
        self.event_store().event_storage_adapter()
    }

    /// Sets, replaces or removes the storage adapter of the original store, and of all stores that were cloned or
    /// connected from it.
    fn set_event_storage_adapter(&self, adapter: Option<Arc<dyn EventStorageAdapter>>) {
        self.event_store().set_event_storage_adapter(adapter);
    }

    /// Sets the hook of the original store. See [`EventStore::on_event_pushed`].
    fn on_event_pushed<F, Fut>(&self, hook: F)
    where
        F: Fn(PushedEvent<S>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        self.event_store().on_event_pushed(hook);
    }

    /// Reads the events of an aggregate, in the order of their versions. An unknown aggregate has no events.
    ///
    /// # Errors
    /// When awaited: [`EventStoreError`](castore_core::event_store::EventStoreError).
    fn get_events(&self, aggregate_id: impl IntoAggregateId<S::AggregateId>) -> GetEvents<S> {
        GetEvents::new(self.event_store().clone(), aggregate_id.into_aggregate_id())
    }

    /// Reads an aggregate: its events and the resulting state. `aggregate` is `None` if there are no events.
    ///
    /// # Errors
    /// When awaited: [`EventStoreError`](castore_core::event_store::EventStoreError).
    fn get_aggregate(&self, aggregate_id: impl IntoAggregateId<S::AggregateId>) -> GetAggregate<S> {
        GetAggregate::new(self.event_store().clone(), aggregate_id.into_aggregate_id())
    }

    /// Reads an aggregate that must exist.
    ///
    /// # Errors
    /// When awaited: [`EventStoreError`](castore_core::event_store::EventStoreError),
    /// [`AggregateNotFound`](castore_core::event_store::EventStoreError::AggregateNotFound) if there are no events.
    fn get_existing_aggregate(&self, aggregate_id: impl IntoAggregateId<S::AggregateId>) -> GetExistingAggregate<S> {
        GetExistingAggregate::new(self.event_store().clone(), aggregate_id.into_aggregate_id())
    }

    /// Stores an event. A connected store then publishes it.
    ///
    /// If the aggregate before the event is known (at version 1, or with a previous aggregate), the reducer is called
    /// first, and an event that it rejects is not stored.
    ///
    /// # Cancellation
    /// On a store that is connected to a channel or has a hook, a push that has begun runs to its end: if its future is
    /// dropped, it continues in a background task of the current tokio runtime, so that a stored event is also
    /// published. [`shutdown`](Self::shutdown) waits for such tasks. They end with the runtime, so call it before the
    /// program ends. On any other store, dropping the future leaves the event either stored or not stored.
    ///
    /// # Errors
    /// When awaited: [`PushEventError`](super::PushEventError). Nothing is stored, unless it is
    /// [`StoredButNotPublished`](super::PushEventError::StoredButNotPublished).
    fn push_event(&self, event: NewEvent<S>) -> PushEvent<S, Self::Publishing> {
        PushEvent::new(self.event_store().clone(), self.__publishers(), event)
    }

    /// Waits until no push of this store, of its clones or of the stores that were connected from it runs in the
    /// background.
    ///
    /// Pushes run in the background when their futures are dropped: see [`push_event`](Self::push_event). Call this
    /// before the program ends, when no new pushes begin, and before you shut down adapters of message channels and
    /// storages. This method neither rejects new pushes nor waits for pushes that are still awaited. Wrap the call in a
    /// `timeout` to limit the time.
    ///
    /// # Cancellation
    /// Nothing is lost if the future is dropped.
    fn shutdown(&self) -> impl Future<Output = ()> + Send {
        let event_store = self.event_store().clone();
        async move { event_store.background().ended().await }
    }

    /// Wraps an event for a group, for [`push_event_group`](super::push_event_group).
    fn group_event(&self, event: NewEvent<S>) -> GroupedEvent<S, Self::Publishing> {
        GroupedEvent::new(self.event_store().clone(), self.__publishers(), event)
    }

    /// Lists the aggregates of the store, by the timestamp of their first event and then by id.
    ///
    /// # Errors
    /// When awaited: [`EventStoreError`](castore_core::event_store::EventStoreError).
    fn list_aggregate_ids(&self) -> ListAggregateIds<S> {
        ListAggregateIds::new(self.event_store().clone())
    }

    /// Reduces `events` to an aggregate, starting from `aggregate`, or from nothing.
    ///
    /// # Errors
    /// The reducer rejects an event.
    fn build_aggregate<'a>(
        &self,
        events: impl IntoIterator<Item = &'a EventDetail<S>>,
        aggregate: Option<Aggregate<S>>,
    ) -> Result<Option<Aggregate<S>>, ReduceError> {
        fold(aggregate, events)
    }

    /// Simulates the aggregate that would result from these events, whatever their versions. See [`SimulateAggregate`].
    fn simulate_aggregate(&self, events: impl IntoIterator<Item = EventDetail<S>>) -> SimulateAggregate<S> {
        SimulateAggregate::new(events.into_iter().collect())
    }

    /// Returns a store that publishes all events pushed through it on `message_channel`. This store is unchanged.
    /// Connecting a connected store publishes on both channels, in the order of their connection.
    ///
    /// Does not compile if the channel does not carry messages of the store, or if its messages contain no events.
    fn connect<C>(&self, message_channel: C) -> ConnectedEventStore<S, C::Channel>
    where
        C: ConnectsTo<S, Channel: CarriesEvents>,
    {
        ConnectedEventStore::new(self.clone(), message_channel)
    }

    /// Returns a store whose events a relay publishes on `message_channel`: a push stores the event, and wakes the
    /// relays of the channel that run in this process. A stored event is published eventually, even if this process
    /// ends before the relay publishes it.
    ///
    /// The events of a store must have a single publisher on a channel. While a relay publishes the events of a store
    /// on a channel, and a store of the same type is connected to that channel with [`connect`](Self::connect) in the
    /// same process, pushes through the latter are rejected with
    /// [`TwoPublishers`](super::PushEventError::TwoPublishers).
    ///
    /// Does not compile if the channel does not carry messages of the store, or if its messages contain no events.
    fn connect_via_relay<C>(
        &self,
        message_channel: C,
    ) -> ConnectedEventStore<S, C::Channel, <Self::Publishing as Publishing>::AndByRelay>
    where
        C: ConnectsTo<S, Channel: CarriesEvents>,
    {
        ConnectedEventStore::via_relay(self.clone(), message_channel)
    }
}
