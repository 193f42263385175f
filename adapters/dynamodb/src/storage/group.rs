//! Storing a group, in one transaction with a put for each event, and with checks or counters if configured.

use std::any::Any;
use std::collections::HashSet;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{CancellationReason, Put, TransactWriteItem};
use castore_aws::{FailureClass, RequestError};
use castore_core::storage::{EventStorageAdapter, GroupedRawEvent, PushOptions, StorageError};
use uuid::Uuid;

use super::adapter::DynamoDbEventStorageAdapter;
use super::push::{VERSION_IS_FREE, VERSION_NAME, taken};
use crate::item::{self, MAX_TRANSACTION, attributes, keys};
use crate::request::{Effect, push_failed};

/// The maximum number of items in a transaction.
const MAX_ITEMS: usize = 100;

/// DynamoDB's cancellation reason for an item whose condition failed, such as an event whose version is already stored.
const CONDITION_FAILED: &str = "ConditionalCheckFailed";

/// Temporary cancellation reasons: a conflict with another transaction, or a lack of capacity.
const PASSING: &[&str] =
    &["TransactionConflict", "ProvisionedThroughputExceeded", "ThrottlingError", "RequestLimitExceeded"];

impl DynamoDbEventStorageAdapter {
    pub(super) async fn put_group(&self, group: &[GroupedRawEvent], options: PushOptions) -> Result<(), StorageError> {
        let Transaction { items, checked } = self.transaction_of(group, options)?;
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
        let Err(failure) = self.requests.send("TransactWriteItems", Effect::Repeatable, judge, request).await else {
            return Ok(());
        };
        // In the transaction, the events come before the checks, so a conflict takes precedence over a gap.
        let Some(index) = condition_failed(&failure) else { return Err(push_failed(failure)) };
        if let Some(grouped) = group.get(index) {
            return Err(taken(grouped.event_store_id, &grouped.event));
        }
        let checked = index.checked_sub(group.len()).and_then(|check| checked.get(check));
        let Some(grouped) = checked.and_then(|index| group.get(*index)) else { return Err(push_failed(failure)) };
        let (adapter, aggregate_id) = (own(grouped).unwrap_or(self), &grouped.event.aggregate_id);
        let is_of_aggregate = |other: &&GroupedRawEvent| {
            other.event_store_id == grouped.event_store_id
                && other.event.aggregate_id == *aggregate_id
                && own(other).is_some_and(|other| other.table_name == adapter.table_name)
        };
        let versions = group.iter().filter(is_of_aggregate).map(|other| other.event.version);
        match adapter.gap(grouped.event_store_id, aggregate_id, versions).await? {
            Some(gap) => Err(gap.into()),
            // The preceding version was stored in the meantime.
            None => Err(push_failed(failure)),
        }
    }

    fn transaction_of(&self, group: &[GroupedRawEvent], options: PushOptions) -> Result<Transaction, StorageError> {
        let force = options.force;
        let adapters = group.iter().enumerate().map(|(index, grouped)| {
            // A wrapper that forwards a group must replace itself with this adapter in the group, because only this
            // adapter has the name of the table.
            own(grouped).filter(|adapter| adapter.storage_id() == self.storage_id).map_or_else(
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
        for (grouped, adapter) in group.iter().zip(&adapters) {
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
        let mut checked = Vec::new();
        for (index, (grouped, adapter)) in group.iter().zip(adapters).enumerate() {
            let (event_store_id, event) = (grouped.event_store_id, &grouped.event);
            let before = (&*adapter.table_name, event_store_id, &*event.aggregate_id, event.version.wrapping_sub(1));
            if adapter.checks_version_before(event.version, options) && !keys.contains(&before) {
                items.push(adapter.check_version_before(event_store_id, event)?);
                checked.push(index);
            }
        }
        if items.len() > MAX_ITEMS {
            let others = items.len() - group.len();
            return Err(StorageError::Unsupported {
                what: if force {
                    format!(
                        "a forced event group of {} events and {others} rewrite counters (at most {MAX_ITEMS} together)",
                        group.len(),
                    )
                } else {
                    format!(
                        "an event group of {} events and {others} checks of the versions before them (at most \
                         {MAX_ITEMS} together)",
                        group.len(),
                    )
                },
            });
        }
        if size > MAX_TRANSACTION {
            return Err(StorageError::Unsupported {
                what: format!("an event group of {size} bytes (at most {MAX_TRANSACTION})"),
            });
        }
        Ok(Transaction { items, checked })
    }
}

/// Returns the adapter of an event if it is an adapter of this crate, not a wrapper.
fn own(grouped: &GroupedRawEvent) -> Option<&DynamoDbEventStorageAdapter> {
    let any: &dyn Any = &*grouped.adapter;
    any.downcast_ref()
}

/// The items of a transaction: the puts of the events, in the order of the group, and then the rewrite counters or the
/// checks.
struct Transaction {
    items: Vec<TransactWriteItem>,
    /// For each check, the index of its event in the group.
    checked: Vec<usize>,
}

fn reasons(error: &TransactWriteItemsError) -> &[CancellationReason] {
    match error {
        TransactWriteItemsError::TransactionCanceledException(error) => error.cancellation_reasons(),
        _ => &[],
    }
}

/// Classifies a canceled transaction. The transaction can be retried if all cancellation reasons are temporary.
pub(crate) fn judge(error: &TransactWriteItemsError) -> Option<FailureClass> {
    let codes: Vec<_> =
        reasons(error).iter().filter_map(|reason| reason.code().filter(|code| *code != "None")).collect();
    (!codes.is_empty() && codes.iter().all(|code| PASSING.contains(code))).then_some(FailureClass::NotDone)
}

/// Returns the index of the first item whose condition failed, such as an event whose version is already stored. The
/// reasons are in the order of the items.
pub(crate) fn condition_failed(failure: &RequestError) -> Option<usize> {
    let reasons = reasons(failure.service_error()?);
    reasons.iter().position(|reason| reason.code() == Some(CONDITION_FAILED))
}
