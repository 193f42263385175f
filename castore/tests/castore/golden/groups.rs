//! Tests of event groups on the in-memory storage.

use castore::prelude::*;
use serde_json::{Value, json};

use super::domain::*;
use crate::support::{FixedClock, error_text, golden, original_text, timestamp};

const NOW: &str = "2025-05-05T05:05:05.555Z";

fn stores() -> (EventStore<Pokemon>, EventStore<Trainer>) {
    let storage = InMemoryEventStorageAdapter::new();
    (
        EventStore::new(storage.clone()).with_clock(FixedClock::at(NOW)),
        EventStore::new(storage).with_clock(FixedClock::at(NOW)),
    )
}

fn started(id: &str, name: &str) -> NewEvent<Trainer> {
    NewEvent::new(id, 1, TrainerEvent::GameStarted { trainer_name: name.to_owned() })
}

async fn versions<S: EventSourced<AggregateId = String>>(store: &EventStore<S>, id: &str) -> Value {
    json!(store.get_events(id).await.unwrap().iter().map(|event| event.version).collect::<Vec<_>>())
}

#[tokio::test]
async fn group_is_stored_atomically() {
    let golden = golden("in-memory");
    let recorded = &golden["groups"];
    let (pokemons, trainers) = stores();

    // Castore has a bug: it accepts different timestamps in a group. In castore, all events of a group have the same
    // timestamp.
    let happened = timestamp("2021-01-01T00:00:00.000Z");
    let (pikachu, ash) = push_event_group((
        pokemons.group_event(pikachu_appeared()),
        trainers.group_event(started(ASH, "Ash Ketchum").timestamp(happened)),
    ))
    .await
    .unwrap();
    let mut wanted = recorded["commit"]["ok"]["eventGroup"].clone();
    assert_eq!(wanted[1]["event"]["timestamp"], "2020-12-01T00:00:00.000Z");
    wanted[1]["event"]["timestamp"] = json!("2021-01-01T00:00:00.000Z");
    assert_eq!(json!([answer(&pikachu), answer(&ash)]), wanted);
    assert_eq!(versions(&pokemons, PIKACHU).await, json!([1]));

    // The version of one of the two events exists: nothing is stored, and the error names the conflicting event.
    let error =
        push_event_group((pokemons.group_event(charizard_appeared()), trainers.group_event(started(ASH, "Other"))))
            .await
            .unwrap_err();
    assert_eq!(original_text(&error), error_text(&recorded["rollback"]));
    assert_eq!(versions(&pokemons, PIKACHU).await, recorded["rollback_pikachuVersions"]);
    assert_eq!(versions(&pokemons, CHARIZARD).await, recorded["rollback_charizardVersions"]);
    // In Castore, an aggregate without events remains, and every later call of `listAggregateIds` fails.
    assert!(recorded["rollback_listAggregateIdsAfterwards"].get("error").is_some());
    assert_eq!(pokemons.list_aggregate_ids().await.unwrap().aggregate_ids.len(), 1);

    let (_, forced) =
        push_event_group((pokemons.group_event(pikachu_appeared()), trainers.group_event(started(ASH, "Forced"))))
            .force(true)
            .await
            .unwrap();
    assert_eq!(answer(&forced)["nextAggregate"], recorded["force"]["ok"]["eventGroup"][1]["nextAggregate"]);

    let error = push_event_group((pokemons.group_event(pikachu_appeared()),)).force(false).await.unwrap_err();
    assert_eq!(original_text(&error), error_text(&recorded["optionsFirst_noForce"]));

    let error =
        push_event_group((pokemons.group_event(pikachu_caught()), pokemons.group_event(pikachu_caught()))).await;
    assert_eq!(original_text(&error.unwrap_err()), error_text(&recorded["sameEventTwice"]));
    assert_eq!(versions(&pokemons, PIKACHU).await, recorded["sameEventTwice_versions"]);
}

#[tokio::test]
async fn group_with_two_versions_of_an_aggregate_is_atomic() {
    let golden = golden("in-memory");
    let recorded = &golden["groups"];
    let (pokemons, _) = stores();
    pokemons.push_event(pikachu_appeared()).await.unwrap();

    let level_up = NewEvent::new(PIKACHU, 3, PokemonEvent::LeveledUp);
    let (caught, leveled_up) =
        push_event_group((pokemons.group_event(pikachu_caught()), pokemons.group_event(level_up.clone())))
            .await
            .unwrap();
    let mut wanted = recorded["twoVersionsOfOneAggregate"]["ok"]["eventGroup"].clone();
    // The events of the group have the same timestamp, as above.
    wanted[1]["event"]["timestamp"] = wanted[0]["event"]["timestamp"].clone();
    assert_eq!(json!([answer(&caught), answer(&leveled_up)]), wanted);

    let (pokemons, _) = stores();
    pokemons.push_event(pikachu_appeared()).await.unwrap();
    let error = push_event_group((
        pokemons.group_event(pikachu_caught()),
        pokemons.group_event(level_up),
        pokemons.group_event(NewEvent::new(PIKACHU, 1, appeared("Again", 1))),
    ))
    .await
    .unwrap_err();
    assert_eq!(original_text(&error), error_text(&recorded["rollbackTwoOfOneAggregate"]));
    assert_eq!(versions(&pokemons, PIKACHU).await, recorded["rollbackTwoOfOneAggregate_versions"]);
}

#[tokio::test]
async fn next_aggregate_needs_the_previous_one() {
    let golden = golden("in-memory");
    let recorded = &golden["groups"];
    for (case, with_previous) in [("prevAggregate", true), ("noPrevAggregateAtVersion2", false)] {
        let (_, trainers) = stores();
        let ash = trainers.push_event(ash_started()).await.unwrap().next_aggregate.unwrap();
        let mut grouped = trainers.group_event(ash_caught());
        if with_previous {
            grouped = grouped.prev_aggregate(ash);
        }
        let (pushed,) = push_event_group((grouped,)).await.unwrap();
        assert_eq!(answer(&pushed), recorded[case]["ok"]["eventGroup"][0], "{case}");
    }
}

#[tokio::test]
async fn group_has_one_timestamp() {
    let golden = golden("in-memory");
    let recorded = &golden["groups"];
    let (pokemons, trainers) = stores();

    // Without timestamps, all events get the same reading of the clock, as recorded.
    let (x, y) = push_event_group((
        pokemons.group_event(NewEvent::new("x", 1, appeared("X", 1))),
        trainers.group_event(started("y", "Y")),
    ))
    .await
    .unwrap();
    for (pushed, recorded) in [x.event.timestamp, y.event.timestamp]
        .iter()
        .zip(recorded["withoutTimestamps"]["ok"]["eventGroup"].as_array().unwrap())
    {
        assert_eq!(pushed.to_string(), recorded["event"]["timestamp"]);
    }

    // If only one event has a timestamp, it applies to all events. Castore gives the other event the current time.
    let happened = timestamp("2021-01-01T00:00:00.000Z");
    let (first, second) = push_event_group((
        pokemons.group_event(NewEvent::new("x2", 1, appeared("X", 1)).timestamp(happened)),
        trainers.group_event(started("y2", "Y")),
    ))
    .await
    .unwrap();
    assert_eq!((first.event.timestamp, second.event.timestamp), (happened, happened));
    let (first, second) = push_event_group((
        pokemons.group_event(NewEvent::new("x3", 1, appeared("X", 1))),
        trainers.group_event(started("y3", "Y").timestamp(happened)),
    ))
    .await
    .unwrap();
    assert_eq!((first.event.timestamp, second.event.timestamp), (happened, happened));

    // Different timestamps are rejected. Castore intends to reject them, too.
    let error = push_event_group((
        pokemons.group_event(NewEvent::new("x4", 1, appeared("X", 1)).timestamp(happened)),
        trainers.group_event(started("y4", "Y").timestamp(timestamp("2022-01-01T00:00:00.000Z"))),
    ))
    .await
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "events #0 and #1 of the event group have different timestamps; give all events of a group the same timestamp"
    );
    assert_eq!(versions(&pokemons, "x4").await, json!([]));
}

/// In Castore, each event of a group uses the adapter of its store, so the group may not be atomic. In castore, all
/// stores of a group must use one storage.
#[tokio::test]
async fn group_over_two_storages_is_rejected() {
    let golden = golden("in-memory");
    let recorded = &golden["groups"];
    let (pokemons, _) = stores();
    let (_, elsewhere) = stores();
    let error = push_event_group((pokemons.group_event(pikachu_appeared()), elsewhere.group_event(started("y", "Y"))))
        .await
        .unwrap_err();
    // Castore's error for an adapter of another type names the same event.
    assert!(error_text(&recorded["notInMemory"]).starts_with("Event group event #1"));
    let text = castore::error::error_chain(&error);
    assert!(text.contains("event #1 of the event group (event store TRAINERS)"), "{text}");
    assert_eq!(versions(&pokemons, PIKACHU).await, json!([]));
    assert_eq!(versions(&elsewhere, "y").await, json!([]));
}
