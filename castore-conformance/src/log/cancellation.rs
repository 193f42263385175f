//! Tests of pushes and reads whose futures are dropped before completion.

use std::time::{Duration, Instant};

use super::LogFactory;
use super::case::{LogCase, all, page, read_on};
use crate::storage::cancellation::poll_and_drop;
use crate::storage::case::{ALL, NO_FORCE, POKEMONS, TRAINERS, group};
use crate::storage::concurrency::won;

const ROUNDS: u64 = 40;

/// Tests that a reader reads every stored event exactly once and in order, even if the futures of pushes are dropped
/// before they complete. The log continues to work.
pub async fn dropped_pushes_are_read_if_they_are_stored(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    let (mut followed, mut at) = (Vec::new(), 0);
    for round in 1..=ROUNDS {
        let dropped = case.marked("a", round, "dropped");
        poll_and_drop(case.adapter.push_event(POKEMONS, dropped, NO_FORCE), round).await;
        let events = vec![(POKEMONS, case.event("b", round)), (TRAINERS, case.event("c", round))];
        poll_and_drop(case.adapter.push_event_group(group(&case.adapter, events), NO_FORCE), round + 1).await;
        won(case.try_push(POKEMONS, case.marked("a", round, "again")).await);
        let page = page(&case.log, at, &all()).await;
        followed.extend(page.events);
        at = page.scanned_to;
    }
    // Dropped pushes may still be in progress, so the test waits until the log and the aggregates contain the same
    // number of events.
    let started = Instant::now();
    loop {
        let last = case.logged(TRAINERS, case.event("last", 1 + started.elapsed().as_nanos() as u64)).await;
        let (events, scanned_to) = read_on(&case.log, last.0, at, &all()).await;
        followed.extend(events);
        at = scanned_to;
        let mut stored = 0;
        for (store, aggregate) in [(POKEMONS, "a"), (POKEMONS, "b"), (TRAINERS, "c"), (TRAINERS, "last")] {
            stored += case.get(store, aggregate, ALL).await.len();
        }
        if followed.len() == stored {
            break;
        }
        assert!(
            started.elapsed() < Duration::from_secs(10),
            "{} events were read, {stored} are stored",
            followed.len()
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let followed = case.entries(&followed);
    case.expect_log(at, &followed).await;
    let of_a = case.get(POKEMONS, "a", ALL).await;
    assert_eq!(of_a.len() as u64, ROUNDS, "each version of the aggregate is stored, by one of two pushes");
}

/// Tests that reads whose futures are dropped leak neither locks nor connections.
pub async fn dropped_reads_disturb_nothing(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    let mut expected = Vec::new();
    for version in 1..=20 {
        expected.push(case.logged(POKEMONS, case.event("a", version)).await);
    }
    for round in 0..4 * ROUNDS {
        poll_and_drop(case.log.read_after(0, &all()), round).await;
        poll_and_drop(case.log.end(), round).await;
        poll_and_drop(case.log.log_id(), round).await;
        poll_and_drop(case.log.wake_ups(), round).await;
    }
    expected.push(case.logged(POKEMONS, case.event("a", 21)).await);
    case.expect_log(expected[20].0, &expected).await;
}
