//! Tests of the end of the log: the position of the last event, and the safe position. No further event can appear at
//! or before the safe position.

use std::time::{Duration, Instant};

use castore_core::log::LogEnd;

use super::LogFactory;
use super::case::{LogCase, all};
use crate::storage::case::{POKEMONS, TRAINERS};

async fn end(case: &LogCase) -> LogEnd {
    let end = case.log.end().await.expect("the end of the log");
    assert!(end.safe_position <= end.last_position, "the safe position exceeds the last position: {end:?}");
    end
}

/// Waits until the safe position equals the last position, and returns the end of the log. No writer may be active,
/// because the safe position stays behind the last position while a transaction is open.
async fn settled(case: &LogCase) -> LogEnd {
    let started = Instant::now();
    loop {
        let end = end(case).await;
        if end.safe_position == end.last_position {
            return end;
        }
        assert!(
            started.elapsed() < Duration::from_secs(10),
            "no writer is active, but the log does not settle: {end:?}"
        );
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Tests that the end of an empty log is before the position of the event that is pushed first.
pub async fn an_empty_log_ends_before_its_first_event(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    let end = settled(&case).await;
    let first = case.logged(POKEMONS, case.event("a", 1)).await;
    assert!(
        first.0 > end.last_position,
        "the first event is at {}, the empty log ended at {}",
        first.0,
        end.last_position
    );
    assert_eq!(case.read_to(first.0, end.safe_position, &all()).await, [first]);
}

/// Tests that the end is at or after the last event. This applies immediately to the last position, and eventually to
/// the safe position.
pub async fn the_end_is_after_all_events(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    for version in 1..=5 {
        let pushed = case.logged(POKEMONS, case.event("a", version)).await;
        let end = end(&case).await;
        assert!(end.last_position >= pushed.0, "an event at {} is stored, but {end:?}", pushed.0);
        assert!(settled(&case).await.safe_position >= pushed.0);
    }
}

/// Tests that a reader that starts at the safe position of the end reads all later events, and no earlier ones.
pub async fn starting_at_the_end_reads_only_what_is_new(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    for version in 1..=3 {
        case.push(POKEMONS, case.event("a", version)).await;
        // A rejected push may advance the end without adding an event.
        case.try_push(POKEMONS, case.event("a", 1)).await.expect_err("a taken version");
    }
    let start = settled(&case).await.safe_position;
    let mut new = Vec::new();
    for version in 1..=3 {
        new.push(case.logged(TRAINERS, case.event("b", version)).await);
    }
    assert!(new[0].0 > start, "an event at {} appeared before the settled end {start}", new[0].0);
    assert_eq!(case.read_to(new[2].0, start, &all()).await, new);
}

/// Tests that replacing an event does not move the end back. Replaced events keep their positions.
pub async fn replacing_does_not_move_the_end_back(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    for version in 1..=3 {
        case.push(POKEMONS, case.event("a", version)).await;
    }
    let before = settled(&case).await;
    case.force(POKEMONS, case.marked("a", 1, "new")).await;
    let after = settled(&case).await;
    assert!(after.safe_position >= before.safe_position, "{after:?} after {before:?}");
}

/// Tests that all handles return an end that includes the events of the other handles.
pub async fn two_handles_have_one_end(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    let other = case.fresh.another().await;
    let pushed = case.logged(POKEMONS, case.event("a", 1)).await;
    settled(&case).await;
    assert!(other.log.end().await.expect("the end").last_position >= pushed.0, "through the other handle");
}
