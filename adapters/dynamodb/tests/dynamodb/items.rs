//! Items have the same attributes as the items of the original TypeScript package, and can be read back.

use castore_core::storage::{EventStorageAdapter, GetEventsOptions, PushOptions, RawEvent, StorageError};
use serde_json::{Value, json};

use crate::canned::{ok, script};
use crate::golden::golden;
use crate::support::{client_of_new_account, json as raw, with_table};

/// Returns the event of a recorded item. The conversion of the attributes to JSON does not use the adapter's code.
fn event(item: &Value) -> RawEvent {
    let text = |name: &str| item[name]["S"].as_str().unwrap().to_owned();
    RawEvent {
        aggregate_id: text("aggregateId").split_once('#').unwrap().1.to_owned(),
        version: item["version"]["N"].as_str().unwrap().parse().unwrap(),
        event_type: text("type").into(),
        timestamp: text("timestamp").parse().unwrap(),
        payload: item.get("payload").map(|value| raw(&plain(value).to_string())),
        metadata: item.get("metadata").map(|value| raw(&plain(value).to_string())),
    }
}

fn plain(attribute: &Value) -> Value {
    let (kind, value) = attribute.as_object().unwrap().iter().next().unwrap();
    match &**kind {
        "S" | "BOOL" => value.clone(),
        "NULL" => Value::Null,
        "N" => serde_json::from_str(value.as_str().unwrap()).unwrap(),
        "L" => value.as_array().unwrap().iter().map(plain).collect(),
        "M" => value.as_object().unwrap().iter().map(|(key, value)| (key.clone(), plain(value))).collect(),
        _ => panic!("{kind}"),
    }
}

/// Returns the recorded items, except those of events that the original package rejects, and one item with invalid
/// text.
fn recorded() -> Vec<(String, Value)> {
    let items = golden()["items"].as_object().unwrap().clone();
    let items: Vec<_> = items
        .into_iter()
        .filter(|(name, recorded)| recorded.get("error").is_none() && name != "loneSurrogate")
        .map(|(name, recorded)| (name, recorded["Item"].clone()))
        .collect();
    assert!(items.len() > 20);
    items
}

#[tokio::test]
async fn items_are_those_of_the_original() {
    for (name, item) in recorded() {
        let (adapter, canned) = script([ok(json!({}))]);
        adapter.push_event("POKEMONS", event(&item), PushOptions::default().force(true)).await.unwrap();
        assert_eq!(canned.requests()[0].1["Item"], item, "{name}");
    }
}

#[tokio::test]
async fn items_of_the_original_are_read() {
    for (name, item) in recorded() {
        let (adapter, _) = script([ok(json!({ "Items": [item] }))]);
        let expected = event(&item);
        let read = adapter.get_events("POKEMONS", &expected.aggregate_id, GetEventsOptions::default()).await.unwrap();
        assert_eq!(fields(&read[0]), fields(&expected), "{name}");
    }
}

fn fields(event: &RawEvent) -> (String, Value, Option<Value>, Option<Value>) {
    let parse = |json: &serde_json::value::RawValue| serde_json::from_str(json.get()).unwrap();
    (
        event.aggregate_id.clone(),
        json!([event.version, event.event_type, event.timestamp.to_string()]),
        event.payload.as_deref().map(parse),
        event.metadata.as_deref().map(parse),
    )
}

/// Each package reads the items that the other one has written, through the emulator.
#[tokio::test]
async fn what_lies_in_the_table_is_what_the_original_reads() {
    let client = client_of_new_account();
    let adapter = castore_dynamodb::DynamoDbEventStorageAdapter::new(client.clone(), "events");
    adapter.create_event_table(Default::default()).await.unwrap();
    for (_, item) in recorded() {
        adapter.push_event("POKEMONS", event(&item), PushOptions::default().force(true)).await.unwrap();
    }
    for (name, item) in recorded() {
        use aws_sdk_dynamodb::types::AttributeValue::{N, S};
        let text = |name: &str, kind: &str| item[name][kind].as_str().unwrap().to_owned();
        let found = client
            .get_item()
            .table_name("events")
            .key("aggregateId", S(text("aggregateId", "S")))
            .key("version", N(text("version", "N")))
            .send()
            .await
            .unwrap();
        let found = found.item.unwrap();
        let mut names: Vec<_> = found.keys().cloned().collect();
        names.sort();
        let mut expected: Vec<_> = item.as_object().unwrap().keys().cloned().collect();
        expected.sort();
        assert_eq!(names, expected, "{name}");
        assert_eq!(found["timestamp"], S(text("timestamp", "S")), "{name}");
    }
}

#[tokio::test]
async fn what_the_original_writes_as_sets_is_read_as_arrays() {
    let item = json!({
        "aggregateId": { "S": "POKEMONS#a" }, "version": { "N": "1" }, "type": { "S": "T" },
        "timestamp": { "S": "2024-01-01T00:00:00.000Z" },
        "payload": { "M": { "texts": { "SS": ["a", "b"] }, "numbers": { "NS": ["1", "2"] } } },
    });
    let (adapter, _) = script([ok(json!({ "Items": [item] }))]);
    let events = adapter.get_events("POKEMONS", "a", GetEventsOptions::default()).await.unwrap();
    assert_eq!(events[0].payload.as_ref().unwrap().get(), r#"{"numbers":[1,2],"texts":["a","b"]}"#);
}

#[tokio::test]
async fn text_that_the_original_mangles_is_refused() {
    let adapter = with_table().await;
    let event = RawEvent { payload: Some(raw(r#"{"s":"x\ud800y"}"#)), ..crate::support::event("a", 1) };
    let refused = adapter.push_event("POKEMONS", event, PushOptions::default()).await;
    assert!(matches!(refused, Err(StorageError::Unsupported { .. })), "{refused:?}");
}
