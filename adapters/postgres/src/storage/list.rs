use std::ops::ControlFlow;

use castore_core::storage::{AggregateIdsPage, LastEvaluatedKey, ListedAggregate, PageToken, StorageError};

use super::aggregate_id::AggregateId;
use super::read::{saturated, visit_rows};
use super::values::{Moment, UtcMoment};
use crate::database::Database;
use crate::driver::Row;
use crate::statement::Parameter;

/// Returns one page of the aggregates of an event store, for the resolved options.
pub(crate) async fn list_aggregate_ids(
    database: &Database,
    event_store_id: &str,
    asked: PageToken,
) -> Result<AggregateIdsPage, StorageError> {
    let table = database.table().await?;
    if asked.limit == Some(0) || event_store_id.contains('\0') {
        return Ok(AggregateIdsPage::default());
    }
    let reverse = asked.reverse.unwrap_or(false);
    let mut first = asked.initial_event_after;
    let mut last = asked.initial_event_before;
    // A key outside of the bounds is ignored, because it does not narrow the bounds.
    let key = asked.last_evaluated_key.as_ref().filter(|key| {
        let ended = key.initial_event_timestamp;
        if reverse { last.is_none_or(|last| ended <= last) } else { first.is_none_or(|first| ended >= first) }
    });
    if let Some(key) = key {
        *(if reverse { &mut last } else { &mut first }) = Some(key.initial_event_timestamp);
    }
    let key = key
        .map(|key| AggregateId::new(&table, &key.aggregate_id).map_err(|_| StorageError::InvalidPageToken))
        .transpose()?;
    let first = UtcMoment(first.map_or(Moment::FIRST, Moment::bound));
    let last = UtcMoment(last.map_or(Moment::LAST, Moment::bound));
    // The statement requests one aggregate more than the limit, to find out whether more aggregates follow.
    let limit = saturated(asked.limit.map(|limit| limit.saturating_add(1)));
    let statements = &table.statements;
    let sql = match (reverse, &key) {
        (false, None) => &statements.list,
        (true, None) => &statements.list_reverse,
        (false, Some(_)) => &statements.list_after,
        (true, Some(_)) => &statements.list_reverse_after,
    };
    let mut parameters: Vec<&dyn Parameter> = vec![&event_store_id, &first, &last, &limit];
    if let Some(key) = &key {
        parameters.push(key);
    }
    let mut aggregates = Vec::new();
    let read = visit_rows(database, sql, &parameters, |row| {
        aggregates.push(listed(&row).ok_or_else(|| StorageError::Corrupt {
            what: format!("the id or the timestamp of an aggregate of event store {event_store_id}"),
        })?);
        Ok(ControlFlow::Continue(()))
    });
    read.await?;
    let mut next_page_token = None;
    if let Some(limit) = asked.limit.and_then(|limit| usize::try_from(limit).ok())
        && aggregates.len() > limit
    {
        aggregates.truncate(limit);
        next_page_token = aggregates.last().map(|last| {
            asked.next(LastEvaluatedKey {
                aggregate_id: last.aggregate_id.clone(),
                initial_event_timestamp: last.initial_event_timestamp,
            })
        });
    }
    Ok(AggregateIdsPage::new(aggregates).next_page_token(next_page_token))
}

fn listed(row: &Row) -> Option<ListedAggregate> {
    let aggregate_id: String = row.try_get(0).ok()?;
    Some(ListedAggregate::new(aggregate_id, row.try_get::<Moment>(1).ok()?.timestamp()?))
}
