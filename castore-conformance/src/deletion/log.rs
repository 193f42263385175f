//! Tests of the log of a storage from which aggregates were deleted.

use castore_core::log::CheckpointEvent;

use super::DeletionFactory;
use super::case::DeletionCase;
use crate::log::case::{all, read_on};
use crate::storage::case::{POKEMONS, TRAINERS};

/// Tests that the log contains all other events at their positions, wherever the deleted events were: at the beginning,
/// in the middle and at the end. A reader that has read any position continues after it.
pub async fn readers_continue_after_deleted_events(factory: &dyn DeletionFactory) {
    let case = DeletionCase::new(factory).await;
    let mut entries = Vec::new();
    for (aggregate, last) in [("first", 2), ("a", 1), ("middle", 2), ("b", 1), ("last", 2)] {
        entries.extend(case.history(POKEMONS, aggregate, last).await);
    }
    let end = entries.last().map_or(0, |last| last.0);
    for aggregate in ["middle", "first", "last"] {
        case.delete(POKEMONS, aggregate, 2).await;
        let id = case.id(aggregate);
        entries.retain(|(_, _, event)| event.aggregate_id() != id);
        case.expect_log(end, &entries).await;
        for after in 0..=end {
            let expected: Vec<_> = entries.iter().filter(|(position, ..)| *position > after).cloned().collect();
            assert_eq!(case.read_to(end, after, &all()).await, expected, "after {after}, without {aggregate}");
        }
    }
    let added = case.logged(POKEMONS, case.event("c", 1)).await;
    assert_eq!(case.read_to(added.0, end, &all()).await, [added]);
}

/// Tests that the end of the log stays after the deletion of the last events, and that a reader reaches it.
pub async fn the_end_does_not_move_back(factory: &dyn DeletionFactory) {
    let case = DeletionCase::new(factory).await;
    case.history(POKEMONS, "a", 3).await;
    let before = case.log.end().await.expect("the end of the log").last_position;
    case.delete(POKEMONS, "a", 3).await;
    assert!(case.log.end().await.expect("the end of the log").last_position >= before);
    let (events, reached) = read_on(&case.log, before, 0, &all()).await;
    assert_eq!((events.len(), reached >= before), (0, true), "reached {reached} of {before}");
}

/// Tests that new events get positions after those of the deleted events. A reader that has read a deleted event would
/// otherwise miss a new event at the same position.
pub async fn positions_are_not_assigned_again(factory: &dyn DeletionFactory) {
    let case = DeletionCase::new(factory).await;
    let deleted = case.history(POKEMONS, "a", 3).await;
    let last = deleted.last().map_or(0, |last| last.0);
    case.delete(POKEMONS, "a", 3).await;
    let added = case.logged(POKEMONS, case.event("a", 1)).await;
    assert!(added.0 > last, "position {} after the deletion of {last}", added.0);
    assert_eq!(case.read_to(added.0, last, &all()).await, [added]);
}

/// Tests that the log keeps its id, and that a checkpoint at a deleted event is still a checkpoint of this log. Relays
/// and projections would otherwise stop.
pub async fn the_log_stays_the_same_log(factory: &dyn DeletionFactory) {
    let case = DeletionCase::new(factory).await;
    let mut entries = case.history(TRAINERS, "b", 1).await;
    entries.extend(case.history(POKEMONS, "a", 2).await);
    let (id, log) = (case.log.log_id().await.expect("the id of the log"), &*case.log);
    let mut checkpoints = Vec::new();
    for (position, ..) in &entries {
        case.read_to(*position, 0, &all()).await;
        let checkpoint = CheckpointEvent::read(log, *position).await.expect("a read");
        checkpoints.push(checkpoint.expect("the event at this position"));
    }
    case.delete(POKEMONS, "a", 2).await;
    for is_new in [false, true] {
        if is_new {
            case.history(POKEMONS, "a", 2).await;
        }
        assert_eq!(case.log.log_id().await.expect("the id of the log"), id);
        for checkpoint in &checkpoints {
            assert!(checkpoint.is_in(log).await.expect("a read"), "{checkpoint:?}, with a new aggregate: {is_new}");
        }
    }
}

/// Tests that a query for the deleted aggregate reads only the events of a new aggregate.
pub async fn one_deleted_aggregate_is_not_read(factory: &dyn DeletionFactory) {
    let case = DeletionCase::new(factory).await;
    let deleted = case.history(POKEMONS, "a", 2).await;
    let last = deleted.last().map_or(0, |last| last.0);
    case.delete(POKEMONS, "a", 2).await;
    let query = all().aggregate(POKEMONS, case.id("a"));
    assert_eq!(case.read_to(last, 0, &query).await, []);
    let added = case.logged(POKEMONS, case.event("a", 1)).await;
    assert_eq!(case.read_to(added.0, 0, &query).await, [added]);
}
