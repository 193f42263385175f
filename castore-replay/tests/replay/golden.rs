//! Tests of all cases that were recorded from the original package. If the original has a bug in the order or in the
//! result, the test adjusts the recorded values to the correct behavior.

use castore::InMemoryEventStorageAdapter;
use castore::prelude::*;
use castore::testing::FaultyMessageChannelAdapter;
use castore_replay::*;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::domain::*;
use crate::storages::{Watch, Watched};

const PIKACHU: &str = "11111111-1111-4111-8111-111111111111";
const CHARIZARD: &str = "22222222-2222-4222-8222-222222222222";
const ARCANINE: &str = "33333333-3333-4333-8333-333333333333";
const ASH: &str = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa";
const MISTY: &str = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb";

fn cases() -> Map<String, Value> {
    let path = format!("{}/../tests/golden/dam.json", env!("CARGO_MANIFEST_DIR"));
    let golden: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    golden["cases"].as_object().unwrap().clone()
}

fn pokemon_events() -> Vec<EventDetail<Pokemon>> {
    let event = |id: &str, version, day: &str| pokemon_event(id, version, timestamp(day));
    let mut events = vec![
        event(PIKACHU, 1, "2021-01-01"),
        event(PIKACHU, 2, "2022-01-01"),
        event(PIKACHU, 3, "2023-07-01"),
        event(CHARIZARD, 1, "2022-07-01"),
        event(ARCANINE, 1, "2023-01-01"),
        event(ARCANINE, 2, "2024-01-01"),
    ];
    events[0].metadata = Some(Trigger { trigger: "random".to_owned() });
    events[1].payload = PokemonEvent::CaughtByTrainer { trainer_id: ASH.to_owned() };
    events
}

fn trainer_events() -> Vec<EventDetail<Trainer>> {
    let event = |id: &str, version, day: &str| trainer_event(id, version, timestamp(day));
    vec![
        event(ASH, 1, "2020-12-01"),
        event(ASH, 2, "2022-01-01"),
        event(MISTY, 1, "2022-12-01"),
        event(MISTY, 2, "2024-01-01"),
    ]
}

fn day(number: u64) -> Timestamp {
    const DAY: u64 = 24 * 60 * 60 * 1000;
    let millis = timestamp("2021-01-01").unix_millis() + i64::try_from(number * DAY).unwrap();
    Timestamp::from_unix_millis(millis).unwrap()
}

fn forty_five() -> EventStore<Pokemon> {
    pokemons((0..45).flat_map(|number| {
        let id = format!("agg-{number:03}");
        [pokemon_event(&id, 1, day(number)), pokemon_event(&id, 2, day(number + 30))]
    }))
}

/// Returns the poured messages in the format of the recorded cases.
fn poured<C: MessageChannel<Message: Serialize>>(recording: &Recording<C>) -> Vec<String> {
    let messages = recording.take();
    messages
        .iter()
        .map(|published| as_recorded(&serde_json::to_value(&published.message).unwrap(), published.replay))
        .collect()
}

fn as_recorded(message: &Value, replay: bool) -> String {
    let store = message["eventStoreId"].as_str().unwrap();
    let (about, version, timestamp) = match message.get("event") {
        Some(event) => (event, format!("#{}", event["version"]), &event["timestamp"]),
        None => (message, String::new(), &message["initialEventTimestamp"]),
    };
    let id: String = about["aggregateId"].as_str().unwrap().chars().take(8).collect();
    let replay = if replay { " replay" } else { "" };
    format!("{store} {id}{version}@{}{replay}", timestamp.as_str().unwrap())
}

fn scanned(answer: &mut Map<String, Value>, first: &Option<ScannedAggregate>, last: &Option<ScannedAggregate>) {
    for (key, scanned) in [("firstScannedAggregate", first), ("lastScannedAggregate", last)] {
        if let Some(scanned) = scanned {
            let timestamp = scanned.initial_event_timestamp;
            let value = json!({"aggregateId": scanned.aggregate_id, "initialEventTimestamp": timestamp});
            answer.insert(key.to_owned(), value);
        }
    }
}

fn of_events(poured: &PouredEvents) -> Value {
    let mut answer = Map::from_iter([("pouredEventCount".to_owned(), json!(poured.poured_event_count))]);
    scanned(&mut answer, &poured.first_scanned_aggregate, &poured.last_scanned_aggregate);
    Value::Object(answer)
}

fn of_ids(poured: &PouredAggregateIds) -> Value {
    let mut answer = Map::from_iter([("pouredAggregateIdCount".to_owned(), json!(poured.poured_aggregate_id_count))]);
    scanned(&mut answer, &poured.first_scanned_aggregate, &poured.last_scanned_aggregate);
    Value::Object(answer)
}

fn of_collection(poured: &PouredCollectionEvents) -> Value {
    let scans = poured.scans.iter().map(|scan| {
        let mut answer = Map::new();
        scanned(&mut answer, &scan.first_scanned_aggregate, &scan.last_scanned_aggregate);
        (scan.event_store_id.to_owned(), Value::Object(answer))
    });
    json!({"pouredEventCount": poured.poured_event_count, "scans": scans.collect::<Map<_, _>>()})
}

fn of_aggregate(poured: &PouredAggregateEvents<Pokemon>) -> Value {
    let mut answer = Map::from_iter([("pouredEventCount".to_owned(), json!(poured.poured_event_count))]);
    for (key, event) in
        [("firstPouredEvent", &poured.first_poured_event), ("lastPouredEvent", &poured.last_poured_event)]
    {
        if let Some(event) = event {
            answer.insert(key.to_owned(), serde_json::to_value(event).unwrap());
        }
    }
    Value::Object(answer)
}

/// Returns the recorded result and the recorded messages.
fn recorded(case: &Value) -> (Value, Vec<String>) {
    let poured = case["poured"].as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect();
    (case["result"]["ok"].clone(), poured)
}

/// Shortens the list like the recorded cases: keeps the first five and the last five entries.
fn shortened(poured: &[String]) -> Vec<String> {
    let (first, last) = (&poured[..5], &poured[poured.len() - 5..]);
    [first, &["...".to_owned()], last].concat()
}

fn listed(id: &str, timestamp: &str) -> Value {
    json!({"aggregateId": id, "initialEventTimestamp": timestamp})
}

const NEW_YEAR_2021: &str = "2021-01-01T00:00:00.000Z";

#[tokio::test]
async fn aggregates_are_poured_as_recorded() {
    let store = pokemons(pokemon_events());
    let (bus, recording) = bus();
    let mut seen = 0;
    for (name, case) in cases().iter().filter(|(name, _)| name.starts_with("aggregate: ")) {
        let pour = match name.as_str() {
            "aggregate: all" => pour_aggregate_events(&store, PIKACHU, &bus),
            "aggregate: from and to inclusive" => {
                pour_aggregate_events(&store, PIKACHU, &bus).from(timestamp("2021-01-01")).to(timestamp("2022-01-01"))
            }
            "aggregate: reverse, limit 2" => pour_aggregate_events(&store, PIKACHU, &bus).reverse(true).limit(2),
            "aggregate: maxVersion 2, from 2021-06" => {
                pour_aggregate_events(&store, PIKACHU, &bus).max_version(2).from(timestamp("2021-06-01"))
            }
            "aggregate: nothing in range" => pour_aggregate_events(&store, PIKACHU, &bus).from(timestamp("2025-01-01")),
            "aggregate: unknown" => pour_aggregate_events(&store, "unknown", &bus),
            "aggregate: the same aggregate" => pour_aggregate_events(&tied_one(), "tied-one", &bus),
            other => panic!("unknown case {other}"),
        };
        let mut answer = of_aggregate(&pour.await.unwrap());
        if name == "aggregate: the same aggregate" {
            // The first event was recorded without a payload.
            answer["firstPouredEvent"].as_object_mut().unwrap().remove("payload");
        }
        assert_eq!((answer, poured(&recording)), recorded(case), "{name}");
        seen += 1;
    }
    assert_eq!(seen, 7);
}

fn tied_one() -> EventStore<Pokemon> {
    pokemons((1..=3).map(|version| pokemon_event("tied-one", version, day(0))))
}

#[tokio::test]
async fn aggregate_ids_are_poured_as_recorded() {
    let (store, empty) = (pokemons(pokemon_events()), pokemons([]));
    let census = CensusBus::new();
    let recording = Recording::attach_to(&census);
    let mut seen = 0;
    for (name, case) in cases().iter().filter(|(name, _)| name.starts_with("ids: ")) {
        let pour = pour_event_store_aggregate_ids(if name == "ids: empty store" { &empty } else { &store }, &census);
        let pour = match name.as_str() {
            "ids: all" | "ids: empty store" => pour,
            "ids: limit 2 (pages through everything)" => pour.limit(2),
            "ids: reverse, limit 1" => pour.reverse(true).limit(1),
            "ids: initialEventAfter / Before" => {
                pour.initial_event_after(timestamp("2022-07-01")).initial_event_before(timestamp("2022-07-01"))
            }
            other => panic!("unknown case {other}"),
        };
        assert_eq!((of_ids(&pour.await.unwrap()), poured(&recording)), recorded(case), "{name}");
        seen += 1;
    }
    assert_eq!(seen, 5);
}

#[tokio::test]
async fn stores_are_poured_as_recorded() {
    let watched = |watch| {
        EventStore::<Pokemon>::new(Watched::new(
            InMemoryEventStorageAdapter::new().with_events(pokemon_events()).unwrap(),
            watch,
        ))
    };
    let mut seen = 0;
    for (name, case) in cases().iter().filter(|(name, _)| name.starts_with("store: ")) {
        let (bus, recording) = bus();
        let all = pokemons(pokemon_events());
        let (mut wanted, mut wanted_poured) = (case["result"]["ok"].clone(), Vec::new());
        if case.get("poured").is_some() {
            wanted_poured = recorded(case).1;
        }
        let pour = match name.as_str() {
            "store: all" => pour_event_store_events(&all, &bus),
            "store: from and to" => {
                pour_event_store_events(&all, &bus).from(timestamp("2022-01-01")).to(timestamp("2023-01-01"))
            }
            "store: to before everything" => pour_event_store_events(&all, &bus).to(timestamp("2020-01-01")),
            "store: from after everything (all scanned, none poured)" => {
                pour_event_store_events(&all, &bus).from(timestamp("2025-01-01"))
            }
            "store: empty" => pour_event_store_events(&pokemons([]), &bus),
            "store: 45 aggregates, 3 pages" => {
                let answer = pour_event_store_events(&forty_five(), &bus).aggregates_per_page(20).await.unwrap();
                let poured = poured(&recording);
                assert_eq!((of_events(&answer), shortened(&poured)), (wanted, wanted_poured), "{name}");
                assert_eq!(Some(poured.len() as u64), case["pouredCount"].as_u64());
                seen += 1;
                continue;
            }
            "store: one aggregate whose three events share a timestamp" => {
                // The original poured the events in reverse order.
                wanted_poured.reverse();
                pour_event_store_events(&tied_one(), &bus)
            }
            "store: two aggregates, all four events share a timestamp" => {
                // The original poured the versions in reverse order, and listed the last pushed aggregate first.
                wanted_poured = ["t1#1", "t1#2", "t2#1", "t2#2"]
                    .map(|event| format!("POKEMONS {event}@{NEW_YEAR_2021} replay"))
                    .to_vec();
                wanted["firstScannedAggregate"] = listed("t1", NEW_YEAR_2021);
                wanted["lastScannedAggregate"] = listed("t2", NEW_YEAR_2021);
                let tied =
                    ["t1", "t2"].into_iter().flat_map(|id| [1, 2].map(|version| pokemon_event(id, version, day(0))));
                pour_event_store_events(&pokemons(tied), &bus)
            }
            "store: 25 aggregates with one initial timestamp" => {
                // The original poured the events in an arbitrary order.
                wanted_poured.sort();
                wanted["firstScannedAggregate"] = listed("s00", NEW_YEAR_2021);
                wanted["lastScannedAggregate"] = listed("s24", NEW_YEAR_2021);
                let tied = (0..25).map(|number| pokemon_event(&format!("s{number:02}"), 1, day(0)));
                pour_event_store_events(&pokemons(tied), &bus).aggregates_per_page(20)
            }
            "store: storage whose last page is empty (events after the last initial event are lost)" => {
                // This implementation loses nothing: the result is the same as with a storage whose last page is not
                // empty.
                (wanted, wanted_poured) = recorded(&cases()["store: all"]);
                let watch = Watch { empty_last_page: true, ..Watch::default() };
                pour_event_store_events(&watched(watch), &bus)
            }
            "store: channel fails at the third message" => {
                let faulty = FaultyMessageChannelAdapter::new(recording.clone());
                faulty.fail_publish(3);
                bus.set_adapter(faulty);
                let error = pour_event_store_events(&all, &bus).await.unwrap_err();
                assert_eq!(error.poured().poured_event_count, case["pouredBefore"].as_u64().unwrap());
                assert_eq!(poured(&recording).len(), 2);
                seen += 1;
                continue;
            }
            other => panic!("unknown case {other}"),
        };
        let answer = of_events(&pour.await.unwrap());
        assert_eq!((answer, poured(&recording)), (wanted, wanted_poured), "{name}");
        seen += 1;
    }
    assert_eq!(seen, 11);
}

#[tokio::test]
async fn collections_are_poured_as_recorded() {
    let (pokemon_store, trainer_store) = (pokemons(pokemon_events()), trainers(trainer_events()));
    let (no_pokemons, no_trainers) = (pokemons([]), trainers([]));
    let one_trainer = trainers([trainer_event("early", 1, timestamp("2020-06-01"))]);
    let mut seen = 0;
    for (name, case) in cases().iter().filter(|(name, _)| name.starts_with("collection: ")) {
        let (bus, recording) = bus();
        let (mut wanted, mut wanted_poured) = (case["result"]["ok"].clone(), Vec::new());
        if case.get("poured").is_some() {
            wanted_poured = recorded(case).1;
        }
        let pour = match name.as_str() {
            "collection: all, pokemons first" | "collection: all, trainers first" => {
                // The original poured two pairs of events with equal timestamps in reverse order.
                wanted_poured.swap(2, 3);
                wanted_poured.swap(8, 9);
                if name.ends_with("pokemons first") {
                    pour_event_store_collection_events((&pokemon_store, &trainer_store), &bus)
                } else {
                    pour_event_store_collection_events((&trainer_store, &pokemon_store), &bus)
                }
            }
            "collection: from and to" => {
                wanted_poured.swap(0, 1);
                pour_event_store_collection_events((&pokemon_store, &trainer_store), &bus)
                    .from(timestamp("2022-01-01"))
                    .to(timestamp("2022-07-01"))
            }
            "collection: one empty store" => pour_event_store_collection_events((&no_pokemons, &trainer_store), &bus),
            "collection: both empty" => pour_event_store_collection_events((&no_pokemons, &no_trainers), &bus),
            "collection: no stores" => pour_event_store_collection_events((), &bus),
            "collection: two stores with one event each at the same timestamp" => {
                wanted_poured.reverse();
                let (p, t) = (pokemons([pokemon_event("p", 1, day(0))]), trainers([trainer_event("t", 1, day(0))]));
                pour_event_store_collection_events((&p, &t), &bus)
            }
            "collection: storage whose last page is empty" => {
                // The original reported no last aggregate.
                wanted["scans"]["POKEMONS"]["lastScannedAggregate"] = listed(ARCANINE, "2023-01-01T00:00:00.000Z");
                let adapter = InMemoryEventStorageAdapter::new().with_events(pokemon_events()).unwrap();
                let watch = Watch { empty_last_page: true, ..Watch::default() };
                let store = EventStore::<Pokemon>::new(Watched::new(adapter, watch));
                pour_event_store_collection_events((&store,), &bus)
            }
            "collection: a long and a short store" => {
                // The original poured the events out of order: the short store to its end, and then the second page of
                // the long store.
                let pour = pour_event_store_collection_events((&forty_five(), &trainer_store), &bus);
                assert_eq!(of_collection(&pour.aggregates_per_page(20).await.unwrap()), wanted);
                let poured = poured(&recording);
                assert_eq!(Some(poured.len() as u64), case["total"].as_u64());
                assert!(poured.is_sorted_by_key(|text| text.split_once('@').unwrap().1.to_owned()), "{poured:?}");
                seen += 1;
                continue;
            }
            "collection: the short store ends before the first page of the long one does" => {
                // The original poured only the early event, repeatedly.
                let pour = pour_event_store_collection_events((&forty_five(), &one_trainer), &bus);
                let answer = pour.aggregates_per_page(20).await.unwrap();
                assert_eq!(Some(answer.poured_event_count), case["expectedTotal"].as_u64());
                let poured = poured(&recording);
                assert_eq!(poured[0], "TRAINERS early#1@2020-06-01T00:00:00.000Z replay");
                assert_eq!(poured.iter().filter(|text| text.contains("early")).count(), 1);
                assert_eq!(Some(poured.len() as u64), case["expectedTotal"].as_u64());
                seen += 1;
                continue;
            }
            other => panic!("unknown case {other}"),
        };
        let answer = of_collection(&pour.await.unwrap());
        assert_eq!((answer, poured(&recording)), (wanted, wanted_poured), "{name}");
        seen += 1;
    }
    assert_eq!(seen, 10);
}

/// One of the recorded cases is about the rate limit. This case is tested separately, with paused time.
#[test]
fn no_case_is_left_out() {
    assert_eq!(cases().len(), 7 + 5 + 11 + 10 + 1);
}
