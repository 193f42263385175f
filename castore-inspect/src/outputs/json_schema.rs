//! The JSON Schema of all events and states of a program.

use castore_core::describe::ProgramDescription;
use serde_json::{Value, json};

use super::messages::{aggregate, event, key};
use super::schema::{Dialect, Schemas};

pub(super) fn json_schema(program: &ProgramDescription) -> Value {
    let mut schemas = Schemas::new(Dialect::JsonSchema);
    let mut events = Vec::new();
    for store in &program.stores {
        for of in &store.events {
            let schema = event(store, of, &mut schemas);
            events.push(schemas.define(format!("event.{}.{}", key(store.id), key(of.name)), schema));
        }
        let schema = aggregate(store, &mut schemas);
        schemas.define(format!("aggregate.{}", key(store.id)), schema);
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": program.name,
        "description": "An event of the program.",
        "anyOf": events,
        "$defs": schemas.into_definitions(),
    })
}
