//! Encoding an event as an item.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use castore_core::storage::{RawEvent, StorageError};
use serde_json::value::RawValue;

use super::size::{MAX_ITEM, size_of};
use super::{Item, attributes, keys, read_json};

/// Returns the item that the original TypeScript package writes for the same event.
///
/// # Errors
/// [`StorageError::Unsupported`] if DynamoDB cannot store the event.
pub(crate) fn item_of(event_store_id: &str, event: &RawEvent) -> Result<Item, StorageError> {
    let unsupported = |what: String| StorageError::Unsupported {
        what: format!("{what}: {}", super::place(event_store_id, &event.aggregate_id, event.version)),
    };
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let key =
        keys::partition_key(event_store_id, &event.aggregate_id).map_err(|reason| unsupported(reason.to_owned()))?;
    if !keys::sortable().contains(&event.timestamp.unix_millis()) {
        return Err(unsupported(format!("the timestamp {}, which is outside of the years 0 to 9999", event.timestamp)));
    }
    let mut item = HashMap::from([
        (attributes::AGGREGATE_ID.to_owned(), AttributeValue::S(key)),
        (attributes::VERSION.to_owned(), AttributeValue::N(event.version.to_string())),
        (attributes::TYPE.to_owned(), text(&event.event_type)),
        (attributes::TIMESTAMP.to_owned(), AttributeValue::S(event.timestamp.to_string())),
    ]);
    for (name, json) in [(attributes::PAYLOAD, &event.payload), (attributes::METADATA, &event.metadata)] {
        if let Some(json) = json.as_deref().map(RawValue::get) {
            // If the JSON text is far longer than the limit, the item would also exceed the limit, so the text is not
            // parsed.
            if json.len() > 8 * MAX_ITEM {
                return Err(unsupported(format!("{name} of {} bytes (items have at most {MAX_ITEM})", json.len())));
            }
            let value = read_json::attribute_of(json).map_err(|misfit| unsupported(format!("a {name} {misfit}")))?;
            item.insert(name.to_owned(), value);
        }
    }
    if event.version == 1 {
        item.insert(attributes::EVENT_STORE_ID.to_owned(), text(event_store_id));
    }
    let size = size_of(&item);
    if size > MAX_ITEM {
        return Err(unsupported(format!("an item of {size} bytes (at most {MAX_ITEM})")));
    }
    Ok(item)
}
