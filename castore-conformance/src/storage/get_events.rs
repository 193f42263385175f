//! Tests of reading the events of one aggregate.

use castore_core::storage::GetEventsOptions;

use super::StorageFactory;
use super::case::{ALL, Case, POKEMONS, TRAINERS};
use super::model::Model;

/// Versions with gaps, so that some bounds are equal to a version and others are between two versions.
const VERSIONS: [u64; 6] = [1, 2, 3, 5, 8, 13];

/// Returns options with bounds and limits at, between and beyond the events, including values that may cause arithmetic
/// overflow.
pub(crate) fn all_options() -> impl Iterator<Item = GetEventsOptions> {
    let bounds = [None, Some(0), Some(1), Some(4), Some(8), Some(14), Some(u64::MAX)];
    let limits = [None, Some(0), Some(1), Some(3), Some(6), Some(u64::MAX)];
    bounds.into_iter().flat_map(move |min_version| {
        bounds.into_iter().flat_map(move |max_version| {
            limits.into_iter().flat_map(move |limit| {
                [false, true].into_iter().map(move |reverse| {
                    let mut options = GetEventsOptions::default();
                    options.min_version = min_version;
                    options.max_version = max_version;
                    options.limit = limit;
                    options.reverse = reverse;
                    options
                })
            })
        })
    })
}

/// Creates a storage and a model. Both contain an aggregate that has gaps, and other aggregates that must not be
/// returned.
pub(crate) async fn with_gaps(factory: &dyn StorageFactory) -> (Case, Model) {
    let (case, mut model) = (Case::new(factory).await, Model::default());
    for version in VERSIONS {
        for (store, aggregate) in [(POKEMONS, "gaps"), (POKEMONS, "other"), (TRAINERS, "gaps")] {
            let event = case.marked(aggregate, version, store);
            model.put(store, event.clone());
            case.push_anywhere(store, event).await;
        }
    }
    (case, model)
}

/// Tests that a read with any combination of bounds, limit and direction returns the same events as the model. Bounds
/// are inclusive. The limit is applied after the bounds, starting at the first event in the reading direction. With a
/// limit of 0, or with a lower bound above the upper bound, nothing is returned.
pub async fn all_combinations_of_options_are_honored(factory: &dyn StorageFactory) {
    let (case, model) = with_gaps(factory).await;
    for options in all_options() {
        assert_eq!(
            case.seen_of(&case.get(POKEMONS, "gaps", options).await),
            case.seen_of(&model.events(POKEMONS, &case.id("gaps"), options)),
            "{options:?}"
        );
    }
}

/// Tests that reading an aggregate without events returns no events and no error, for any options.
pub async fn an_unknown_aggregate_has_no_events(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    case.expect(POKEMONS, "nobody", &[]).await;
    // The aggregate is also unknown in a store with another aggregate, and in an empty store.
    case.push(POKEMONS, case.event("somebody", 1)).await;
    case.expect(POKEMONS, "nobody", &[]).await;
    case.expect(TRAINERS, "somebody", &[]).await;
    for options in all_options().step_by(7) {
        assert!(case.get(POKEMONS, "nobody", options).await.is_empty(), "{options:?}");
    }
}

/// Tests that a later push, forced or not, does not change the events that a caller has already read.
pub async fn events_that_were_read_do_not_change(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    case.push(POKEMONS, case.marked("a", 1, "old")).await;
    let before = case.get(POKEMONS, "a", ALL).await;
    case.force(POKEMONS, case.marked("a", 1, "new")).await;
    case.push(POKEMONS, case.marked("a", 2, "new")).await;
    assert_eq!(case.seen_of(&before), case.seen_of(&[case.marked("a", 1, "old")]));
}

/// Tests that every read that starts after a successful push returns the pushed event.
pub async fn a_returned_push_is_read_at_once(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    for version in 1..=50 {
        case.push(POKEMONS, case.event("a", version)).await;
        let last = ALL.limit(1).reverse(true);
        assert_eq!(case.seen_of(&case.get(POKEMONS, "a", last).await), case.seen_of(&[case.event("a", version)]));
    }
}
