//! Reads in a transaction of the caller.

use std::borrow::Cow;
use std::fmt;
use std::future::IntoFuture;

use castore_core::aggregate::{Aggregate, Fold};
use castore_core::event::EventDetail;
use castore_core::event_sourced::EventSourced;
use castore_core::event_store::EventStoreError;
use castore_core::future::BoxFuture;
use castore_core::storage::{BlockingReadTransaction, GetEventsOptions, ReadTransaction};
use tracing::Instrument;

use super::LoadedAggregate;
use super::request::WithEvents;
use super::visit::{decoding, read_span};
use crate::event_store::EventStore;

/// A value that collects the events of an aggregate as they are read, and is then converted to the result of the read.
pub(super) trait Collect<S: EventSourced>: Default + Send + 'static {
    type Output;

    fn add(&mut self, event: Cow<'_, EventDetail<S>>) -> Result<(), EventStoreError>;

    fn finish(self) -> Self::Output;
}

impl<S: EventSourced> Collect<S> for Vec<EventDetail<S>> {
    type Output = Self;

    fn add(&mut self, event: Cow<'_, EventDetail<S>>) -> Result<(), EventStoreError> {
        self.push(event.into_owned());
        Ok(())
    }

    fn finish(self) -> Self {
        self
    }
}

impl<S: EventSourced> Collect<S> for Fold<S> {
    type Output = Option<Aggregate<S>>;

    fn add(&mut self, event: Cow<'_, EventDetail<S>>) -> Result<(), EventStoreError> {
        Ok(Fold::add(self, &event)?)
    }

    fn finish(self) -> Option<Aggregate<S>> {
        self.into_aggregate()
    }
}

impl<S: EventSourced> Collect<S> for WithEvents<S> {
    type Output = LoadedAggregate<S>;

    fn add(&mut self, event: Cow<'_, EventDetail<S>>) -> Result<(), EventStoreError> {
        self.0.add(&event)?;
        self.1.push(event.into_owned());
        Ok(())
    }

    fn finish(self) -> LoadedAggregate<S> {
        let (fold, events) = self;
        LoadedAggregate { aggregate: fold.into_aggregate(), last_event: events.last().cloned(), events }
    }
}

/// A read of the events of one aggregate.
pub(super) struct Read<S: EventSourced> {
    pub(super) event_store: EventStore<S>,
    pub(super) aggregate_id: S::AggregateId,
    pub(super) options: GetEventsOptions,
}

impl<S: EventSourced> Read<S> {
    /// Reads in a transaction of the caller. `then` converts the result.
    pub(super) fn within<'t, T, K, C, O>(
        self,
        transaction: &'t mut T,
        then: impl FnOnce(C::Output) -> Result<O, EventStoreError> + Send + 't,
    ) -> ReadWithin<'t, O>
    where
        T: ReadTransaction<K>,
        K: 'static,
        C: Collect<S>,
    {
        ReadWithin(Box::pin(async move {
            let settings = self.event_store.settings();
            let adapter = settings.adapter()?;
            let id = self.aggregate_id.to_string();
            let (visitor, accumulated) = decoding::<S, C>(C::default(), C::add);
            let read = transaction.visit_in_transaction(&**adapter, S::EVENT_STORE_ID, &id, self.options, visitor);
            let read = read.instrument(read_span::<S>(&id)).await;
            then(accumulated.of::<S>(read, id).await?.finish())
        }))
    }

    /// Reads in a transaction of a driver that blocks.
    pub(super) fn within_blocking<T, K, C>(self, transaction: &T) -> Result<C::Output, EventStoreError>
    where
        T: BlockingReadTransaction<K>,
        C: Collect<S>,
    {
        let settings = self.event_store.settings();
        let adapter = settings.adapter()?;
        let id = self.aggregate_id.to_string();
        let (visitor, accumulated) = decoding::<S, C>(C::default(), C::add);
        let read = read_span::<S>(&id)
            .in_scope(|| transaction.visit_in_transaction(&**adapter, S::EVENT_STORE_ID, &id, self.options, visitor));
        Ok(accumulated.now::<S>(read, id)?.finish())
    }
}

/// A request that, when awaited, reads events in a transaction of the caller, and returns an `O`. See
/// [`GetAggregate::within`](super::GetAggregate::within) and [`GetEvents::within`](super::GetEvents::within).
#[must_use = "nothing is read before this is awaited"]
pub struct ReadWithin<'t, O>(BoxFuture<'t, Result<O, EventStoreError>>);

impl<'t, O> IntoFuture for ReadWithin<'t, O> {
    type Output = Result<O, EventStoreError>;
    type IntoFuture = BoxFuture<'t, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        self.0
    }
}

impl<O> fmt::Debug for ReadWithin<'_, O> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ReadWithin").finish_non_exhaustive()
    }
}
