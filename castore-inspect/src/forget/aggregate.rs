use std::sync::Arc;

use castore_core::snapshot::SnapshotAdapter;
use castore_core::storage::{EventStorageAdapter, GetEventsOptions, RawEvent};
use castore_core::wiring::StoreEntry;

use super::{ForgetError, ForgetOptions, ForgetReport};

/// The aggregate to forget, and the storages that contain its data.
pub(crate) struct Aggregate<'a> {
    pub(crate) storage: &'a Arc<dyn EventStorageAdapter>,
    pub(crate) snapshots: &'a [Arc<dyn SnapshotAdapter>],
    pub(crate) store: &'a StoreEntry,
    /// The id as it is stored.
    pub(crate) id: &'a str,
    /// The id as the caller wrote it. It may differ from the stored id: a UUID column accepts several spellings.
    pub(crate) given_id: &'a str,
}

impl Aggregate<'_> {
    /// Returns the id of an aggregate as it is stored, or `given_id` if the aggregate has no events. The states of relays
    /// and read models, and most snapshots and dead letters, contain the stored id.
    ///
    /// # Errors
    /// [`ForgetError::Read`].
    pub(crate) async fn stored_id(
        storage: &dyn EventStorageAdapter,
        event_store_id: &str,
        given_id: &str,
    ) -> Result<String, ForgetError> {
        let first = storage.get_events(event_store_id, given_id, GetEventsOptions::new().limit(1)).await;
        let first = first.map_err(|source| ForgetError::Read {
            event_store_id: event_store_id.to_owned(),
            aggregate_id: given_id.to_owned(),
            source: Box::new(source),
        })?;
        Ok(first.into_iter().next().map_or_else(|| given_id.to_owned(), |event| event.aggregate_id))
    }

    /// Returns the ids of the event store and of the aggregate, for errors and reports.
    pub(super) fn ids(&self) -> (String, String) {
        (self.store.id().to_owned(), self.id.to_owned())
    }

    /// Returns all events of the aggregate.
    ///
    /// # Errors
    /// [`ForgetError::Read`] or [`ForgetError::UnknownAggregate`].
    pub(super) async fn events(&self) -> Result<Vec<RawEvent>, ForgetError> {
        let (event_store_id, aggregate_id) = self.ids();
        match self.storage.get_events(self.store.id(), self.id, GetEventsOptions::new()).await {
            Ok(events) if events.is_empty() => Err(ForgetError::UnknownAggregate { event_store_id, aggregate_id }),
            Ok(events) => Ok(events),
            Err(source) => Err(ForgetError::Read { event_store_id, aggregate_id, source: Box::new(source) }),
        }
    }

    /// Deletes the snapshots of the aggregate from all storages. Must be called after the events were changed.
    /// Otherwise, an event store could take a snapshot of the old events in the meantime.
    ///
    /// # Errors
    /// [`ForgetError::Snapshots`].
    pub(super) async fn delete_snapshots(&self) -> Result<(), ForgetError> {
        // An event store that was called with another spelling of the id has stored its snapshots with this spelling.
        let other = Some(self.given_id).filter(|given| *given != self.id);
        for snapshots in self.snapshots {
            for id in [self.id].into_iter().chain(other) {
                snapshots.delete_snapshots(self.store.id(), id).await.map_err(|source| {
                    let (event_store_id, aggregate_id) = self.ids();
                    ForgetError::Snapshots { event_store_id, aggregate_id, source: Box::new(source) }
                })?;
            }
        }
        Ok(())
    }

    /// Returns the report about an aggregate with this number of events, of which none is changed.
    pub(super) fn report(&self, events: usize, options: ForgetOptions) -> ForgetReport {
        let (event_store_id, aggregate_id) = self.ids();
        ForgetReport {
            event_store_id,
            aggregate_id,
            dry_run: options.dry_run,
            events: events as u64,
            rewritten: 0,
            deleted: 0,
            snapshot_storages: self.snapshots.len() as u64,
            remaining: Vec::new(),
        }
    }
}
