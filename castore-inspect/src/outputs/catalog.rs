//! A folder for an event catalog, in the layout of EventCatalog: `services`, `channels` and `events`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use castore_core::describe::{ChannelDescription, ProgramDescription, StoreDescription};
use serde_json::{Value, json};

use super::asyncapi;
use super::messages::{event, key};
use super::schema::{Dialect, Schemas};
use super::sorted::sorted;

pub(super) fn catalog(program: &ProgramDescription, version: &str) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut add = |path: String, header: &Value, text: String| {
        files.insert(path, page(header, &text));
    };
    let service = key(program.name);
    let ids =
        |store: &StoreDescription| store.events.iter().map(|event| event_id(store.id, event.name)).collect::<Vec<_>>();
    let sends: Vec<Value> =
        program.stores.iter().flat_map(ids).map(|id| json!({ "id": id, "version": version })).collect();
    let header = json!({ "id": service, "name": program.name, "version": version, "sends": sends });
    add(format!("services/{service}/index.mdx"), &header, consumers(program));
    for channel in &program.channels {
        let id = key(channel.id);
        let header = json!({ "id": id, "name": channel.type_name, "version": version, "address": channel.id });
        add(format!("channels/{id}/index.mdx"), &header, asyncapi::describe(channel));
    }
    let mut schemas = Vec::new();
    for store in &program.stores {
        // Messages of aggregate-exists channels contain no event.
        let carries =
            |channel: &&ChannelDescription| channel.sources.contains(&store.id) && channel.kind != "aggregate-exists";
        let channels = program.channels.iter().filter(carries);
        let channels: Vec<Value> =
            channels.map(|channel| json!({ "id": key(channel.id), "version": version })).collect();
        for of in &store.events {
            let id = event_id(store.id, of.name);
            let header = json!({
                "id": id, "name": of.name, "version": version, "summary": format!("An event of {}.", store.type_name),
                "schemaPath": "schema.json", "channels": channels,
            });
            let retired: Vec<String> = of.from.iter().map(|retired| format!("`{}`", retired.name)).collect();
            let text = match retired.is_empty() {
                true => String::new(),
                false => format!("Also read from the retired event types {}.", retired.join(", ")),
            };
            add(format!("events/{id}/index.mdx"), &header, text);
            let mut definitions = Schemas::new(Dialect::JsonSchema);
            let mut schema = event(store, of, &mut definitions);
            schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
            schema["$defs"] = Value::Object(definitions.into_definitions());
            schemas.push((format!("events/{id}/schema.json"), format!("{:#}\n", sorted(schema))));
        }
    }
    files.extend(schemas);
    files
}

fn event_id(store: &str, event: &str) -> String {
    format!("{}.{}", key(store), key(event))
}

/// Returns a page with a YAML header. The values are written as JSON, which is valid YAML.
fn page(header: &Value, text: &str) -> String {
    let mut page = "---\n".to_owned();
    let header = sorted(header.clone());
    for (name, value) in header.as_object().into_iter().flatten() {
        let _ = writeln!(page, "{name}: {value}");
    }
    let _ = write!(page, "---\n\n{text}\n");
    page
}

fn consumers(program: &ProgramDescription) -> String {
    let mut text = String::new();
    for consumer in &program.consumers {
        let _ = writeln!(text, "* `{}` consumes `{}`", consumer.name, consumer.channel);
    }
    for command in &program.commands {
        let _ = writeln!(text, "* command `{command}`");
    }
    for read_model in &program.read_models {
        let _ = writeln!(text, "* read model `{}`, version {}", read_model.name, read_model.version);
    }
    text
}
