//! The schemas of events, aggregates and messages as they are stored and sent.

use castore_core::describe::{ChannelDescription, EventDescription, StoreDescription};
use serde_json::{Value, json};

use super::schema::Schemas;

/// Returns the schema of an event of a store: aggregate id, version, type, timestamp, payload and metadata.
pub(super) fn event(store: &StoreDescription, event: &EventDescription, schemas: &mut Schemas) -> Value {
    let mut properties = json!({
        "aggregateId": { "type": "string" },
        "version": { "type": "integer", "minimum": 1 },
        "type": { "const": event.name },
        "timestamp": { "type": "string", "format": "date-time" },
    });
    let mut required = vec!["aggregateId", "version", "type", "timestamp"];
    if let Some(payload) = schemas.of_content(&event.payload) {
        properties["payload"] = payload;
        required.push("payload");
    }
    if let Some(metadata) = &store.metadata {
        properties["metadata"] = schemas.of_type(metadata);
    }
    json!({ "type": "object", "properties": properties, "required": required })
}

/// Returns the schema of the aggregates of a store: aggregate id, version and state.
pub(super) fn aggregate(store: &StoreDescription, schemas: &mut Schemas) -> Value {
    let own = json!({
        "type": "object",
        "properties": { "aggregateId": { "type": "string" }, "version": { "type": "integer", "minimum": 1 } },
        "required": ["aggregateId", "version"],
    });
    match schemas.of_content(&store.state) {
        Some(state) => json!({ "allOf": [own, state] }),
        None => own,
    }
}

/// Returns the names and schemas of a channel's messages about one event store. The messages of an aggregate-exists
/// channel contain no event.
pub(super) fn messages(
    channel: &ChannelDescription,
    store: &StoreDescription,
    schemas: &mut Schemas,
) -> Vec<(String, Value)> {
    let id = json!({ "const": store.id });
    if channel.kind == "aggregate-exists" {
        let time = json!({ "type": "string", "format": "date-time" });
        let message = json!({
            "type": "object",
            "properties": { "eventStoreId": id, "aggregateId": { "type": "string" }, "initialEventTimestamp": time },
            "required": ["eventStoreId", "aggregateId"],
        });
        return vec![(store.id.to_owned(), message)];
    }
    let carries_state = channel.kind == "state-carrying";
    let of_event = |of: &EventDescription| {
        let mut properties = json!({ "eventStoreId": id, "event": event(store, of, schemas) });
        let mut required = vec!["eventStoreId", "event"];
        if carries_state {
            properties["aggregate"] = aggregate(store, schemas);
            required.push("aggregate");
        }
        let message = json!({ "type": "object", "properties": properties, "required": required });
        (format!("{}.{}", store.id, of.name), message)
    };
    store.events.iter().map(of_event).collect()
}

/// Converts a text into a key for AsyncAPI and for file names. All characters except letters, digits, `.`, `-` and `_`
/// are replaced with `_`.
pub(super) fn key(text: &str) -> String {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | '_');
    text.chars().map(|character| if is_plain(character) { character } else { '_' }).collect()
}
