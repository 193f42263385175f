use aws_sdk_dynamodb::types::AttributeValue::{N, S};
use aws_sdk_dynamodbstreams::types::{OperationType, Record};
use castore_core::storage::RawEvent;
use castore_core::time::Timestamp;

use super::attribute;
use crate::ParseImageError;
use crate::item::{Item, attributes, keys, parse_image};

/// One change of the table. The changes of one aggregate are in order. There is no order between aggregates, and the
/// events of a group are not adjacent.
#[derive(Debug, Clone)]
pub struct StreamRecord {
    /// The id of the shard that contains the record.
    pub shard_id: String,
    /// The sequence number of the record in its shard.
    pub sequence_number: String,
    /// The approximate time of the change, by DynamoDB's clock, without fractions of a second.
    pub created_at: Option<Timestamp>,
    /// The change.
    pub change: StreamChange,
}

/// A change of an item of the table.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum StreamChange {
    /// An event was stored.
    Stored {
        /// The id of the event store.
        event_store_id: String,
        /// The event.
        event: RawEvent,
    },
    /// A stored event was replaced or removed, by a forced push or manually.
    Rewritten {
        /// The id of the event store.
        event_store_id: String,
        /// The id of the aggregate.
        aggregate_id: String,
        /// The version of the event.
        version: u64,
    },
    /// An item that is not a valid event was stored, or an item without the key of an event was replaced or removed.
    Unreadable {
        /// The event store, the aggregate and the version, if the item has the key of an event.
        place: Option<(String, String, u64)>,
        /// The reason why the item is not a valid event.
        error: ParseImageError,
    },
}

pub(super) fn record_of(shard_id: &str, record: Record) -> Option<(StreamRecord, Option<i64>)> {
    let is_insert = record.event_name == Some(OperationType::Insert);
    let content = record.dynamodb?;
    let created = content.approximate_creation_date_time.map(|moment| moment.secs());
    let created_at = created.and_then(|seconds| Timestamp::from_unix_millis(seconds.checked_mul(1_000)?));
    let keys = content.keys.map(attribute::item_of).unwrap_or_default();
    let image = content.new_image.map(attribute::item_of);
    let record = StreamRecord {
        shard_id: shard_id.to_owned(),
        sequence_number: content.sequence_number?,
        created_at,
        change: change_of(is_insert, &keys, image.as_ref()),
    };
    Some((record, created))
}

/// Returns the change that a record describes.
pub(crate) fn change_of(is_insert: bool, keys: &Item, new_image: Option<&Item>) -> StreamChange {
    let missing = Item::new();
    let place = place_of(keys).or_else(|| place_of(new_image?));
    if is_insert {
        return match parse_image(new_image.unwrap_or(&missing)) {
            Ok((event_store_id, event)) => StreamChange::Stored { event_store_id, event },
            Err(error) => StreamChange::Unreadable { place, error },
        };
    }
    match place {
        Some((event_store_id, aggregate_id, version)) => {
            StreamChange::Rewritten { event_store_id, aggregate_id, version }
        }
        None => StreamChange::Unreadable {
            place,
            error: ParseImageError::Attribute { attribute: attributes::AGGREGATE_ID },
        },
    }
}

fn place_of(item: &Item) -> Option<(String, String, u64)> {
    match (item.get(attributes::AGGREGATE_ID)?, item.get(attributes::VERSION)?) {
        (S(key), N(version)) => {
            let (event_store_id, aggregate_id) = keys::split(key)?;
            Some((event_store_id.to_owned(), aggregate_id.to_owned(), version.parse().ok()?))
        }
        _ => None,
    }
}
