//! Events as items of the table, in the format that the original TypeScript package writes and reads.

mod read_json;
mod write_json;

pub(crate) mod attributes;
mod decode;
mod encode;
mod image;
pub(crate) mod keys;
mod number;
mod size;

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

pub(crate) use decode::StoredEvent;
pub(crate) use encode::item_of;
pub use image::{ParseImageError, parse_image};
pub(crate) use size::{MAX_ITEM, MAX_TRANSACTION, size_of};

pub(crate) type Item = HashMap<String, AttributeValue>;

/// Identifies an event in error texts.
pub(crate) fn place(event_store_id: &str, aggregate_id: &str, version: u64) -> String {
    // Ids that are rejected because of their length are truncated in error texts.
    let short = |text: &str| match text.char_indices().nth(100) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    };
    format!("version {version} of aggregate {} of event store {}", short(aggregate_id), short(event_store_id))
}
