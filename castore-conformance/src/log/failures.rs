//! Tests of rejected pushes.

use super::LogFactory;
use super::case::{LogCase, all};
use crate::storage::case::{POKEMONS, TRAINERS, expect_conflict};

/// Tests that a rejected push adds no event to the log and does not delay readers.
pub async fn a_push_that_loses_is_not_read(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    let mut expected = Vec::new();
    for version in 1..=6 {
        expected.push(case.logged(POKEMONS, case.marked("a", version, "wins")).await);
        let late = case.try_push(POKEMONS, case.marked("a", version, "loses")).await;
        expect_conflict(late, POKEMONS, &case.id("a"), version);
    }
    // The end of the log is reached although the last push was rejected.
    case.expect_log(expected[5].0, &expected).await;
    expected.push(case.logged(TRAINERS, case.event("a", 1)).await);
    case.expect_log(expected[6].0, &expected).await;
}

/// Tests that pushes that are rejected between two pages do not delay a reader.
pub async fn lost_pushes_do_not_hold_up_readers(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    let mut at = 0;
    for version in 1..=6 {
        let pushed = case.logged(POKEMONS, case.event("a", version)).await;
        for _ in 0..version {
            case.try_push(POKEMONS, case.event("a", 1)).await.expect_err("a taken version");
        }
        assert_eq!(case.read_to(pushed.0, at, &all()).await, std::slice::from_ref(&pushed));
        at = pushed.0;
    }
}
