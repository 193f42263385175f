//! Tests of event stores that are connected to the channel: each push also publishes a message. Most programs publish
//! their messages in this way.

use castore_core::channel::{CarriesEvents, PublishMessageOptions};
use castore_core::event::{EventDetail, NewEvent};
use castore_core::message::{EventCarrying, StoredMessage};
use castore_core::storage::RawEvent;
use castore_core::time::Timestamp;
use castore_runtime::event_store::{EventStore, Store, push_event_group};
use castore_runtime::in_memory::InMemoryEventStorageAdapter;
use serde_json::value::RawValue;

use super::channels::{KitChannel, KitKind, Pokemon, PokemonEvent, Trainer, TrainerEvent};
use super::log::by_aggregate;
use super::subject::{Case, Subject};

fn appeared(aggregate: &str, version: u64) -> NewEvent<Pokemon> {
    NewEvent::new(aggregate, version, PokemonEvent::Appeared { name: format!("{aggregate} {version}"), level: 1 })
}

/// Tests that the events that connected stores push, singly and in groups, arrive and are equal to the stored events.
/// Events that the storage rejected do not arrive.
pub async fn events_of_connected_stores_arrive<C: KitChannel + CarriesEvents>(subject: &dyn Subject<C>) {
    let case = Case::new(subject).await;
    let storage = InMemoryEventStorageAdapter::new();
    let pokemons = EventStore::<Pokemon>::new(storage.clone()).connect(case.channel.clone());
    let trainers = EventStore::<Trainer>::new(storage).connect(case.channel.clone());
    pokemons.push_event(appeared("a", 1)).await.expect("a push");
    pokemons.push_event(appeared("a", 2)).await.expect("a push");
    pokemons.push_event(appeared("a", 2)).await.expect_err("a conflict");
    let started = NewEvent::new("t", 1, TrainerEvent::GameStarted { name: "Ash".to_owned() });
    push_event_group((
        pokemons.group_event(appeared("a", 3)),
        trainers.group_event(started),
        pokemons.group_event(appeared("a", 4)),
    ))
    .await
    .expect("a group");
    let calls = case.log.settle(5).await;
    let mut arrived: Vec<_> = calls.iter().map(|call| (call.store, call.json["event"]["version"].as_u64())).collect();
    if case.capabilities.fifo || super::delivery::ordered::<C>() {
        let of_pokemons: Vec<_> = arrived.iter().filter(|(store, _)| *store == "POKEMONS").collect();
        assert!(of_pokemons.is_sorted(), "{arrived:?}");
    }
    arrived.sort();
    assert_eq!(
        arrived,
        [
            ("POKEMONS", Some(1)),
            ("POKEMONS", Some(2)),
            ("POKEMONS", Some(3)),
            ("POKEMONS", Some(4)),
            ("TRAINERS", Some(1))
        ]
    );
    assert_eq!(by_aggregate(&calls).len(), 2);
    let stored = pokemons.get_events("a").await.expect("the stored events");
    for call in calls.iter().filter(|call| call.store == "POKEMONS") {
        let version = call.json["event"]["version"].as_u64().expect("a version");
        let event = stored.iter().find(|event| event.version == version).expect("the event is stored");
        assert_eq!(call.json["event"], serde_json::to_value(event).expect("an event is JSON"));
    }
}

/// Tests that if a forced push replaces an event, the new event arrives, even if an event of the same version has
/// arrived before. The broker must not drop the new event as a duplicate, whether it was pushed singly or in a group.
pub async fn forced_pushes_are_not_deduplicated<C: KitChannel + CarriesEvents>(subject: &dyn Subject<C>) {
    let case = Case::new(subject).await;
    let pokemons = EventStore::<Pokemon>::new(InMemoryEventStorageAdapter::new()).connect(case.channel.clone());
    let named =
        |name: &str| NewEvent::<Pokemon>::new("a", 1, PokemonEvent::Appeared { name: name.to_owned(), level: 1 });
    pokemons.push_event(named("first")).await.expect("a push");
    case.log.settle(1).await;
    pokemons.push_event(named("second")).force(true).await.expect("a push by force");
    case.log.settle(2).await;
    push_event_group((pokemons.group_event(named("third")),)).force(true).await.expect("a group by force");
    let names: Vec<_> =
        case.log.settle(3).await.into_iter().map(|call| call.json["event"]["payload"]["name"].clone()).collect();
    assert_eq!(names, ["first", "second", "third"]);
}

/// Tests that the messages that relays and replays publish about stored events arrive like other messages: once, in
/// order if the channel guarantees an order, and with the event and the aggregate. These messages arrive even if the
/// stored events have fields that the Rust types do not declare.
pub async fn stored_messages_arrive<C: KitChannel + CarriesEvents>(subject: &dyn Subject<C>) {
    const VERSIONS: u64 = 12;
    let case = Case::new(subject).await;
    let mut expected = Vec::new();
    let stored = (1..=VERSIONS).map(|version| {
        let timestamp = Timestamp::UNIX_EPOCH;
        let payload = PokemonEvent::Appeared { name: format!("Pikachu {version}"), level: 7 };
        let event = EventDetail::<Pokemon>::new("a".to_owned(), version, timestamp, payload);
        let state = Pokemon { name: format!("Pikachu {version}"), events: version };
        let message: C::Message = <C::Kind as KitKind>::message(event, state).into();
        expected.push(serde_json::to_value(&message).expect("a message is JSON"));
        let payload = format!(r#"{{"name":"Pikachu {version}","level":7,"region":{{"big":123456789012345678901}}}}"#);
        let raw = RawEvent {
            aggregate_id: "a".to_owned(),
            version,
            event_type: "APPEARED".into(),
            timestamp,
            payload: Some(RawValue::from_string(payload).expect("JSON")),
            metadata: None,
        };
        match <C::Kind as EventCarrying>::CARRIES_STATE {
            true => StoredMessage::decoded(message, raw),
            false => StoredMessage::notification("POKEMONS".into(), raw),
        }
    });
    let stored = stored.collect();
    let adapter = case.channel.adapter().expect("the adapter");
    adapter.publish_stored_messages(stored, PublishMessageOptions::new()).await.expect("publishing");
    let mut arrived: Vec<_> = case.log.settle(expected.len()).await.into_iter().map(|call| call.json).collect();
    if !(case.capabilities.fifo || super::delivery::ordered::<C>()) {
        arrived.sort_by_key(|message| message["event"]["version"].as_u64());
    }
    assert_eq!(arrived, expected);
}
