//! Storing one event: a put on the condition that its version is free.

use castore_runtime::storage::{EventAlreadyExists, RawEvent, StorageError};

use super::adapter::DynamoDbEventStorageAdapter;
use crate::item::{self, attributes};
use crate::request::Effect;

/// True of no stored event.
pub(super) const VERSION_IS_FREE: &str = "attribute_not_exists(#version)";
pub(super) const VERSION_NAME: &str = "#version";

impl DynamoDbEventStorageAdapter {
    pub(super) async fn put_event(
        &self,
        event_store_id: &str,
        event: &RawEvent,
        force: bool,
    ) -> Result<(), StorageError> {
        let item = item::item_of(event_store_id, event)?;
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
        // A put whose answer was lost is not sent again: it would find its own event and take it for another's. One
        // that is forced might replace what came in between.
        match self.requests.send("PutItem", Effect::Once, |_| None, request).await {
            Ok(_) => Ok(()),
            Err(failure) if failure.error.code() == Some("ConditionalCheckFailedException") => {
                Err(taken(event_store_id, event))
            }
            Err(failure) => Err(failure.of_push()),
        }
    }
}

pub(super) fn taken(event_store_id: &str, event: &RawEvent) -> StorageError {
    StorageError::EventAlreadyExists(EventAlreadyExists {
        event_store_id: event_store_id.to_owned(),
        aggregate_id: event.aggregate_id.clone(),
        version: event.version,
    })
}
