//! Snapshots as items.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue::{self, N, S};
use castore_core::snapshot::{Snapshot, SnapshotKey};
use castore_core::storage::StorageError;
use serde_json::value::RawValue;

use super::key;
use crate::item::{Item, MAX_ITEM, size_of};

pub(super) const AGGREGATE_ID: &str = "aggregateId";
pub(super) const SNAPSHOT: &str = "snapshot";
pub(super) const VERSION: &str = "version";
const REWRITES: &str = "rewrites";
const TAKEN_AT: &str = "takenAt";
const STATE: &str = "state";

/// Encodes a snapshot.
///
/// # Errors
/// [`StorageError::Unsupported`] if the snapshot does not fit into an item, or if the ids are too long for a key.
pub(super) fn item_of(key: &SnapshotKey, snapshot: &Snapshot) -> Result<Item, StorageError> {
    let unsupported = |what: String| StorageError::Unsupported {
        what: format!("{what}: a snapshot at {}", place(key, snapshot.version)),
    };
    let Some(aggregate) = key::aggregate_key(key.event_store_id, &key.aggregate_id) else {
        return Err(unsupported("ids of more than 2047 bytes together".to_owned()));
    };
    let state = snapshot.state.get();
    // A state that does not fit is rejected before it is copied.
    let size = if state.len() > MAX_ITEM { state.len() } else { 0 };
    let too_large = |size: usize| unsupported(format!("an item of {size} bytes (at most {MAX_ITEM})"));
    if size > 0 {
        return Err(too_large(size));
    }
    let item = HashMap::from([
        (AGGREGATE_ID.to_owned(), S(aggregate)),
        (SNAPSHOT.to_owned(), S(key::sort_key(key, snapshot.version))),
        (VERSION.to_owned(), N(snapshot.version.to_string())),
        (REWRITES.to_owned(), N(snapshot.rewrites.to_string())),
        (TAKEN_AT.to_owned(), S(snapshot.event_timestamp.to_string())),
        (STATE.to_owned(), S(state.to_owned())),
    ]);
    match size_of(&item) {
        size if size > MAX_ITEM => Err(too_large(size)),
        _ => Ok(item),
    }
}

/// Decodes a snapshot.
///
/// # Errors
/// [`StorageError::Corrupt`] if an attribute is missing or invalid.
pub(super) fn snapshot_of(item: &Item, key: &SnapshotKey) -> Result<Snapshot, StorageError> {
    let corrupt = |name: &str| StorageError::Corrupt {
        what: format!(
            "attribute {name} of a snapshot of aggregate {} of event store {}",
            key.aggregate_id, key.event_store_id
        ),
    };
    let text = |name| match item.get(name) {
        Some(S(text)) => Ok(text),
        _ => Err(corrupt(name)),
    };
    let number = |name| version_of(item.get(name)).ok_or_else(|| corrupt(name));
    Ok(Snapshot {
        version: number(VERSION)?,
        rewrites: number(REWRITES)?,
        event_timestamp: text(TAKEN_AT)?.parse().map_err(|_| corrupt(TAKEN_AT))?,
        state: RawValue::from_string(text(STATE)?.clone()).map_err(|_| corrupt(STATE))?,
    })
}

pub(super) fn version_of(value: Option<&AttributeValue>) -> Option<u64> {
    match value {
        Some(N(number)) => number.parse().ok(),
        _ => None,
    }
}

fn place(key: &SnapshotKey, version: u64) -> String {
    crate::item::place(key.event_store_id, &key.aggregate_id, version)
}
