//! Castore distinguishes the kinds of messages by their keys. In castore, a message is decoded as the type of a kind,
//! and decoding fails if the message is of another kind.

use castore::event::ParseEventTypeError;
use castore::{AggregateExistsMessage, NotificationMessage, StateCarryingMessage};
use serde_json::{Value, json};

use super::domain::{AnyEventType, AnyPokemon};
use crate::support::{golden, object};

fn message(case: &str) -> Value {
    let event =
        json!({"aggregateId": "p", "version": 1, "type": "LEVELED_UP", "timestamp": "2024-01-01T00:00:00.000Z"});
    match case {
        "aggregateExists" => json!({
            "eventStoreId": "POKEMONS", "aggregateId": "p", "initialEventTimestamp": "2024-01-01T00:00:00.000Z"
        }),
        "notification" => json!({"eventStoreId": "POKEMONS", "event": event}),
        "notificationWithStrayAggregateId" => {
            json!({"eventStoreId": "POKEMONS", "event": event, "aggregateId": "p"})
        }
        "stateCarrying" => {
            json!({"eventStoreId": "POKEMONS", "event": event, "aggregate": {"aggregateId": "p", "version": 1}})
        }
        "empty" => json!({}),
        other => panic!("unknown case {other}"),
    }
}

#[test]
fn messages_are_decoded_by_their_keys() {
    let golden = golden("messages");
    for (case, guards) in object(&golden["guards"]) {
        // A key with the value `undefined` does not exist in JSON.
        if case == "stateCarryingWithUndefinedAggregate" {
            continue;
        }
        let is = |guard: &str| guards[guard].as_bool().unwrap();
        let message = message(case);
        let read = serde_json::from_value::<AggregateExistsMessage<AnyPokemon>>(message.clone()).is_ok();
        assert_eq!(read, is("isAggregateExistsMessage"), "{case}");
        // A consumer of notifications can decode state-carrying messages: it ignores the aggregate.
        let read = serde_json::from_value::<NotificationMessage<AnyPokemon>>(message.clone()).is_ok();
        assert_eq!(read, is("isEventCarryingMessage"), "{case}");
        let read = serde_json::from_value::<StateCarryingMessage<AnyPokemon>>(message).is_ok();
        assert_eq!(read, is("isStateCarryingMessage"), "{case}");
    }
}

/// Declaring an event type with a reserved name is a compile error, which the UI tests check. This test checks that
/// reserved names are not decoded as event types.
#[test]
fn reserved_names_are_not_decoded_as_event_types() {
    let golden = golden("messages");
    for (name, value) in object(&golden["reserved"]) {
        assert_eq!(name, value);
        let parsed: Result<AnyEventType, ParseEventTypeError> = name.parse();
        assert!(parsed.is_err());
    }
}
