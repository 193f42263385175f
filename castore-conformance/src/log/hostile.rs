//! Tests with names that break carelessly built queries.

use castore::{Event, event_store};
use castore_core::event::EventDetail;
use castore_core::event_sourced::{ReduceError, Reducer};
use castore_core::log::{LogFilter, LogQuery};
use castore_core::storage::RawEvent;
use serde::{Deserialize, Serialize};

use super::LogFactory;
use super::case::{LogCase, MANY, all};
use crate::storage::case::POKEMONS;

/// Names that queries must treat as different names. They are short enough for the Postgres table of the original
/// Castore, which is written in TypeScript.
const NAMES: &[&str] = &[
    "POKEMONS",
    "it's",
    "\"quoted\"",
    "a\\b",
    "'; DROP TABLE event; --",
    "' OR '1'='1",
    "%",
    "POKEMON_",
    "$1",
    "?1",
    "{a,b}",
    "a,b",
    "NULL",
    " ",
    "a#b",
    "Å",
    "A\u{30a}",
    "日本語",
    "🦀",
];

/// Tests that filters accept any text as an event store id.
pub async fn any_store_can_be_filtered(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    let mut logged = Vec::new();
    for name in NAMES {
        logged.push(case.logged(name, case.event("a", 1)).await);
    }
    let last = logged[logged.len() - 1].0;
    case.expect_log(last, &logged).await;
    for (name, entry) in NAMES.iter().zip(&logged) {
        let filter = LogFilter::none().event_store_id(*name);
        let read = case.read_to(last, 0, &LogQuery::new(filter, MANY)).await;
        assert_eq!(read, std::slice::from_ref(entry), "of the store {name:?}");
        let one = all().aggregate(*name, case.id("a"));
        assert_eq!(case.read_to(last, 0, &one).await, std::slice::from_ref(entry), "of an aggregate of {name:?}");
    }
    let every = NAMES.iter().fold(LogFilter::none(), |filter, name| filter.event_store_id(*name));
    assert_eq!(case.read_to(last, 0, &LogQuery::new(every, 3)).await, logged, "of all stores by their names");
}

/// Tests that queries accept any text as an aggregate id.
pub async fn any_aggregate_can_be_read(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    let mut logged = Vec::new();
    for name in NAMES {
        logged.push(case.logged(POKEMONS, case.event(name, 1)).await);
    }
    let last = logged[logged.len() - 1].0;
    for (name, entry) in NAMES.iter().zip(&logged) {
        let one = all().aggregate(POKEMONS, case.id(name));
        assert_eq!(case.read_to(last, 0, &one).await, std::slice::from_ref(entry), "of the aggregate {name:?}");
    }
}

#[derive(Debug, Clone, PartialEq, Event)]
enum OddEvent {
    #[event(type = "it's \"so\", {a,b} \\ 100%")]
    Quoted,
    #[event(type = "日本語 🦀")]
    Unicode,
    #[event(type = "'; DROP TABLE event; --")]
    Injected,
    #[event(type = "NULL")]
    Null,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "ODD'S \"%\"", event = OddEvent)]
struct Odd {}

impl Reducer for Odd {
    fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(Self {})
    }
}

/// Tests that filters accept any text as an event type.
pub async fn any_event_type_can_be_filtered(factory: &dyn LogFactory) {
    const STORE: &str = "ODD'S \"%\"";
    let types = [OddEventType::Quoted, OddEventType::Unicode, OddEventType::Injected, OddEventType::Null];
    let case = LogCase::new(factory).await;
    let mut logged = Vec::new();
    for (version, name) in (1..).zip(types) {
        let event = RawEvent { event_type: name.to_string().into(), ..case.event("a", version) };
        logged.push(case.logged(STORE, event).await);
    }
    let last = case.logged(STORE, case.event("a", 5)).await.0;
    for (name, entry) in types.into_iter().zip(&logged) {
        let filter = LogFilter::none().event_types::<Odd>([name]);
        let read = case.read_to(last, 0, &LogQuery::new(filter, MANY)).await;
        assert_eq!(read, std::slice::from_ref(entry), "of the type {name}");
    }
    let filter = LogFilter::none().event_types::<Odd>(types);
    assert_eq!(case.read_to(last, 0, &LogQuery::new(filter, 3)).await, logged, "of all unusual types");
}
