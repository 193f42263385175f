//! Tests of log ids.

use std::collections::HashSet;

use super::LogFactory;
use super::case::LogCase;
use crate::storage::case::POKEMONS;

/// Tests that the id of a log does not change with pushes and is the same through every handle.
pub async fn the_log_id_is_the_same_for_all_handles(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    let id = case.log.log_id().await.expect("the id of the log");
    assert!(!id.as_str().is_empty(), "an empty id does not identify a log");
    case.push(POKEMONS, case.event("a", 1)).await;
    case.force(POKEMONS, case.marked("a", 1, "new")).await;
    assert_eq!(case.log.log_id().await.expect("the id of the log"), id, "after pushes");
    let other = case.fresh.another().await;
    assert_eq!(other.log.log_id().await.expect("the id of the log"), id, "through another handle");
}

/// Tests that the logs of two storages have different ids, so that a checkpoint of one log is not used for the other
/// log.
pub async fn log_ids_of_two_storages_differ(factory: &dyn LogFactory) {
    let (one, other) = (LogCase::new(factory).await, LogCase::new(factory).await);
    let ids = (one.log.log_id().await.expect("an id"), other.log.log_id().await.expect("an id"));
    assert_ne!(ids.0, ids.1);
    // The logs do not share events.
    let pushed = one.logged(POKEMONS, one.event("a", 1)).await;
    one.expect_log(pushed.0, std::slice::from_ref(&pushed)).await;
    other.expect_log(0, &[]).await;
}

/// Tests that a log does not get the id of a log that no longer exists. Checkpoints of the old log may still be stored.
pub async fn the_id_of_a_dropped_log_is_not_used_again(factory: &dyn LogFactory) {
    let mut ids = HashSet::new();
    for _ in 0..4 {
        let case = LogCase::new(factory).await;
        let id = case.log.log_id().await.expect("the id of the log");
        assert!(ids.insert(id.as_str().to_owned()), "{id:?} was the id of a log that was dropped");
    }
}
