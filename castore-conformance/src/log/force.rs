//! Tests of forced pushes in the log.

use super::LogFactory;
use super::case::{LogCase, all, position};
use crate::storage::case::{POKEMONS, TRAINERS};

/// Tests that a replaced event keeps its position. Readers that are past this position do not receive the event again.
pub async fn a_replaced_event_is_not_read_again(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    let mut logged = Vec::new();
    for version in 1..=4 {
        logged.push(case.logged(POKEMONS, case.marked("a", version, "old")).await);
    }
    let last = logged[3].0;
    assert_eq!(case.read_to(last, 0, &all()).await, logged);
    for version in [2, 4, 2] {
        let stored = position(case.force(POKEMONS, case.marked("a", version, "new")).await);
        assert_eq!(stored, logged[version as usize - 1].0, "the position of version {version}");
    }
    assert_eq!(case.read_to(last, last, &all()).await, [], "after the end");
    let next = case.logged(POKEMONS, case.event("a", 5)).await;
    assert_eq!(case.read_to(next.0, last, &all()).await, [next], "only new events are read");
}

/// Tests that if an event was replaced, a reader that starts at the beginning reads the new content at the old
/// position.
pub async fn a_rebuild_reads_the_replacement(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    let mut logged = Vec::new();
    for version in 1..=3 {
        logged.push(case.logged(POKEMONS, case.marked("a", version, "old")).await);
        logged.push(case.logged(TRAINERS, case.marked("a", version, "old")).await);
    }
    for version in [1, 3] {
        let event = castore_core::storage::RawEvent {
            event_type: "RENAMED".into(),
            metadata: None,
            ..case.marked("a", version, "new")
        };
        let place = (version as usize - 1) * 2;
        let stored = position(case.force(POKEMONS, event.clone()).await);
        logged[place] = case.entry(stored, POKEMONS, &event);
    }
    case.expect_log(logged[5].0, &logged).await;
}

/// Tests that a forced push of a new version is read like any other push.
pub async fn a_forced_push_of_a_new_version_is_read(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    let first = case.logged(POKEMONS, case.event("a", 1)).await;
    let event = case.event("a", 2);
    let second = case.entry(position(case.force(POKEMONS, event.clone()).await), POKEMONS, &event);
    assert!(second.0 > first.0, "a new event comes after all others");
    assert_eq!(case.read_to(second.0, first.0, &all()).await, std::slice::from_ref(&second));
    case.expect_log(second.0, &[first, second.clone()]).await;
}
