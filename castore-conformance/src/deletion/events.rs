//! Tests of the events that a deletion removes.

use castore_core::storage::Deletion;

use super::DeletionFactory;
use super::case::DeletionCase;
use crate::storage::case::{POKEMONS, TRAINERS};

/// Tests that a deletion removes all events of an aggregate, and returns their number.
pub async fn all_events_of_the_aggregate_are_deleted(factory: &dyn DeletionFactory) {
    let case = DeletionCase::new(factory).await;
    case.history(POKEMONS, "a", 120).await;
    case.delete(POKEMONS, "a", 120).await;
    assert_eq!(case.versions(POKEMONS, "a").await, [] as [u64; 0]);
}

/// Tests that other aggregates of the event store, and aggregates with the same id in other event stores, stay.
pub async fn events_of_other_aggregates_stay(factory: &dyn DeletionFactory) {
    let case = DeletionCase::new(factory).await;
    for (store, aggregate) in [(POKEMONS, "a"), (POKEMONS, "b"), (TRAINERS, "a")] {
        case.history(store, aggregate, 2).await;
    }
    let before = (case.rewrites(POKEMONS, "b").await, case.rewrites(TRAINERS, "a").await);
    case.delete(POKEMONS, "a", 2).await;
    assert_eq!(case.versions(POKEMONS, "b").await, [1, 2]);
    assert_eq!(case.versions(TRAINERS, "a").await, [1, 2]);
    let after = (case.rewrites(POKEMONS, "b").await, case.rewrites(TRAINERS, "a").await);
    assert_eq!(after, before, "the rewrites of other aggregates");
}

/// Tests that a deleted aggregate is no longer in the list of aggregates, and that the others still are.
pub async fn deleted_aggregates_are_not_listed(factory: &dyn DeletionFactory) {
    let case = DeletionCase::new(factory).await;
    for aggregate in ["a", "b", "c"] {
        case.history(POKEMONS, aggregate, 1).await;
    }
    let ids = async || -> Vec<String> {
        let page = case.adapter.list_aggregate_ids(POKEMONS, Default::default()).await.expect("a list");
        let mut ids: Vec<String> = page.aggregates.into_iter().map(|listed| listed.aggregate_id).collect();
        ids.sort();
        ids
    };
    let sorted = |aggregates: &[&str]| {
        let mut ids: Vec<String> = aggregates.iter().map(|aggregate| case.id(aggregate)).collect();
        ids.sort();
        ids
    };
    assert_eq!(ids().await, sorted(&["a", "b", "c"]));
    case.delete(POKEMONS, "b", 1).await;
    assert_eq!(ids().await, sorted(&["a", "c"]));
    case.history(POKEMONS, "b", 1).await;
    assert_eq!(ids().await, sorted(&["a", "b", "c"]));
}

/// Tests that a deletion with another last version than the stored one deletes nothing, and returns the stored one.
pub async fn another_last_version_deletes_nothing(factory: &dyn DeletionFactory) {
    let case = DeletionCase::new(factory).await;
    case.history(POKEMONS, "a", 3).await;
    let rewrites = case.rewrites(POKEMONS, "a").await;
    for last_version in [0, 1, 2, 4, u64::MAX] {
        let deleted = case.try_delete(POKEMONS, "a", last_version).await;
        assert_eq!(deleted, Deletion::Changed { last_version: 3 }, "with the last version {last_version}");
    }
    assert_eq!(case.versions(POKEMONS, "a").await, [1, 2, 3]);
    assert_eq!(case.rewrites(POKEMONS, "a").await, rewrites);
}

/// Tests that the deletion of an aggregate without events deletes nothing.
pub async fn an_aggregate_without_events_is_not_deleted(factory: &dyn DeletionFactory) {
    let case = DeletionCase::new(factory).await;
    case.history(POKEMONS, "a", 1).await;
    for last_version in [0, 1] {
        let deleted = case.try_delete(POKEMONS, "b", last_version).await;
        assert_eq!(deleted, Deletion::Changed { last_version: 0 }, "with the last version {last_version}");
    }
    assert_eq!(case.versions(POKEMONS, "a").await, [1]);
}

/// Tests that an aggregate is deleted even if its versions have gaps, or if it has no event of version 1.
pub async fn aggregates_with_gaps_are_deleted(factory: &dyn DeletionFactory) {
    let case = DeletionCase::new(factory).await;
    for version in [2, 5] {
        case.push_anywhere(POKEMONS, case.event("a", version)).await;
    }
    assert_eq!(case.try_delete(POKEMONS, "a", 5).await, Deletion::Deleted { events: 2 });
    assert_eq!(case.versions(POKEMONS, "a").await, [] as [u64; 0]);
}

/// Tests that only the aggregate with exactly the given id is deleted, whatever characters the id contains.
pub async fn any_text_is_an_aggregate(factory: &dyn DeletionFactory) {
    let case = DeletionCase::new(factory).await;
    let ids = ["%", "_", "a%", "a_", "A", "a", "' OR 1 = 1 --", "\\"];
    for id in ids {
        case.history(POKEMONS, id, 1).await;
    }
    for (at, id) in ids.iter().enumerate() {
        case.delete(POKEMONS, id, 1).await;
        for (other_at, other) in ids.iter().enumerate() {
            let is_deleted = case.versions(POKEMONS, other).await.is_empty();
            assert_eq!(is_deleted, other_at <= at, "{other:?} after the deletion of {id:?}");
        }
    }
}
