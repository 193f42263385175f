//! Storing one event with a put request. Unless the push is forced, the request has the condition that no event with
//! this version is stored yet.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use castore_core::storage::{EventAlreadyExists, PushOptions, RawEvent, StorageError};

use super::adapter::DynamoDbEventStorageAdapter;
use crate::item::{self, Item, attributes, keys};
use crate::request::{Effect, push_failed};

/// The condition that holds if no event is stored under the key.
pub(super) const VERSION_IS_FREE: &str = "attribute_not_exists(#version)";
pub(super) const VERSION_NAME: &str = "#version";

impl DynamoDbEventStorageAdapter {
    pub(super) async fn put_event(
        &self,
        event_store_id: &str,
        event: &RawEvent,
        options: PushOptions,
    ) -> Result<(), StorageError> {
        let item = item::item_of(event_store_id, event)?;
        let force = options.force;
        if self.checks_version_before(event.version, options) {
            return self.put_next_event(event_store_id, event, item).await;
        }
        if force && self.rewrites_table.is_some() {
            return self.replace_event(event_store_id, event, item).await;
        }
        let request = |client: &aws_sdk_dynamodb::Client| {
            let put = client.put_item().table_name(&*self.table_name).set_item(Some(item.clone()));
            if force {
                put.send()
            } else {
                put.condition_expression(VERSION_IS_FREE)
                    .expression_attribute_names(VERSION_NAME, attributes::VERSION)
                    .send()
            }
        };
        // A put whose response was lost is not sent again: the second put would find the event of the first put and
        // report a conflict. A second forced put might replace an event that was stored after the first put.
        match self.requests.send("PutItem", Effect::Once, |_| None, request).await {
            Ok(_) => Ok(()),
            Err(failure) if failure.code() == Some("ConditionalCheckFailedException") => {
                Err(taken(event_store_id, event))
            }
            Err(failure) => Err(push_failed(failure)),
        }
    }

    /// Stores the event and increments the rewrite count of its aggregate in one transaction, so that neither is stored
    /// without the other.
    async fn replace_event(&self, event_store_id: &str, event: &RawEvent, item: Item) -> Result<(), StorageError> {
        let put = Put::builder().table_name(&*self.table_name).set_item(Some(item));
        let put = put.build().map_err(StorageError::engine)?;
        let key = keys::partition_key(event_store_id, &event.aggregate_id);
        let key = key.map_err(|what| StorageError::Unsupported { what: what.to_owned() })?;
        let mut items = vec![TransactWriteItem::builder().put(put).build()];
        items.extend(self.count_rewrite(&key)?);
        self.transact(items).await
    }
}

pub(super) fn taken(event_store_id: &str, event: &RawEvent) -> StorageError {
    StorageError::EventAlreadyExists(EventAlreadyExists::new(
        event_store_id.to_owned(),
        event.aggregate_id.clone(),
        event.version,
    ))
}
