use std::fmt;
use std::sync::Arc;

use castore_core::event_sourced::EventSourced;

use super::after_push::Publishers;
use super::{DecidedAtRunTime, EventStore, Store};

/// An event store whose connections to message channels are decided at run time.
///
/// [`Store`] is not dyn-compatible. Use this type where a program must choose between stores, or keep different stores
/// in one field:
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/../castore/src/guide/domain.rs"));
/// # fn main() {
/// # let (app_bus, publishes) = (AppBus::new(), true);
/// let pokemons = EventStore::<Pokemon>::new(InMemoryEventStorageAdapter::new());
/// let pokemons = if publishes {
///     AnyEventStore::new(pokemons.connect(app_bus))
/// } else {
///     AnyEventStore::new(pokemons)
/// };
/// # let _ = pokemons;
/// # }
/// ```
///
/// Events cannot be pushed in a transaction through this type, because the type does not show whether a push publishes
/// the events before the commit. See [`TransactionalStore`](super::TransactionalStore).
#[must_use = "an event store does nothing by itself"]
pub struct AnyEventStore<S: EventSourced> {
    event_store: EventStore<S>,
    publishers: Publishers<S>,
}

impl<S: EventSourced> AnyEventStore<S> {
    /// Wraps an event store together with its connections to message channels.
    pub fn new(store: impl Store<S>) -> Self {
        Self { event_store: store.event_store().clone(), publishers: store.__publishers() }
    }
}

impl<S: EventSourced> Store<S> for AnyEventStore<S> {
    type Publishing = DecidedAtRunTime;

    fn event_store(&self) -> &EventStore<S> {
        &self.event_store
    }

    fn __publishers(&self) -> Publishers<S> {
        self.publishers.clone()
    }
}

impl<S: EventSourced> Clone for AnyEventStore<S> {
    fn clone(&self) -> Self {
        Self { event_store: self.event_store.clone(), publishers: self.publishers.clone() }
    }
}

impl<S: EventSourced> fmt::Debug for AnyEventStore<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("AnyEventStore").field("event_store", &self.event_store).finish_non_exhaustive()
    }
}

/// Event stores are cheap to clone, but code may also keep an event store in an `Arc`.
impl<S: EventSourced, T: Store<S>> Store<S> for Arc<T> {
    type Publishing = T::Publishing;

    fn event_store(&self) -> &EventStore<S> {
        T::event_store(self)
    }

    fn __publishers(&self) -> Publishers<S> {
        T::__publishers(self)
    }
}
