use std::collections::BTreeMap;

use castore::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::support::{Log, golden, object, timestamp};

#[tokio::test(start_paused = true)]
async fn filters_match_the_recording() {
    let golden = golden("queue-bus");
    let mut seen = 0;
    for recorded in golden["bus"]["filters"].as_array().unwrap() {
        let filter = &recorded["filter"];
        let on_replay = filter.get("onReplay").and_then(Value::as_bool).unwrap_or(false);
        let store = filter.get("eventStoreId").and_then(Value::as_str);
        let event_type = filter.get("eventType").and_then(Value::as_str);
        // In Castore, a filter with only an event type matches every message. In castore, such a filter cannot be
        // expressed, because an event type belongs to a store.
        if store.is_none() && event_type.is_some() {
            continue;
        }
        seen += 1;
        for (mode, wanted) in object(&recorded["caught"]) {
            let caught = caught(store, event_type, on_replay, mode == "replay").await;
            assert_eq!(json!(caught), *wanted, "{filter} {mode}");
        }
    }
    assert!(seen >= 6);
}

/// Publishes four messages, and returns those that a filter matches. Castore's bus carries all kinds of messages. In
/// castore, aggregate-exists messages have a separate bus.
async fn caught(
    store: Option<&str>,
    event_type: Option<&str>,
    on_replay: bool,
    replay: bool,
) -> BTreeMap<&'static str, usize> {
    let (bus, exists_bus) = (GameBus::new(), ExistsBus::new());
    let listener = InMemoryMessageBusAdapter::attach_to(&bus);
    let exists_listener = InMemoryMessageBusAdapter::attach_to(&exists_bus);
    let calls = Log::<&'static str>::new();
    let pokemon_key = |message: &NotificationMessage<Pokemon>| match message.event.payload {
        PokemonEvent::Appeared { .. } => "POKEMONS APPEARED",
        _ => "POKEMONS LEVELED_UP",
    };
    let (log, exists_log) = (calls.clone(), calls.clone());
    let exists = move |_: ExistsBusMessage| exists_log.add("POKEMONS aggregateExists");
    match (store, event_type) {
        (None, _) => {
            listener.on(Filter::all().on_replay(on_replay), move |message, _| {
                log.add(match &*message {
                    GameBusMessage::Pokemon(message) => pokemon_key(message),
                    GameBusMessage::Trainer(_) => "TRAINERS GAME_STARTED",
                });
                async { Ok(()) }
            });
            exists_listener.on(Filter::all().on_replay(on_replay), move |message, _| {
                exists((*message).clone());
                async { Ok(()) }
            });
        }
        (Some("POKEMONS"), None) => {
            listener.on(Filter::store::<Pokemon>().on_replay(on_replay), move |message, _| {
                log.add(pokemon_key(&message));
                async { Ok(()) }
            });
            exists_listener.on(Filter::store::<Pokemon>().on_replay(on_replay), move |message, _| {
                exists(ExistsBusMessage::Pokemon((*message).clone()));
                async { Ok(()) }
            });
        }
        (Some("TRAINERS"), None) => {
            listener.on(Filter::store::<Trainer>().on_replay(on_replay), move |_, _| {
                log.add("TRAINERS GAME_STARTED");
                async { Ok(()) }
            });
        }
        // Filters by event type do not compile on an aggregate-exists bus.
        (Some("POKEMONS"), Some(event_type)) => {
            let event_type: PokemonEventType = event_type.parse().unwrap();
            let filter = Filter::store::<Pokemon>().event_type(event_type).on_replay(on_replay);
            listener.on(filter, move |message, _| {
                log.add(pokemon_key(&message));
                async { Ok(()) }
            });
        }
        other => panic!("unknown filter {other:?}"),
    }
    let trainer = NotificationMessage { event: crate::golden::domain::happened(ash_started()) };
    bus.publish_messages((message(1), message(2), trainer)).replay(replay).await.unwrap();
    let exists = AggregateExistsMessage::<Pokemon> {
        aggregate_id: "p".to_owned(),
        initial_event_timestamp: Some(timestamp("2021-01-01")),
    };
    exists_bus.publish_message(exists).replay(replay).await.unwrap();
    listener.idle().await;
    exists_listener.idle().await;
    let keys = ["POKEMONS APPEARED", "POKEMONS LEVELED_UP", "TRAINERS GAME_STARTED", "POKEMONS aggregateExists"];
    keys.into_iter().map(|key| (key, calls.entries().iter().filter(|entry| **entry == key).count())).collect()
}
