//! Tests that events that are read and stored again keep the fields that their types do not declare.

use std::collections::{BTreeMap, HashMap};

use castore::event::StoredEvent;
use castore::prelude::*;
use castore::storage::{EventStorageAdapter, GetEventsOptions, PushOptions, RawEvent};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

#[derive(Debug, Clone, PartialEq, Event)]
enum TrainerEvent {
    Started(Started),
    Renamed {
        name: String,
    },
    #[event(type = "RETIRED")]
    Retired,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Started {
    #[serde(alias = "name")]
    trainer_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    nick: Option<String>,
    #[serde(default)]
    team: Vec<Member>,
    #[serde(default)]
    badges: HashMap<String, u8>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Member {
    name: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Origin {
    service: String,
}

#[event_store(id = "TRAINERS", event = TrainerEvent, metadata = Origin)]
#[derive(Debug, Clone, PartialEq)]
struct Trainer;

impl Reducer for Trainer {
    fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(Self)
    }
}

/// Stores an event as another program would, reads it, changes it and stores it again. Returns the stored payload and
/// metadata.
async fn rewrite(
    event_type: &'static str,
    payload: &str,
    metadata: Option<&str>,
    change: impl FnOnce(&mut NewEvent<Trainer>),
) -> (String, Option<String>) {
    let storage = InMemoryEventStorageAdapter::new();
    let trainers = EventStore::<Trainer>::new(storage.clone());
    let json = |text: &str| RawValue::from_string(text.to_owned()).unwrap();
    let event = RawEvent {
        aggregate_id: "ash".to_owned(),
        version: 1,
        event_type: event_type.into(),
        timestamp: Timestamp::UNIX_EPOCH,
        payload: Some(json(payload)),
        metadata: metadata.map(json),
    };
    storage.push_event("TRAINERS", event, PushOptions::default()).await.unwrap();
    let stored: Vec<StoredEvent<Trainer>> = trainers.get_events("ash").with_raw().await.unwrap();
    let [stored] = stored.try_into().unwrap();
    assert_eq!(stored.raw().payload.as_ref().unwrap().get(), payload);
    assert_eq!(stored.version, 1);
    let mut event = NewEvent::from(stored);
    change(&mut event);
    let expected = event.payload.clone();
    trainers.push_event(event).force(true).await.unwrap();
    let read = trainers.get_events("ash").await.unwrap();
    assert_eq!(read[0].payload, expected);
    assert_eq!(read[0].timestamp, Timestamp::UNIX_EPOCH);
    let raw = storage.get_events("TRAINERS", "ash", GetEventsOptions::default()).await.unwrap().remove(0);
    let text = |json: Option<Box<RawValue>>| json.map(|json| json.get().to_owned());
    (text(raw.payload).unwrap(), text(raw.metadata))
}

fn started(event: &mut NewEvent<Trainer>) -> &mut Started {
    let TrainerEvent::Started(started) = &mut event.payload else { panic!("another event") };
    started
}

const PAYLOAD: &str = r#"{"region" : "Kanto", "trainerName":"Ash","nick":"A","team":[{"name":"p","shiny":true}], "big":123456789012345678901234567890,"f":1.10}"#;
const METADATA: &str = r#"{"trace":["a"],  "service":"game"}"#;

#[tokio::test]
async fn unchanged_event_keeps_its_text() {
    let (payload, metadata) = rewrite("Started", PAYLOAD, Some(METADATA), |_| {}).await;
    assert_eq!(payload, PAYLOAD);
    assert_eq!(metadata.as_deref(), Some(METADATA));
}

#[tokio::test]
async fn changed_fields_are_stored_beside_undeclared_ones() {
    let (payload, metadata) = rewrite("Started", PAYLOAD, Some(METADATA), |event| {
        started(event).trainer_name = "Misty".to_owned();
        started(event).nick = None;
        started(event).team[0].name = "q".to_owned();
    })
    .await;
    assert_eq!(
        payload,
        r#"{"trainerName":"Misty","team":[{"name":"q","shiny":true}],"badges":{},"region":"Kanto","big":123456789012345678901234567890,"f":1.10}"#
    );
    assert_eq!(metadata.as_deref(), Some(METADATA));
}

#[tokio::test]
async fn changed_metadata_keeps_undeclared_fields() {
    let (payload, metadata) = rewrite("Started", PAYLOAD, Some(METADATA), |event| {
        event.metadata = Some(Origin { service: "import".to_owned() });
    })
    .await;
    assert_eq!(payload, PAYLOAD);
    assert_eq!(metadata.as_deref(), Some(r#"{"service":"import","trace":["a"]}"#));
    let (_, metadata) = rewrite("Started", PAYLOAD, Some(METADATA), |event| event.metadata = None).await;
    assert_eq!(metadata, None);
}

/// A value that was stored under an alias is stored again under the name of the field, and the alias is removed. An
/// object with both names could not be read.
#[tokio::test]
async fn alias_is_not_kept_beside_the_field() {
    let payload = r#"{"name":"Ash","region":"Kanto","team":[{"name":"p","name2":1}]}"#;
    let (payload, _) = rewrite("Started", payload, None, |event| {
        started(event).trainer_name = "Misty".to_owned();
        started(event).team[0].name = "q".to_owned();
    })
    .await;
    assert_eq!(payload, r#"{"trainerName":"Misty","team":[{"name":"q","name2":1}],"badges":{},"region":"Kanto"}"#);
}

#[tokio::test]
async fn lists_of_another_length_are_replaced() {
    let (payload, _) = rewrite("Started", PAYLOAD, None, |event| {
        started(event).team.push(Member { name: "new".to_owned() });
    })
    .await;
    assert!(payload.contains(r#""team":[{"name":"p"},{"name":"new"}]"#), "{payload}");
    assert!(payload.contains(r#""region":"Kanto""#), "{payload}");
}

#[tokio::test]
async fn keys_of_maps_are_declared() {
    let payload = r#"{"trainerName":"Ash","badges":{"stone":1,"wave":2,"heat":3,"rain":4},"region":"Kanto"}"#;
    let (payload, _) = rewrite("Started", payload, None, |event| {
        started(event).badges.remove("wave");
        started(event).badges.insert("stone".to_owned(), 7);
    })
    .await;
    let payload: BTreeMap<String, serde_json::Value> = serde_json::from_str(&payload).unwrap();
    assert_eq!(payload["badges"], serde_json::json!({ "stone": 7, "heat": 3, "rain": 4 }));
    assert_eq!(payload["region"], "Kanto");
}

#[tokio::test]
async fn event_of_another_type_keeps_nothing_of_the_payload() {
    let (payload, metadata) = rewrite("Started", PAYLOAD, Some(METADATA), |event| {
        event.payload = TrainerEvent::Renamed { name: "Misty".to_owned() };
    })
    .await;
    assert_eq!(payload, r#"{"name":"Misty"}"#);
    assert_eq!(metadata.as_deref(), Some(METADATA));
}

/// A stored payload is kept even if the event type declares no payload.
#[tokio::test]
async fn undeclared_payload_is_kept() {
    let (payload, _) = rewrite("RETIRED", r#"{"why":"age"}"#, None, |_| {}).await;
    assert_eq!(payload, r#"{"why":"age"}"#);
}

/// An event that is created from an `EventDetail` loses undeclared fields, because an `EventDetail` does not contain
/// the stored JSON.
#[tokio::test]
async fn event_detail_stores_what_is_declared() {
    let (payload, _) = rewrite("Started", PAYLOAD, Some(METADATA), |event| {
        let NewEvent { aggregate_id, version, payload, .. } = event.clone();
        *event = NewEvent::new(aggregate_id, version, payload).timestamp(Timestamp::UNIX_EPOCH);
    })
    .await;
    assert_eq!(payload, r#"{"trainerName":"Ash","nick":"A","team":[{"name":"p"}],"badges":{}}"#);
}
