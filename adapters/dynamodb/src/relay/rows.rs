//! Reading and writing the items of parked aggregates.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue::{N, S};
use aws_sdk_dynamodb::types::{TransactWriteItem, Update};
use castore_core::storage::StorageError;

use super::ParkedStreamAggregate;
use super::parked::parked_key;
use super::state::{ITEM, PARKED, RELAY, RelayState, names};
use crate::item::Item;
use crate::request::{Effect, push_failed, read_failed};

impl RelayState {
    pub(super) fn park(&self, parked: &ParkedStreamAggregate) -> Result<TransactWriteItem, StorageError> {
        let text = |text: &str| S(text.to_owned());
        // The attribute with the version of a dropped event is not written, because only the handle of a relay sets it.
        let expression = "SET #store = :store, #aggregate = :aggregate, #attempts = :attempts, #error = :error, \
                          #at = :at, #version = :version";
        let update = Update::builder()
            .table_name(&*self.table_name)
            .set_key(Some(self.key(&format!("{PARKED}{}", parked_key(&parked.event_store_id, &parked.aggregate_id)))))
            .update_expression(expression)
            .set_expression_attribute_names(Some(names(&["store", "aggregate", "attempts", "error", "at", "version"])))
            .expression_attribute_values(":store", text(&parked.event_store_id))
            .expression_attribute_values(":aggregate", text(&parked.aggregate_id))
            .expression_attribute_values(":attempts", N(parked.attempts.to_string()))
            .expression_attribute_values(":error", text(&parked.error))
            .expression_attribute_values(":at", N(parked.next_attempt_at.unix_millis().to_string()))
            .expression_attribute_values(":version", N(parked.next_version.to_string()))
            .build()
            .map_err(StorageError::engine)?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    pub(super) async fn parked(&self) -> Result<Vec<ParkedStreamAggregate>, StorageError> {
        let mut parked = Vec::new();
        let mut start: Option<Item> = None;
        loop {
            let request = |client: &Client| {
                client
                    .query()
                    .table_name(&*self.table_name)
                    .key_condition_expression("#relay = :relay AND begins_with(#item, :parked)")
                    .set_expression_attribute_names(Some(names(&[RELAY, ITEM])))
                    .expression_attribute_values(":relay", S(self.relay.to_string()))
                    .expression_attribute_values(":parked", S(PARKED.to_owned()))
                    .consistent_read(true)
                    .set_exclusive_start_key(start.clone())
                    .send()
            };
            let page = self.requests.send("Query", Effect::Repeatable, |_| None, request).await;
            let page = page.map_err(read_failed)?;
            for item in page.items() {
                let row = ParkedStreamAggregate::of(item).ok_or_else(|| self.corrupt("a parked aggregate"))?;
                parked.push(row);
            }
            start = page.last_evaluated_key;
            if start.is_none() {
                return Ok(parked);
            }
        }
    }

    /// Makes a parked aggregate due immediately. If `drop_version` is given, also marks the event of that version as
    /// dropped, but only if the aggregate is parked at that event. Returns whether the aggregate was parked (at that
    /// event, if a version is given).
    pub(super) async fn make_due(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        drop_version: Option<u64>,
    ) -> Result<bool, StorageError> {
        let key = self.key(&format!("{PARKED}{}", parked_key(event_store_id, aggregate_id)));
        let request = |client: &Client| {
            let update = client
                .update_item()
                .table_name(&*self.table_name)
                .set_key(Some(key.clone()))
                .expression_attribute_values(":at", N("0".to_owned()));
            match drop_version {
                None => update
                    .update_expression("SET #at = :at")
                    .condition_expression("attribute_exists(#at)")
                    .set_expression_attribute_names(Some(names(&["at"]))),
                Some(version) => update
                    .update_expression("SET #at = :at, #dropped = :version")
                    .condition_expression("#version = :version")
                    .set_expression_attribute_names(Some(names(&["at", "dropped", "version"])))
                    .expression_attribute_values(":version", N(version.to_string())),
            }
            .send()
        };
        match self.requests.send("UpdateItem", Effect::Repeatable, |_| None, request).await {
            Ok(_) => Ok(true),
            Err(failure) if failure.code() == Some("ConditionalCheckFailedException") => Ok(false),
            Err(failure) => Err(push_failed(failure)),
        }
    }
}
