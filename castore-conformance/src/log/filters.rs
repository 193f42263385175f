//! Tests of log filters and of queries for one aggregate.

use castore_core::log::{LogFilter, LogQuery};

use super::LogFactory;
use super::case::{LogCase, MANY, SeenEntry, all, read_on};
use crate::channel::channels::{Pokemon, PokemonEventType};
use crate::storage::case::{POKEMONS, TRAINERS};

/// Pushes events with two event types to several aggregates of three stores. Some aggregates of different stores have
/// the same id. Returns each log entry with its event store, aggregate and version.
async fn filled(case: &LogCase) -> Vec<(SeenEntry, &'static str, &'static str, u64)> {
    let mut filled = Vec::new();
    for version in 1..=4 {
        for (store, aggregate) in [(POKEMONS, "a"), (TRAINERS, "a"), (POKEMONS, "b"), ("POKEMON", "b"), (TRAINERS, "c")]
        {
            filled.push((case.logged(store, case.event(aggregate, version)).await, store, aggregate, version));
        }
    }
    filled
}

async fn expect(case: &LogCase, query: LogQuery, what: &str, passes: impl Fn(&str, &str, u64) -> bool) {
    let filled = filled(case).await;
    let last = filled[filled.len() - 1].0.0;
    let wanted: Vec<_> = filled
        .iter()
        .filter(|(_, store, aggregate, version)| passes(store, aggregate, *version))
        .map(|(entry, ..)| entry.clone())
        .collect();
    for limit in [1, 2, 3, MANY] {
        let query = LogQuery { limit, ..query.clone() };
        assert_eq!(case.read_to(last, 0, &query).await, wanted, "{what}, in pages of {limit}");
        // The read starts in the middle, because a checkpoint may have been stored with another filter.
        let middle = filled[filled.len() / 2].0.0;
        let rest: Vec<_> = wanted.iter().filter(|entry| entry.0 > middle).cloned().collect();
        assert_eq!(case.read_to(last, middle, &query).await, rest, "{what}, after {middle}, in pages of {limit}");
    }
}

/// Tests that without a filter, the events of all stores are read.
pub async fn all_stores_are_read(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    expect(&case, all(), "all stores", |_, _, _| true).await;
}

/// Tests that a filter without stores matches no event, and that the reader still advances past the skipped events.
pub async fn filter_without_stores_passes_nothing(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    expect(&case, LogQuery::new(LogFilter::none(), MANY), "no store", |_, _, _| false).await;
}

/// Tests that a filter of stores passes exactly the events of the stores with these ids.
pub async fn stores_are_filtered(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    let one = LogFilter::none().event_store_id(POKEMONS);
    expect(&case, LogQuery::new(one, MANY), "one store", |store, _, _| store == POKEMONS).await;
    let case = LogCase::new(factory).await;
    let two = LogFilter::none().event_store_id("POKEMON").event_store_id(TRAINERS).event_store_id("UNKNOWN");
    expect(&case, LogQuery::new(two, MANY), "two stores and one without events", |store, _, _| store != POKEMONS).await;
    let case = LogCase::new(factory).await;
    let other = LogFilter::none().event_store_id("pokemons");
    expect(&case, LogQuery::new(other, MANY), "a store in lower case", |_, _, _| false).await;
}

/// Tests that a filter of event types passes only these types of the given store. Other stores pass only if the filter
/// also selects them, and then with all their event types.
pub async fn event_types_are_filtered(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    let one = LogFilter::none().event_types::<Pokemon>([PokemonEventType::LeveledUp]);
    expect(&case, LogQuery::new(one, MANY), "one type", |store, _, version| store == POKEMONS && version > 1).await;
    let case = LogCase::new(factory).await;
    let both = LogFilter::none()
        .event_types::<Pokemon>([PokemonEventType::Appeared, PokemonEventType::LeveledUp])
        .event_store_id("POKEMON");
    expect(&case, LogQuery::new(both, MANY), "two types and a store", |store, _, _| store != TRAINERS).await;
    let case = LogCase::new(factory).await;
    let mixed = LogFilter::none().event_types::<Pokemon>([PokemonEventType::Appeared]).event_store_id(TRAINERS);
    expect(&case, LogQuery::new(mixed, MANY), "a type of one store, all of another", |store, _, version| {
        store == TRAINERS || (store == POKEMONS && version == 1)
    })
    .await;
    let case = LogCase::new(factory).await;
    let never = LogFilter::none().event_types::<Pokemon>([PokemonEventType::Caught]);
    expect(&case, LogQuery::new(never, MANY), "a type that never happened", |_, _, _| false).await;
}

/// Tests that a query for one aggregate returns only the events of this aggregate in this store. If the query also has
/// a filter, the filter must pass the events, too.
pub async fn one_aggregate_is_read(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    let id = case.id("a");
    expect(&case, all().aggregate(POKEMONS, &id), "one aggregate", |store, aggregate, _| {
        store == POKEMONS && aggregate == "a"
    })
    .await;
    let case = LogCase::new(factory).await;
    let first = LogFilter::none().event_types::<Pokemon>([PokemonEventType::Appeared]);
    let query = LogQuery::new(first, MANY).aggregate(POKEMONS, &id);
    expect(&case, query, "one aggregate and type", |store, aggregate, version| {
        store == POKEMONS && aggregate == "a" && version == 1
    })
    .await;
    let case = LogCase::new(factory).await;
    let query = LogQuery::new(LogFilter::none().event_store_id(TRAINERS), MANY).aggregate(POKEMONS, &id);
    expect(&case, query, "an aggregate of a store that is filtered out", |_, _, _| false).await;
    let case = LogCase::new(factory).await;
    let query = all().aggregate(POKEMONS, case.id("unknown"));
    expect(&case, query, "an unknown aggregate", |_, _, _| false).await;
}

/// Tests that a query can read an aggregate up to a position. A relay reads in this way when it retries a parked
/// aggregate, which is an aggregate whose events could not be published.
pub async fn one_aggregate_is_read_up_to_a_position(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    let filled = filled(&case).await;
    let of_one: Vec<_> =
        filled.iter().filter(|(_, store, aggregate, _)| *store == TRAINERS && *aggregate == "c").collect();
    for upto in [&of_one[0], &of_one[2]] {
        let query = all().aggregate(TRAINERS, case.id("c")).up_to(upto.0.0);
        let wanted: Vec<_> = of_one.iter().map(|one| one.0.clone()).filter(|entry| entry.0 <= upto.0.0).collect();
        assert_eq!(case.read_to(upto.0.0, 0, &query).await, wanted);
    }
}

/// Tests that if few events pass the filter, the reader still advances past the other events, and skips no event that
/// is pushed later.
pub async fn sparse_filters_move_on_and_skip_nothing(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    let rare = LogQuery::new(LogFilter::none().event_store_id(TRAINERS), 10);
    let (mut at, mut read, mut expected) = (0, Vec::new(), Vec::new());
    for version in 1..=8_u64 {
        let common = case.logged(POKEMONS, case.event("common", version)).await;
        if version % 3 == 0 {
            expected.push(case.logged(TRAINERS, case.event("rare", version)).await);
        }
        // The test reads between the pushes, each time from the position up to which the last page was scanned.
        let (events, scanned_to) = read_on(&case.log, common.0, at, &rare).await;
        read.extend(case.entries(&events));
        at = scanned_to;
    }
    let last = case.logged(TRAINERS, case.event("rare", 100)).await;
    read.extend(case.read_to(last.0, at, &rare).await);
    expected.push(last);
    assert_eq!(read, expected);
}
