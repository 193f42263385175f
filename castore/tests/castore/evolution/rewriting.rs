//! Tests of events that are read and stored again.

use castore::prelude::*;
use castore::storage::{EventStorageAdapter, GetEventsOptions};

use super::domain::*;

/// Reads the event of a version, changes the event, and stores it again. Returns the event type and the payload that
/// are stored afterwards.
async fn rewrite(version: u64, change: impl FnOnce(&mut NewEvent<Pokemon>)) -> (String, Option<String>) {
    let storage = storage(stored()).await;
    let pokemons = EventStore::<Pokemon>::new(storage.clone());
    let at = usize::try_from(version).unwrap() - 1;
    let mut event = NewEvent::from(pokemons.get_events("p").with_raw().await.unwrap().remove(at));
    change(&mut event);
    pokemons.push_event(event).force(true).await.unwrap();
    assert_eq!(pokemons.get_aggregate("p").await.unwrap().events.len(), stored().len());
    let raw = storage.get_events("POKEMONS", "p", GetEventsOptions::default()).await.unwrap().remove(at);
    (raw.event_type.into_owned(), raw.payload.map(|payload| payload.get().to_owned()))
}

fn text(event_type: &str, payload: &str) -> (String, Option<String>) {
    (event_type.to_owned(), Some(payload.to_owned()))
}

#[tokio::test]
async fn undeclared_events_are_stored_as_they_were() {
    assert_eq!(rewrite(8, |_| {}).await, text("EVOLVED", EVOLVED));
    assert_eq!(rewrite(9, |_| {}).await, ("FED".to_owned(), None));
    // The text is also kept if the event was read without `with_raw`.
    let storage = storage(stored()).await;
    let pokemons = EventStore::<Pokemon>::new(storage.clone());
    let event = pokemons.get_events("p").await.unwrap().remove(7);
    pokemons.push_event(NewEvent::from(event)).force(true).await.unwrap();
    let raw = storage.get_events("POKEMONS", "p", GetEventsOptions::default()).await.unwrap().remove(7);
    assert_eq!((raw.event_type.as_ref(), raw.payload.unwrap().get()), ("EVOLVED", EVOLVED));
}

#[tokio::test]
async fn events_of_retired_types_are_stored_with_the_type_of_today() {
    assert_eq!(rewrite(1, |_| {}).await, text("APPEARED_V3", r#"{"name":"Pikachu","level":1,"wild":true}"#));
    // The variant has no payload, so the stored payload counts as undeclared data, which is kept.
    assert_eq!(rewrite(4, |_| {}).await, text("STOLEN", "{}"));
    let trained = rewrite(3, |event| event.payload = PokemonEvent::Leveled(Leveled { by: 9 })).await;
    assert_eq!(trained, text("LEVELED", r#"{"by":9}"#));
}

#[tokio::test]
async fn undeclared_fields_are_kept_if_only_the_name_is_retired() {
    let storage = storage([
        raw(1, "APPEARED_V2", Some(r#"{"name":"Pikachu","level":2}"#)),
        raw(2, "CAUGHT", Some(r#"{"ball" : "great","trainerId":"ash"}"#)),
    ])
    .await;
    let pokemons = EventStore::<Pokemon>::new(storage.clone());
    let mut event = NewEvent::from(pokemons.get_events("p").with_raw().await.unwrap().remove(1));
    event.payload = PokemonEvent::Caught(Caught { trainer_id: "gary".into() });
    pokemons.push_event(event).force(true).await.unwrap();
    let raw = storage.get_events("POKEMONS", "p", GetEventsOptions::default()).await.unwrap().remove(1);
    assert_eq!(raw.event_type, "CAUGHT_BY_TRAINER");
    assert_eq!(raw.payload.unwrap().get(), r#"{"trainerId":"gary","ball":"great"}"#);
}
