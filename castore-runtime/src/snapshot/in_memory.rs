use std::any::Any;
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use castore_core::aggregate::Aggregate;
use castore_core::event_sourced::EventSourced;
use castore_core::future::BoxFuture;
use castore_core::storage::StorageId;
use castore_core::time::Timestamp;
use lru::LruCache;

use super::{KeepsSnapshots, SnapshotOwner, StoredSnapshot};

/// A cache of aggregates in the memory of the process, for event stores in any storage.
///
/// States are cloned, not serialized, so any state can be cached. The cache holds the latest snapshot of each
/// aggregate. When the number of aggregates exceeds the capacity, the cache evicts the least recently used aggregate. A
/// load always reads the events after the snapshot, so it includes events that other processes have pushed.
///
/// Clones share their snapshots. One cache may serve many event stores. To keep snapshots in the storage of the events
/// instead, pass the storage adapter to [`Snapshots::new`](super::Snapshots::new).
#[derive(Clone)]
pub struct InMemorySnapshotAdapter {
    cached: Arc<Mutex<LruCache<CacheKey, Cached>>>,
}

/// The key of a cached aggregate: the event store id, the table in the storage, and the aggregate id.
type CacheKey = (&'static str, String, String);

struct Cached {
    /// The storage of the aggregate, because two storages may contain event stores with the same id.
    storage_id: StorageId,
    /// The aggregate, as an `Aggregate<S>`.
    aggregate: Box<dyn Any + Send + Sync>,
    version: u64,
    last_event: Timestamp,
    rewrites: u64,
}

impl InMemorySnapshotAdapter {
    /// Creates a cache for at most the given number of aggregates. 0 counts as 1.
    pub fn with_capacity(aggregates: usize) -> Self {
        let capacity = NonZeroUsize::new(aggregates).unwrap_or(NonZeroUsize::MIN);
        Self { cached: Arc::new(Mutex::new(LruCache::new(capacity))) }
    }

    /// Returns the number of cached aggregates.
    pub fn len(&self) -> usize {
        self.cached().len()
    }

    /// Returns whether no aggregate is cached.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Locks the map. A state's `Clone` runs while the lock is held and may panic, but the map is consistent even then.
    fn cached(&self) -> MutexGuard<'_, LruCache<CacheKey, Cached>> {
        self.cached.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for InMemorySnapshotAdapter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("InMemorySnapshotAdapter").field("aggregates", &self.len()).finish()
    }
}

fn key<S: EventSourced>(owner: &SnapshotOwner<'_, S>) -> CacheKey {
    (S::EVENT_STORE_ID, owner.table.to_owned(), owner.id.to_owned())
}

impl<S: EventSourced> KeepsSnapshots<S> for InMemorySnapshotAdapter {
    fn latest<'a>(
        &'a self,
        owner: &'a SnapshotOwner<'a, S>,
        max_version: Option<u64>,
    ) -> BoxFuture<'a, Option<StoredSnapshot<S>>> {
        let held = {
            let mut cached = self.cached();
            cached
                .get(&key(owner))
                .filter(|cached| cached.storage_id == *owner.storage_id)
                .filter(|cached| max_version.is_none_or(|max| cached.version <= max))
                .and_then(|cached| {
                    let aggregate = cached.aggregate.downcast_ref::<Aggregate<S>>()?.clone();
                    Some(StoredSnapshot { aggregate, last_event: cached.last_event, rewrites: cached.rewrites })
                })
        };
        Box::pin(std::future::ready(held))
    }

    fn put<'a>(&'a self, owner: &'a SnapshotOwner<'a, S>, held: StoredSnapshot<S>, _: usize) -> BoxFuture<'a, ()> {
        let key = key(owner);
        let StoredSnapshot { aggregate, last_event, rewrites } = held;
        let (storage_id, version) = (owner.storage_id.clone(), aggregate.version);
        let new = Cached { storage_id, aggregate: Box::new(aggregate), version, last_event, rewrites };
        let before = {
            let mut cached = self.cached();
            // A slow load must not replace the newer aggregate of a faster load.
            let is_older = cached.peek(&key).is_some_and(|held| {
                held.storage_id == new.storage_id && (held.rewrites, held.version) > (new.rewrites, new.version)
            });
            if is_older { Some(new) } else { cached.push(key, new).map(|(_, before)| before) }
        };
        // Dropping a state runs user code, so it happens after the lock is released.
        drop(before);
        Box::pin(std::future::ready(()))
    }

    fn forget<'a>(&'a self, owner: &'a SnapshotOwner<'a, S>) -> BoxFuture<'a, ()> {
        let before = self.cached().pop(&key(owner));
        drop(before);
        Box::pin(std::future::ready(()))
    }
}
