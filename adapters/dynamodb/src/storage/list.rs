//! Listing the aggregates of an event store, with queries on the index of initial events.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use castore_core::storage::{AggregateIdsPage, ListAggregateIdsOptions, ListedAggregate, PageToken, StorageError};
use castore_core::time::Timestamp;

use super::adapter::DynamoDbEventStorageAdapter;
use super::events::page_limit;
use super::page_key::PageKey;
use crate::item::keys::{self, Bound};
use crate::item::{Item, attributes};
use crate::request::{Effect, read_failed};

/// The ids of the aggregates of a page that cannot be listed, because the timestamp of their first event is damaged.
pub(crate) type Unlisted = Vec<String>;

impl DynamoDbEventStorageAdapter {
    /// Lists aggregates. An aggregate that cannot be listed is left out.
    pub(super) async fn read_aggregate_ids(
        &self,
        event_store_id: &str,
        options: ListAggregateIdsOptions,
    ) -> Result<AggregateIdsPage, StorageError> {
        Ok(self.read_listing(event_store_id, options).await?.0)
    }

    /// Lists aggregates, and also returns the ids of the aggregates that cannot be listed.
    pub(crate) async fn read_listing(
        &self,
        event_store_id: &str,
        options: ListAggregateIdsOptions,
    ) -> Result<(AggregateIdsPage, Unlisted), StorageError> {
        let asked: PageToken<PageKey> = PageToken::resolve(&options)?;
        if asked.last_evaluated_key.as_ref().is_some_and(|key| !key.is_of(event_store_id)) {
            return Err(StorageError::InvalidPageToken);
        }
        let Some(query) = IndexQuery::of(event_store_id, &asked) else {
            return Ok((AggregateIdsPage::default(), Unlisted::new()));
        };
        let mut aggregates: Vec<ListedAggregate> = Vec::new();
        let mut unlisted = Unlisted::new();
        let mut start = query.start.clone();
        loop {
            // `left` is never 0: no query is created for a limit of 0, and the loop ends when the limit is reached.
            let left = asked.limit.map(|limit| limit.saturating_sub(aggregates.len() as u64));
            let request = |client: &aws_sdk_dynamodb::Client| {
                client
                    .query()
                    .table_name(&*self.table_name)
                    .index_name(attributes::INITIAL_EVENTS)
                    .key_condition_expression(query.condition)
                    .set_expression_attribute_names(Some(query.names.clone()))
                    .set_expression_attribute_values(Some(query.values.clone()))
                    .set_scan_index_forward(asked.reverse.map(|reverse| !reverse))
                    .set_limit(left.map(page_limit))
                    .set_exclusive_start_key(start.clone())
                    .send()
            };
            let page = self.requests.send("Query", Effect::Repeatable, |_| None, request).await;
            let page = page.map_err(read_failed)?;
            for item in page.items() {
                let (aggregate_id, timestamp) = listed(item).ok_or_else(|| damaged(event_store_id))?;
                match timestamp.parse() {
                    Ok(initial_event_timestamp) => {
                        aggregates.push(ListedAggregate::new(aggregate_id, initial_event_timestamp));
                    }
                    Err(_) => {
                        tracing::warn!(
                            event_store = event_store_id,
                            aggregate_id,
                            timestamp,
                            "an aggregate is missing in a list, because the timestamp of its first event is damaged"
                        );
                        unlisted.push(aggregate_id);
                    }
                }
            }
            let Some(last) = page.last_evaluated_key else {
                return Ok((AggregateIdsPage::new(aggregates), unlisted));
            };
            if asked.limit.is_some_and(|limit| aggregates.len() as u64 >= limit) {
                let key = PageKey::of(&last).ok_or_else(|| damaged(event_store_id))?;
                let next_page_token = Some(asked.next(key));
                return Ok((AggregateIdsPage::new(aggregates).next_page_token(next_page_token), unlisted));
            }
            start = Some(last);
        }
    }
}

/// Returns the aggregate id of an item of the index, and the text of its timestamp.
fn listed(item: &Item) -> Option<(String, &str)> {
    let text = |name| match item.get(name)? {
        AttributeValue::S(text) => Some(text),
        _ => None,
    };
    let (_, aggregate_id) = keys::split(text(attributes::AGGREGATE_ID)?)?;
    Some((aggregate_id.to_owned(), text(attributes::TIMESTAMP)?))
}

fn damaged(event_store_id: &str) -> StorageError {
    StorageError::Corrupt { what: format!("an initial event of event store {event_store_id} in the index") }
}

/// A query for the requested part of the index.
struct IndexQuery {
    condition: &'static str,
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
    start: Option<Item>,
}

impl IndexQuery {
    /// Creates the query. Returns `None` if no aggregate can match, in which case DynamoDB would reject the query.
    fn of(event_store_id: &str, asked: &PageToken<PageKey>) -> Option<Self> {
        if asked.limit == Some(0) || keys::partition_key(event_store_id, "").is_err() {
            return None;
        }
        let bound = |moment: Option<Timestamp>, bound: fn(Timestamp) -> Bound| match moment.map(bound) {
            None | Some(Bound::Open) => Some(None),
            Some(Bound::At(text)) => Some(Some(text)),
            Some(Bound::Nothing) => None,
        };
        let after = bound(asked.initial_event_after, keys::lower_bound)?;
        let before = bound(asked.initial_event_before, keys::upper_bound)?;
        if after.as_ref().zip(before.as_ref()).is_some_and(|(after, before)| after > before) {
            return None;
        }
        let start = match &asked.last_evaluated_key {
            // DynamoDB rejects a start key outside of the bounds. Such a key is before or after all requested
            // aggregates.
            Some(key) => {
                let early = after.as_ref().is_some_and(|after| key.timestamp() < after.as_str());
                let late = before.as_ref().is_some_and(|before| key.timestamp() > before.as_str());
                let reverse = asked.reverse.unwrap_or(false);
                match (early, late) {
                    (false, false) => Some(key.clone().into_item()),
                    (true, _) if reverse => return None,
                    (_, true) if !reverse => return None,
                    _ => None,
                }
            }
            None => None,
        };
        let condition = match (&after, &before) {
            (None, None) => "#eventStoreId = :eventStoreId",
            (Some(_), None) => "#eventStoreId = :eventStoreId and #timestamp >= :initialEventAfter",
            (None, Some(_)) => "#eventStoreId = :eventStoreId and #timestamp <= :initialEventBefore",
            (Some(_), Some(_)) => {
                "#eventStoreId = :eventStoreId and #timestamp between :initialEventAfter and :initialEventBefore"
            }
        };
        let mut names = HashMap::from([("#eventStoreId".to_owned(), attributes::EVENT_STORE_ID.to_owned())]);
        let mut values = HashMap::from([(":eventStoreId".to_owned(), AttributeValue::S(event_store_id.to_owned()))]);
        for (name, moment) in [(":initialEventAfter", after), (":initialEventBefore", before)] {
            if let Some(moment) = moment {
                names.insert("#timestamp".to_owned(), attributes::TIMESTAMP.to_owned());
                values.insert(name.to_owned(), AttributeValue::S(moment));
            }
        }
        Some(Self { condition, names, values, start })
    }
}
