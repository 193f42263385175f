use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue::{self, S};
use castore_aws::RequestPolicy;
use castore_core::snapshot::{Snapshot, SnapshotAdapter, SnapshotKey};
use castore_core::storage::StorageError;

use super::{item, key};
use crate::CreateTableError;
use crate::item::Item;
use crate::request::{Effect, Requests, read_failed};
use crate::table::OwnTable;

/// The index that lists the snapshots of an aggregate without reading their states.
const BY_VERSION: &str = "byVersion";

const TABLE: OwnTable =
    OwnTable { hash: item::AGGREGATE_ID, range: Some(item::SNAPSHOT), by_number: Some((BY_VERSION, item::VERSION)) };

/// A snapshot adapter that stores snapshots in a DynamoDB table. This table must not be the event table, because the
/// snapshots would appear in the stream. Clones are cheap and share the client.
///
/// States of about 400 KB or more do not fit into an item. Such states are rejected, and the event store loads these
/// aggregates without snapshots.
///
/// ```no_run
/// # async fn example(client: aws_sdk_dynamodb::Client) -> Result<(), castore_dynamodb::CreateTableError> {
/// use castore_dynamodb::DynamoDbSnapshotAdapter;
///
/// let snapshots = DynamoDbSnapshotAdapter::new(client, "snapshots");
/// snapshots.create_snapshot_table().await?;
/// # Ok(())
/// # }
/// ```
///
/// # After a forced push
/// Snapshots made from replaced events must not be used. Event stores remove the snapshots of an aggregate after their
/// own forced pushes. But an outdated snapshot that is being taken at the same time, or that another process takes from
/// a cached aggregate, may be stored afterwards. To prevent the use of such a snapshot, set a [rewrites
/// table](crate::DynamoDbEventStorageAdapterBuilder::rewrites_table) on the event storage.
#[derive(Clone)]
pub struct DynamoDbSnapshotAdapter {
    requests: Requests,
    table_name: Arc<str>,
}

impl DynamoDbSnapshotAdapter {
    /// Creates an adapter for a table. This call sends no request.
    pub fn new(client: Client, table_name: impl Into<String>) -> Self {
        Self { requests: Requests::new(&client, RequestPolicy::default()), table_name: table_name.into().into() }
    }

    /// Returns the name of the table.
    pub fn table_name(&self) -> &str {
        &self.table_name
    }

    /// Creates the table, billed per request, and returns when the table can be used. An existing table is not changed.
    /// Any number of processes may call this method at the same time.
    ///
    /// The keys of the table are `aggregateId` (S) and `snapshot` (S). The table has a local index `byVersion`, which
    /// contains only keys and is sorted by `version` (N).
    ///
    /// # Errors
    /// See the variants of [`CreateTableError`].
    pub async fn create_snapshot_table(&self) -> Result<(), CreateTableError> {
        TABLE.create(&self.requests, &self.table_name).await
    }

    /// Returns the version and the sort key of all snapshots of an aggregate, the highest version first.
    async fn keys(&self, aggregate: &str) -> Result<Vec<(u64, String)>, StorageError> {
        let mut keys = Vec::new();
        let mut start: Option<Item> = None;
        loop {
            let request = |client: &Client| {
                client
                    .query()
                    .table_name(&*self.table_name)
                    .index_name(BY_VERSION)
                    .key_condition_expression("aggregateId = :aggregate")
                    .expression_attribute_values(":aggregate", S(aggregate.to_owned()))
                    .consistent_read(true)
                    .scan_index_forward(false)
                    .set_exclusive_start_key(start.clone())
                    .send()
            };
            let page = self.requests.send("Query", Effect::Repeatable, |_| None, request).await;
            let page = page.map_err(read_failed)?;
            for found in page.items() {
                if let (Some(version), Some(S(key))) =
                    (item::version_of(found.get(item::VERSION)), found.get(item::SNAPSHOT))
                {
                    keys.push((version, key.clone()));
                }
            }
            start = page.last_evaluated_key;
            if start.is_none() {
                return Ok(keys);
            }
        }
    }

    async fn delete(&self, aggregate: &str, sort_key: &str) -> Result<(), StorageError> {
        let request = |client: &Client| {
            client
                .delete_item()
                .table_name(&*self.table_name)
                .key(item::AGGREGATE_ID, S(aggregate.to_owned()))
                .key(item::SNAPSHOT, S(sort_key.to_owned()))
                .send()
        };
        let deleted = self.requests.send("DeleteItem", Effect::Repeatable, |_| None, request).await;
        deleted.map(drop).map_err(read_failed)
    }
}

impl fmt::Debug for DynamoDbSnapshotAdapter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("DynamoDbSnapshotAdapter").field("table_name", &self.table_name).finish_non_exhaustive()
    }
}

#[async_trait]
impl SnapshotAdapter for DynamoDbSnapshotAdapter {
    async fn latest_snapshot(
        &self,
        key: &SnapshotKey,
        max_version: Option<u64>,
    ) -> Result<Option<Snapshot>, StorageError> {
        let Some(aggregate) = key::aggregate_key(key.event_store_id, &key.aggregate_id) else {
            return Ok(None);
        };
        let values: HashMap<String, AttributeValue> = HashMap::from([
            (":aggregate".to_owned(), S(aggregate)),
            (":first".to_owned(), S(key::sort_key(key, 0))),
            (":last".to_owned(), S(key::sort_key(key, max_version.unwrap_or(u64::MAX)))),
        ]);
        let request = |client: &Client| {
            client
                .query()
                .table_name(&*self.table_name)
                .key_condition_expression("aggregateId = :aggregate and #snapshot between :first and :last")
                .expression_attribute_names("#snapshot", item::SNAPSHOT)
                .set_expression_attribute_values(Some(values.clone()))
                .consistent_read(true)
                .scan_index_forward(false)
                .limit(1)
                .send()
        };
        let page = self.requests.send("Query", Effect::Repeatable, |_| None, request).await;
        let page = page.map_err(read_failed)?;
        page.items().first().map(|found| item::snapshot_of(found, key)).transpose()
    }

    async fn put_snapshot(&self, key: &SnapshotKey, snapshot: Snapshot, keep: usize) -> Result<(), StorageError> {
        let new = item::item_of(key, &snapshot)?;
        let request =
            |client: &Client| client.put_item().table_name(&*self.table_name).set_item(Some(new.clone())).send();
        let put = self.requests.send("PutItem", Effect::Repeatable, |_| None, request).await;
        put.map_err(read_failed)?;
        let Some(aggregate) = key::aggregate_key(key.event_store_id, &key.aggregate_id) else {
            return Ok(());
        };
        let own = key::sort_key(key, snapshot.version);
        let mut keys = self.keys(&aggregate).await?;
        // The highest version comes first. Within a version, the snapshot that was just stored comes first.
        keys.sort_by(|(version, key), (other_version, other)| {
            (other_version, *other == own).cmp(&(version, *key == own))
        });
        for (_, other) in keys.iter().skip(keep).filter(|(_, key)| *key != own) {
            self.delete(&aggregate, other).await?;
        }
        Ok(())
    }

    async fn delete_snapshots(&self, event_store_id: &str, aggregate_id: &str) -> Result<(), StorageError> {
        let Some(aggregate) = key::aggregate_key(event_store_id, aggregate_id) else {
            return Ok(());
        };
        for (_, sort_key) in self.keys(&aggregate).await? {
            self.delete(&aggregate, &sort_key).await?;
        }
        Ok(())
    }
}
