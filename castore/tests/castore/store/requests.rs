//! Tests of all options of all requests, on an event store, on a connected store, and in generic code.

use castore::event::IntoAggregateId;
use castore::prelude::*;
use castore::store::{AggregateIds, LoadedAggregate};

use crate::golden::domain::*;
use crate::support::{FixedClock, Watched, timestamp};

message_channel! {
    type Notifications = NotificationMessageQueue<Pokemon>;
}

fn connected() -> ConnectedEventStore<Pokemon, Notifications> {
    let channel = Notifications::new();
    channel.set_adapter(Watched::new());
    let storage = InMemoryEventStorageAdapter::new();
    EventStore::new(storage).with_clock(FixedClock::at("2024-01-01T00:00:00.000Z")).connect(channel)
}

/// Pushes events until the aggregate has the version `to`. Accepts any store of `Pokemon`.
async fn grow(pokemons: &impl Store<Pokemon>, id: impl IntoAggregateId<String>, to: u64) -> Aggregate<Pokemon> {
    let mut pokemon =
        pokemons.push_event(NewEvent::new(id, 1, appeared("P", 1))).await.unwrap().next_aggregate.unwrap();
    while pokemon.version < to {
        let next = pokemon.next_event(PokemonEvent::LeveledUp);
        pokemon = pokemons.push_event(next).await.unwrap().next_aggregate.unwrap();
    }
    pokemon
}

fn versions(events: &[EventDetail<Pokemon>]) -> Vec<u64> {
    events.iter().map(|event| event.version).collect()
}

#[tokio::test]
async fn get_events() {
    let pokemons = connected();
    let pokemon = grow(&pokemons, "p", 6).await;
    assert_eq!((pokemon.version, pokemon.level), (6, 6));
    let all = pokemons.get_events("p").await.unwrap();
    assert_eq!(versions(&all), [1, 2, 3, 4, 5, 6]);
    assert!(all.iter().all(|event| event.timestamp == timestamp("2024-01-01")));

    let request = || pokemons.get_events(String::from("p"));
    assert_eq!(versions(&request().min_version(3).await.unwrap()), [3, 4, 5, 6]);
    assert_eq!(versions(&request().max_version(3).await.unwrap()), [1, 2, 3]);
    assert_eq!(versions(&request().min_version(2).max_version(5).reverse(true).await.unwrap()), [5, 4, 3, 2]);
    assert_eq!(versions(&request().min_version(2).max_version(5).reverse(true).limit(2).await.unwrap()), [5, 4]);
    assert_eq!(versions(&request().min_version(2).max_version(5).limit(3).await.unwrap()), [2, 3, 4]);
    assert_eq!(versions(&request().limit(0).await.unwrap()), [0u64; 0]);
    assert_eq!(versions(&request().min_version(5).max_version(2).await.unwrap()), [0u64; 0]);
    assert_eq!(versions(&request().min_version(u64::MAX).await.unwrap()), [0u64; 0]);
    assert_eq!(versions(&request().max_version(u64::MAX).limit(u64::MAX).await.unwrap()), [1, 2, 3, 4, 5, 6]);
    // The last call of a setter counts.
    assert_eq!(versions(&request().reverse(true).reverse(false).limit(1).limit(2).await.unwrap()), [1, 2]);
}

#[tokio::test]
async fn aggregates() {
    let pokemons = connected();
    grow(&pokemons, "p", 4).await;
    let id = "p".to_owned();
    for version in 1..=5 {
        let LoadedAggregate { aggregate, events, last_event, .. } =
            pokemons.get_aggregate(&id).max_version(version).await.unwrap();
        let aggregate = aggregate.unwrap();
        let at = version.min(4);
        assert_eq!((aggregate.version, u64::from(aggregate.level)), (at, at));
        assert_eq!((events.len() as u64, last_event.unwrap().version), (at, at));

        let alone = pokemons.get_aggregate(&id).max_version(version).without_events().await.unwrap();
        assert_eq!(alone, Some(aggregate.clone()));
        let alone = pokemons.get_aggregate(&id).without_events().max_version(version).await.unwrap();
        assert_eq!(alone, Some(aggregate.clone()));
        let existing = pokemons.get_existing_aggregate(&id).max_version(version).await.unwrap();
        assert_eq!((existing.aggregate.clone(), existing.events), (aggregate.clone(), events));
        let existing = pokemons.get_existing_aggregate(&id).max_version(version).without_events().await.unwrap();
        assert_eq!(existing, aggregate);
    }
    assert!(pokemons.get_aggregate("nope").without_events().await.unwrap().is_none());
}

#[tokio::test]
async fn lists() {
    let pokemons = connected();
    for (id, day) in [("a", 1), ("b", 2), ("c", 3), ("d", 4)] {
        let happened = timestamp(&format!("2024-01-0{day}"));
        pokemons.push_event(NewEvent::new(id, 1, appeared(id, 1)).timestamp(happened)).await.unwrap();
        // Later events do not change the list.
        pokemons.push_event(NewEvent::new(id, 2, PokemonEvent::LeveledUp)).await.unwrap();
    }
    // An aggregate without an event of version 1 is not listed.
    pokemons.push_event(NewEvent::new("late", 2, PokemonEvent::LeveledUp)).allow_gap(true).await.unwrap();
    let ids = |page: AggregateIds<Pokemon>| -> String {
        page.aggregate_ids.into_iter().map(|listed| listed.aggregate_id).collect()
    };
    let list = || pokemons.list_aggregate_ids();
    assert_eq!(ids(list().await.unwrap()), "abcd");
    assert_eq!(ids(list().reverse(true).await.unwrap()), "dcba");
    let (second, third) = (timestamp("2024-01-02"), timestamp("2024-01-03"));
    assert_eq!(ids(list().initial_event_after(second).initial_event_before(third).await.unwrap()), "bc");
    assert_eq!(ids(list().initial_event_after(third).initial_event_before(second).await.unwrap()), "");
    let page = list().limit(3).reverse(true).await.unwrap();
    let token = page.next_page_token.clone().unwrap();
    assert_eq!(ids(page), "dcb");
    assert_eq!(ids(list().page_token(&token).await.unwrap()), "a");
    assert_eq!(ids(list().page_token(&token).reverse(false).await.unwrap()), "cd");
    let error = list().page_token("nonsense").await.unwrap_err();
    assert!(
        matches!(&error, EventStoreError::Storage { event_store_id: "POKEMONS", aggregate_id: None, .. }),
        "{error}"
    );
    let text = castore::error::error_chain(&error);
    assert!(text.contains("Invalid page token"), "{text}");
}

#[tokio::test]
async fn pushes() {
    let pokemons = connected();
    let pushed = pokemons.push_event(NewEvent::new("p", 1, appeared("P", 1)).metadata(random())).await.unwrap();
    assert_eq!(pushed.event.timestamp, timestamp("2024-01-01T00:00:00.000Z"), "the clock's");
    assert_eq!(pushed.event.metadata, Some(random()));
    let first = pushed.next_aggregate.unwrap();
    // Positions grow across event stores.
    let later = pokemons.push_event(NewEvent::new("q", 1, appeared("Q", 1))).await.unwrap();
    assert!(later.position.unwrap() > pushed.position.unwrap());

    let next = first.next_event(PokemonEvent::LeveledUp);
    assert_eq!((next.version, next.prev_aggregate.as_ref()), (2, Some(&first)));
    let pushed = pokemons.push_event(next.clone().timestamp(timestamp("2023-01-01"))).await.unwrap();
    assert_eq!(pushed.event.timestamp, timestamp("2023-01-01"), "the event's own");
    let conflict = pokemons.push_event(next.clone()).force(false).await.unwrap_err();
    assert!(matches!(conflict, PushEventError::EventAlreadyExists(_)));
    let forced = pokemons.push_event(next).force(true).await.unwrap();
    assert_eq!(forced.position, pushed.position, "replaced in place");
    assert_eq!(pokemons.get_events("p").await.unwrap().len(), 2);
}

/// If the previous aggregate is known, the reducer is called before the event is stored.
#[tokio::test]
async fn event_that_the_reducer_rejects_is_not_stored() {
    let pokemons = connected();
    let error = pokemons.push_event(NewEvent::new("p", 1, PokemonEvent::LeveledUp)).await.unwrap_err();
    let PushEventError::Reduce(refused) = &error else { panic!("{error}") };
    assert_eq!((refused.event_store_id, refused.version, &*refused.event_type), ("POKEMONS", 1, "LEVELED_UP"));
    assert!(pokemons.get_events("p").await.unwrap().is_empty());

    let pokemon = grow(&pokemons, "p", 2).await;
    let error = pokemons.push_event(pokemon.next_event(appeared("Again", 1))).await.unwrap_err();
    assert!(matches!(error, PushEventError::Reduce(_)));
    // If the previous aggregate is not known, the event is stored, and loading the aggregate returns the error.
    pokemons.push_event(NewEvent::new("p", 3, appeared("Again", 1))).await.unwrap();
    let error = pokemons.get_aggregate("p").await.unwrap_err();
    let EventStoreError::Reduce(refused) = &error else { panic!("{error}") };
    assert_eq!((refused.version, &*refused.event_type), (3, "APPEARED"));
    assert_eq!(pokemons.get_events("p").await.unwrap().len(), 3, "events alone can be read");
    assert_eq!(pokemons.get_aggregate("p").max_version(2).await.unwrap().events.len(), 2);
}

#[tokio::test]
async fn requests_do_nothing_until_they_are_awaited() {
    let pokemons = connected();
    drop(pokemons.push_event(pikachu_appeared()));
    drop(push_event_group((pokemons.group_event(pikachu_appeared()),)));
    assert!(pokemons.get_events(PIKACHU).await.unwrap().is_empty());
    let adapter = Watched::<NotificationsMessage>::new();
    pokemons.message_channel().set_adapter(adapter.clone());
    drop(pokemons.message_channel().publish_message(NotificationMessage { event: happened(pikachu_appeared()) }));
    assert!(adapter.asked.take().is_empty());
}

#[test]
fn ids_and_originals() {
    let pokemons = connected();
    assert_eq!(pokemons.event_store_id(), "POKEMONS");
    assert_eq!(pokemons.event_store().event_store_id(), "POKEMONS");
    assert_eq!(pokemons.message_channel().message_channel_id(), "NOTIFICATIONS");
}
