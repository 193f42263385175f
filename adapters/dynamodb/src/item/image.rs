//! The images of a table's stream.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use castore_core::storage::RawEvent;

use super::decode::{Damaged, StoredEvent};
use super::{attributes, keys};

/// Why the image of an item is not the image of an event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseImageError {
    /// The event store is none that the reader knows, or the image's key names none at all.
    #[error("Unable to detect eventStore from image. Received eventStoreId: {event_store_id}")]
    UnknownEventStore {
        /// What stands in the event store's place.
        event_store_id: String,
    },
    /// An attribute that every event has is missing, or is not what an event's is.
    #[error("attribute {attribute} of the image is missing or is not that of an event")]
    Attribute {
        /// Its name.
        attribute: &'static str,
    },
}

/// The id of the event store and the event that an image (`NewImage` or `OldImage` of a stream's record) shows.
///
/// The key is split at its first `#`: aggregate ids may have others.
///
/// # Errors
/// See the variants of [`ParseImageError`]. Whether the event store is known is for the caller to say.
pub fn parse_image(image: &HashMap<String, AttributeValue>) -> Result<(String, RawEvent), ParseImageError> {
    if let Some(AttributeValue::S(key)) = image.get(attributes::AGGREGATE_ID)
        && keys::split(key).is_none()
    {
        return Err(ParseImageError::UnknownEventStore { event_store_id: key.clone() });
    }
    let event = StoredEvent::read(image).map_err(|Damaged(attribute)| ParseImageError::Attribute { attribute })?;
    Ok((event.event_store_id.clone(), event.into_raw()))
}
