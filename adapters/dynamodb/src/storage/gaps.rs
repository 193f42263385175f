//! Pushes that store an event only if the version before it is stored: a transaction with a condition check.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue::{N, S};
use aws_sdk_dynamodb::types::{ConditionCheck, Put, TransactWriteItem};
use castore_core::storage::{
    EventStorageAdapter, GetEventsOptions, PushOptions, RawEvent, StorageError, VersionGap, first_gap,
};
use uuid::Uuid;

use super::adapter::DynamoDbEventStorageAdapter;
use super::group::{condition_failed, judge};
use super::push::{VERSION_IS_FREE, VERSION_NAME, taken};
use crate::item::{Item, attributes, keys};
use crate::request::{Effect, push_failed};

/// The condition that holds if an event is stored under the key.
const VERSION_IS_TAKEN: &str = "attribute_exists(#version)";

/// The maximum number of attempts of a push. A push is attempted again if its check failed, but the preceding version
/// was stored before the adapter looked up the reason.
const ATTEMPTS: u32 = 3;

impl DynamoDbEventStorageAdapter {
    /// Returns whether a push must check that the preceding version is stored.
    pub(super) fn checks_version_before(&self, version: u64, options: PushOptions) -> bool {
        self.refuse_gaps && options.refuses_gaps() && version > 1
    }

    /// Returns the part of a transaction that checks that the version before the event's version is stored.
    pub(super) fn check_version_before(
        &self,
        event_store_id: &str,
        event: &RawEvent,
    ) -> Result<TransactWriteItem, StorageError> {
        let key = keys::partition_key(event_store_id, &event.aggregate_id);
        let key = key.map_err(|what| StorageError::Unsupported { what: what.to_owned() })?;
        let check = ConditionCheck::builder()
            .table_name(&*self.table_name)
            .key(attributes::AGGREGATE_ID, S(key))
            .key(attributes::VERSION, N(event.version.saturating_sub(1).to_string()))
            .condition_expression(VERSION_IS_TAKEN)
            .expression_attribute_names(VERSION_NAME, attributes::VERSION)
            .build()
            .map_err(StorageError::engine)?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }

    /// Stores an event if its version is free and the version before it is stored.
    pub(super) async fn put_next_event(
        &self,
        event_store_id: &str,
        event: &RawEvent,
        item: Item,
    ) -> Result<(), StorageError> {
        let put = Put::builder()
            .table_name(&*self.table_name)
            .set_item(Some(item))
            .condition_expression(VERSION_IS_FREE)
            .expression_attribute_names(VERSION_NAME, attributes::VERSION);
        let put = TransactWriteItem::builder().put(put.build().map_err(StorageError::engine)?).build();
        let items = vec![put, self.check_version_before(event_store_id, event)?];
        let mut attempt = 1;
        loop {
            // With this token, DynamoDB executes the transaction once, however often it is sent within ten minutes.
            let token = Uuid::new_v4().to_string();
            let request = |client: &Client| {
                client
                    .transact_write_items()
                    .set_transact_items(Some(items.clone()))
                    .client_request_token(token.clone())
                    .send()
            };
            let sent = self.requests.send("TransactWriteItems", Effect::Repeatable, judge, request).await;
            let Err(failure) = sent else { return Ok(()) };
            match condition_failed(&failure) {
                None => return Err(push_failed(failure)),
                Some(0) => return Err(taken(event_store_id, event)),
                Some(_) => {}
            }
            match self.gap(event_store_id, &event.aggregate_id, [event.version]).await? {
                Some(gap) => return Err(gap.into()),
                // The preceding version was stored in the meantime.
                None if attempt < ATTEMPTS => attempt += 1,
                None => return Err(push_failed(failure)),
            }
        }
    }

    /// Returns the gap between the stored events of an aggregate and the given versions, or `None` if there is no gap
    /// now.
    pub(super) async fn gap(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        versions: impl IntoIterator<Item = u64>,
    ) -> Result<Option<VersionGap>, StorageError> {
        let last = GetEventsOptions::new().reverse(true).limit(1);
        let last = self.get_events(event_store_id, aggregate_id, last).await?;
        let gap = first_gap(last.first().map_or(0, |last| last.version), versions);
        Ok(gap.map(|gap| VersionGap::new(event_store_id, aggregate_id, gap.expected, gap.given)))
    }
}
