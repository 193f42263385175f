use castore_core::aggregate::{Aggregate, Fold};
use castore_core::event::EventDetail;
use castore_core::event_sourced::EventSourced;
use castore_core::event_store::EventStoreError;
use castore_core::storage::{EventStorageAdapter, GetEventsOptions, StorageError};
use castore_core::time::Timestamp;

use super::visit::visit_decoded;
use crate::event_store::EventStore;
use crate::event_store::unconnected::Settings;
use crate::snapshot::{SnapshotOwner, StoredSnapshot};

/// An aggregate that was loaded, from a snapshot if there was a valid one.
pub(super) struct Loaded<S: EventSourced> {
    pub(super) aggregate: Option<Aggregate<S>>,
    /// The version of the snapshot, or 0 if there was no snapshot.
    pub(super) from_version: u64,
    /// The events after the snapshot. Empty if the caller did not request these events.
    pub(super) events: Vec<EventDetail<S>>,
    /// The timestamp of the last event.
    last_event: Option<Timestamp>,
}

/// Loads an aggregate, from its latest valid snapshot if there is one, and takes the snapshots that are due.
///
/// A snapshot is valid if the last event of its state still exists, with the same timestamp, and if the rewrite count
/// of the aggregate has not changed since the snapshot was taken. The event may be missing in a storage that was
/// restored to an earlier state.
pub(super) async fn load<S: EventSourced>(
    event_store: &EventStore<S>,
    aggregate_id: &S::AggregateId,
    max_version: Option<u64>,
    with_events: bool,
) -> Result<Loaded<S>, EventStoreError> {
    let settings = event_store.settings();
    let read = Read { event_store, aggregate_id, max_version, with_events };
    if settings.snapshots().is_empty() {
        return read.after(None).await.map(|(loaded, _)| loaded);
    }
    let adapter = settings.adapter()?;
    let (id, storage_id) = (aggregate_id.to_string(), adapter.storage_id());
    let owner = SnapshotOwner { storage_id: &storage_id, table: adapter.namespace(), aggregate_id, id: &id };
    WithSnapshots { settings: &settings, adapter: &**adapter, owner, read }.load().await
}

struct WithSnapshots<'a, S: EventSourced> {
    settings: &'a Settings<S>,
    adapter: &'a dyn EventStorageAdapter,
    owner: SnapshotOwner<'a, S>,
    read: Read<'a, S>,
}

impl<S: EventSourced> WithSnapshots<'_, S> {
    async fn load(&self) -> Result<Loaded<S>, EventStoreError> {
        // The rewrite count is read before the events: a rewrite between the two reads then invalidates the snapshot
        // that is taken here.
        let counted = self.rewrite_count().await?;
        let rewrites = counted.unwrap_or(0);
        let found = match counted {
            None if !self.settings.snapshots().iter().any(|layer| layer.is_used_without_rewrites()) => {
                return self.load_all(counted).await;
            }
            _ => self.latest(rewrites).await,
        };
        let (hit, snapshot) = found.unzip();
        let (loaded, holds) = self.read.after(snapshot).await?;
        if !holds {
            self.count_searches(hit, false);
            self.forget().await;
            return self.load_all(counted).await;
        }
        let has_advanced = loaded.aggregate.as_ref().is_some_and(|now| now.version > loaded.from_version);
        // If there are events after the snapshot, an event before the snapshot may have been rewritten between the read
        // of the rewrite count and the read of the events. The result would then mix two states.
        if hit.is_some() && has_advanced && self.rewrite_count().await? != counted {
            self.count_searches(hit, false);
            return self.load_all(counted).await;
        }
        self.count_searches(hit, true);
        self.keep(&loaded, counted, hit).await;
        Ok(loaded)
    }

    /// Counts the searches in the snapshot stores up to the store at index `found`, or in all stores if no snapshot was
    /// found. `is_valid` is whether the load started from the found snapshot.
    fn count_searches(&self, found: Option<usize>, is_valid: bool) {
        let searched = found.map_or(usize::MAX, |found| found + 1);
        for (at, layer) in self.settings.snapshots().iter().enumerate().take(searched) {
            layer.count_search(is_valid && found == Some(at));
        }
    }

    async fn load_all(&self, counted: Option<u64>) -> Result<Loaded<S>, EventStoreError> {
        let (loaded, _) = self.read.after(None).await?;
        self.keep(&loaded, counted, None).await;
        Ok(loaded)
    }

    async fn rewrite_count(&self) -> Result<Option<u64>, EventStoreError> {
        self.adapter.rewrite_count(S::EVENT_STORE_ID, self.owner.id).await.map_err(|error: StorageError| {
            EventStoreError::Storage {
                event_store_id: S::EVENT_STORE_ID,
                aggregate_id: Some(self.owner.id.to_owned()),
                source: Box::new(error),
            }
        })
    }

    /// Returns the first snapshot that is valid according to the rewrite counts, and the index of its snapshot store.
    async fn latest(&self, rewrites: u64) -> Option<(usize, StoredSnapshot<S>)> {
        for (at, layer) in self.settings.snapshots().iter().enumerate() {
            match layer.place.latest(&self.owner, self.read.max_version).await {
                Some(held) if held.rewrites == rewrites => return Some((at, held)),
                // The snapshot is outdated and is deleted: if the aggregate has fewer events now, a snapshot with a
                // higher version would hide newer snapshots with lower versions.
                Some(held) if held.rewrites < rewrites => layer.place.forget(&self.owner).await,
                _ => {}
            }
        }
        None
    }

    async fn forget(&self) {
        for layer in self.settings.snapshots() {
            layer.place.forget(&self.owner).await;
        }
    }

    /// Takes the snapshots that are due. If the load started from a snapshot, the snapshot stores that are queried
    /// before the store of that snapshot have no valid snapshot. For them, the load counts as a load of all events.
    async fn keep(&self, loaded: &Loaded<S>, counted: Option<u64>, hit: Option<usize>) {
        // If the load had a maximum version, its result may not be the current state.
        let (Some(aggregate), Some(last_event), None) = (&loaded.aggregate, loaded.last_event, self.read.max_version)
        else {
            return;
        };
        for (at, layer) in self.settings.snapshots().iter().enumerate() {
            let is_due = if hit.is_some_and(|hit| at < hit) {
                layer.is_due(aggregate, 0)
            } else {
                aggregate.version > loaded.from_version && layer.is_due(aggregate, loaded.from_version)
            };
            let is_used = counted.is_some() || layer.is_used_without_rewrites();
            if is_due && is_used {
                let held = StoredSnapshot { aggregate: aggregate.clone(), last_event, rewrites: counted.unwrap_or(0) };
                layer.place.put(&self.owner, held, layer.keep).await;
            }
        }
    }
}

struct Read<'a, S: EventSourced> {
    event_store: &'a EventStore<S>,
    aggregate_id: &'a S::AggregateId,
    max_version: Option<u64>,
    with_events: bool,
}

/// The state of a load in progress.
struct Progress<S: EventSourced> {
    fold: Fold<S>,
    events: Vec<EventDetail<S>>,
    last_event: Option<Timestamp>,
    /// Whether the last event of the snapshot exists, or there is no snapshot.
    holds: bool,
}

impl<S: EventSourced> Read<'_, S> {
    /// Loads the aggregate, from the given snapshot if there is one. Also returns whether the last event of the
    /// snapshot exists; without a snapshot, this is `true`.
    async fn after(&self, snapshot: Option<StoredSnapshot<S>>) -> Result<(Loaded<S>, bool), EventStoreError> {
        let from = snapshot.as_ref().map(|held| (held.aggregate.version, held.last_event));
        let mut options = GetEventsOptions::default();
        // The read includes the last event of the snapshot, to check that it exists.
        options.min_version = from.map(|(version, _)| version);
        options.max_version = self.max_version;
        let start = Progress {
            fold: snapshot.map_or_else(Fold::default, |held| Fold::from_aggregate(held.aggregate)),
            events: Vec::new(),
            last_event: from.map(|(_, last_event)| last_event),
            holds: from.is_none(),
        };
        let with_events = self.with_events;
        let add = move |progress: &mut Progress<S>, event: std::borrow::Cow<'_, EventDetail<S>>| {
            if let Some((version, last_event)) = from
                && event.version == version
            {
                progress.holds = event.timestamp == last_event;
                return Ok(());
            }
            progress.fold.add(&event)?;
            progress.last_event = Some(event.timestamp);
            if with_events {
                progress.events.push(event.into_owned());
            }
            Ok(())
        };
        let read = visit_decoded(self.event_store, self.aggregate_id, options, start, add);
        let Progress { fold, events, last_event, holds } = read.await?;
        let from_version = from.map_or(0, |(version, _)| version);
        Ok((Loaded { aggregate: fold.into_aggregate(), from_version, events, last_event }, holds))
    }
}
