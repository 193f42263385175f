use std::sync::Arc;

use castore_core::storage::{GroupedRawEvent, PushOptions, RawEvent};

use super::{Aggregate, ForgetError, ForgetOptions, ForgetReport, Rule};

/// The number of events that are rewritten in one transaction. DynamoDB allows 100 items in a transaction, and an event
/// may need two items.
const GROUP: usize = 40;

/// Rewrites the events of an aggregate, and deletes the snapshots of the aggregate. In the returned report, the list
/// `remaining` is empty.
///
/// # Errors
/// [`ForgetError::Read`], [`ForgetError::UnknownAggregate`], [`ForgetError::Decode`], [`ForgetError::Encode`],
/// [`ForgetError::ChangedIdentity`], [`ForgetError::Unloadable`], [`ForgetError::Rewrite`] and
/// [`ForgetError::Snapshots`].
pub(crate) async fn rewrite(
    aggregate: &Aggregate<'_>,
    rule: &Rule,
    options: ForgetOptions,
) -> Result<ForgetReport, ForgetError> {
    let mut events = aggregate.events().await?;
    let mut changed = Vec::new();
    for event in &mut events {
        if let Some(now) = rule.apply(event)? {
            changed.push(now.clone());
            *event = now;
        }
    }
    aggregate.store.check_events(&events).map_err(|source| {
        let (event_store_id, aggregate_id) = aggregate.ids();
        ForgetError::Unloadable { event_store_id, aggregate_id, source: Box::new(source) }
    })?;
    let report = ForgetReport { rewritten: changed.len() as u64, ..aggregate.report(events.len(), options) };
    if !options.dry_run {
        store_again(aggregate, &report, changed).await?;
        aggregate.delete_snapshots().await?;
    }
    Ok(report)
}

async fn store_again(
    aggregate: &Aggregate<'_>,
    report: &ForgetReport,
    changed: Vec<RawEvent>,
) -> Result<(), ForgetError> {
    let Aggregate { storage, store, .. } = aggregate;
    let mut rewritten = 0;
    for events in changed.chunks(GROUP) {
        let group = events.iter().map(|event| GroupedRawEvent::new(Arc::clone(storage), store.id(), event.clone()));
        storage.push_event_group(group.collect(), PushOptions::new().force(true)).await.map_err(|source| {
            let ((event_store_id, aggregate_id), total) = (aggregate.ids(), report.rewritten);
            ForgetError::Rewrite { event_store_id, aggregate_id, rewritten, total, source: Box::new(source) }
        })?;
        rewritten += events.len() as u64;
    }
    Ok(())
}
