//! Tests of limits and of reading page by page.

use castore_core::log::{LogFilter, LogQuery};

use super::LogFactory;
use super::case::{LogCase, MANY, SeenEntry, all, page};
use crate::storage::case::{POKEMONS, TRAINERS};

const EVENTS: u64 = 12;

async fn filled(case: &LogCase) -> Vec<SeenEntry> {
    let mut expected = Vec::new();
    for version in 1..=EVENTS {
        let store = if version % 3 == 0 { TRAINERS } else { POKEMONS };
        expected.push(case.logged(store, case.event("a", version)).await);
    }
    expected
}

/// Tests that reading page by page returns the whole log once and in order, for any limit.
pub async fn every_limit_gives_the_same_log(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    let expected = filled(&case).await;
    let last = expected[expected.len() - 1].0;
    for limit in [1, 2, 3, 5, 11, 12, 13, 1_000, usize::MAX] {
        let query = LogQuery::new(LogFilter::all(), limit);
        assert_eq!(case.read_to(last, 0, &query).await, expected, "in pages of {limit}");
    }
}

/// Tests that `more` is set on each page that is followed by other events, and that these pages are full. After the end
/// of the log, `more` is not set.
pub async fn pages_say_whether_more_follows(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    let expected = filled(&case).await;
    let last = expected[expected.len() - 1].0;
    // When the log has been read to its end once, later reads do not have to wait for writers.
    case.expect_log(last, &expected).await;
    for limit in [1, 5, 11, 12, 13] {
        let mut at = 0;
        let mut left = expected.as_slice();
        while !left.is_empty() {
            let read = page(&case.log, at, &LogQuery::new(LogFilter::all(), limit)).await;
            assert_eq!(case.entries(&read.events), left[..limit.min(left.len())], "in pages of {limit}");
            left = &left[read.events.len()..];
            assert!(read.more || left.is_empty(), "{left:?} follow, but `more` is false");
            assert!(left.is_empty() || read.scanned_to < left[0].0, "{} was skipped", left[0].0);
            at = read.scanned_to;
        }
        let end = page(&case.log, at, &LogQuery::new(LogFilter::all(), limit)).await;
        assert!(end.events.is_empty() && !end.more, "after the end: {end:?}");
    }
}

/// Tests that with a limit of 0, the log returns no events and skips no events.
pub async fn a_limit_of_0_reads_nothing(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    let nothing = LogQuery::new(LogFilter::all(), 0);
    assert!(page(&case.log, 0, &nothing).await.events.is_empty());
    let expected = filled(&case).await;
    let last = expected[expected.len() - 1].0;
    for after in [0, expected[3].0, last] {
        let read = page(&case.log, after, &nothing).await;
        assert!(read.events.is_empty());
        let rest: Vec<_> = expected.iter().filter(|entry| entry.0 > after).cloned().collect();
        assert_eq!(case.read_to(last, read.scanned_to, &all()).await, rest, "after {after} and an empty page");
        let none = LogQuery::new(LogFilter::none(), 0);
        page(&case.log, after, &none).await;
    }
}

/// Tests that reading may start at any position, for example between two events or beyond the last event, because a
/// checkpoint may come from a reader with another filter.
pub async fn any_position_can_be_read_after(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    let expected = filled(&case).await;
    let last = expected[expected.len() - 1].0;
    for after in [last + 1, last + 1_000, i64::MAX as u64] {
        let read = page(&case.log, after, &all()).await;
        assert!(read.events.is_empty(), "after {after}, which is beyond all events: {read:?}");
    }
    assert_eq!(case.read_to(last, last - 1, &all()).await, expected[expected.len() - 1..]);
}

/// Tests that with `up_to`, no event after that position is returned, and reading can continue from the scanned
/// position without losing events.
pub async fn up_to_is_the_last_position(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    let expected = filled(&case).await;
    let last = expected[expected.len() - 1].0;
    case.expect_log(last, &expected).await;
    for up_to in [0, expected[0].0, expected[4].0, last, last + 5, u64::MAX] {
        for limit in [1, 4, MANY] {
            let query = LogQuery::new(LogFilter::all(), limit).up_to(up_to);
            let wanted: Vec<_> = expected.iter().filter(|entry| entry.0 <= up_to).cloned().collect();
            assert_eq!(case.read_to(last, 0, &query).await, wanted, "up to {up_to} in pages of {limit}");
        }
        let read = page(&case.log, 0, &all().up_to(up_to)).await;
        let mut whole = case.entries(&read.events);
        whole.extend(case.read_to(last, read.scanned_to, &all()).await);
        assert_eq!(whole, expected, "up to {up_to}, and then after {}", read.scanned_to);
    }
    // Here, `up_to` is before the start position.
    let read = page(&case.log, expected[6].0, &all().up_to(expected[2].0)).await;
    assert!(read.events.is_empty(), "{read:?}");
}
