//! Tests that import messages that the original TypeScript packages have published.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::{Place, counts};

fn golden(file: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden").join(file);
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Some recorded messages have unusual content. The messages about events of this game are imported unchanged, and the
/// others are reported as bad lines.
#[test]
fn notification_messages() {
    let kinds = golden("messages.json")["kinds"].take();
    let texts: Vec<(&str, &str)> = kinds
        .as_object()
        .unwrap()
        .iter()
        .map(|(kind, case)| (kind.as_str(), case["notification"].as_str().unwrap()))
        .collect();
    let good = ["bigVersion", "emptyAggregateId", "idWithHash", "payloadAndMetadata", "payloadOnly"];
    let place = Place::new();
    let text: Vec<&str> = texts.iter().map(|(_, text)| *text).collect();
    let said = place.import(text.join("\n")).ok();
    // The event with a big version is the only one of its aggregate.
    let expected = counts(good.len(), 0, texts.len() - good.len());
    assert_eq!(said.counts(), expected.replacen("imported", "imported (1 after a gap)", 1), "{}", said.err);
    let mut reports = said.err.lines();
    for (number, (kind, text)) in (1..).zip(&texts) {
        if good.contains(kind) {
            let message: Value = serde_json::from_str(text).unwrap();
            let aggregate_id = message["event"]["aggregateId"].as_str().unwrap();
            assert_eq!(place.stored("POKEMONS", aggregate_id), [message]);
        }
        if !good.contains(kind) || *kind == "bigVersion" {
            let report = reports.next().unwrap();
            assert!(report.starts_with(&format!("line {number}: ")), "{kind}: {report}");
            assert_eq!(report.contains("after a gap"), *kind == "bigVersion", "{kind}: {report}");
        }
    }
}

/// A state-carrying message can be imported, because it contains all data of a notification message. An
/// aggregate-exists message contains no event, so it is a bad line.
#[test]
fn state_carrying_messages() {
    let case = golden("messages.json")["kinds"]["payloadAndMetadata"].take();
    let place = Place::new();
    assert_eq!(place.import(case["stateCarrying"].as_str().unwrap()).ok().counts(), counts(1, 0, 0));
    assert_eq!(place.import(case["notification"].as_str().unwrap()).ok().counts(), counts(0, 1, 0));
    assert_eq!(place.import(case["aggregateExists"].as_str().unwrap()).ok().counts(), counts(0, 0, 1));
}

#[test]
fn events_of_connected_stores_and_of_a_storage() {
    let mut messages = BTreeMap::new();
    collect(&golden("connected.json"), &mut messages);
    collect(&golden("in-memory.json"), &mut messages);
    assert!(messages.len() > 5, "{}", messages.len());
    let lines: Vec<String> = messages.values().map(Value::to_string).collect();
    let place = Place::new();
    let said = place.import(lines.join("\n")).ok();
    assert_eq!(said.counts(), counts(lines.len(), 0, 0), "{}", said.err);
    let mut stored = BTreeMap::new();
    for (event_store_id, aggregate_id, _) in messages.keys() {
        for message in place.stored(event_store_id, aggregate_id) {
            let version = message["event"]["version"].as_u64().unwrap();
            stored.insert((event_store_id.clone(), aggregate_id.clone(), version), message);
        }
    }
    assert_eq!(stored, messages);
}

/// Collects the complete events of the game at any depth of the value. Of several events with the same version, only
/// the first is collected.
fn collect(value: &Value, messages: &mut BTreeMap<(String, String, u64), Value>) {
    match value {
        Value::Object(fields) => {
            if let Some(key) = key(value) {
                let message = json!({ "eventStoreId": key.0, "event": value });
                messages.entry(key).or_insert(message);
            }
            fields.values().for_each(|value| collect(value, messages));
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, messages)),
        _ => {}
    }
}

fn key(event: &Value) -> Option<(String, String, u64)> {
    let fields: &[&str] = match event["type"].as_str()? {
        "APPEARED" => &["name", "level"],
        "CAUGHT_BY_TRAINER" => &["trainerId"],
        "GAME_STARTED" => &["trainerName"],
        "POKEMON_CAUGHT" => &["pokemonId"],
        _ => return None,
    };
    fields.iter().all(|field| event["payload"].get(field).is_some()).then_some(())?;
    event["timestamp"].as_str()?;
    let event_store_id = if fields[0] == "trainerName" || fields[0] == "pokemonId" { "TRAINERS" } else { "POKEMONS" };
    let version = event["version"].as_u64().filter(|version| *version > 0)?;
    Some((event_store_id.to_owned(), event["aggregateId"].as_str()?.to_owned(), version))
}
