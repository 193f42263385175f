//! Tests that compare the methods of an event store with the recorded behavior of Castore.

use castore::prelude::*;
use castore::storage::UndefinedEventStorageAdapterError;
use serde_json::{Value, json};

use super::domain::*;
use crate::support::{Log, chain, error_text, golden, json as as_json, timestamp, without_undefined};

fn store() -> EventStore<Pokemon> {
    EventStore::new(InMemoryEventStorageAdapter::new())
}

async fn pikachu() -> EventStore<Pokemon> {
    let pokemons = store();
    for event in [pikachu_appeared(), pikachu_caught(), pikachu_leveled_up()] {
        pokemons.push_event(event).await.unwrap();
    }
    pokemons
}

#[tokio::test]
async fn every_method_needs_an_adapter() {
    let golden = golden("in-memory");
    let recorded = &golden["eventStore"];
    let pokemons = EventStore::<Pokemon>::without_adapter();
    assert!(pokemons.event_storage_adapter().is_none());
    let push = pokemons.push_event(pikachu_appeared()).await.unwrap_err();
    // Castore rejects the event in `groupEvent`. In castore, `group_event` only collects events, and the push rejects
    // them.
    let group = push_event_group((pokemons.group_event(pikachu_appeared()),)).await.unwrap_err();
    let outcomes = [
        ("getEvents", chain(&pokemons.get_events("x").await.unwrap_err())),
        ("pushEvent", chain(&push)),
        ("groupEvent", chain(&group)),
        ("listAggregateIds", chain(&pokemons.list_aggregate_ids().await.unwrap_err())),
        ("getAggregate", chain(&pokemons.get_aggregate("x").await.unwrap_err())),
    ];
    for (method, errors) in outcomes {
        let recorded = &recorded[format!("withoutAdapter {method}")];
        assert!(errors.iter().all(|error| error == error_text(recorded)), "{errors:?}");
    }
    let PushEventError::UndefinedEventStorageAdapter(UndefinedEventStorageAdapterError { event_store_id }) = push
    else {
        panic!("{push}")
    };
    assert_eq!(event_store_id, recorded["withoutAdapter pushEvent"]["error"]["own"]["eventStoreId"]);
}

#[tokio::test]
async fn aggregates_are_loaded_as_recorded() {
    let golden = golden("in-memory");
    let recorded = &golden["eventStore"];
    let pokemons = pikachu().await;

    let loaded = pokemons.get_aggregate(PIKACHU).await.unwrap();
    let seen = json!({
        "aggregate": as_json(&loaded.aggregate.unwrap()),
        "events": as_json(&loaded.events),
        "lastEvent": as_json(&loaded.last_event.unwrap()),
    });
    assert_eq!(seen, recorded["getAggregate"]["ok"]);
    let state = pokemons.get_aggregate(PIKACHU).without_events().await.unwrap().unwrap();
    assert_eq!(as_json(&state), recorded["getAggregate"]["ok"]["aggregate"]);

    let at_2 = pokemons.get_aggregate(PIKACHU).max_version(2).await.unwrap();
    assert_eq!(as_json(&at_2.aggregate.unwrap()), recorded["getAggregateMaxVersion2"]["ok"]);
    for (case, loaded) in [
        ("getAggregateMaxVersion0", pokemons.get_aggregate(PIKACHU).max_version(0).await.unwrap()),
        ("getAggregateMissing", pokemons.get_aggregate("nope").await.unwrap()),
    ] {
        assert_eq!(without_undefined(&recorded[case]["ok"]), json!({"events": []}));
        assert!(loaded.aggregate.is_none() && loaded.events.is_empty() && loaded.last_event.is_none(), "{case}");
    }

    let loaded = pokemons.get_existing_aggregate(PIKACHU).await.unwrap();
    assert_eq!((loaded.aggregate.version, loaded.last_event.version, loaded.events.len()), (3, 3, 3));
    for (case, error) in [
        ("getExistingAggregateMissing", pokemons.get_existing_aggregate("nope").await.unwrap_err()),
        ("getExistingAggregateMaxVersion0", pokemons.get_existing_aggregate(PIKACHU).max_version(0).await.unwrap_err()),
        (
            "getExistingAggregateMissing",
            pokemons.get_existing_aggregate("nope").without_events().await.map(|_| ()).unwrap_err(),
        ),
    ] {
        assert_eq!(error.to_string(), error_text(&recorded[case]), "{case}");
        assert!(matches!(error, EventStoreError::AggregateNotFound(_)), "{case}");
    }
}

#[tokio::test]
async fn aggregates_are_built_as_recorded() {
    let golden = golden("in-memory");
    let recorded = &golden["eventStore"];
    let pokemons = store();
    assert!(pokemons.build_aggregate(&[], None).unwrap().is_none());
    let state = Pokemon { name: "P".to_owned(), level: 5, status: Status::Caught, trainer_id: None };
    let before = Aggregate { aggregate_id: PIKACHU.to_owned(), version: 2, state };
    assert_eq!(pokemons.build_aggregate(&[], Some(before.clone())).unwrap(), Some(before.clone()));
    let event: EventDetail<Pokemon> =
        EventDetail::new(PIKACHU.to_owned(), 3, timestamp("2023-07-01T00:00:00.000Z"), PokemonEvent::LeveledUp);
    let built = pokemons.build_aggregate([&event], Some(before)).unwrap().unwrap();
    assert_eq!(as_json(&built), recorded["buildAggregateFromPrev"]["ok"]);
}

#[tokio::test]
async fn push_returns_the_next_aggregate_if_it_is_known() {
    let golden = golden("in-memory");
    let recorded = &golden["eventStore"];
    let pokemons = store();
    let first = pokemons.push_event(pikachu_appeared()).await.unwrap();
    assert_eq!(answer(&first), recorded["pushV1"]["ok"]);
    let second = pokemons.push_event(pikachu_caught()).await.unwrap();
    assert_eq!(answer(&second), recorded["pushV2WithoutPrev"]["ok"]);
    let at_2 = pokemons.get_existing_aggregate(PIKACHU).await.unwrap().aggregate;
    let third = pokemons.push_event(pikachu_leveled_up()).prev_aggregate(at_2).await.unwrap();
    assert_eq!(answer(&third), recorded["pushV3WithPrev"]["ok"]);

    // The push does not check the previous aggregate. The resulting aggregate still has the aggregate id and the
    // version of the event, because castore sets them. In Castore, the reducer sets them, possibly to wrong values.
    let state = Pokemon { name: "?".to_owned(), level: 1, status: Status::Wild, trainer_id: None };
    let stranger = Aggregate { aggregate_id: "someone-else".to_owned(), version: 77, state };
    let event = NewEvent::new(PIKACHU, 4, PokemonEvent::LeveledUp).timestamp(timestamp("2025-01-01T00:00:00.000Z"));
    let pushed = pokemons.push_event(event.prev_aggregate(stranger)).await.unwrap();
    let recorded_answer = &recorded["pushWithUnrelatedPrevAggregateIsNotChecked"]["ok"];
    assert_eq!(answer(&pushed)["event"], recorded_answer["event"]);
    let next = pushed.next_aggregate.unwrap();
    assert_eq!((next.aggregate_id.as_str(), next.version), (PIKACHU, 4));
    assert_eq!(next.level, recorded_answer["nextAggregate"]["level"].as_u64().unwrap() as u32);

    // Castore stores versions that do not follow the last version. In castore, the push must allow this.
    let gap = NewEvent::new("gap", 7, PokemonEvent::LeveledUp).timestamp(timestamp("2025-01-01T00:00:00.000Z"));
    let refused = pokemons.push_event(gap.clone()).await.unwrap_err();
    assert!(matches!(refused, PushEventError::VersionGap(_)), "{refused}");
    assert_eq!(answer(&pokemons.push_event(gap).allow_gap(true).await.unwrap()), recorded["pushVersionGap"]["ok"]);

    // Castore stores versions of 0 and less. castore rejects version 0, and negative versions do not exist, because
    // versions are unsigned.
    let zero = pokemons.push_event(NewEvent::new("zero", 0, PokemonEvent::LeveledUp)).await.unwrap_err();
    assert!(matches!(zero, PushEventError::InvalidVersion { event_store_id: "POKEMONS", .. }), "{zero}");
    assert!(pokemons.get_events("zero").await.unwrap().is_empty());
}

#[tokio::test]
async fn the_hook_is_called_as_recorded() {
    let golden = golden("in-memory");
    let recorded = &golden["eventStore"];
    let pokemons = store();
    let calls = Log::<Value>::new();
    let log = calls.clone();
    pokemons.on_event_pushed(move |pushed| {
        log.add(answer(&pushed));
        async { Ok(()) }
    });
    for event in [pikachu_appeared(), pikachu_caught(), pikachu_leveled_up()] {
        pokemons.push_event(event).await.unwrap();
    }
    // A failed push does not call the hook.
    pokemons.push_event(pikachu_caught()).await.unwrap_err();
    push_event_group((pokemons.group_event(charizard_appeared()),)).await.unwrap();
    let seen = Value::from(calls.take());
    assert_eq!(seen, recorded["onEventPushedCalls"]);

    pokemons.on_event_pushed(|_| async { Err(HandlerError::new("hook failed")) });
    let error = pokemons.push_event(NewEvent::new("h", 1, appeared("H", 1))).await.unwrap_err();
    // Castore returns the error of the hook. In castore, the error also says that the event is stored.
    assert!(matches!(error, PushEventError::StoredButNotPublished(_)));
    assert_eq!(chain(&error).last().unwrap(), error_text(&recorded["onEventPushedThrows"]));
    assert_eq!(pokemons.get_events("h").await.unwrap().len() as u64, recorded["onEventPushedThrows_eventIsStored"]);
}
