//! Storing a group, in one transaction with a put for each event.

use std::any::Any;
use std::collections::HashSet;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{CancellationReason, Put, TransactWriteItem};
use castore_aws::{FailureClass, RequestError};
use castore_core::storage::{EventStorageAdapter, GroupedRawEvent, StorageError};
use uuid::Uuid;

use super::adapter::DynamoDbEventStorageAdapter;
use super::push::{VERSION_IS_FREE, VERSION_NAME, taken};
use crate::item::{self, MAX_TRANSACTION, attributes, keys};
use crate::request::{Effect, push_failed};

/// The maximum number of items in a transaction.
const MAX_ITEMS: usize = 100;

/// DynamoDB's cancellation reason for an event whose version is already stored.
const CONDITION_FAILED: &str = "ConditionalCheckFailed";

/// Temporary cancellation reasons: a conflict with another transaction, or a lack of capacity.
const PASSING: &[&str] =
    &["TransactionConflict", "ProvisionedThroughputExceeded", "ThrottlingError", "RequestLimitExceeded"];

impl DynamoDbEventStorageAdapter {
    pub(super) async fn put_group(&self, group: &[GroupedRawEvent], force: bool) -> Result<(), StorageError> {
        let items = self.transaction_of(group, force)?;
        if items.is_empty() {
            return Ok(());
        }
        // With this token, DynamoDB executes the transaction once, however often it is sent within ten minutes.
        let token = Uuid::new_v4().to_string();
        let request = |client: &aws_sdk_dynamodb::Client| {
            client
                .transact_write_items()
                .set_transact_items(Some(items.clone()))
                .client_request_token(token.clone())
                .send()
        };
        match self.requests.send("TransactWriteItems", Effect::Repeatable, judge, request).await {
            Ok(_) => Ok(()),
            Err(failure) => Err(match condition_failed(&failure).and_then(|index| group.get(index)) {
                Some(grouped) => taken(grouped.event_store_id, &grouped.event),
                None => push_failed(failure),
            }),
        }
    }

    fn transaction_of(&self, group: &[GroupedRawEvent], force: bool) -> Result<Vec<TransactWriteItem>, StorageError> {
        let adapters = group.iter().enumerate().map(|(index, grouped)| {
            // A wrapper that forwards a group must replace itself with this adapter in the group, because only this
            // adapter has the name of the table.
            let any: &dyn Any = &*grouped.adapter;
            any.downcast_ref::<Self>().filter(|adapter| adapter.storage_id() == self.storage_id).map_or_else(
                || {
                    let event_store_id = grouped.event_store_id.to_owned();
                    Err(StorageError::GroupSpansStorages { index, event_store_id })
                },
                Ok,
            )
        });
        let adapters = adapters.collect::<Result<Vec<_>, _>>()?;
        if group.len() > MAX_ITEMS {
            return Err(StorageError::Unsupported {
                what: format!("an event group of {} events (at most {MAX_ITEMS})", group.len()),
            });
        }
        let mut keys = HashSet::new();
        let (mut rewritten, mut counts) = (HashSet::new(), Vec::new());
        let mut size = 0;
        let mut items = Vec::with_capacity(group.len());
        for (grouped, adapter) in group.iter().zip(adapters) {
            let table_name = &*adapter.table_name;
            let (event_store_id, event) = (grouped.event_store_id, &grouped.event);
            let item = item::item_of(event_store_id, event)?;
            if !keys.insert((table_name, event_store_id, &*event.aggregate_id, event.version)) {
                return Err(if force {
                    StorageError::Unsupported {
                        what: format!(
                            "version {} of aggregate {} of event store {event_store_id} twice in one event group",
                            event.version, event.aggregate_id
                        ),
                    }
                } else {
                    taken(event_store_id, event)
                });
            }
            size += item::size_of(&item);
            let mut put = Put::builder().table_name(table_name).set_item(Some(item));
            if !force {
                put = put
                    .condition_expression(VERSION_IS_FREE)
                    .expression_attribute_names(VERSION_NAME, attributes::VERSION);
            }
            items.push(TransactWriteItem::builder().put(put.build().map_err(StorageError::engine)?).build());
            if let (true, Some(rewrites_table)) = (force, &adapter.rewrites_table) {
                let key = keys::partition_key(event_store_id, &event.aggregate_id);
                let key = key.map_err(|what| StorageError::Unsupported { what: what.to_owned() })?;
                if rewritten.insert((&**rewrites_table, key.clone())) {
                    counts.extend(adapter.count_rewrite(&key)?);
                }
            }
        }
        // The counters follow the events, because cancellation reasons are in the order of the items.
        items.append(&mut counts);
        if items.len() > MAX_ITEMS {
            return Err(StorageError::Unsupported {
                what: format!(
                    "a forced event group of {} events and {} rewrite counters (at most {MAX_ITEMS} together)",
                    group.len(),
                    items.len() - group.len()
                ),
            });
        }
        if size > MAX_TRANSACTION {
            return Err(StorageError::Unsupported {
                what: format!("an event group of {size} bytes (at most {MAX_TRANSACTION})"),
            });
        }
        Ok(items)
    }
}

fn reasons(error: &TransactWriteItemsError) -> &[CancellationReason] {
    match error {
        TransactWriteItemsError::TransactionCanceledException(error) => error.cancellation_reasons(),
        _ => &[],
    }
}

/// Classifies a canceled transaction: it can be retried if all reasons are temporary.
pub(crate) fn judge(error: &TransactWriteItemsError) -> Option<FailureClass> {
    let codes: Vec<_> =
        reasons(error).iter().filter_map(|reason| reason.code().filter(|code| *code != "None")).collect();
    (!codes.is_empty() && codes.iter().all(|code| PASSING.contains(code))).then_some(FailureClass::NotDone)
}

/// Returns the index of the first item whose condition failed, for example of the event whose version is already
/// stored. The reasons are in the order of the items.
pub(crate) fn condition_failed(failure: &RequestError) -> Option<usize> {
    let reasons = reasons(failure.service_error()?);
    reasons.iter().position(|reason| reason.code() == Some(CONDITION_FAILED))
}
