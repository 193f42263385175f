//! Tests of adapters that are set later, replaced or removed. Clones and connected stores use the same adapter.

use std::sync::Arc;

use castore::prelude::*;
use castore::storage::EventStorageAdapter;

use crate::golden::domain::*;
use crate::support::Watched;

message_channel! {
    type Notifications = NotificationMessageQueue<Pokemon>;
    type States = StateCarryingMessageQueue<Pokemon>;
}

fn adapter() -> (InMemoryEventStorageAdapter, Option<Arc<dyn EventStorageAdapter>>) {
    let adapter = InMemoryEventStorageAdapter::new();
    (adapter.clone(), Some(Arc::new(adapter)))
}

#[tokio::test]
async fn storage_adapter_can_be_set_later_and_replaced() {
    let pokemons = EventStore::<Pokemon>::default();
    let clone = pokemons.clone();
    let channel = Notifications::new();
    let connected = clone.connect(channel.clone());
    let reconnected = connected.connect(Notifications::new());
    assert!(matches!(
        connected.push_event(pikachu_appeared()).await,
        Err(PushEventError::UndefinedEventStorageAdapter(_))
    ));

    let (first, arc) = adapter();
    // The adapter is set through the connected store, and all clones use it.
    connected.set_event_storage_adapter(arc);
    channel.set_adapter(Watched::new());
    reconnected.message_channel().set_adapter(Watched::new());
    pokemons.push_event(pikachu_appeared()).await.unwrap();
    reconnected.push_event(pikachu_caught()).await.unwrap();
    for loaded in [
        pokemons.get_events(PIKACHU).await,
        clone.get_events(PIKACHU).await,
        connected.get_events(PIKACHU).await,
        reconnected.get_events(PIKACHU).await,
    ] {
        assert_eq!(loaded.unwrap().len(), 2);
    }

    let (second, arc) = adapter();
    pokemons.set_event_storage_adapter(arc);
    assert!(reconnected.get_events(PIKACHU).await.unwrap().is_empty());
    connected.push_event(pikachu_appeared()).await.unwrap();
    assert_eq!(first.get_events("POKEMONS", PIKACHU, Default::default()).await.unwrap().len(), 2);
    assert_eq!(second.get_events("POKEMONS", PIKACHU, Default::default()).await.unwrap().len(), 1);
    assert_eq!(pokemons.event_storage_adapter().unwrap().storage_id(), second.storage_id());

    reconnected.event_store().set_event_storage_adapter(None);
    assert!(pokemons.get_events(PIKACHU).await.is_err());
}

#[tokio::test]
async fn request_uses_the_adapter_at_the_time_of_the_await() {
    let pokemons = EventStore::<Pokemon>::without_adapter();
    let (push, group) = (pokemons.push_event(pikachu_appeared()), pokemons.group_event(charizard_appeared()));
    let group = push_event_group((group,));
    pokemons.set_event_storage_adapter(adapter().1);
    push.await.unwrap();
    group.await.unwrap();
    assert_eq!(pokemons.list_aggregate_ids().await.unwrap().aggregate_ids.len(), 2);
}

#[tokio::test]
async fn the_clock_is_shared_by_clones() {
    let pokemons = EventStore::<Pokemon>::new(InMemoryEventStorageAdapter::new());
    let clone = pokemons.clone();
    let _same = pokemons.with_clock(crate::support::FixedClock::at("2030-01-01"));
    let pushed = clone.push_event(NewEvent::new("p", 1, appeared("P", 1))).await.unwrap();
    assert_eq!(pushed.event.timestamp.to_string(), "2030-01-01T00:00:00.000Z");
}

/// A store without an explicit clock uses the system time.
#[tokio::test]
async fn default_clock_is_the_system_clock() {
    let pokemons = EventStore::<Pokemon>::new(InMemoryEventStorageAdapter::new());
    let before = Timestamp::now();
    let pushed = pokemons.push_event(NewEvent::new("p", 1, appeared("P", 1))).await.unwrap();
    assert!((before..=Timestamp::now()).contains(&pushed.event.timestamp));
}

/// A state-carrying channel loads aggregates from its source store, even if another store is connected to the channel.
#[tokio::test]
async fn state_carrying_channel_reads_from_its_source() {
    let source = EventStore::<Pokemon>::without_adapter();
    let channel = States::new(StatesSources { pokemon: source.clone() });
    let watched = Watched::<StatesMessage>::new();
    channel.set_adapter(watched.clone());
    let event = happened(pikachu_appeared());
    assert!(channel.get_aggregate_and_publish_message(event.clone()).await.is_err());
    let (storage, arc) = adapter();
    source.set_event_storage_adapter(arc);
    EventStore::<Pokemon>::new(storage).push_event(pikachu_appeared()).await.unwrap();
    channel.get_aggregate_and_publish_message(event).await.unwrap();
    assert_eq!(watched.asked.len(), 1);
}
