//! The description of a program as JSON.

use castore_core::describe::{
    ChannelDescription, ConsumerDescription, Content, EventDescription, Field, ProgramDescription,
    ReadModelDescription, RelayDescription, RetiredDescription, StoreDescription, TypeRef,
};
use serde_json::{Value, json};

pub(super) fn program(program: &ProgramDescription) -> Value {
    json!({
        "name": program.name,
        "stores": list(&program.stores, store),
        "channels": list(&program.channels, channel),
        "consumers": list(&program.consumers, consumer),
        "commands": program.commands,
        "readModels": list(&program.read_models, read_model),
        "relays": list(&program.relays, relay),
    })
}

fn list<T>(items: &[T], of: impl Fn(&T) -> Value) -> Value {
    items.iter().map(of).collect()
}

fn store(store: &StoreDescription) -> Value {
    json!({
        "id": store.id,
        "type": store.type_name,
        "reducerVersion": store.reducer_version,
        "aggregateId": ty(&store.aggregate_id),
        "metadata": store.metadata.as_ref().map(ty),
        "state": content(&store.state),
        "events": list(&store.events, event),
        "readFrom": list(&store.retired, retired),
    })
}

fn event(event: &EventDescription) -> Value {
    json!({
        "type": event.name,
        "variant": event.variant,
        "payload": content(&event.payload),
        "readFrom": list(&event.from, retired),
    })
}

fn retired(retired: &RetiredDescription) -> Value {
    json!({ "type": retired.name, "payload": retired.payload.as_ref().map(ty) })
}

fn content(content: &Content) -> Value {
    match content {
        Content::Value(value) => json!({ "value": ty(value) }),
        Content::Tuple(types) => json!({ "tuple": list(types, ty) }),
        Content::Fields(fields) => json!({ "fields": list(fields, field) }),
        _ => Value::Null,
    }
}

fn field(field: &Field) -> Value {
    json!({
        "name": field.name,
        "aliases": field.aliases,
        "optional": field.optional,
        "flattened": field.flattened,
        "type": ty(&field.ty),
    })
}

fn ty(ty: &TypeRef) -> Value {
    json!({ "rust": ty.text(), "shape": ty.shape().map(|shape| shape.to_string()) })
}

fn channel(channel: &ChannelDescription) -> Value {
    json!({
        "id": channel.id,
        "type": channel.type_name,
        "kind": channel.kind,
        "topology": channel.topology,
        "ordered": channel.ordered,
        "sources": channel.sources,
    })
}

fn consumer(consumer: &ConsumerDescription) -> Value {
    json!({ "name": consumer.name, "channel": consumer.channel, "inOrder": consumer.in_order })
}

fn read_model(read_model: &ReadModelDescription) -> Value {
    json!({ "name": read_model.name, "version": read_model.version, "sources": read_model.sources })
}

fn relay(relay: &RelayDescription) -> Value {
    json!({ "name": relay.name, "channel": relay.channel })
}
