use castore_core::storage::{AggregateDeletion, Deletion, StorageError};

use super::unpublished::Relays;
use super::{Aggregate, ForgetError, ForgetOptions, ForgetReport};

/// Deletes all events of an aggregate, and its snapshots. In the returned report, the list `remaining` is empty. If the
/// aggregate has no events, the function deletes its snapshots before it returns the error: an earlier call may have
/// deleted only the events.
///
/// The order of the steps ensures that no unpublished event is deleted: an event that is pushed after the relays were
/// checked changes the last version, so nothing is deleted.
///
/// # Errors
/// [`ForgetError::Read`], [`ForgetError::UnknownAggregate`], [`ForgetError::Unpublished`], [`ForgetError::Changed`],
/// [`ForgetError::Delete`] and [`ForgetError::Snapshots`].
pub(crate) async fn delete(
    aggregate: &Aggregate<'_>,
    deletion: &dyn AggregateDeletion,
    relays: Relays<'_>,
    options: ForgetOptions,
) -> Result<ForgetReport, ForgetError> {
    let events = match aggregate.events().await {
        Err(error @ ForgetError::UnknownAggregate { .. }) => {
            if !options.dry_run {
                aggregate.delete_snapshots().await?;
            }
            return Err(error);
        }
        events => events?,
    };
    let (event_store_id, aggregate_id) = aggregate.ids();
    let failed = |source: StorageError| {
        let (event_store_id, aggregate_id) = aggregate.ids();
        ForgetError::Delete { event_store_id, aggregate_id, source: Box::new(source) }
    };
    if !options.force {
        let unpublished = relays.unpublished(&event_store_id, &aggregate_id, events.len()).await;
        if !unpublished.is_empty() {
            return Err(ForgetError::Unpublished { event_store_id, aggregate_id, relays: unpublished });
        }
    }
    let report = ForgetReport { deleted: events.len() as u64, ..aggregate.report(events.len(), options) };
    if options.dry_run {
        return Ok(report);
    }
    let last_version = events.iter().map(|event| event.version).max().unwrap_or(0);
    match deletion.delete_aggregate(&event_store_id, &aggregate_id, last_version).await.map_err(failed)? {
        Deletion::Deleted { events } => {
            aggregate.delete_snapshots().await?;
            Ok(ForgetReport { events, deleted: events, ..report })
        }
        Deletion::Changed { last_version: found } => {
            Err(ForgetError::Changed { event_store_id, aggregate_id, read: last_version, found })
        }
    }
}
