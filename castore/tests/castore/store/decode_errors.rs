//! Tests of the errors of stored events that cannot be decoded. The errors contain the position of the problem, but not
//! the content of the event.

use castore::event::DecodeEventError;
use castore::prelude::*;
use castore::storage::{EventStorageAdapter, PushOptions, RawEvent};
use serde_json::value::RawValue;

use crate::golden::domain::*;
use crate::support::{chain, timestamp};

const SECRET: &str = "s3cr3t";

fn raw(event_type: &'static str, payload: &str, metadata: Option<&str>) -> RawEvent {
    let raw = |text: &str| RawValue::from_string(text.to_owned()).unwrap();
    RawEvent {
        aggregate_id: "p".to_owned(),
        version: 7,
        event_type: event_type.into(),
        timestamp: timestamp("2024-01-01"),
        payload: Some(raw(payload)),
        metadata: metadata.map(raw),
    }
}

async fn errors(event: RawEvent) -> Vec<DecodeEventError> {
    let storage = InMemoryEventStorageAdapter::new();
    storage.push_event("POKEMONS", event, PushOptions::new().allow_gap(true)).await.unwrap();
    let pokemons = EventStore::<Pokemon>::new(storage);
    let errors = [
        pokemons.get_events("p").await.unwrap_err(),
        pokemons.get_aggregate("p").await.map(|_| ()).unwrap_err(),
        pokemons.get_existing_aggregate("p").without_events().await.map(|_| ()).unwrap_err(),
        pokemons.get_events("p").stream().next().await.unwrap().unwrap_err(),
    ];
    errors
        .into_iter()
        .map(|error| {
            let told = format!("{error} {error:?} {error:#?} {:?}", chain(&error));
            assert!(!told.contains(SECRET), "{told}");
            match error {
                EventStoreError::Decode(error) => *error,
                other => panic!("{other:?}"),
            }
        })
        .collect()
}

#[tokio::test]
async fn decode_error_names_the_position_and_not_the_content() {
    let cases = [
        raw("APPEARED", &format!(r#"{{"name": "{SECRET}", "level": "{SECRET}"}}"#), None),
        raw("APPEARED", &format!(r#"{{"{SECRET}": 1}}"#), None),
        raw("APPEARED", &format!(r#""{SECRET}""#), None),
        raw("APPEARED", &format!(r#"["{SECRET}"]"#), None),
        raw("UNHEARD_OF", &format!(r#"{{"x": "{SECRET}"}}"#), None),
        raw("LEVELED_UP", "null", Some(&format!(r#"{{"trigger": ["{SECRET}"]}}"#))),
        raw("LEVELED_UP", "null", Some(&format!(r#""{SECRET}""#))),
    ];
    for event in cases {
        let event_type = event.event_type.clone();
        for error in errors(event).await {
            let place = (&*error.event_store_id, error.aggregate_id.as_str(), error.version, error.event_type.as_str());
            assert_eq!(place, ("POKEMONS", "p", 7, &*event_type));
            let text = error.to_string();
            for part in ["POKEMONS", "aggregate p", "version 7"] {
                assert!(text.contains(part), "{text}");
            }
            assert!(text.contains(&*event_type) || event_type == "LEVELED_UP", "{text}");
        }
    }
}

/// Messages with an unknown event type, or with a missing or invalid field, cannot be decoded.
#[test]
fn undecodable_messages_are_rejected() {
    let message = |event: &str| format!(r#"{{"eventStoreId": "POKEMONS", "event": {event}}}"#);
    for event in [
        r#"{"aggregateId": "p", "version": 1, "type": "NEW", "timestamp": "2024-01-01T00:00:00.000Z"}"#,
        r#"{"aggregateId": "p", "version": 1, "timestamp": "2024-01-01T00:00:00.000Z"}"#,
        r#"{"aggregateId": "p", "version": -1, "type": "LEVELED_UP", "timestamp": "2024-01-01T00:00:00.000Z"}"#,
        r#"{"aggregateId": "p", "version": 1.5, "type": "LEVELED_UP", "timestamp": "2024-01-01T00:00:00.000Z"}"#,
        r#"{"aggregateId": "p", "version": 1, "type": "LEVELED_UP", "timestamp": "yesterday"}"#,
        r#"{"aggregateId": 7, "version": 1, "type": "LEVELED_UP", "timestamp": "2024-01-01T00:00:00.000Z"}"#,
        r#"{"version": 1, "type": "LEVELED_UP", "timestamp": "2024-01-01T00:00:00.000Z"}"#,
        "null",
    ] {
        assert!(serde_json::from_str::<NotificationMessage<Pokemon>>(&message(event)).is_err(), "{event}");
    }
    let twice = r#"{"eventStoreId": "POKEMONS", "eventStoreId": "TRAINERS", "event": null}"#;
    assert!(serde_json::from_str::<NotificationMessage<Pokemon>>(twice).is_err());
}
