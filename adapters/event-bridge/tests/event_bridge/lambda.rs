//! Tests of the events that Lambda functions and other targets of rules receive.

use std::sync::{Arc, Mutex};

use castore::prelude::*;
use castore_core::consumer::{FailureAction, HandlerError, Listeners, MessageHandler};
use castore_core::message::ChannelMessage;
use castore_event_bridge::{EventBridgeEnvelope, EventBridgeMessageBusMessage, MalformedEventError};
use serde_json::{Value, json};

use crate::canned::Canned;
use crate::domain::{
    AggregateBus, AppBus, AppBusMessage, Counter, CounterBus, CounterBusMessage, CounterEvent, Mailed, Pokemon,
    StateBus, Trainer,
};
use crate::large::event_of;

fn golden() -> Value {
    serde_json::from_str(include_str!("../../../../tests/golden/eventbridge.json")).unwrap()
}

/// Returns the event for a recorded entry. The case must have a single call.
fn event(case: &str, place: usize) -> Value {
    event_of(&golden()["cases"][case]["calls"][0]["input"]["Entries"][place])
}

fn trainer() -> Value {
    let message = json!({ "eventStoreId": "TRAINERS", "event": {
        "aggregateId": "ash",
        "version": 1,
        "type": "GAME_STARTED",
        "timestamp": "2024-01-01T00:00:00.000Z",
        "payload": { "trainer_name": "Ash" },
    }});
    event_of(&json!({ "Source": "TRAINERS", "DetailType": "GAME_STARTED", "Detail": message.to_string() }))
}

#[test]
fn events_of_the_whole_bus() {
    let read = |event: Value| serde_json::from_value::<EventBridgeMessageBusMessage<AppBus>>(event).unwrap();
    let appeared = read(event("default: publishMessage notification", 0));
    assert!(!appeared.is_replay());
    let AppBusMessage::Pokemon(pokemon) = &**appeared.message().unwrap().unwrap() else { panic!("a pokemon") };
    assert_eq!(pokemon.event.version, 1);
    assert_eq!(appeared.event().id.as_deref(), Some("6a7e8feb-b491-4cf7-a9f1-bf3703467718"));
    let replayed = read(event("replay=true: publishMessage notification", 0));
    assert!(replayed.is_replay());
    let trainer = read(trainer());
    assert!(matches!(&**trainer.message().unwrap().unwrap(), AppBusMessage::Trainer(_)));
    assert!(!format!("{appeared:?}").contains("Pikachu"));
}

#[test]
fn events_of_other_kinds() {
    let event_with_state = event("replay=true: publishMessage stateCarrying", 0);
    let message: EventBridgeMessageBusMessage<StateBus, Pokemon> = serde_json::from_value(event_with_state).unwrap();
    assert!(message.is_replay());
    assert_eq!(message.message().unwrap().unwrap().aggregate.state.name, "Pikachu");
    // As in the original package, this message does not show that it is a replay.
    let aggregate_exists = event("replay=true: publishMessage aggregateExists", 0);
    let message: EventBridgeMessageBusMessage<AggregateBus, Pokemon> =
        serde_json::from_value(aggregate_exists).unwrap();
    assert!(!message.is_replay());
    assert_eq!(message.message().unwrap().unwrap().aggregate_id, "11111111-1111-4111-8111-111111111111");
}

/// The recorded events were published by the original package, and delivered by a rule to a queue.
#[test]
fn envelopes_of_the_original_are_read() {
    let golden = golden();
    let received = golden["moto"]["receivedThroughSqsTarget"].as_array().unwrap();
    let read = |place: usize| EventBridgeEnvelope::parse(&received[place].to_string()).unwrap();
    let live = read(0);
    assert_eq!((live.source(), live.detail_type(), live.is_replay()), ("POKEMONS", "APPEARED", false));
    let message = live.message::<AppBus>().unwrap();
    assert_eq!(serde_json::to_value(message).unwrap(), received[0]["detail"]);
    let replayed = read(1);
    assert!(replayed.is_replay());
    assert_eq!(replayed.message::<AppBus>().unwrap().as_message().event_type(), Some("CAUGHT_BY_TRAINER"));
    let aggregate_exists = read(2);
    assert!(!aggregate_exists.is_replay());
    aggregate_exists.message::<AggregateBus>().unwrap();
    assert!(!format!("{live:?}").contains("Pikachu"));
}

#[test]
fn an_event_can_be_narrowed() {
    let appeared = event("default: publishMessage notification", 0);
    let caught = event("default: publishMessages mixed", 0);
    let of_store: EventBridgeMessageBusMessage<AppBus, Pokemon> = serde_json::from_value(caught.clone()).unwrap();
    assert_eq!(of_store.message().unwrap().unwrap().event.version, 2);
    let narrowed: EventBridgeMessageBusMessage<AppBus, Pokemon, Mailed> = serde_json::from_value(appeared).unwrap();
    match &narrowed.message().unwrap().unwrap().payload {
        Mailed::Appeared(payload) => assert_eq!(payload["name"], "Pikachu"),
        Mailed::LeveledUp => panic!("it appeared"),
    }
    // The rule may also deliver messages that the function does not ask for.
    let other: EventBridgeMessageBusMessage<AppBus, Pokemon, Mailed> = serde_json::from_value(caught).unwrap();
    assert!(other.message().unwrap().is_none());
    let other: EventBridgeMessageBusMessage<AppBus, Pokemon> = serde_json::from_value(trainer()).unwrap();
    assert!(other.message().unwrap().is_none());
    serde_json::from_value::<EventBridgeMessageBusMessage<AppBus, Trainer>>(trainer()).unwrap();
}

/// Only functions that ask for the whole event store must handle messages with event types that this program does not
/// know.
#[tokio::test]
async fn unknown_type_that_the_function_does_not_name_is_no_message() {
    let unknown = || {
        let detail = json!({ "eventStoreId": "POKEMONS", "event": { "aggregateId": "a", "version": 1,
            "type": "EVOLVED_IN_A_LATER_VERSION", "timestamp": "2024-01-01T00:00:00.000Z" } });
        event_of(&json!({ "Source": "POKEMONS", "DetailType": "EVOLVED", "Detail": detail.to_string() }))
    };
    let named: EventBridgeMessageBusMessage<AppBus, Pokemon, Mailed> = serde_json::from_value(unknown()).unwrap();
    assert!(named.message().unwrap().is_none());
    let other: EventBridgeMessageBusMessage<AppBus, Trainer> = serde_json::from_value(unknown()).unwrap();
    assert!(other.message().unwrap().is_none());
    let store: EventBridgeMessageBusMessage<AppBus, Pokemon> = serde_json::from_value(unknown()).unwrap();
    assert!(matches!(store.message(), Err(MalformedEventError::Fields { .. })));
    let all: EventBridgeMessageBusMessage<AppBus> = serde_json::from_value(unknown()).unwrap();
    assert!(matches!(all.message(), Err(MalformedEventError::Fields { .. })));
    // The filters of the handler decide in the same way.
    let on = |filter| MessageHandler::from(Listeners::<AppBus>::new().on(filter, |_, _| async { Ok(()) }));
    assert!(all.handle_with(&on([Filter::store::<Trainer>()])).await.is_ok());
    let whole_store =
        MessageHandler::from(Listeners::<AppBus>::new().on(Filter::store::<Pokemon>(), |_, _| async { Ok(()) }));
    assert!(all.handle_with(&whole_store).await.is_err());
    assert!(all.handle_with(&whole_store.undecodable_action(FailureAction::Skip)).await.is_ok());
    let subset = Listeners::<AppBus>::new().on(Filter::store::<Pokemon>().events::<Mailed>(), |_, _| async { Ok(()) });
    assert!(all.handle_with(&subset.into()).await.is_ok());
}

#[test]
fn numbers_of_128_bits_are_read_in_any_order_of_keys() {
    let payload = format!(r#"{{"total":{},"balance":{}}}"#, u128::MAX, i128::MIN);
    let event = [
        r#""aggregateId":"a""#.to_owned(),
        r#""version":1"#.to_owned(),
        r#""type":"Counted""#.to_owned(),
        r#""timestamp":"2024-01-01T00:00:00.000Z""#.to_owned(),
        format!(r#""payload":{payload}"#),
    ];
    let envelope = [r#""source":"COUNTERS""#.to_owned(), r#""detail-type":"Counted""#.to_owned()];
    let object = |mut fields: Vec<String>, reverse: bool| {
        if reverse {
            fields.reverse();
        }
        format!("{{{}}}", fields.join(","))
    };
    for reverse in [false, true] {
        let event = object(event.to_vec(), reverse);
        let detail = object(vec![r#""eventStoreId":"COUNTERS""#.to_owned(), format!(r#""event":{event}"#)], reverse);
        let fields = envelope.iter().cloned().chain([format!(r#""detail":{detail}"#)]).collect();
        let json = object(fields, reverse);
        let message: EventBridgeMessageBusMessage<CounterBus, Counter> = serde_json::from_str(&json).unwrap();
        let expected = CounterEvent::Counted { total: u128::MAX, balance: i128::MIN };
        assert_eq!(message.message().unwrap().unwrap().event.payload, expected, "{json}");
        let message = EventBridgeEnvelope::parse(&json).unwrap().message::<CounterBus>().unwrap();
        let CounterBusMessage::Counter(message) = message;
        assert_eq!(message.event.payload, expected, "{json}");
    }
}

#[test]
fn errors_describe_invalid_messages_without_their_content() {
    let event = |detail: Value| {
        event_of(&json!({ "Source": "S", "DetailType": "T", "Detail": detail.to_string() })).to_string()
    };
    let read = |json: &str| EventBridgeEnvelope::parse(json).and_then(|envelope| envelope.message::<AppBus>());
    let aggregate = json!({ "aggregateId": "secret" });
    for (json, expected) in [
        ("secret".to_owned(), "the text is not a JSON event of EventBridge"),
        ("{\"detail\":\"secret\"}".to_owned(), "the text is not a JSON event of EventBridge"),
        (event(json!("secret")), "the detail of an event of S is not a message"),
        (event(json!(["secret"])), "the detail of an event of S is not a message"),
        (event(json!({ "messageUrl": "secret" })), "the detail of an event of S is not a message"),
        (event(json!({ "eventStoreId": "OTHERS", "event": aggregate })), "event store OTHERS is not a source"),
        (
            event(json!({ "eventStoreId": "POKEMONS", "event": aggregate })),
            "a message of event store POKEMONS cannot be decoded",
        ),
        (
            event(json!({ "eventStoreId": "POKEMONS", "event": { "aggregateId": "a", "version": 1, "type": "secret",
            "timestamp": "2024-01-01T00:00:00.000Z" } })),
            "a message of event store POKEMONS cannot be decoded",
        ),
    ] {
        let error: MalformedEventError = read(&json).unwrap_err();
        let words = format!("{error} {error:?}");
        assert!(words.contains(expected) && !words.contains("secret"), "{words}");
        let read = serde_json::from_str::<EventBridgeMessageBusMessage<AppBus>>(&json);
        if let Ok(read) = &read
            && let Err(error) = read.message()
        {
            assert!(!error.to_string().contains("secret"), "{error}");
        }
        if let Err(error) = read {
            assert!(
                !error.to_string().contains("secret") || json == "secret" || json.starts_with("{\"detail\""),
                "{error}"
            );
        }
    }
}

/// Replayed aggregate-exists messages are recognized if their publisher marks them.
#[tokio::test]
async fn marked_replay_is_recognized() {
    let (bus, canned) = (AggregateBus::new(), Canned::new([]));
    canned.builder().mark_replays_in_detail(true).attach_to(&bus).unwrap();
    let entry = &golden()["cases"]["default: publishMessage aggregateExists"]["calls"][0]["input"]["Entries"][0];
    let message =
        || serde_json::from_str::<crate::domain::AggregateBusMessage>(entry["Detail"].as_str().unwrap()).unwrap();
    bus.publish_message(message()).replay(true).await.unwrap();
    bus.publish_message(message()).await.unwrap();
    let entries = canned.entries();
    assert_eq!(entries[1], *entry, "a live message is as ever");
    for (entry, replay) in entries.iter().zip([true, false]) {
        let event = event_of(entry);
        let envelope = EventBridgeEnvelope::parse(&event.to_string()).unwrap();
        assert_eq!(envelope.is_replay(), replay);
        let read = envelope.message::<AggregateBus>().unwrap();
        assert_eq!(serde_json::to_value(read).unwrap(), serde_json::to_value(message()).unwrap());
        let message: EventBridgeMessageBusMessage<AggregateBus> = serde_json::from_value(event).unwrap();
        assert_eq!(message.is_replay(), replay);
    }
}

/// The function uses the same listeners as other consumers.
#[tokio::test]
async fn listeners_handle_events() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let (of_pokemons, of_replays) = (heard.clone(), heard.clone());
    let listeners = Listeners::<AppBus>::new()
        .on(Filter::store::<Pokemon>().events::<Mailed>(), move |message, _| {
            of_pokemons.lock().unwrap().push(format!("mail about version {}", message.event.version));
            async { Ok(()) }
        })
        .on(Filter::all().on_replay(true), move |message, context| {
            let about = message.as_message().event_type();
            of_replays.lock().unwrap().push(format!("{} {}", about.unwrap(), context.replay));
            let is_game = about == Some("GAME_STARTED");
            async move { if is_game { Err(HandlerError::new("no game")) } else { Ok(()) } }
        });
    let handler = MessageHandler::from(listeners);
    let read = |event: Value| serde_json::from_value::<EventBridgeMessageBusMessage<AppBus>>(event).unwrap();
    read(event("default: publishMessage notification", 0)).handle_with(&handler).await.unwrap();
    read(event("replay=true: publishMessage notification", 0)).handle_with(&handler).await.unwrap();
    assert!(read(trainer()).handle_with(&handler).await.is_err());
    let heard = heard.lock().unwrap();
    assert_eq!(*heard, ["mail about version 1", "APPEARED false", "APPEARED true", "GAME_STARTED false"]);
}
