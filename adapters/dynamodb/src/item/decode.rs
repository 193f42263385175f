//! Decoding an event from an item.

use aws_sdk_dynamodb::types::AttributeValue;
use castore_core::storage::{RawEvent, RawEventRef, StorageError};
use castore_core::time::Timestamp;
use serde_json::value::RawValue;

use super::{Item, attributes, keys, write_json};

/// The name of an attribute that is missing or invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Damaged(pub(super) &'static str);

/// An event read from an item.
pub(crate) struct StoredEvent {
    pub(super) event_store_id: String,
    pub(super) aggregate_id: String,
    version: u64,
    event_type: String,
    timestamp: Timestamp,
    payload: Option<String>,
    metadata: Option<String>,
}

impl StoredEvent {
    /// Decodes the event of an item that was found under this aggregate's key.
    ///
    /// # Errors
    /// [`StorageError::Corrupt`] if an attribute is missing or invalid.
    pub(crate) fn of(item: &Item, event_store_id: &str, aggregate_id: &str) -> Result<Self, StorageError> {
        Self::read(item).map_err(|Damaged(name)| {
            let version = number(item).unwrap_or_default();
            StorageError::Corrupt {
                what: format!("attribute {name} of {}", super::place(event_store_id, aggregate_id, version)),
            }
        })
    }

    pub(super) fn read(item: &Item) -> Result<Self, Damaged> {
        let (event_store_id, aggregate_id) =
            text(item, attributes::AGGREGATE_ID).and_then(keys::split).ok_or(Damaged(attributes::AGGREGATE_ID))?;
        let json = |name| match item.get(name) {
            Some(value) => write_json::json_of(value).map(Some).ok_or(Damaged(name)),
            None => Ok(None),
        };
        Ok(Self {
            event_store_id: event_store_id.to_owned(),
            aggregate_id: aggregate_id.to_owned(),
            version: number(item).ok_or(Damaged(attributes::VERSION))?,
            event_type: text(item, attributes::TYPE).ok_or(Damaged(attributes::TYPE))?.to_owned(),
            timestamp: text(item, attributes::TIMESTAMP)
                .and_then(|text| text.parse().ok())
                .ok_or(Damaged(attributes::TIMESTAMP))?,
            payload: json(attributes::PAYLOAD)?,
            metadata: json(attributes::METADATA)?,
        })
    }

    pub(crate) fn as_ref(&self) -> RawEventRef<'_> {
        RawEventRef {
            aggregate_id: &self.aggregate_id,
            version: self.version,
            event_type: &self.event_type,
            timestamp: self.timestamp,
            payload: self.payload.as_deref(),
            metadata: self.metadata.as_deref(),
            decoded: None,
        }
    }

    pub(crate) fn into_raw(self) -> RawEvent {
        // This crate has just written the text, so it is valid JSON.
        let raw = |json: Option<String>| json.and_then(|json| RawValue::from_string(json).ok());
        RawEvent {
            aggregate_id: self.aggregate_id,
            version: self.version,
            event_type: self.event_type.into(),
            timestamp: self.timestamp,
            payload: raw(self.payload),
            metadata: raw(self.metadata),
        }
    }
}

fn text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    match item.get(name)? {
        AttributeValue::S(text) => Some(text),
        _ => None,
    }
}

fn number(item: &Item) -> Option<u64> {
    match item.get(attributes::VERSION)? {
        AttributeValue::N(number) => number.parse().ok(),
        _ => None,
    }
}
