//! The detail of an event. The detail is the JSON of a message or of a pointer.

use castore_core::channel::MessageChannel;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::MalformedEventError;
use crate::entry::{AGGREGATE_EXISTS, REPLAYED};

#[derive(Deserialize)]
struct OfStore {
    #[serde(rename = "eventStoreId")]
    event_store_id: Option<String>,
}

#[derive(Deserialize)]
struct Marked {
    replay: Option<Value>,
}

/// Returns whether a message is a replay, according to the detail type, or to the field `replay` of an
/// aggregate-exists message.
pub(crate) fn is_replay(detail_type: &str, detail: &str) -> bool {
    match detail_type {
        REPLAYED => true,
        AGGREGATE_EXISTS => object::<Marked>(detail).is_some_and(|marked| marked.replay == Some(Value::Bool(true))),
        _ => false,
    }
}

/// Returns whether a detail can be a pointer: an object without an `eventStoreId`.
pub(crate) fn is_pointer(detail: &str) -> bool {
    object::<OfStore>(detail).is_some_and(|of_store| of_store.event_store_id.is_none())
}

/// Decodes some fields of an object. The derived `Deserialize` alone would also accept an array.
fn object<T: DeserializeOwned>(json: &str) -> Option<T> {
    if json.trim_start().starts_with('{') { serde_json::from_str(json).ok() } else { None }
}

/// Decodes the message of channel `C` from a detail.
pub(crate) fn decode<C>(source: &str, detail: &str) -> Result<C::Message, MalformedEventError>
where
    C: MessageChannel<Message: DeserializeOwned>,
{
    // Errors of serde may quote the content of the message, so only the position of the error is kept.
    let (line, column) = match serde_json::from_str(detail) {
        Ok(message) => return Ok(message),
        Err(error) => (error.line(), error.column()),
    };
    match object(detail) {
        Some(OfStore { event_store_id: Some(event_store_id) }) => {
            if C::SOURCES.iter().any(|source| source.event_store_id() == event_store_id) {
                Err(MalformedEventError::Fields { event_store_id, line, column })
            } else {
                Err(MalformedEventError::UnknownEventStore { event_store_id, message_bus_id: C::ID })
            }
        }
        _ => Err(MalformedEventError::NotAMessage { source_name: source.to_owned() }),
    }
}
