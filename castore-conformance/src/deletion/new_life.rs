//! Tests of aggregates that begin again with the id of a deleted aggregate.

use castore_core::storage::StorageError;

use super::DeletionFactory;
use super::case::DeletionCase;
use crate::storage::case::POKEMONS;

/// Tests that a push of version 1 begins a new aggregate, whose events are those that were pushed after the deletion.
pub async fn version_1_can_be_pushed_again(factory: &dyn DeletionFactory) {
    let case = DeletionCase::new(factory).await;
    case.history(POKEMONS, "a", 3).await;
    case.delete(POKEMONS, "a", 3).await;
    case.push(POKEMONS, case.marked("a", 1, "new")).await;
    case.push(POKEMONS, case.marked("a", 2, "new")).await;
    let expected = [case.marked("a", 1, "new"), case.marked("a", 2, "new")];
    case.expect(POKEMONS, "a", &expected).await;
}

/// Tests that the version after the last deleted version is rejected as a gap, also in a group.
pub async fn the_version_after_a_deleted_one_is_a_gap(factory: &dyn DeletionFactory) {
    let case = DeletionCase::new(factory).await;
    case.history(POKEMONS, "a", 3).await;
    case.delete(POKEMONS, "a", 3).await;
    let pushed = case.try_push(POKEMONS, case.event("a", 4)).await;
    let Err(StorageError::VersionGap(gap)) = pushed else { panic!("pushing version 4: {pushed:?}") };
    assert_eq!((gap.expected, gap.given), (1, 4));
    let group = vec![(POKEMONS, case.event("b", 1)), (POKEMONS, case.event("a", 4))];
    let pushed = case.try_group(group, Default::default()).await;
    assert!(matches!(pushed, Err(StorageError::VersionGap(_))), "pushing version 4 in a group: {pushed:?}");
    assert_eq!(case.versions(POKEMONS, "b").await, [] as [u64; 0]);
}

/// Tests that a deletion increases the rewrite counts of the aggregate and of the log, so that snapshots and caches of
/// the old aggregate are not used for a new one.
pub async fn a_deletion_is_a_rewrite(factory: &dyn DeletionFactory) {
    let case = DeletionCase::new(factory).await;
    case.history(POKEMONS, "a", 2).await;
    let (before, of_log) = (case.rewrites(POKEMONS, "a").await, case.rewrites_of_log().await);
    case.delete(POKEMONS, "a", 2).await;
    let deleted = case.rewrites(POKEMONS, "a").await;
    assert!(deleted > before, "of the aggregate: {deleted} after {before}");
    assert!(case.rewrites_of_log().await > of_log, "of the log");
    case.history(POKEMONS, "a", 2).await;
    assert_eq!(case.rewrites(POKEMONS, "a").await, deleted, "pushes are no rewrites");
}

/// Tests that an aggregate with the id of a deleted one can be deleted, too.
pub async fn a_new_aggregate_can_be_deleted_again(factory: &dyn DeletionFactory) {
    let case = DeletionCase::new(factory).await;
    for last in [3, 1, 2] {
        case.history(POKEMONS, "a", last).await;
        case.delete(POKEMONS, "a", last).await;
        assert_eq!(case.versions(POKEMONS, "a").await, [] as [u64; 0]);
    }
}
