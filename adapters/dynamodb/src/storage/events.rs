//! Reading the events of an aggregate, page by page. The queries are strongly consistent unless configured otherwise.

use std::collections::HashMap;
use std::ops::ControlFlow;

use aws_sdk_dynamodb::types::AttributeValue;
use castore_core::storage::{GetEventsOptions, StorageError};

use super::adapter::DynamoDbEventStorageAdapter;
use crate::item::{StoredEvent, attributes, keys};
use crate::request::{Effect, read_failed};

impl DynamoDbEventStorageAdapter {
    /// Passes the events of an aggregate to `take`. At most one page of DynamoDB (1 MB) is held in memory.
    pub(super) async fn read_events(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        options: GetEventsOptions,
        mut take: impl FnMut(StoredEvent) -> ControlFlow<()>,
    ) -> Result<(), StorageError> {
        let Some(query) = KeyQuery::of(event_store_id, aggregate_id, options) else {
            return Ok(());
        };
        let mut left = options.limit;
        let mut start = None;
        loop {
            let request = |client: &aws_sdk_dynamodb::Client| {
                client
                    .query()
                    .table_name(&*self.table_name)
                    .key_condition_expression(query.condition)
                    .set_expression_attribute_names(Some(query.names.clone()))
                    .set_expression_attribute_values(Some(query.values.clone()))
                    .consistent_read(self.consistent_reads)
                    .set_scan_index_forward(options.reverse.then_some(false))
                    .set_limit(left.map(page_limit))
                    .set_exclusive_start_key(start.clone())
                    .send()
            };
            let page = self.requests.send("Query", Effect::Repeatable, |_| None, request).await;
            let page = page.map_err(read_failed)?;
            for item in page.items() {
                if take(StoredEvent::of(item, event_store_id, aggregate_id)?).is_break() {
                    return Ok(());
                }
            }
            left = left.map(|left| left.saturating_sub(page.items().len() as u64));
            start = page.last_evaluated_key;
            if start.is_none() || left == Some(0) {
                return Ok(());
            }
        }
    }
}

/// Converts a limit to the 32-bit integer of DynamoDB. Events beyond the maximum are on the next page.
pub(super) fn page_limit(limit: u64) -> i32 {
    i32::try_from(limit).unwrap_or(i32::MAX)
}

/// A query for the requested events of an aggregate.
struct KeyQuery {
    condition: &'static str,
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
}

impl KeyQuery {
    /// Creates the query. Returns `None` if no requested event can exist, in which case DynamoDB would reject the
    /// query.
    fn of(event_store_id: &str, aggregate_id: &str, options: GetEventsOptions) -> Option<Self> {
        let (min, max) = (options.min_version, options.max_version);
        if options.limit == Some(0) || min.zip(max).is_some_and(|(min, max)| min > max) {
            return None;
        }
        // No event is stored under ids that cannot be a key.
        let key = keys::partition_key(event_store_id, aggregate_id).ok()?;
        let condition = match (min, max) {
            (None, None) => "#aggregateId = :aggregateId",
            (Some(_), None) => "#aggregateId = :aggregateId and #version >= :minVersion",
            (None, Some(_)) => "#aggregateId = :aggregateId and #version <= :maxVersion",
            (Some(_), Some(_)) => "#aggregateId = :aggregateId and #version between :minVersion and :maxVersion",
        };
        let mut names = HashMap::from([("#aggregateId".to_owned(), attributes::AGGREGATE_ID.to_owned())]);
        let mut values = HashMap::from([(":aggregateId".to_owned(), AttributeValue::S(key))]);
        for (name, version) in [(":minVersion", min), (":maxVersion", max)] {
            if let Some(version) = version {
                names.insert("#version".to_owned(), attributes::VERSION.to_owned());
                values.insert(name.to_owned(), AttributeValue::N(version.to_string()));
            }
        }
        Some(Self { condition, names, values })
    }
}
