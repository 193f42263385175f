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
    pub(crate) id: &'a str,
}

impl Aggregate<'_> {
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
        for snapshots in self.snapshots {
            snapshots.delete_snapshots(self.store.id(), self.id).await.map_err(|source| {
                let (event_store_id, aggregate_id) = self.ids();
                ForgetError::Snapshots { event_store_id, aggregate_id, source: Box::new(source) }
            })?;
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
