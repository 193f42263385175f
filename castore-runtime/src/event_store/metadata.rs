//! The metadata that an event store gives to new events, and the check that events have the metadata that they need.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use castore_core::event::NewEvent;
use castore_core::event_sourced::{AcceptsMetadata, EventSourced, MaybeMetadata};

use super::after_push::Publishers;
use super::{EventStore, Publishing, Store, Unpublished};

/// The [metadata](Store::Metadata) of a store that gives no metadata to events: if the event store is declared with
/// `metadata(required) = …`, each new event must have its own metadata.
#[derive(Debug)]
pub enum AsDeclared {}

/// The [metadata](Store::Metadata) of a store that gives metadata to new events: see [`Store::with_metadata`].
#[derive(Debug)]
pub enum GivenByStore {}

/// The parameter of a [`NewEvent`] of event store `S` that can be pushed on a store whose [metadata](Store::Metadata) is
/// `A`: the event has the metadata that it needs.
#[diagnostic::on_unimplemented(
    message = "an event of `{S}` needs metadata, and this one has none",
    label = "has no metadata",
    note = "give metadata to the event: `event.metadata(…)`",
    note = "or push the event on a store that gives metadata to all events: `store.with_metadata(|| …)`",
    note = "in generic code, add one of these bounds: `impl Store<{S}, Metadata = GivenByStore>` if the store gives metadata, or `S: EventSourced<MetadataRule = OptionalMetadata>` if the events need none"
)]
pub trait MetadataFor<S: EventSourced, A> {}

#[diagnostic::do_not_recommend]
impl<S: EventSourced, A: AcceptsEvent<S, M>, M> MetadataFor<S, A> for M {}

/// The metadata of a store on which events of `S` with the parameter `M` can be pushed.
///
/// `M` is a parameter of this trait and the type of [`MetadataFor`], because the compiler must infer `M` from the event
/// before it looks for an implementation.
#[doc(hidden)]
pub trait AcceptsEvent<S: EventSourced, M> {}

#[diagnostic::do_not_recommend]
impl<S: EventSourced<MetadataRule: AcceptsMetadata<M>>, M> AcceptsEvent<S, M> for AsDeclared {}

#[diagnostic::do_not_recommend]
impl<S: EventSourced, M> AcceptsEvent<S, M> for GivenByStore {}

/// A function that returns the metadata for the next new event.
#[doc(hidden)]
pub struct MetadataSource<S: EventSourced>(Arc<dyn Fn() -> S::Metadata + Send + Sync>);

impl<S: EventSourced> MetadataSource<S> {
    pub(super) fn new(source: impl Fn() -> S::Metadata + Send + Sync + 'static) -> Self {
        Self(Arc::new(source))
    }

    /// Prepares an event for a push: gives metadata to an event without metadata, if there is a source. An event
    /// that was stored without metadata and is pushed again still gets none.
    pub(super) fn give<M>(source: Option<&Self>, event: NewEvent<S, M>) -> NewEvent<S> {
        let mut event = event.__with_parameter::<MaybeMetadata>();
        if let Some(Self(source)) = source
            && event.metadata.is_none()
            && !event.__lacked_metadata()
        {
            event.metadata = Some(source());
        }
        event
    }
}

impl<S: EventSourced> Clone for MetadataSource<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// An event store that gives metadata to new events. See [`Store::with_metadata`].
///
/// The type parameter `P` states how the events are published: see [`Publishing`]. The settings are shared with the
/// original store.
#[must_use = "events get the metadata only if they are pushed on the returned store"]
pub struct StoreWithMetadata<S: EventSourced, P = Unpublished> {
    event_store: EventStore<S>,
    publishers: Publishers<S>,
    metadata: MetadataSource<S>,
    publishing: PhantomData<fn() -> P>,
}

impl<S: EventSourced, P: Publishing> StoreWithMetadata<S, P> {
    pub(super) fn new(
        store: &impl Store<S, Publishing = P>,
        source: impl Fn() -> S::Metadata + Send + Sync + 'static,
    ) -> Self {
        Self {
            event_store: store.event_store().clone(),
            publishers: store.__publishers(),
            metadata: MetadataSource::new(source),
            publishing: PhantomData,
        }
    }
}

impl<S: EventSourced, P: Publishing> Store<S> for StoreWithMetadata<S, P> {
    type Publishing = P;
    type Metadata = GivenByStore;

    fn event_store(&self) -> &EventStore<S> {
        &self.event_store
    }

    fn __publishers(&self) -> Publishers<S> {
        self.publishers.clone()
    }

    fn __metadata(&self) -> Option<&MetadataSource<S>> {
        Some(&self.metadata)
    }
}

impl<S: EventSourced, P> Clone for StoreWithMetadata<S, P> {
    fn clone(&self) -> Self {
        Self {
            event_store: self.event_store.clone(),
            publishers: self.publishers.clone(),
            metadata: self.metadata.clone(),
            publishing: PhantomData,
        }
    }
}

impl<S: EventSourced, P> fmt::Debug for StoreWithMetadata<S, P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("StoreWithMetadata").field("event_store", &self.event_store).finish_non_exhaustive()
    }
}
