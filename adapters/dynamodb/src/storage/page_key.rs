//! The end of a page of aggregates as a DynamoDB key. The original package puts the same key into its page tokens.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};

use crate::item::{Item, attributes, keys};

/// The key of an item in the index of initial events: the key of the index and the key of the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PageKey {
    aggregate_id: Text,
    version: Number,
    event_store_id: Text,
    timestamp: Text,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Text {
    #[serde(rename = "S")]
    text: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Number {
    #[serde(rename = "N")]
    number: String,
}

impl PageKey {
    /// Converts a key of DynamoDB. Returns `None` if the key is not that of an initial event.
    pub(super) fn of(key: &Item) -> Option<Self> {
        let text = |name| match key.get(name)? {
            AttributeValue::S(text) => Some(Text { text: text.clone() }),
            _ => None,
        };
        let AttributeValue::N(version) = key.get(attributes::VERSION)? else {
            return None;
        };
        Some(Self {
            aggregate_id: text(attributes::AGGREGATE_ID)?,
            version: Number { number: version.clone() },
            event_store_id: text(attributes::EVENT_STORE_ID)?,
            timestamp: text(attributes::TIMESTAMP)?,
        })
    }

    pub(super) fn into_item(self) -> Item {
        HashMap::from([
            (attributes::AGGREGATE_ID.to_owned(), AttributeValue::S(self.aggregate_id.text)),
            (attributes::VERSION.to_owned(), AttributeValue::N(self.version.number)),
            (attributes::EVENT_STORE_ID.to_owned(), AttributeValue::S(self.event_store_id.text)),
            (attributes::TIMESTAMP.to_owned(), AttributeValue::S(self.timestamp.text)),
        ])
    }

    /// Returns whether the key may be in the list of this event store.
    pub(super) fn is_of(&self, event_store_id: &str) -> bool {
        self.event_store_id.text == event_store_id
            && self.version.number == "1"
            && keys::split(&self.aggregate_id.text).is_some_and(|(store, _)| store == event_store_id)
    }

    /// Returns the text of the timestamp, by which the index is sorted.
    pub(super) fn timestamp(&self) -> &str {
        &self.timestamp.text
    }
}
