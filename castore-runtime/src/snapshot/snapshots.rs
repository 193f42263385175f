use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use castore_core::aggregate::Aggregate;
use castore_core::event_sourced::EventSourced;

use super::{KeepsSnapshots, SnapshotsOf};

/// Where the snapshots of an event store are kept, when one is taken, and how many stay: for
/// [`EventStore::with_snapshots`](crate::event_store::EventStore::with_snapshots).
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
    /// Whether to use snapshots of a storage that cannot tell rewrites.
    without_rewrites: bool,
    /// Whether it was said that they are passed over: once is enough.
    warned: Arc<AtomicBool>,
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
        Self {
            place: adapter.__keep(),
            when: When::Every(A::EVERY),
            keep: 1,
            without_rewrites: false,
            warned: Arc::default(),
        }
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

    /// Uses snapshots also where the storage cannot tell that old events were rewritten: DynamoDB without a table of
    /// rewrites, Postgres without its trigger, adapters of others that do not say. Otherwise snapshots are passed over
    /// there, with a warning.
    ///
    /// A forced push on this store then removes the snapshots of its aggregate; but a load that runs at the same time
    /// may put the old state back, and what others rewrite is not noticed at all. For stores that force no pushes.
    #[must_use]
    pub fn allow_without_rewrite_counts(self) -> Self {
        Self { without_rewrites: true, ..self }
    }

    /// Whether snapshots are used of a storage that cannot tell rewrites; says so if they are not.
    pub(crate) fn is_used_without_rewrites(&self) -> bool {
        if !self.without_rewrites && !self.warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                event_store = S::EVENT_STORE_ID,
                "snapshots are passed over: the storage cannot tell whether old events were rewritten; see \
                 `Snapshots::allow_without_rewrite_counts`"
            );
        }
        self.without_rewrites
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
        let (keep, without_rewrites, warned) = (self.keep, self.without_rewrites, self.warned.clone());
        Self { place: self.place.clone(), when, keep, without_rewrites, warned }
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
