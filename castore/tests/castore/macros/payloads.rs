//! Tests that payloads of all shapes are stored, sent in messages, and read back.

use std::collections::{BTreeMap, HashMap};

use castore::event::{DecodeEventError, DecodeEventProblem};
use castore::prelude::*;
use castore::storage::{EventStorageAdapter, PushOptions, RawEvent};
use serde::{Deserialize, Serialize};
use serde_json::value::to_raw_value;
use serde_json::{Value, json};

use crate::support::{json as as_json, timestamp};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Struct {
    a: u32,
    b: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Unit;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Newtype(u64);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pair(u8, String);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind")]
pub enum Tagged {
    One,
    Two { x: i64 },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Untagged {
    Number(i64),
    Text(String),
}

#[derive(Debug, Clone, PartialEq, Event)]
pub enum ShapeEvent {
    Nothing,
    EmptyFields {},
    Fields { x: i32, y: Vec<u8> },
    Struct(Struct),
    UnitStruct(Unit),
    Newtype(Newtype),
    Tuple(Pair),
    AnonymousTuple((u8, bool)),
    Number(f64),
    Big(u64),
    Flag(bool),
    Text(String),
    Character(char),
    Optional(Option<u32>),
    List(Vec<Option<Struct>>),
    ByNumber(HashMap<u32, String>),
    Sorted(BTreeMap<i64, Vec<u32>>),
    Tagged(Tagged),
    External(Result<u32, String>),
    Untagged(Untagged),
    Any(Value),
    Boxed(Box<Struct>),
    Array([u8; 3]),
    Bytes(Vec<u8>),
    UnitType(()),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "SHAPES", event = ShapeEvent)]
pub struct Shape {
    last: Vec<String>,
}

impl Reducer for Shape {
    fn reduce(shape: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        let mut shape = shape.unwrap_or(Self { last: Vec::new() });
        shape.last.push(event.event_type().to_string());
        Ok(shape)
    }
}

message_channel! {
    type Shapes = StateCarryingMessageQueue<Shape>;
}

fn cases() -> Vec<(ShapeEvent, Option<Value>)> {
    let a_struct = || Struct { a: 1, b: None };
    vec![
        (ShapeEvent::Nothing, None),
        (ShapeEvent::EmptyFields {}, Some(json!({}))),
        (ShapeEvent::Fields { x: -1, y: vec![1, 2] }, Some(json!({"x": -1, "y": [1, 2]}))),
        (ShapeEvent::Struct(a_struct()), Some(json!({"a": 1, "b": null}))),
        (ShapeEvent::UnitStruct(Unit), Some(Value::Null)),
        (ShapeEvent::Newtype(Newtype(7)), Some(json!(7))),
        (ShapeEvent::Tuple(Pair(1, "p".to_owned())), Some(json!([1, "p"]))),
        (ShapeEvent::AnonymousTuple((1, true)), Some(json!([1, true]))),
        (ShapeEvent::Number(0.1), Some(json!(0.1))),
        (ShapeEvent::Big(u64::MAX), Some(json!(u64::MAX))),
        (ShapeEvent::Flag(false), Some(json!(false))),
        (ShapeEvent::Text(String::new()), Some(json!(""))),
        (ShapeEvent::Character('é'), Some(json!("é"))),
        (ShapeEvent::Optional(None), Some(Value::Null)),
        (ShapeEvent::Optional(Some(0)), Some(json!(0))),
        (ShapeEvent::List(vec![None, Some(a_struct())]), Some(json!([null, {"a": 1, "b": null}]))),
        (ShapeEvent::ByNumber([(7, "seven".to_owned())].into()), Some(json!({"7": "seven"}))),
        (ShapeEvent::Sorted([(-1, vec![1]), (2, vec![])].into()), Some(json!({"-1": [1], "2": []}))),
        (ShapeEvent::Tagged(Tagged::One), Some(json!({"kind": "One"}))),
        (ShapeEvent::Tagged(Tagged::Two { x: 2 }), Some(json!({"kind": "Two", "x": 2}))),
        (ShapeEvent::External(Err("e".to_owned())), Some(json!({"Err": "e"}))),
        (ShapeEvent::Untagged(Untagged::Text("u".to_owned())), Some(json!("u"))),
        (ShapeEvent::Any(json!([{"x": [1]}])), Some(json!([{"x": [1]}]))),
        (ShapeEvent::Boxed(Box::new(a_struct())), Some(json!({"a": 1, "b": null}))),
        (ShapeEvent::Array([1, 2, 3]), Some(json!([1, 2, 3]))),
        (ShapeEvent::Bytes(vec![0, 255]), Some(json!([0, 255]))),
        (ShapeEvent::UnitType(()), Some(Value::Null)),
    ]
}

#[tokio::test]
async fn payloads_of_every_shape_round_trip() {
    let storage = InMemoryEventStorageAdapter::new();
    let shapes = EventStore::<Shape>::new(storage.clone());
    for (version, (payload, wanted)) in (1..).zip(cases()) {
        let pushed = shapes.push_event(NewEvent::new("s", version, payload.clone())).await.unwrap().event;
        let name = pushed.event_type();
        // The JSON equals that of the payload's type. Events without a payload have no key.
        let event = as_json(&pushed);
        assert_eq!(event.get("payload"), wanted.as_ref(), "{name}");
        assert_eq!(event["type"], name.as_str());

        let read = shapes.get_events("s").min_version(version).await.unwrap().remove(0);
        assert_eq!(read.payload, payload, "{name}: stored");
        let raw = storage.get_events("SHAPES", "s", Default::default()).await.unwrap().pop().unwrap();
        assert_eq!(raw.payload.is_some(), wanted.is_some(), "{name}: stored");

        // Decoded from JSON with the type first, from JSON with the payload first, and from a value.
        for text in [event.to_string(), reversed(&event)] {
            let read: EventDetail<Shape> =
                serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(read.payload, payload, "{name}: {text}");
        }
        let read: EventDetail<Shape> = serde_json::from_value(event).unwrap();
        assert_eq!(read.payload, payload, "{name}: from a value");
    }

    // The payloads are also read from messages, in any order of keys.
    let aggregate = shapes.get_existing_aggregate("s").await.unwrap();
    for event in aggregate.events {
        let message = StateCarryingMessage { event, aggregate: aggregate.aggregate.clone() };
        let text = serde_json::to_string(&ShapesMessage::from(message.clone())).unwrap();
        let ShapesMessage::Shape(read) = serde_json::from_str(&text).unwrap();
        assert_eq!(read, message);
        let ShapesMessage::Shape(read) = serde_json::from_str(&reversed(&as_json(&message))).unwrap();
        assert_eq!(read, message);
    }
}

/// Returns an object with its keys in reverse order, so that `type` comes after `payload`, and `eventStoreId` last.
fn reversed(value: &Value) -> String {
    let Value::Object(fields) = value else { return value.to_string() };
    let mut keys: Vec<&String> = fields.keys().collect();
    keys.sort_by_key(|key| match key.as_str() {
        "payload" => 0,
        "event" | "aggregate" => 1,
        "type" | "eventStoreId" => 3,
        _ => 2,
    });
    let nested = |key: &str| if key == "event" { reversed(&fields[key]) } else { fields[key].to_string() };
    let fields: Vec<String> = keys.into_iter().map(|key| format!("{}:{}", json!(key), nested(key))).collect();
    format!("{{{}}}", fields.join(","))
}

async fn read(event_type: &'static str, payload: Option<Value>) -> Result<ShapeEvent, DecodeEventError> {
    let storage = InMemoryEventStorageAdapter::new();
    let raw = RawEvent {
        aggregate_id: "s".to_owned(),
        version: 4,
        event_type: event_type.into(),
        timestamp: timestamp("2024-01-01"),
        payload: payload.map(|payload| to_raw_value(&payload).unwrap()),
        metadata: None,
    };
    storage.push_event("SHAPES", raw, PushOptions::new().allow_gap(true)).await.unwrap();
    match EventStore::<Shape>::new(storage).get_events("s").await {
        Ok(mut events) => Ok(events.remove(0).payload),
        Err(EventStoreError::Decode(error)) => Err(*error),
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn missing_payload_equals_null() {
    // Postgres does not distinguish a missing payload from the payload `null`.
    for payload in [None, Some(Value::Null)] {
        assert_eq!(read("Optional", payload.clone()).await.unwrap(), ShapeEvent::Optional(None));
        assert_eq!(read("UnitStruct", payload.clone()).await.unwrap(), ShapeEvent::UnitStruct(Unit));
        assert_eq!(read("UnitType", payload.clone()).await.unwrap(), ShapeEvent::UnitType(()));
        assert_eq!(read("Any", payload.clone()).await.unwrap(), ShapeEvent::Any(Value::Null));
        assert_eq!(read("Nothing", payload.clone()).await.unwrap(), ShapeEvent::Nothing);
        for event_type in ["Fields", "Struct", "Newtype", "List", "Text"] {
            let error = read(event_type, payload.clone()).await.unwrap_err();
            assert!(matches!(error.problem, DecodeEventProblem::Payload { .. }), "{error}");
        }
    }
}

#[tokio::test]
async fn unexpected_payloads_are_ignored_or_rejected() {
    // The event type may have had a payload in an earlier version of the program.
    assert_eq!(read("Nothing", Some(json!({"old": [1]}))).await.unwrap(), ShapeEvent::Nothing);
    let fields = ShapeEvent::Fields { x: 1, y: vec![] };
    assert_eq!(read("Fields", Some(json!({"x": 1, "z": 3, "y": []}))).await.unwrap(), fields);
    assert_eq!(read("EmptyFields", Some(json!({"z": 3}))).await.unwrap(), ShapeEvent::EmptyFields {});
    for (event_type, payload) in [
        ("Fields", json!({"x": 1})),
        ("Fields", json!({"x": "1", "y": []})),
        ("Fields", json!("x")),
        ("Struct", json!([])),
        ("Newtype", json!(-1)),
        ("Array", json!([1, 2])),
        ("Character", json!("ab")),
        ("Tagged", json!({"kind": "Three"})),
        ("ByNumber", json!({"seven": "7"})),
        ("Big", json!(1e30)),
    ] {
        let error = read(event_type, Some(payload)).await.unwrap_err();
        assert_eq!(error.event_type, event_type);
        assert!(matches!(error.problem, DecodeEventProblem::Payload { .. }), "{error}");
    }
}

#[tokio::test]
async fn unknown_event_type_is_named_with_the_known_ones() {
    let error = read("Vanished", Some(json!({"secret": "s3cr3t"}))).await.unwrap_err();
    let DecodeEventProblem::UnknownEventType { expected, .. } = &error.problem else { panic!("{error}") };
    assert_eq!(error.event_type, "Vanished");
    assert!(expected.starts_with("Nothing, EmptyFields, Fields"), "{expected}");
    let text = error.to_string();
    for part in ["SHAPES", "aggregate s", "version 4", "\"Vanished\""] {
        assert!(text.contains(part), "{text}");
    }
    assert!(!format!("{error} {error:?}").contains("s3cr3t"));

    let text = r#"{"aggregateId":"s","version":1,"type":"Vanished","timestamp":"2024-01-01T00:00:00.000Z"}"#;
    let error = serde_json::from_str::<EventDetail<Shape>>(text).unwrap_err().to_string();
    assert!(error.contains("Nothing, EmptyFields"), "{error}");
}

#[derive(Debug, Clone, PartialEq, Event)]
pub enum LedgerEvent {
    Booked { amount: u128, balance: i128, rate: f64 },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "LEDGER", event = LedgerEvent)]
pub struct Ledger {
    balance: i128,
}

impl Reducer for Ledger {
    fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        let LedgerEvent::Booked { balance, .. } = event.payload;
        Ok(Self { balance })
    }
}

message_channel! {
    type LedgerQueue = StateCarryingMessageQueue<Ledger>;
}

/// Integers of more than 64 bits are kept, whichever key comes first. Decoding must therefore not go through
/// `serde_json::Value`, which cannot keep such integers.
#[test]
fn wide_integers_are_read_in_any_order_of_keys() {
    let amount = "340282366920938463463374607431768211455";
    let balance = "-170141183460469231731687303715884105728";
    let payload = format!(r#""payload":{{"amount":{amount},"balance":{balance},"rate":1.10}}"#);
    let rest = r#""aggregateId":"l","version":1,"timestamp":"2024-01-01T00:00:00.000Z""#;
    let aggregate = format!(r#""aggregate":{{"balance":{balance},"aggregateId":"l","version":1}}"#);
    let id = r#""eventStoreId":"LEDGER""#;
    let r#type = r#""type":"Booked""#;
    let events =
        [format!(r#""event":{{{rest},{payload},{}}}"#, r#type), format!(r#""event":{{{},{payload},{rest}}}"#, r#type)];
    for event in &events {
        for message in [format!("{{{id},{event},{aggregate}}}"), format!("{{{event},{aggregate},{id}}}")] {
            let LedgerQueueMessage::Ledger(read) = serde_json::from_str(&message).unwrap();
            let LedgerQueueMessage::Ledger(from_reader) = serde_json::from_reader(message.as_bytes()).unwrap();
            assert_eq!(read, from_reader);
            let booked = LedgerEvent::Booked { amount: u128::MAX, balance: i128::MIN, rate: 1.1 };
            assert_eq!(read.event.payload, booked, "{message}");
            assert_eq!(read.aggregate.state, Ledger { balance: i128::MIN });
        }
    }
}
