//! The AsyncAPI 3.0 document of a program.

use castore_core::describe::{ChannelDescription, ProgramDescription};
use serde_json::{Map, Value, json};

use super::messages::{key, messages};
use super::schema::{Dialect, Schemas};

pub(super) fn asyncapi(program: &ProgramDescription, version: &str) -> Value {
    let mut schemas = Schemas::new(Dialect::AsyncApi);
    let (mut channels, mut operations, mut components) = (Map::new(), Map::new(), Map::new());
    for channel in &program.channels {
        let id = key(channel.id);
        let mut carried = Map::new();
        for store in program.stores.iter().filter(|store| channel.sources.contains(&store.id)) {
            for (name, payload) in messages(channel, store, &mut schemas) {
                let message = key(&format!("{}.{name}", channel.kind));
                carried.insert(message.clone(), json!({ "$ref": format!("#/components/messages/{message}") }));
                components
                    .insert(message, json!({ "name": name, "contentType": "application/json", "payload": payload }));
            }
        }
        channels.insert(
            id.clone(),
            json!({ "address": channel.id, "title": channel.type_name, "description": describe(channel), "messages": carried }),
        );
        let reference = json!({ "$ref": format!("#/channels/{id}") });
        operations.insert(format!("send.{id}"), json!({ "action": "send", "channel": reference }));
    }
    for consumer in &program.consumers {
        let reference = json!({ "$ref": format!("#/channels/{}", key(consumer.channel)) });
        operations.insert(
            format!("receive.{}", key(consumer.name)),
            json!({ "action": "receive", "title": consumer.name, "channel": reference }),
        );
    }
    json!({
        "asyncapi": "3.0.0",
        "info": { "title": program.name, "version": version },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": { "messages": components, "schemas": schemas.into_definitions() },
    })
}

/// Returns the description of a channel, for example "A notification bus with order per aggregate."
pub(super) fn describe(channel: &ChannelDescription) -> String {
    let article = if channel.kind.starts_with('a') { "An" } else { "A" };
    let order = if channel.ordered { " with order per aggregate" } else { "" };
    format!("{article} {} {}{order}.", channel.kind, channel.topology)
}
