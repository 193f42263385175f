//! The rewrite counters: for each aggregate, a separate table records how often its events were replaced or removed.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue::{N, S};
use aws_sdk_dynamodb::types::{TransactWriteItem, Update};
use castore_core::storage::StorageError;
use uuid::Uuid;

use super::adapter::DynamoDbEventStorageAdapter;
use crate::CreateTableError;
use crate::item::keys;
use crate::request::{Effect, push_failed, read_failed};
use crate::table::OwnTable;

const AGGREGATE_ID: &str = "aggregateId";
const REWRITES: &str = "rewrites";

const TABLE: OwnTable = OwnTable { hash: AGGREGATE_ID, range: None, by_number: None };

impl DynamoDbEventStorageAdapter {
    /// Returns the name of the [rewrites table](crate::DynamoDbEventStorageAdapterBuilder::rewrites_table), if the
    /// adapter has one.
    pub fn rewrites_table_name(&self) -> Option<&str> {
        self.rewrites_table.as_deref()
    }

    /// Creates the [rewrites table](crate::DynamoDbEventStorageAdapterBuilder::rewrites_table), billed per request, and
    /// returns when the table can be used. Does nothing if the table exists, or if the adapter has no rewrites table.
    /// The key of the table is `aggregateId` (S).
    ///
    /// # Errors
    /// See the variants of [`CreateTableError`].
    pub async fn create_rewrites_table(&self) -> Result<(), CreateTableError> {
        match &self.rewrites_table {
            Some(table_name) => TABLE.create(self.requests(), table_name).await,
            None => Ok(()),
        }
    }

    /// Records that another program replaced or removed an event of an aggregate. From then on, existing snapshots of
    /// the aggregate are not used. Call this method for changes in the stream that were not made through this adapter,
    /// such as [`StreamChange::Rewritten`](crate::StreamChange::Rewritten). Recording a change more than once is
    /// harmless.
    ///
    /// Does nothing if the adapter has no [rewrites table](crate::DynamoDbEventStorageAdapterBuilder::rewrites_table).
    ///
    /// # Errors
    /// [`StorageError::Engine`] if the rewrite was not recorded; [`StorageError::UnknownOutcome`] if it may or may not
    /// have been recorded.
    pub async fn note_rewrite(&self, event_store_id: &str, aggregate_id: &str) -> Result<(), StorageError> {
        let (Some(_), Ok(key)) = (&self.rewrites_table, keys::partition_key(event_store_id, aggregate_id)) else {
            return Ok(());
        };
        let Some(update) = self.count_rewrite(&key)? else {
            return Ok(());
        };
        self.transact(vec![update]).await
    }

    /// Returns the transaction item that counts a rewrite, or `None` if the adapter has no rewrites table.
    pub(super) fn count_rewrite(&self, key: &str) -> Result<Option<TransactWriteItem>, StorageError> {
        let Some(table_name) = &self.rewrites_table else {
            return Ok(None);
        };
        let update = Update::builder()
            .table_name(&**table_name)
            .key(AGGREGATE_ID, S(key.to_owned()))
            .update_expression("ADD rewrites :one")
            .expression_attribute_values(":one", N("1".to_owned()))
            .build()
            .map_err(StorageError::engine)?;
        Ok(Some(TransactWriteItem::builder().update(update).build()))
    }

    /// Executes a transaction without conditions.
    pub(super) async fn transact(&self, items: Vec<TransactWriteItem>) -> Result<(), StorageError> {
        let token = Uuid::new_v4().to_string();
        let request = |client: &Client| {
            client
                .transact_write_items()
                .set_transact_items(Some(items.clone()))
                .client_request_token(token.clone())
                .send()
        };
        let sent = self.requests.send("TransactWriteItems", Effect::Repeatable, super::group::judge, request).await;
        sent.map(drop).map_err(push_failed)
    }

    pub(super) async fn read_rewrites(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
    ) -> Result<Option<u64>, StorageError> {
        let Some(table_name) = &self.rewrites_table else {
            return Ok(None);
        };
        // Ids that cannot be a key were never stored.
        let Ok(key) = keys::partition_key(event_store_id, aggregate_id) else {
            return Ok(Some(0));
        };
        let request = |client: &Client| {
            client.get_item().table_name(&**table_name).key(AGGREGATE_ID, S(key.clone())).consistent_read(true).send()
        };
        let found = self.requests.send("GetItem", Effect::Repeatable, |_| None, request).await;
        let Some(item) = found.map_err(read_failed)?.item else {
            return Ok(Some(0));
        };
        match item.get(REWRITES) {
            Some(N(rewrites)) if rewrites.parse::<u64>().is_ok() => Ok(rewrites.parse().ok()),
            _ => Err(StorageError::Corrupt {
                what: format!("attribute {REWRITES} of aggregate {aggregate_id} of event store {event_store_id}"),
            }),
        }
    }
}
