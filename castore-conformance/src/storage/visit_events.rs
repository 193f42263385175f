//! Tests of visiting events. A visit must return the same events as a read.

use castore_core::storage::GetEventsOptions;

use super::StorageFactory;
use super::case::{ALL, Case, POKEMONS, TRAINERS};
use super::get_events::{all_options, with_gaps};

const NEVER: usize = usize::MAX;

/// Tests that for every combination of options, the visitor receives exactly the events that `get_events` returns.
/// Event stores use `visit_events` to fold an aggregate, and `get_events` to return its events.
pub async fn visiting_shows_what_reading_gives(factory: &dyn StorageFactory) {
    let (case, _) = with_gaps(factory).await;
    for options in all_options() {
        let read = case.get(POKEMONS, "gaps", options).await;
        let shown = case.visit(POKEMONS, "gaps", options, NEVER).await.expect("a visit");
        assert_eq!(shown, case.seen_of(&read), "{options:?}");
    }
}

/// Tests that a visitor that returns `Break` is not called again, regardless of the event and the direction.
pub async fn a_visitor_stops_the_visit(factory: &dyn StorageFactory) {
    let (case, _) = with_gaps(factory).await;
    for reverse in [false, true] {
        for limit in [None, Some(4)] {
            let mut options = ALL.reverse(reverse);
            options.limit = limit;
            let read = case.seen_of(&case.get(POKEMONS, "gaps", options).await);
            for stop_after in 1..=read.len() {
                let shown = case.visit(POKEMONS, "gaps", options, stop_after).await.expect("a visit");
                assert_eq!(shown, read[..stop_after], "stop after {stop_after} with {options:?}");
            }
        }
    }
    // A stopped visit must not hold a lock that would block the next visit or push.
    case.push(POKEMONS, case.event("gaps", 14)).await;
}

/// Tests that the visitor is not called for an unknown aggregate.
pub async fn an_unknown_aggregate_shows_nothing(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    case.push(POKEMONS, case.event("somebody", 1)).await;
    for (store, aggregate) in [(POKEMONS, "nobody"), (TRAINERS, "somebody")] {
        let shown = case.visit(store, aggregate, ALL, NEVER).await.expect("a visit");
        assert_eq!(shown, []);
    }
}

/// Tests that long aggregates are visited without gaps or repetitions at page boundaries, with limits around the page
/// size of the default implementation.
pub async fn long_aggregates_are_shown_whole(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    let versions = 1_100;
    let chunk = case.capabilities.max_group_len.min(100);
    let all: Vec<u64> = (1..=versions).collect();
    for versions in all.chunks(chunk) {
        case.group(versions.iter().map(|version| (POKEMONS, case.event("long", *version))).collect()).await;
    }
    for limit in [None, Some(511), Some(512), Some(513), Some(1_024), Some(1_025), Some(5_000)] {
        for reverse in [false, true] {
            for (min_version, max_version) in [(None, None), (Some(77), Some(1_088))] {
                let options = {
                    let mut options = GetEventsOptions::default();
                    options.min_version = min_version;
                    options.max_version = max_version;
                    options.limit = limit;
                    options.reverse = reverse;
                    options
                };
                let shown = case.visit(POKEMONS, "long", options, NEVER).await.expect("a visit");
                let mut expected: Vec<u64> = (min_version.unwrap_or(1)..=max_version.unwrap_or(versions)).collect();
                if reverse {
                    expected.reverse();
                }
                expected.truncate(limit.map_or(NEVER, |limit| limit as usize));
                let shown: Vec<u64> = shown.iter().map(|event| event.version()).collect();
                assert_eq!(shown, expected, "{options:?}");
                let read = case.get(POKEMONS, "long", options).await;
                let read: Vec<u64> = read.iter().map(|event| event.version).collect();
                assert_eq!(read, expected, "get_events with {options:?}");
            }
        }
    }
}
