use std::sync::Arc;

use castore_core::snapshot::SnapshotAdapter;
use castore_core::storage::{EventStorageAdapter, GetEventsOptions, GroupedRawEvent, PushOptions, RawEvent};
use castore_core::wiring::StoreEntry;

use super::{ForgetError, ForgetOptions, ForgetReport, Rule};

/// The number of events that are rewritten in one transaction. DynamoDB allows 100 items in a transaction, and an event
/// may need two items.
const GROUP: usize = 40;

/// Rewrites the events of an aggregate, and deletes the snapshots of the aggregate. In the returned report, the list
/// `remaining` is empty.
///
/// # Errors
/// All variants of [`ForgetError`] except [`NoStorage`](ForgetError::NoStorage),
/// [`UnknownStore`](ForgetError::UnknownStore) and [`NoRule`](ForgetError::NoRule).
pub(crate) async fn rewrite(
    storage: &Arc<dyn EventStorageAdapter>,
    snapshots: &[Arc<dyn SnapshotAdapter>],
    store: &StoreEntry,
    rule: &Rule,
    aggregate_id: &str,
    options: ForgetOptions,
) -> Result<ForgetReport, ForgetError> {
    let ids = || (store.id().to_owned(), aggregate_id.to_owned());
    let mut events = storage.get_events(store.id(), aggregate_id, GetEventsOptions::new()).await.map_err(|source| {
        let (event_store_id, aggregate_id) = ids();
        ForgetError::Read { event_store_id, aggregate_id, source: Box::new(source) }
    })?;
    if events.is_empty() {
        let (event_store_id, aggregate_id) = ids();
        return Err(ForgetError::UnknownAggregate { event_store_id, aggregate_id });
    }
    let mut changed = Vec::new();
    for event in &mut events {
        if let Some(now) = rule.apply(event)? {
            changed.push(now.clone());
            *event = now;
        }
    }
    store.check_events(&events).map_err(|source| {
        let (event_store_id, aggregate_id) = ids();
        ForgetError::Unloadable { event_store_id, aggregate_id, source: Box::new(source) }
    })?;
    let (event_store_id, aggregate_id) = ids();
    let report = ForgetReport {
        event_store_id,
        aggregate_id,
        dry_run: options.dry_run,
        events: events.len() as u64,
        rewritten: changed.len() as u64,
        snapshot_storages: snapshots.len() as u64,
        remaining: Vec::new(),
    };
    if options.dry_run {
        return Ok(report);
    }
    store_again(storage, store, &report, changed).await?;
    // The snapshots are deleted only after the events are rewritten. Otherwise, an event store could take a snapshot of
    // the old events in the meantime.
    for snapshots in snapshots {
        snapshots.delete_snapshots(store.id(), &report.aggregate_id).await.map_err(|source| {
            let (event_store_id, aggregate_id) = ids_of(&report);
            ForgetError::Snapshots { event_store_id, aggregate_id, source: Box::new(source) }
        })?;
    }
    Ok(report)
}

async fn store_again(
    storage: &Arc<dyn EventStorageAdapter>,
    store: &StoreEntry,
    report: &ForgetReport,
    changed: Vec<RawEvent>,
) -> Result<(), ForgetError> {
    let mut rewritten = 0;
    for events in changed.chunks(GROUP) {
        let group = events.iter().map(|event| GroupedRawEvent::new(Arc::clone(storage), store.id(), event.clone()));
        storage.push_event_group(group.collect(), PushOptions::new().force(true)).await.map_err(|source| {
            let ((event_store_id, aggregate_id), total) = (ids_of(report), report.rewritten);
            ForgetError::Rewrite { event_store_id, aggregate_id, rewritten, total, source: Box::new(source) }
        })?;
        rewritten += events.len() as u64;
    }
    Ok(())
}

fn ids_of(report: &ForgetReport) -> (String, String) {
    (report.event_store_id.clone(), report.aggregate_id.clone())
}
