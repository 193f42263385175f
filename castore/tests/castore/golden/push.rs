//! Tests of `push_event` on the in-memory storage, and of `get_events` with all its options.

use castore::prelude::*;
use serde_json::{Value, json};

use super::domain::*;
use crate::support::{FixedClock, error_text, golden, object, original_text, timestamp, without_undefined};

const NOW: &str = "2025-05-05T05:05:05.555Z";

fn store() -> EventStore<Pokemon> {
    EventStore::new(InMemoryEventStorageAdapter::new()).with_clock(FixedClock::at(NOW))
}

async fn versions(store: &EventStore<Pokemon>, id: &str) -> Vec<u64> {
    store.get_events(id).await.unwrap().iter().map(|event| event.version).collect()
}

#[tokio::test]
async fn push_accepts_and_rejects_as_recorded() {
    let golden = golden("in-memory");
    let recorded = &golden["push"];
    let pokemons = store();

    let pushed = pokemons.push_event(pikachu_appeared()).await.unwrap();
    assert_eq!(answer(&pushed)["event"], recorded["withTimestamp"]["ok"]["event"]);
    let pushed = pokemons.push_event(NewEvent::new(PIKACHU, 2, PokemonEvent::LeveledUp)).await.unwrap();
    assert_eq!(answer(&pushed), recorded["withoutTimestamp"]["ok"]);

    let error = pokemons.push_event(pikachu_appeared()).await.unwrap_err();
    assert_eq!(original_text(&error), error_text(&recorded["duplicate"]));
    let PushEventError::EventAlreadyExists(conflict) = error else { panic!("{error}") };
    let own = &recorded["duplicate"]["error"]["own"];
    let fields = json!({
        "code": "EventAlreadyExistsError",
        "eventStoreId": conflict.event_store_id,
        "aggregateId": conflict.aggregate_id,
        "version": conflict.version,
    });
    assert_eq!(&fields, own);

    pokemons.push_event(NewEvent::new(PIKACHU, 3, PokemonEvent::LeveledUp)).await.unwrap();
    let forced = NewEvent::new(PIKACHU, 2, PokemonEvent::LeveledUp).timestamp(timestamp("2022-01-01T00:00:00.000Z"));
    let pushed = pokemons.push_event(forced).force(true).await.unwrap();
    assert_eq!(answer(&pushed), without_undefined(&recorded["forceOverExisting"]["ok"]));
    let events = pokemons.get_events(PIKACHU).await.unwrap();
    let order: Vec<Value> = events.iter().map(|event| json!([event.version, event.event_type().as_str()])).collect();
    assert_eq!(Value::from(order), recorded["orderAfterForce"]);
    assert_eq!(events[1].timestamp, timestamp("2022-01-01T00:00:00.000Z"));

    let gap = NewEvent::new(PIKACHU, 9, PokemonEvent::LeveledUp).timestamp(timestamp("2025-01-01T00:00:00.000Z"));
    let pushed = pokemons.push_event(gap).force(true).await.unwrap();
    assert_eq!(answer(&pushed), recorded["forceOnNewVersion"]["ok"]);
}

/// Castore's in-memory adapter does not separate event stores, and does not sort events by version: it returns versions
/// 3, 1, 2 if the events were pushed in this order. castore sorts events by version, and separates the stores.
#[tokio::test]
async fn events_are_kept_by_store_and_by_version() {
    let recorded = golden("in-memory");
    assert_eq!(recorded["push"]["outOfOrder_getEvents"], json!([3, 1, 2]));
    let storage = InMemoryEventStorageAdapter::new();
    let pokemons = EventStore::<Pokemon>::new(storage.clone());
    let trainers = EventStore::<Trainer>::new(storage);
    for version in [3, 1, 2] {
        let event = match version {
            1 => NewEvent::new("x", 1, appeared("X", 1)),
            version => NewEvent::new("x", version, PokemonEvent::LeveledUp),
        };
        let happened = timestamp(&format!("202{version}-01-01T00:00:00.000Z"));
        pokemons.push_event(event.timestamp(happened)).allow_gap(true).await.unwrap();
    }
    assert_eq!(versions(&pokemons, "x").await, [1, 2, 3]);
    let reverse = pokemons.get_events("x").reverse(true).limit(1).await.unwrap();
    assert_eq!(reverse[0].version, 3);
    let listed = pokemons.list_aggregate_ids().await.unwrap();
    assert_eq!(listed.aggregate_ids[0].initial_event_timestamp, timestamp("2021-01-01T00:00:00.000Z"));

    trainers.push_event(NewEvent::new("x", 1, TrainerEvent::GameStarted { trainer_name: "X".into() })).await.unwrap();
    assert_eq!(trainers.get_events("x").await.unwrap().len(), 1);

    let mut events = pokemons.get_events("x").await.unwrap();
    events[0].payload = appeared("HACKED", 99);
    assert_eq!(pokemons.get_events("x").await.unwrap()[0].payload, appeared("X", 1));
}

#[tokio::test]
async fn get_events_takes_the_recorded_options() {
    let golden = golden("in-memory");
    let pokemons = store();
    pokemons.push_event(pikachu_appeared()).await.unwrap();
    for version in 2..=4 {
        pokemons.push_event(NewEvent::new(PIKACHU, version, PokemonEvent::LeveledUp)).await.unwrap();
    }
    let mut seen = 0;
    for (case, wanted) in object(&golden["getEvents"]) {
        let id = match case.as_str() {
            "unknownAggregate" => "nope",
            // These ids are property names of every JavaScript object. In castore, they are ordinary ids.
            "aggregate id \"__proto__\"" => "__proto__",
            "aggregate id \"constructor\"" => "constructor",
            _ => PIKACHU,
        };
        let wanted = if id == PIKACHU { wanted.clone() } else { json!([]) };
        let options = match case.as_str() {
            "undefined" => json!({}),
            _ if id != PIKACHU => json!({}),
            options => serde_json::from_str(options).unwrap(),
        };
        let mut request = pokemons.get_events(id);
        let mut expressible = true;
        for (option, value) in object(&options) {
            request = match (option.as_str(), value.as_u64()) {
                ("minVersion", Some(version)) => request.min_version(version),
                ("maxVersion", Some(version)) => request.max_version(version),
                ("limit", Some(limit)) => request.limit(limit),
                ("reverse", None) => request.reverse(value.as_bool().unwrap()),
                // Negative and fractional limits cannot be expressed, because a limit is an unsigned integer.
                ("limit", None) => {
                    expressible = false;
                    request
                }
                other => panic!("unknown option {other:?}"),
            };
        }
        if !expressible {
            continue;
        }
        let versions: Vec<u64> = request.await.unwrap().iter().map(|event| event.version).collect();
        assert_eq!(json!(versions), wanted, "{case}");
        seen += 1;
    }
    assert!(seen >= 18, "{seen}");
}
