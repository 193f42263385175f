use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use castore_core::event_sourced::{EventSourced, GivenMetadata};

use super::after_push::Publishers;
use super::metadata::{AcceptsEvent, MetadataSource};
use super::{AsDeclared, DecidedAtRunTime, EventStore, Store};

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
///
/// The type parameter `A` states whether the store gives metadata to new events: see [`Store::Metadata`].
#[must_use = "an event store does nothing by itself"]
pub struct AnyEventStore<S: EventSourced, A = AsDeclared> {
    event_store: EventStore<S>,
    publishers: Publishers<S>,
    metadata: Option<MetadataSource<S>>,
    gives: PhantomData<fn() -> A>,
}

impl<S: EventSourced, A> AnyEventStore<S, A> {
    /// Wraps an event store together with its connections to message channels and the metadata that it gives to events.
    pub fn new(store: impl Store<S, Metadata = A>) -> Self {
        Self {
            event_store: store.event_store().clone(),
            publishers: store.__publishers(),
            metadata: store.__metadata().cloned(),
            gives: PhantomData,
        }
    }
}

impl<S: EventSourced, A: AcceptsEvent<S, GivenMetadata<S>> + 'static> Store<S> for AnyEventStore<S, A> {
    type Publishing = DecidedAtRunTime;
    type Metadata = A;

    fn event_store(&self) -> &EventStore<S> {
        &self.event_store
    }

    fn __publishers(&self) -> Publishers<S> {
        self.publishers.clone()
    }

    fn __metadata(&self) -> Option<&MetadataSource<S>> {
        self.metadata.as_ref()
    }
}

impl<S: EventSourced, A> Clone for AnyEventStore<S, A> {
    fn clone(&self) -> Self {
        Self {
            event_store: self.event_store.clone(),
            publishers: self.publishers.clone(),
            metadata: self.metadata.clone(),
            gives: PhantomData,
        }
    }
}

impl<S: EventSourced, A> fmt::Debug for AnyEventStore<S, A> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("AnyEventStore").field("event_store", &self.event_store).finish_non_exhaustive()
    }
}

/// Event stores are cheap to clone, but code may also keep an event store in an `Arc`.
impl<S: EventSourced, T: Store<S>> Store<S> for Arc<T> {
    type Publishing = T::Publishing;
    type Metadata = T::Metadata;

    fn event_store(&self) -> &EventStore<S> {
        T::event_store(self)
    }

    fn __publishers(&self) -> Publishers<S> {
        T::__publishers(self)
    }

    fn __metadata(&self) -> Option<&MetadataSource<S>> {
        T::__metadata(self)
    }
}
