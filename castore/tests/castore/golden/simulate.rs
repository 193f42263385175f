//! Tests of `simulate_aggregate`.

use castore::prelude::*;
use serde_json::{Value, json};

use super::domain::*;
use crate::support::{golden, json as as_json, timestamp};

fn store() -> EventStore<Pokemon> {
    EventStore::without_adapter()
}

fn event(id: &str, version: u64, happened: &str, payload: PokemonEvent) -> EventDetail<Pokemon> {
    EventDetail::new(id.to_owned(), version, timestamp(happened), payload)
}

fn pikachu() -> Vec<EventDetail<Pokemon>> {
    vec![
        event(PIKACHU, 1, "2021-01-01", appeared("Pikachu", 2)),
        event(PIKACHU, 2, "2022-01-01", caught_by_ash()),
        event(PIKACHU, 3, "2023-07-01", PokemonEvent::LeveledUp),
    ]
}

#[test]
fn aggregates_are_simulated_as_recorded() {
    let golden = golden("in-memory");
    let recorded = &golden["simulate"];
    let pokemons = store();
    let all = pokemons.simulate_aggregate(pikachu()).simulate().unwrap().unwrap();
    assert_eq!(as_json(&all), recorded["all"]["ok"]);
    let at = timestamp("2022-01-01T00:00:00.000Z");
    let at_date = pokemons.simulate_aggregate(pikachu()).simulation_date(at).simulate().unwrap().unwrap();
    assert_eq!(as_json(&at_date), recorded["atDateInclusive"]["ok"]);
    let before = pokemons.simulate_aggregate(pikachu()).simulation_date(timestamp("2020-01-01"));
    assert!(before.simulate().unwrap().is_none());
    assert!(pokemons.simulate_aggregate([]).simulate().unwrap().is_none());
}

/// An event store that records the events that its reducer receives, with the event types of the recorded cases.
mod seen {
    use super::*;

    #[derive(Debug, Clone, PartialEq, Event)]
    #[event(rename_all = "SCREAMING_SNAKE_CASE")]
    pub enum SeenEvent {
        Appeared,
        LeveledUp,
        #[event(type = "SECOND_V1")]
        SecondV1,
        A,
        B,
        C,
    }

    /// A state that records the events in their order.
    #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
    #[event_store(id = "SEEN", event = SeenEvent)]
    pub struct Seen {
        pub events: Vec<Value>,
        pub types: Vec<String>,
    }

    impl Reducer for Seen {
        fn reduce(seen: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
            let mut seen = seen.unwrap_or(Self { events: Vec::new(), types: Vec::new() });
            let name = event.event_type().as_str();
            seen.events.push(json!([event.version, name, event.timestamp.to_string()]));
            seen.types.push(name.to_owned());
            Ok(seen)
        }
    }

    pub fn event(version: u64, happened: &str, payload: SeenEvent) -> EventDetail<Seen> {
        EventDetail::new("s".to_owned(), version, timestamp(happened), payload)
    }
}

#[test]
fn events_are_sorted_by_timestamp_and_numbered_again() {
    use seen::{Seen, SeenEvent, event};
    let golden = golden("in-memory");
    let recorded = &golden["simulate"];
    let store = EventStore::<Seen>::without_adapter();
    let cases = [
        (
            "renumberedByTimestamp",
            vec![
                event(5, "2023-01-01", SeenEvent::LeveledUp),
                event(7, "2021-01-01", SeenEvent::LeveledUp),
                event(9, "2022-01-01", SeenEvent::LeveledUp),
            ],
        ),
        (
            "tiesKeepOrder",
            vec![
                event(1, "2021-01-01", SeenEvent::Appeared),
                event(2, "2021-01-01", SeenEvent::LeveledUp),
                event(3, "2021-01-01", SeenEvent::LeveledUp),
            ],
        ),
        (
            "sameVersionTwice_lastWins",
            vec![event(1, "2021-01-01", SeenEvent::Appeared), event(1, "2022-01-01", SeenEvent::SecondV1)],
        ),
    ];
    for (case, events) in cases {
        let simulated = store.simulate_aggregate(events).simulate().unwrap().unwrap();
        assert_eq!(Value::from(simulated.state.events), recorded[case], "{case}");
    }

    let events = vec![
        event(1, "2021-01-01", SeenEvent::A),
        event(2, "2022-01-01", SeenEvent::B),
        event(3, "2023-01-01", SeenEvent::C),
    ];
    let simulated = store
        .simulate_aggregate(events)
        .side_effect(|indexed, event| {
            if event.payload == SeenEvent::C {
                indexed.remove("2");
            }
            indexed.insert(event.version.to_string(), event);
        })
        .simulate()
        .unwrap()
        .unwrap();
    let wanted = &recorded["sideEffectRemovesAnEarlierEvent"]["ok"];
    assert_eq!(json!(simulated.types), wanted["types"]);
    assert_eq!(
        (&json!(simulated.aggregate_id), &json!(simulated.version)),
        (&wanted["aggregateId"], &wanted["version"])
    );
}

#[test]
fn simulation_error_of_the_reducer_is_returned() {
    let events = vec![event(PIKACHU, 1, "2021-01-01", PokemonEvent::LeveledUp)];
    let error = store().simulate_aggregate(events).simulate().unwrap_err();
    assert_eq!((error.event_store_id, &*error.event_type, error.version), ("POKEMONS", "LEVELED_UP", 1));
}
