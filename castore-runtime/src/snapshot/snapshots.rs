use std::fmt;
use std::sync::Arc;

use super::{KeepsSnapshots, SnapshotsOf};
use crate::{Aggregate, EventSourced};

/// Where the snapshots of an event store are kept, when one is taken, and how many stay: for
/// [`EventStore::with_snapshots`](crate::EventStore::with_snapshots).
///
/// ```
/// # use castore::prelude::*;
/// # use castore::snapshot::{InMemorySnapshotAdapter, Snapshots};
/// # #[derive(Clone, Event)] enum PokemonEvent { Appeared }
/// # #[derive(Clone)] #[event_store(id = "POKEMONS", event = PokemonEvent)] struct Pokemon;
/// # impl Reducer for Pokemon {
/// #     fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> { Ok(Pokemon) }
/// # }
/// let pokemons = EventStore::<Pokemon>::new(InMemoryEventStorageAdapter::new())
///     .with_snapshots(Snapshots::new(InMemorySnapshotAdapter::with_capacity(10_000)));
/// ```
///
/// Snapshots are taken when aggregates are loaded, never when events are pushed: what a caller says the previous
/// aggregate was is not taken on trust.
pub struct Snapshots<S: EventSourced> {
    pub(crate) place: Arc<dyn KeepsSnapshots<S>>,
    when: When<S>,
    pub(crate) keep: usize,
}

enum When<S: EventSourced> {
    Every(u64),
    Predicate(Arc<Predicate<S>>),
}

type Predicate<S> = dyn Fn(&Aggregate<S>, u64) -> bool + Send + Sync;

impl<S: EventSourced> Snapshots<S> {
    /// Snapshots in memory or in a storage. In a storage one is taken every 100 events, and the last one stays; in
    /// memory the last state is always kept.
    pub fn new<A: SnapshotsOf<S>>(adapter: A) -> Self {
        Self { place: adapter.__keep(), when: When::Every(A::EVERY), keep: 1 }
    }

    /// Takes a snapshot when a load passes a multiple of that many events. 0 is as 1.
    #[must_use]
    pub fn every(self, events: u64) -> Self {
        Self { when: When::Every(events.max(1)), ..self }
    }

    /// Takes a snapshot when `predicate` says so, of an aggregate that was just loaded and the version that its load
    /// started from: that of an earlier snapshot, or 0. It is asked only if there were events after that.
    #[must_use]
    pub fn when(self, predicate: impl Fn(&Aggregate<S>, u64) -> bool + Send + Sync + 'static) -> Self {
        Self { when: When::Predicate(Arc::new(predicate)), ..self }
    }

    /// How many snapshots of an aggregate stay in the storage, the latest ones. 0 is as 1. Older ones serve loads of
    /// earlier versions. In memory it is always one.
    #[must_use]
    pub fn keep(self, snapshots: usize) -> Self {
        Self { keep: snapshots.max(1), ..self }
    }

    pub(crate) fn is_due(&self, aggregate: &Aggregate<S>, from_version: u64) -> bool {
        match &self.when {
            When::Every(events) => aggregate.version / events > from_version / events,
            When::Predicate(predicate) => predicate(aggregate, from_version),
        }
    }
}

impl<S: EventSourced> Clone for Snapshots<S> {
    fn clone(&self) -> Self {
        let when = match &self.when {
            When::Every(events) => When::Every(*events),
            When::Predicate(predicate) => When::Predicate(predicate.clone()),
        };
        Self { place: self.place.clone(), when, keep: self.keep }
    }
}

impl<S: EventSourced> fmt::Debug for Snapshots<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("Snapshots");
        if let When::Every(events) = &self.when {
            debug.field("every", events);
        }
        debug.field("keep", &self.keep).finish_non_exhaustive()
    }
}
