//! Tests of the JSON of the three kinds of messages, for 26 events.

use castore::channel::{AggregateExistsMessageQueue, NotificationMessageQueue, StateCarryingMessageQueue};
use castore::{
    AggregateExistsMessage, EventSourced, NotificationMessage, Reducer, StateCarryingMessage, message_channel,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::domain::{AnyPokemon, Pokemon};
use crate::support::{golden, json, object};

message_channel! {
    type ExistsQueue = AggregateExistsMessageQueue<AnyPokemon>;
    type NotificationQueue = NotificationMessageQueue<AnyPokemon>;
    type StateQueue = StateCarryingMessageQueue<AnyPokemon>;
}

/// Decodes a message in several ways, and encodes it again.
fn round_trip<M: Serialize + DeserializeOwned>(text: &str) -> Value {
    let from_text: M = serde_json::from_str(text).unwrap();
    let from_bytes: M = serde_json::from_slice(text.as_bytes()).unwrap();
    let from_reader: M = serde_json::from_reader(text.as_bytes()).unwrap();
    // The keys are sorted, so `aggregate` and `event` come before `eventStoreId`.
    let from_value: M = serde_json::from_value(serde_json::from_str(text).unwrap()).unwrap();
    let written = json(&from_text);
    for other in [from_bytes, from_reader, from_value] {
        assert_eq!(json(&other), written);
    }
    written
}

/// Returns the JSON that castore writes for a recorded message, which differs from the recorded JSON in two cases.
fn expected(case: &str, text: &str) -> Value {
    let mut recorded: Value = serde_json::from_str(text).unwrap();
    if let Some(event) = recorded.get_mut("event").and_then(Value::as_object_mut) {
        match case {
            // A `null` payload and a missing payload are decoded in the same way, because Postgres does not distinguish
            // them. The event is encoded according to its declaration: with a payload.
            "undefinedPayload" => _ = event.insert("payload".to_owned(), Value::Null),
            // Metadata is optional: `null` means no metadata.
            "nullPayload" => _ = event.remove("metadata"),
            _ => {}
        }
    }
    recorded
}

#[test]
fn every_recorded_message_is_read_and_written_again() {
    let golden = golden("messages");
    let kinds = object(&golden["kinds"]);
    assert_eq!(kinds.len(), 26);
    for (case, recorded) in kinds {
        let text = |kind: &str| recorded[kind].as_str().unwrap().to_owned();

        let exists = text("aggregateExists");
        assert_eq!(round_trip::<AggregateExistsMessage<AnyPokemon>>(&exists), expected(case, &exists), "{case}");
        assert_eq!(round_trip::<ExistsQueueMessage>(&exists), expected(case, &exists), "{case}");

        let (notification, state_carrying) = (text("notification"), text("stateCarrying"));
        // A Rust string cannot contain a lone surrogate: such a message is rejected.
        if case == "loneSurrogate" {
            assert!(serde_json::from_str::<NotificationMessage<AnyPokemon>>(&notification).is_err());
            assert!(serde_json::from_str::<NotificationQueueMessage>(&notification).is_err());
            assert!(serde_json::from_str::<StateQueueMessage>(&state_carrying).is_err());
            continue;
        }
        let wanted = expected(case, &notification);
        assert_eq!(round_trip::<NotificationMessage<AnyPokemon>>(&notification), wanted, "{case}");
        assert_eq!(round_trip::<NotificationQueueMessage>(&notification), wanted, "{case}");
        let wanted = expected(case, &state_carrying);
        assert_eq!(round_trip::<StateCarryingMessage<AnyPokemon>>(&state_carrying), wanted, "{case}");
        assert_eq!(round_trip::<StateQueueMessage>(&state_carrying), wanted, "{case}");
    }
}

/// Tests the recorded messages whose payloads match the types of the store `Pokemon`.
#[test]
fn typed_messages_are_read_and_written_again() {
    let golden = golden("messages");
    for case in ["payloadOnly", "payloadAndMetadata", "idWithHash", "emptyAggregateId"] {
        let recorded = &golden["kinds"][case];
        let text = recorded["notification"].as_str().unwrap();
        assert_eq!(round_trip::<NotificationMessage<Pokemon>>(text), expected(case, text), "{case}");
        let text = recorded["stateCarrying"].as_str().unwrap();
        assert_eq!(round_trip::<StateCarryingMessage<Pokemon>>(text), expected(case, text), "{case}");
    }
    for case in ["noPayloadNoMetadata", "metadataOnly", "bigVersion", "versionZero"] {
        let text = golden["kinds"][case]["notification"].as_str().unwrap();
        assert_eq!(round_trip::<NotificationMessage<Pokemon>>(text), expected(case, text), "{case}");
    }
}

/// The aggregate that Castore has sent equals the aggregate that the reducer computes.
#[test]
fn carried_state_equals_the_reduced_state() {
    let golden = golden("messages");
    for case in ["payloadOnly", "payloadAndMetadata", "idWithHash", "emptyAggregateId"] {
        let text = golden["kinds"][case]["stateCarrying"].as_str().unwrap();
        let message: StateCarryingMessage<Pokemon> = serde_json::from_str(text).unwrap();
        assert_eq!(Pokemon::reduce(None, &message.event).unwrap(), message.aggregate.state, "{case}");
    }
}

#[test]
fn keys_are_accepted_in_any_order_and_unknown_keys_are_ignored() {
    let text = r#"{
        "traceId": [1, {"event": 2}],
        "event": {
            "correlation": null, "payload": {"level": 2, "name": "Pikachu", "shiny": true},
            "timestamp": "2024-02-29T13:34:56.789+01:00", "type": "APPEARED", "version": 1, "aggregateId": "p"
        },
        "aggregate": {"status": "wild", "level": 2, "name": "Pikachu", "version": 1, "hp": 3, "aggregateId": "p"},
        "eventStoreId": "POKEMONS"
    }"#;
    let message: StateCarryingMessage<Pokemon> = serde_json::from_str(text).unwrap();
    assert_eq!(message.event.timestamp.to_string(), "2024-02-29T12:34:56.789Z");
    assert_eq!((message.aggregate.version, message.aggregate.level), (1, 2));
    assert_eq!(round_trip::<StateCarryingMessage<Pokemon>>(text), json(&message));
}

#[test]
fn messages_of_other_stores_are_rejected_with_their_name() {
    let text = r#"{"eventStoreId":"BATTLES","aggregateId":"b","initialEventTimestamp":"2024-01-01T00:00:00.000Z"}"#;
    let error = serde_json::from_str::<AggregateExistsMessage<Pokemon>>(text).unwrap_err().to_string();
    assert!(error.contains("BATTLES") && error.contains(Pokemon::EVENT_STORE_ID), "{error}");
    let error = serde_json::from_str::<ExistsQueueMessage>(text).unwrap_err().to_string();
    assert!(error.contains("BATTLES"), "{error}");
}
