//! Tests of the tools for given/when/then tests of reducers and commands.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use castore::prelude::*;
use castore::testing::{ManualClock, Scenario, given};

use crate::golden::domain::*;
use crate::support::timestamp;

fn pokemon(level: u32) -> Pokemon {
    Pokemon { name: "P".into(), level, status: Status::Wild, trainer_id: None }
}

/// Returns the text of a failed assertion.
fn failure(assert: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(assert)).expect_err("the assertion passed");
    match panic.downcast_ref::<String>() {
        Some(text) => text.clone(),
        None => panic.downcast_ref::<&str>().map_or_else(String::new, ToString::to_string),
    }
}

#[test]
fn reducers() {
    given::<Pokemon>([appeared("P", 1)]).then(pokemon(1));
    given::<Pokemon>([appeared("P", 1)])
        .when(PokemonEvent::LeveledUp)
        .when(PokemonEvent::LeveledUp)
        .then_state(|aggregate| assert_eq!((aggregate.level, aggregate.version), (3, 3)));
    given::<Pokemon>([appeared("P", 1)]).aggregate_id("other").then_state(|aggregate| {
        assert_eq!(aggregate.aggregate_id, "other");
    });
    let refused = given::<Pokemon>([appeared("P", 1)]).when(appeared("P", 1)).then_refused();
    assert_eq!((refused.version, &*refused.event_type), (2, "APPEARED"));

    assert!(failure(|| given::<Pokemon>([appeared("P", 1)]).then(pokemon(2))).contains("level"));
    failure(|| _ = given::<Pokemon>([appeared("P", 1)]).when(PokemonEvent::LeveledUp).then_refused());
    failure(|| given::<Pokemon>([PokemonEvent::LeveledUp]).then(pokemon(1)));
}

#[command(id = "LEVEL_UP")]
async fn level_up(id: &str, pokemons: &impl Store<Pokemon>) -> Result<u32, PushEventError> {
    let Ok(pokemon) = pokemons.get_existing_aggregate(id).without_events().await else { return Ok(0) };
    let pushed = pokemons.push_event(pokemon.next_event(PokemonEvent::LeveledUp)).await?;
    Ok(pushed.next_aggregate.map_or(0, |pokemon| pokemon.level))
}

#[tokio::test]
async fn commands() {
    let scenario = Scenario::new();
    let pokemons = scenario.store::<Pokemon>();
    scenario.given::<Pokemon>("p", [appeared("P", 1), PokemonEvent::LeveledUp]).await;
    let outcome = scenario.when(level_up("p", &pokemons)).await;
    let level = outcome.then_events::<Pokemon>([("p", PokemonEvent::LeveledUp)]).then_ok();
    assert_eq!(level, 3);
    // The outcome contains only the events since the last call of `when`.
    let outcome = scenario.when(level_up("nope", &pokemons)).await;
    assert_eq!(outcome.then_no_events().then_ok(), 0);
    let event = pokemons.get_events("p").await.unwrap().pop().unwrap();
    assert_eq!(event.timestamp, timestamp("2024-01-01T00:00:00.000Z"));

    scenario.clock().advance(Duration::from_secs(60));
    let refused = scenario.when(pokemons.push_event(NewEvent::new("p", 4, appeared("P", 1))).into_future()).await;
    assert_eq!(refused.then_ok().event.timestamp, timestamp("2024-01-01T00:01:00.000Z"));
    let refused = scenario.when(pokemons.push_event(NewEvent::new("p", 1, appeared("P", 1))).into_future()).await;
    assert!(matches!(refused.then_no_events().then_err(), PushEventError::EventAlreadyExists(_)));
}

#[tokio::test]
async fn clocks() {
    let clock = ManualClock::new(timestamp("2024-05-05"));
    let pokemons = EventStore::<Pokemon>::new(InMemoryEventStorageAdapter::new()).with_clock(clock.clone());
    let push = async |id: &str| pokemons.push_event(NewEvent::new(id, 1, appeared("P", 1))).await.unwrap();
    assert_eq!(push("a").await.event.timestamp, timestamp("2024-05-05"));
    clock.advance(Duration::from_millis(1500));
    assert_eq!(push("b").await.event.timestamp, timestamp("2024-05-05T00:00:01.500Z"));
    clock.set(timestamp("2020-01-01"));
    assert_eq!(push("c").await.event.timestamp, timestamp("2020-01-01"));
}
