//! Item images in the records of a table's stream. An image is a copy of an item before or after a change.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use castore_core::storage::RawEvent;

use super::decode::{Damaged, StoredEvent};
use super::{attributes, keys};

/// The error for an image that is not the image of an event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseImageError {
    /// The event store is unknown to the reader, or the image's key does not contain an event store id.
    // The text is that of the original package.
    #[error("Unable to detect eventStore from image. Received eventStoreId: {event_store_id}")]
    UnknownEventStore {
        /// The text in the image's key where the event store id is expected.
        event_store_id: String,
    },
    /// A required attribute is missing or invalid.
    #[error("attribute {attribute} of the image is missing or invalid")]
    Attribute {
        /// The name of the attribute.
        attribute: &'static str,
    },
}

/// Returns the event store id and the event of an image (`NewImage` or `OldImage` of a stream record).
///
/// The key is split at its first `#`, because aggregate ids may contain further `#` characters.
///
/// # Errors
/// [`ParseImageError::UnknownEventStore`] if the image's key contains no `#`; [`ParseImageError::Attribute`] if an
/// attribute is missing or invalid. The function does not check whether the event store is known: the caller must do
/// so.
pub fn parse_image(image: &HashMap<String, AttributeValue>) -> Result<(String, RawEvent), ParseImageError> {
    if let Some(AttributeValue::S(key)) = image.get(attributes::AGGREGATE_ID)
        && keys::split(key).is_none()
    {
        return Err(ParseImageError::UnknownEventStore { event_store_id: key.clone() });
    }
    let event = StoredEvent::read(image).map_err(|Damaged(attribute)| ParseImageError::Attribute { attribute })?;
    Ok((event.event_store_id.clone(), event.into_raw()))
}
