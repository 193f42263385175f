//! Property tests of JSON round trips of messages with payloads and states of any shape.

use castore::prelude::*;
use proptest::prelude::*;
use serde_json::{Map, Value};

use super::{config, run};
use crate::golden::domain::{AnyEvent, AnyPokemon};

message_channel! {
    type AnyBus = StateCarryingMessageBus<AnyPokemon>;
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        // Halves of integers: floating-point numbers that JSON preserves exactly.
        any::<i32>().prop_map(|number| Value::from(f64::from(number) / 2.0)),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec(("[a-zé\"\\\\]{0,4}", inner), 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// Generates an object without the keys that `Aggregate` adds.
fn state() -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::vec(("[a-z]{1,4}", value()), 0..4).prop_map(|fields| fields.into_iter().collect())
}

proptest! {
    #![proptest_config(config(200))]

    #[test]
    fn messages_round_trip(
        payload in value(),
        metadata in value(),
        state in state(),
        id in ".{0,6}",
        version in 1u64..,
        millis in -100_000_000_000_000i64..300_000_000_000_000,
    ) {
        let timestamp = Timestamp::from_unix_millis(millis).unwrap();
        let mut event = EventDetail::<AnyPokemon>::new(id.clone(), version, timestamp, AnyEvent::Appeared(payload));
        // In JSON, missing metadata and `null` are the same.
        event.metadata = Some(metadata).filter(|metadata| !metadata.is_null());
        let aggregate = Aggregate { aggregate_id: id, version, state: AnyPokemon(state) };
        let message = StateCarryingMessage { event, aggregate };
        let text = serde_json::to_string(&AnyBusMessage::from(message.clone())).unwrap();
        let AnyBusMessage::AnyPokemon(read) = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&read, &message);
        // A `Value` has another order of keys.
        let value: Value = serde_json::from_str(&text).unwrap();
        let AnyBusMessage::AnyPokemon(read) = serde_json::from_value(value.clone()).unwrap();
        prop_assert_eq!(&read, &message);
        let AnyBusMessage::AnyPokemon(read) = serde_json::from_str(&value.to_string()).unwrap();
        prop_assert_eq!(&read, &message);

        // The event is also stored and read back.
        let event = message.event;
        let read = run(async {
            let store = EventStore::<AnyPokemon>::new(InMemoryEventStorageAdapter::new());
            let new = NewEvent::new(&event.aggregate_id, event.version, event.payload.clone()).timestamp(timestamp);
            let new = NewEvent { metadata: event.metadata.clone(), ..new };
            store.push_event(new).allow_gap(true).await.unwrap();
            store.get_events(&event.aggregate_id).await.unwrap().remove(0)
        });
        prop_assert_eq!(read, event);
    }

    /// Decoding any text returns a message or an error, and does not panic.
    #[test]
    fn invalid_messages_are_rejected_without_panic(text in ".{0,40}", value in value()) {
        let _ = serde_json::from_str::<AnyBusMessage>(&text);
        let _ = serde_json::from_value::<AnyBusMessage>(value.clone());
        let _ = serde_json::from_value::<EventDetail<AnyPokemon>>(value.clone());
        let _ = serde_json::from_value::<Aggregate<AnyPokemon>>(value);
        let _ = text.parse::<Timestamp>();
    }
}
