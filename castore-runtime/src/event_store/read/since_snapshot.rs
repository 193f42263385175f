use super::visit::visit_decoded;
use crate::aggregate::Fold;
use crate::event_store::{EventStore, EventStoreError};
use crate::snapshot::{Held, Whose};
use crate::storage::GetEventsOptions;
use crate::{Aggregate, EventDetail, EventSourced};

/// An aggregate that was loaded from a snapshot on.
pub(super) struct Loaded<S: EventSourced> {
    pub(super) aggregate: Option<Aggregate<S>>,
    /// 0 if there was no snapshot.
    pub(super) from_version: u64,
    /// Empty unless they are asked for.
    pub(super) events: Vec<EventDetail<S>>,
}

/// Loads an aggregate from its latest snapshot that still holds, and takes snapshots that are due.
///
/// A snapshot holds if no event of the aggregate was rewritten since before its events were read, and if the event of
/// its version is there: a storage that was restored from an earlier moment has snapshots from its future.
pub(super) async fn load<S: EventSourced>(
    event_store: &EventStore<S>,
    aggregate_id: &S::AggregateId,
    max_version: Option<u64>,
    with_events: bool,
) -> Result<Loaded<S>, EventStoreError> {
    let settings = event_store.settings();
    let layers = settings.snapshots();
    if layers.is_empty() {
        let read = Read { event_store, aggregate_id, max_version, with_events };
        return read.after(None).await.map(|(loaded, _)| loaded);
    }
    let id = aggregate_id.to_string();
    let adapter = settings.adapter()?;
    let storage_id = adapter.storage_id();
    let whose = Whose { storage_id: &storage_id, aggregate_id, id: &id };
    // Before the events: a rewrite between the two makes the snapshot that is taken here one that does not hold.
    let rewrites = adapter.rewrites(S::EVENT_STORE_ID, &id).await.map_err(|error| EventStoreError::Storage {
        event_store_id: S::EVENT_STORE_ID,
        aggregate_id: Some(id.clone()),
        source: Box::new(error),
    })?;
    let rewrites = rewrites.unwrap_or(0);
    let mut snapshot = None;
    for layer in layers {
        let held = layer.place.latest(&whose, max_version).await;
        if let Some(Held { aggregate, .. }) = held.filter(|held| held.rewrites == rewrites) {
            snapshot = Some(aggregate);
            break;
        }
    }
    let read = Read { event_store, aggregate_id, max_version, with_events };
    let (loaded, holds) = read.after(snapshot).await?;
    let loaded = if holds {
        loaded
    } else {
        for layer in layers {
            layer.place.forget(&whose).await;
        }
        read.after(None).await?.0
    };
    // A load of an earlier version says nothing of the present.
    if let (Some(aggregate), None) = (&loaded.aggregate, max_version)
        && aggregate.version > loaded.from_version
    {
        for layer in layers.iter().filter(|layer| layer.is_due(aggregate, loaded.from_version)) {
            layer.place.put(&whose, aggregate, rewrites, layer.keep).await;
        }
    }
    Ok(loaded)
}

struct Read<'a, S: EventSourced> {
    event_store: &'a EventStore<S>,
    aggregate_id: &'a S::AggregateId,
    max_version: Option<u64>,
    with_events: bool,
}

/// What a load has come to.
struct Progress<S: EventSourced> {
    fold: Fold<S>,
    events: Vec<EventDetail<S>>,
    /// Whether the event of the snapshot's version is there.
    holds: bool,
}

impl<S: EventSourced> Read<'_, S> {
    /// Reads on from a snapshot, and answers whether it holds.
    async fn after(&self, snapshot: Option<Aggregate<S>>) -> Result<(Loaded<S>, bool), EventStoreError> {
        let from_version = snapshot.as_ref().map_or(0, |snapshot| snapshot.version);
        let options = GetEventsOptions {
            // With the event of the snapshot itself, which shows that it is there.
            min_version: snapshot.as_ref().map(|snapshot| snapshot.version),
            max_version: self.max_version,
            ..GetEventsOptions::default()
        };
        let holds = snapshot.is_none();
        let fold = snapshot.map_or_else(Fold::default, Fold::from_aggregate);
        let start = Progress { fold, events: Vec::new(), holds };
        let with_events = self.with_events;
        let read = visit_decoded(
            self.event_store,
            self.aggregate_id,
            options,
            start,
            move |progress: &mut Progress<S>, event| {
                if event.version == from_version {
                    progress.holds = true;
                    return Ok(());
                }
                progress.fold.add(&event)?;
                if with_events {
                    progress.events.push(event.into_owned());
                }
                Ok(())
            },
        );
        let Progress { fold, events, holds } = read.await?;
        Ok((Loaded { aggregate: fold.into_aggregate(), from_version, events }, holds))
    }
}
