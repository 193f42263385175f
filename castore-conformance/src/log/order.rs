//! Tests of positions and of the reading order.

use castore_core::storage::RawEvent;

use super::LogFactory;
use super::case::{LogCase, all, page, position};
use crate::storage::case::{POKEMONS, TRAINERS, at};
use crate::storage::compare::json;

/// Tests that a log without events returns no events, regardless of the start position.
pub async fn an_empty_log_has_no_events(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    for after in [0, 1, 1_000_000, i64::MAX as u64] {
        let page = page(&case.log, after, &all()).await;
        assert!(page.events.is_empty() && !page.more, "{page:?}");
    }
    // Reading an empty log must not advance the reader beyond events that are written later.
    let scanned_to = page(&case.log, 0, &all()).await.scanned_to;
    let first = case.logged(POKEMONS, case.event("a", 1)).await;
    assert!(
        first.0 > scanned_to,
        "an event at {} appeared below {scanned_to}, up to which the log was scanned",
        first.0
    );
    assert_eq!(case.read_to(first.0, scanned_to, &all()).await, [first]);
}

/// Tests that the log returns complete events, at the positions that their pushes returned.
pub async fn events_are_read_at_the_positions_of_their_pushes(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    let mut expected = vec![
        case.logged(POKEMONS, case.marked("a", 1, "one")).await,
        case.logged(TRAINERS, RawEvent { payload: None, metadata: None, ..case.event("a", 1) }).await,
    ];
    let odd = RawEvent { payload: Some(json(r#"{"b":[1,2.5,"x"],"a":{"":[]}}"#)), ..case.marked("b", 7, "two") };
    expected.push(case.logged(POKEMONS, RawEvent { timestamp: at(-86_400_000), ..odd }).await);
    let last = expected[2].0;
    case.expect_log(last, &expected).await;
    assert_eq!(case.read_to(last, expected[0].0, &all()).await, expected[1..], "after the first");
    assert_eq!(case.read_to(last, last, &all()).await, [], "after the last");
}

/// Tests that events are read in the order in which they were pushed, regardless of their timestamps, aggregates and
/// versions.
pub async fn the_log_is_in_the_order_of_pushes(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    let mut expected = Vec::new();
    for round in 1..=6_u64 {
        for aggregate in ["b", "a", "c"] {
            // The timestamps decrease, and the aggregates are not pushed in alphabetical order.
            let event = RawEvent { timestamp: at(-(round as i64)), ..case.event(aggregate, round) };
            expected.push(case.logged(if aggregate == "a" { TRAINERS } else { POKEMONS }, event).await);
        }
    }
    // The log keeps the order of the pushes, not the order of the versions.
    for version in [10, 9, 100, 7] {
        expected.push(case.logged(POKEMONS, case.event("mixed", version)).await);
    }
    assert!(expected.is_sorted_by_key(|entry| entry.0), "positions grow with pushes: {expected:?}");
    case.expect_log(expected[expected.len() - 1].0, &expected).await;
}

/// Tests that reading again from any position returns the same events.
pub async fn reading_again_gives_the_same(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    let mut expected = Vec::new();
    for version in 1..=5 {
        expected.push(case.logged(POKEMONS, case.event("a", version)).await);
    }
    let last = expected[4].0;
    for after in 0..=last {
        let rest: Vec<_> = expected.iter().filter(|entry| entry.0 > after).cloned().collect();
        for _ in 0..2 {
            assert_eq!(case.read_to(last, after, &all()).await, rest, "after {after}");
        }
    }
}

/// Tests that each of two handles reads the events that both handles pushed, in order, and can continue reading after
/// any of these events.
pub async fn two_handles_see_one_log(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    let other = case.fresh.another().await;
    let first = case.logged(POKEMONS, case.event("a", 1)).await;
    let event = case.event("a", 2);
    let pushed = other.storage.push_event(POKEMONS, event.clone(), Default::default()).await;
    let second = case.entry(position(pushed.expect("a push through the other handle")), POKEMONS, &event);
    assert!(second.0 > first.0, "positions grow across handles");
    for log in [&case.log, &other.log] {
        let read = super::case::read_to(log, second.0, 0, &all()).await;
        assert_eq!(case.entries(&read), [first.clone(), second.clone()]);
        let rest = super::case::read_to(log, second.0, first.0, &all()).await;
        assert_eq!(case.entries(&rest), std::slice::from_ref(&second));
    }
}
