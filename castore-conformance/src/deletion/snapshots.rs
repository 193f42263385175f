//! Tests of the snapshots of deleted aggregates.

use super::DeletionFactory;
use super::case::DeletionCase;
use crate::storage::case::{POKEMONS, TRAINERS};

/// Tests that the snapshots of a deleted aggregate are deleted, and no others.
pub async fn snapshots_are_deleted_with_the_events(factory: &dyn DeletionFactory) {
    let case = DeletionCase::new(factory).await;
    let aggregates = [(POKEMONS, "a"), (POKEMONS, "b"), (TRAINERS, "a")];
    for (store, aggregate) in aggregates {
        case.history(store, aggregate, 1).await;
        case.put_snapshot(store, aggregate).await;
    }
    case.delete(POKEMONS, "a", 1).await;
    assert!(!case.has_snapshot(POKEMONS, "a").await);
    assert!(case.has_snapshot(POKEMONS, "b").await && case.has_snapshot(TRAINERS, "a").await);
}

/// Tests that the snapshots of an aggregate stay if the aggregate is not deleted.
pub async fn snapshots_stay_if_nothing_is_deleted(factory: &dyn DeletionFactory) {
    let case = DeletionCase::new(factory).await;
    case.history(POKEMONS, "a", 2).await;
    case.put_snapshot(POKEMONS, "a").await;
    let _ = case.try_delete(POKEMONS, "a", 1).await;
    assert!(case.has_snapshot(POKEMONS, "a").await);
}
