use std::fmt;
use std::sync::Arc;

use castore_core::channel::{Carries, CarriesEvents};
use castore_core::error::error_chain;
use castore_core::event::EventDetail;
use castore_core::event_sourced::EventSourced;
use castore_runtime::event_store::{
    AsDeclared, EventStore, PublishableOn, PublishableVisitor, Publishers, Store, Unpublished,
};
use castore_runtime::in_memory::InMemoryEventStorageAdapter;

/// An in-memory event store with initial events. [`reset`](Self::reset) restores the initial events of this store, of
/// its clones, and of the connected stores that were created from this store. `reset` does not affect other event
/// stores of the same type.
pub struct MockEventStore<S: EventSourced> {
    event_store: EventStore<S>,
    initial_events: Arc<[EventDetail<S>]>,
}

impl<S: EventSourced> MockEventStore<S> {
    /// Creates a store with these initial events.
    ///
    /// # Panics
    /// If an event cannot be written as JSON, or changes when its JSON is read again.
    #[track_caller]
    pub fn new(initial_events: impl IntoIterator<Item = EventDetail<S>>) -> Self {
        let mock =
            Self { event_store: EventStore::without_adapter(), initial_events: initial_events.into_iter().collect() };
        mock.reset();
        mock
    }

    /// Resets the store to its initial events. The clones of the store, and the connected stores that were created from
    /// it, share its storage and are reset, too.
    #[track_caller]
    pub fn reset(&self) {
        mute_event_store(&self.event_store, self.initial_events.iter().cloned());
    }
}

/// Replaces the storage of an event store with an in-memory storage that contains these events. The clones of the
/// store, and the connected stores that were created from it, also use the new storage.
///
/// # Panics
/// If an event cannot be written as JSON, or changes when its JSON is read again.
#[track_caller]
pub fn mute_event_store<S: EventSourced>(
    store: &impl Store<S>,
    initial_events: impl IntoIterator<Item = EventDetail<S>>,
) {
    match InMemoryEventStorageAdapter::new().with_events(initial_events) {
        Ok(adapter) => store.event_store().set_event_storage_adapter(Some(Arc::new(adapter))),
        Err(error) => panic!("an initial event of {} cannot be stored: {}", S::EVENT_STORE_ID, error_chain(&error)),
    }
}

impl<S: EventSourced> Store<S> for MockEventStore<S> {
    type Publishing = Unpublished;
    type Metadata = AsDeclared;

    fn event_store(&self) -> &EventStore<S> {
        &self.event_store
    }

    fn __publishers(&self) -> Publishers<S> {
        self.event_store.__publishers()
    }
}

impl<S: EventSourced, C: Carries<S> + CarriesEvents> PublishableOn<C> for MockEventStore<S> {
    fn __visit<V: PublishableVisitor<C>>(&self, visitor: V) -> V::Output {
        visitor.visit(&self.event_store)
    }
}

impl<S: EventSourced> Clone for MockEventStore<S> {
    fn clone(&self) -> Self {
        Self { event_store: self.event_store.clone(), initial_events: self.initial_events.clone() }
    }
}

impl<S: EventSourced> fmt::Debug for MockEventStore<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("MockEventStore")
            .field("event_store", &self.event_store)
            .field("initial_events", &self.initial_events.len())
            .finish()
    }
}
