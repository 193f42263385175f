use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use castore_core::aggregate::Aggregate;
use castore_core::event_sourced::EventSourced;
use castore_core::metrics::Meter;
use castore_core::metrics::instruments::{EVENT_STORE_ID, SNAPSHOT_HITS, SNAPSHOT_MISSES};

use super::{KeepsSnapshots, SnapshotsOf};

/// Options for the snapshots of an event store, which specify where snapshots are stored, when they are taken, and how
/// many are kept. Pass the options to [`EventStore::with_snapshots`](crate::event_store::EventStore::with_snapshots).
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
/// Snapshots are taken when aggregates are loaded, never when events are pushed, because the previous aggregate that
/// a caller passes to a push is not trusted.
pub struct Snapshots<S: EventSourced> {
    pub(crate) place: Arc<dyn KeepsSnapshots<S>>,
    when: When<S>,
    pub(crate) keep: usize,
    /// Whether to use snapshots even if the event storage has no rewrite counts.
    without_rewrites: bool,
    /// Whether the warning about ignored snapshots was already logged. It is logged only once.
    warned: Arc<AtomicBool>,
    meter: Option<Arc<dyn Meter>>,
}

enum When<S: EventSourced> {
    Every(u64),
    Predicate(Arc<Predicate<S>>),
}

type Predicate<S> = dyn Fn(&Aggregate<S>, u64) -> bool + Send + Sync;

impl<S: EventSourced> Snapshots<S> {
    /// Creates options for snapshots in memory or in a storage. By default, in a storage, a load takes a snapshot when
    /// it reaches or passes a version that is a multiple of 100, and only the latest snapshot is kept. In memory, each
    /// load that reads new events takes a snapshot, which replaces the previous one.
    pub fn new<A: SnapshotsOf<S>>(adapter: A) -> Self {
        Self {
            place: adapter.__keep(),
            when: When::Every(A::EVERY),
            keep: 1,
            without_rewrites: false,
            warned: Arc::default(),
            meter: None,
        }
    }

    /// Sets the number of events between snapshots: a load takes a snapshot when it reaches or passes a version that is
    /// a multiple of this number. 0 counts as 1. Defaults to 100 in a storage, and to 1 in memory.
    #[must_use]
    pub fn every(self, events: u64) -> Self {
        Self { when: When::Every(events.max(1)), ..self }
    }

    /// Sets the predicate that decides whether a load takes a snapshot. The arguments of the predicate are the loaded
    /// aggregate and the version at which the load started: the version of an earlier snapshot, or 0. The predicate is
    /// called only if the load read events after that version. There is one exception: if the load started from a
    /// snapshot in a snapshot store that is queried after this one, the predicate is always called, with the version 0.
    /// The predicate is never called for a load with a maximum version, because such a load takes no snapshots.
    #[must_use]
    pub fn when(self, predicate: impl Fn(&Aggregate<S>, u64) -> bool + Send + Sync + 'static) -> Self {
        Self { when: When::Predicate(Arc::new(predicate)), ..self }
    }

    /// Sets the number of snapshots of each aggregate that are kept in a storage. 0 counts as 1. Older snapshots speed
    /// up loads of earlier versions. In memory, only one snapshot is kept. Defaults to 1.
    #[must_use]
    pub fn keep(self, snapshots: usize) -> Self {
        Self { keep: snapshots.max(1), ..self }
    }

    /// Allows snapshots even if the event storage does not count rewrites of stored events. Such storages are DynamoDB
    /// without its table of rewrites, Postgres without its trigger, and third-party adapters without rewrite counts. By
    /// default, snapshots are ignored in this case, with a warning.
    ///
    /// A forced push on this store removes the snapshots of the aggregate. However, a concurrent load may then store
    /// the old state again, and rewrites by other programs or in a transaction of the caller are not detected. Use this
    /// option only for stores without forced pushes.
    #[must_use]
    pub fn allow_without_rewrite_counts(self) -> Self {
        Self { without_rewrites: true, ..self }
    }

    /// Counts the searches for snapshots: `castore.snapshot.hits` and `castore.snapshot.misses`. Defaults to no meter.
    ///
    /// A load searches for one snapshot. It is a hit if the load started from this snapshot. If an event store has
    /// several snapshot stores, a load searches them in order until it finds a snapshot, and each of them counts its
    /// own searches. Searches in storages whose snapshots are ignored are not counted.
    #[must_use]
    pub fn metered(self, meter: Arc<dyn Meter>) -> Self {
        Self { meter: Some(meter), ..self }
    }

    pub(crate) fn count_search(&self, is_hit: bool) {
        if let Some(meter) = &self.meter {
            let instrument = if is_hit { &SNAPSHOT_HITS } else { &SNAPSHOT_MISSES };
            meter.count(instrument, 1, &[(EVENT_STORE_ID, S::EVENT_STORE_ID)]);
        }
    }

    /// Returns whether snapshots are used even if the storage does not count how often events were rewritten. If
    /// snapshots are not used for this reason, the first call logs a warning.
    pub(crate) fn is_used_without_rewrites(&self) -> bool {
        if !self.without_rewrites && !self.warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                event_store = S::EVENT_STORE_ID,
                "snapshots are not used, because the storage does not count rewrites"
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
        Self { place: self.place.clone(), when, keep, without_rewrites, warned, meter: self.meter.clone() }
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
