//! The stored state of a relay. One item contains the lease and the cursors of the relay, so that cursors are written
//! only while the lease is held. Each parked aggregate is another item. The state is in a separate table, because its
//! items would appear in the stream of the event table.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue::{self, Bool, N, S};
use aws_sdk_dynamodb::types::{Delete, TransactWriteItem, Update};
use castore_core::storage::StorageError;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::parked::{ParkedStreamAggregate, parked_key};
use crate::StreamCursors;
use crate::item::Item;
use crate::request::{Effect, Requests, push_failed, read_failed};
use crate::storage::{condition_failed, judge};
use crate::table::OwnTable;

pub(super) const RELAY: &str = "relay";
pub(super) const ITEM: &str = "item";
/// The sort key of the item with the lease and the cursors.
const LEASE: &str = "lease";
pub(super) const PARKED: &str = "parked#";

pub(super) const TABLE: OwnTable = OwnTable { hash: RELAY, range: Some(ITEM), by_number: None };

/// The maximum number of parked or freed aggregates in a transaction. A transaction has at most 100 items, and one of
/// them is the lease.
const MAX_PARKED: usize = 99;

#[derive(Debug, Clone)]
pub(super) struct RelayState {
    pub(super) requests: Requests,
    pub(super) table_name: Arc<str>,
    pub(super) relay: Arc<str>,
}

/// The position of a relay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RelayPlace {
    pub(super) cursors: StreamCursors,
    /// The backfill that must be finished before the stream is read.
    pub(super) backfill: Option<BackfillPlace>,
}

/// The position of a backfill.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct BackfillPlace {
    /// The event stores whose events have all been published.
    pub(super) done: Vec<String>,
    /// The page token of the next page of aggregates, in the first event store that is not in `done`.
    pub(super) page_token: Option<String>,
}

/// The lease and the position of a relay, as last read from the table. Each heartbeat of the holder increases `heartbeat`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) token: u64,
    pub(super) heartbeat: u64,
    pub(super) lasts: Duration,
    pub(super) owner: String,
    pub(super) is_released: bool,
    pub(super) place: RelayPlace,
}

/// The changes that the holder of the lease writes.
#[derive(Debug, Clone, Default)]
pub(super) struct Changes {
    pub(super) place: Option<RelayPlace>,
    pub(super) parked: Vec<ParkedStreamAggregate>,
    /// The aggregates that are no longer parked, as pairs of event store id and aggregate id.
    pub(super) freed: Vec<(String, String)>,
}

/// The outcome of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    Done,
    /// The write was rejected, because another process has acquired the lease.
    Fenced,
}

impl RelayState {
    pub(super) fn key(&self, item: &str) -> HashMap<String, AttributeValue> {
        HashMap::from([(RELAY.to_owned(), S(self.relay.to_string())), (ITEM.to_owned(), S(item.to_owned()))])
    }

    pub(super) async fn head(&self) -> Result<Option<Head>, StorageError> {
        let request = |client: &Client| {
            client.get_item().table_name(&*self.table_name).set_key(Some(self.key(LEASE))).consistent_read(true).send()
        };
        let found = self.requests.send("GetItem", Effect::Repeatable, |_| None, request).await;
        let found = found.map_err(read_failed)?;
        found.item.map(|item| head_of(&item).ok_or_else(|| self.corrupt("its lease"))).transpose()
    }

    pub(super) fn corrupt(&self, what: &str) -> StorageError {
        StorageError::Corrupt { what: format!("{what}, of relay {} in table {}", self.relay, self.table_name) }
    }

    /// Writes the first position of a relay. Does nothing if the relay already has a stored state.
    pub(super) async fn create(&self, place: &RelayPlace) -> Result<(), StorageError> {
        let mut item = self.key(LEASE);
        item.extend([
            ("token".to_owned(), N("0".to_owned())),
            ("heartbeat".to_owned(), N("0".to_owned())),
            ("lasts".to_owned(), N("0".to_owned())),
            ("owner".to_owned(), S(String::new())),
            ("released".to_owned(), Bool(true)),
            ("place".to_owned(), S(self.text_of(place)?)),
        ]);
        let request = |client: &Client| {
            client
                .put_item()
                .table_name(&*self.table_name)
                .set_item(Some(item.clone()))
                .condition_expression("attribute_not_exists(#relay)")
                .expression_attribute_names("#relay", RELAY)
                .send()
        };
        match self.requests.send("PutItem", Effect::Repeatable, |_| None, request).await {
            Ok(_) => Ok(()),
            // Another process was faster, or an earlier attempt of this request has succeeded.
            Err(failure) if failure.code() == Some("ConditionalCheckFailedException") => Ok(()),
            Err(failure) => Err(push_failed(failure)),
        }
    }

    fn text_of(&self, place: &RelayPlace) -> Result<String, StorageError> {
        let text = serde_json::to_string(place).map_err(StorageError::engine)?;
        // The maximum size of an item is 400 KB, and the item has other attributes.
        if text.len() > 390_000 {
            return Err(StorageError::Unsupported {
                what: format!(
                    "the cursors of the {} shards that relay {} reads, which exceed the size of an item",
                    place.cursors.shards.len(),
                    self.relay
                ),
            });
        }
        Ok(text)
    }

    /// Acquires the lease, if it has not changed since it was read. Returns the new token, or `None` if the lease has
    /// changed.
    pub(super) async fn take(&self, seen: &Head, owner: &str, lasts: Duration) -> Result<Option<u64>, StorageError> {
        let token = seen.token.saturating_add(1);
        let lasts = u64::try_from(lasts.as_millis()).unwrap_or(u64::MAX);
        let request = |client: &Client| {
            client
                .update_item()
                .table_name(&*self.table_name)
                .set_key(Some(self.key(LEASE)))
                .update_expression(
                    "SET #token = :token, #heartbeat = :zero, #lasts = :lasts, #owner = :owner, #released = :no",
                )
                .condition_expression("#token = :seen AND #heartbeat = :heartbeat")
                .set_expression_attribute_names(Some(names(&["token", "heartbeat", "lasts", "owner", "released"])))
                .expression_attribute_values(":token", N(token.to_string()))
                .expression_attribute_values(":seen", N(seen.token.to_string()))
                .expression_attribute_values(":heartbeat", N(seen.heartbeat.to_string()))
                .expression_attribute_values(":zero", N("0".to_owned()))
                .expression_attribute_values(":lasts", N(lasts.to_string()))
                .expression_attribute_values(":owner", S(owner.to_owned()))
                .expression_attribute_values(":no", Bool(false))
                .send()
        };
        // If the response is lost, the next attempt finds that the lease has changed. The relay then treats the lease
        // as that of another process, and waits until the lease has expired.
        match self.requests.send("UpdateItem", Effect::Repeatable, |_| None, request).await {
            Ok(_) => Ok(Some(token)),
            Err(failure) if failure.code() == Some("ConditionalCheckFailedException") => Ok(None),
            Err(failure) => Err(push_failed(failure)),
        }
    }

    /// Releases the lease, unless another process has acquired it in the meantime.
    pub(super) async fn release(&self, token: u64) -> Result<(), StorageError> {
        let request = |client: &Client| {
            client
                .update_item()
                .table_name(&*self.table_name)
                .set_key(Some(self.key(LEASE)))
                .update_expression("SET #released = :yes")
                .condition_expression("#token = :token")
                .set_expression_attribute_names(Some(names(&["token", "released"])))
                .expression_attribute_values(":token", N(token.to_string()))
                .expression_attribute_values(":yes", Bool(true))
                .send()
        };
        match self.requests.send("UpdateItem", Effect::Repeatable, |_| None, request).await {
            Ok(_) => Ok(()),
            Err(failure) if failure.code() == Some("ConditionalCheckFailedException") => Ok(()),
            Err(failure) => Err(push_failed(failure)),
        }
    }

    /// Writes changes in one transaction, on the condition that the token of the lease is valid. If more aggregates are
    /// parked or freed than fit into a transaction, earlier transactions write the first of these aggregates. The
    /// cursors are written last, so that no cursor is beyond an event that is neither published nor parked.
    pub(super) async fn commit(&self, token: u64, heartbeat: u64, changes: &Changes) -> Result<Written, StorageError> {
        let mut items = Vec::new();
        for parked in &changes.parked {
            items.push(self.park(parked)?);
        }
        for (event_store_id, aggregate_id) in &changes.freed {
            let delete = Delete::builder()
                .table_name(&*self.table_name)
                .set_key(Some(self.key(&format!("{PARKED}{}", parked_key(event_store_id, aggregate_id)))));
            items.push(TransactWriteItem::builder().delete(delete.build().map_err(StorageError::engine)?).build());
        }
        while items.len() > MAX_PARKED {
            let first = items.drain(..MAX_PARKED).collect();
            if self.transact(token, heartbeat, None, first).await? == Written::Fenced {
                return Ok(Written::Fenced);
            }
        }
        self.transact(token, heartbeat, changes.place.as_ref(), items).await
    }

    async fn transact(
        &self,
        token: u64,
        heartbeat: u64,
        place: Option<&RelayPlace>,
        mut items: Vec<TransactWriteItem>,
    ) -> Result<Written, StorageError> {
        // An earlier write whose response was lost may be executed after later writes. The condition on the heartbeat
        // then rejects the earlier write, so it cannot move cursors back.
        let mut update = Update::builder()
            .table_name(&*self.table_name)
            .set_key(Some(self.key(LEASE)))
            .condition_expression("#token = :token AND #heartbeat <= :heartbeat")
            .expression_attribute_values(":token", N(token.to_string()))
            .expression_attribute_values(":heartbeat", N(heartbeat.to_string()));
        update = match place {
            Some(place) => update
                .update_expression("SET #heartbeat = :heartbeat, #place = :place")
                .expression_attribute_values(":place", S(self.text_of(place)?))
                .set_expression_attribute_names(Some(names(&["token", "heartbeat", "place"]))),
            None => update
                .update_expression("SET #heartbeat = :heartbeat")
                .set_expression_attribute_names(Some(names(&["token", "heartbeat"]))),
        };
        let update = update.build().map_err(StorageError::engine)?;
        items.insert(0, TransactWriteItem::builder().update(update).build());
        let request_token = Uuid::new_v4().to_string();
        let request = |client: &Client| {
            client
                .transact_write_items()
                .set_transact_items(Some(items.clone()))
                .client_request_token(request_token.clone())
                .send()
        };
        match self.requests.send("TransactWriteItems", Effect::Repeatable, judge, request).await {
            Ok(_) => Ok(Written::Done),
            Err(failure) if condition_failed(&failure).is_some() => Ok(Written::Fenced),
            Err(failure) => Err(push_failed(failure)),
        }
    }
}

/// Returns placeholders for attribute names, because some of the names are reserved words of DynamoDB.
pub(super) fn names(names: &[&str]) -> HashMap<String, String> {
    names.iter().map(|name| (format!("#{name}"), (*name).to_owned())).collect()
}

pub(super) fn number(item: &Item, name: &str) -> Option<u64> {
    match item.get(name)? {
        N(number) => number.parse().ok(),
        _ => None,
    }
}

pub(super) fn text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    match item.get(name)? {
        S(text) => Some(text),
        _ => None,
    }
}

fn truth(item: &Item, name: &str) -> Option<bool> {
    match item.get(name)? {
        Bool(truth) => Some(*truth),
        _ => None,
    }
}

fn head_of(item: &Item) -> Option<Head> {
    Some(Head {
        token: number(item, "token")?,
        heartbeat: number(item, "heartbeat")?,
        lasts: Duration::from_millis(number(item, "lasts")?),
        owner: text(item, "owner")?.to_owned(),
        is_released: truth(item, "released")?,
        place: serde_json::from_str(text(item, "place")?).ok()?,
    })
}
