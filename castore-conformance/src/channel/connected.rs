//! Tests of event stores that are connected to the channel, which is how most messages are published.

use castore_core::channel::CarriesEvents;
use castore_core::event::NewEvent;
use castore_runtime::event_store::{EventStore, Store, push_event_group};
use castore_runtime::in_memory::InMemoryEventStorageAdapter;

use super::channels::{KitChannel, Pokemon, PokemonEvent, Trainer, TrainerEvent};
use super::log::by_aggregate;
use super::subject::{Case, Subject};

fn appeared(aggregate: &str, version: u64) -> NewEvent<Pokemon> {
    NewEvent::new(aggregate, version, PokemonEvent::Appeared { name: format!("{aggregate} {version}"), level: 1 })
}

/// Events that connected stores push arrive, from single pushes and from groups, and equal the stored events. Events
/// that the storage rejected do not arrive.
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

/// An event that replaces another one with a forced push arrives although an event of the same version arrived
/// before. The broker must not drop it as a duplicate, neither from a single push nor from a group.
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
