//! Tests of the rewrite counts, which show that stored events were replaced.

use super::LogFactory;
use super::case::{LogCase, page};
use crate::storage::case::{FORCE, POKEMONS, TRAINERS};

/// Returns the rewrite count of an aggregate. If the adapter returns `None`, the function returns 0 for a storage that
/// does not count rewrites according to its capabilities, and panics for all other storages.
async fn of(case: &LogCase, store: &str, aggregate: &str) -> u64 {
    let rewrites = case.adapter.rewrite_count(store, &case.id(aggregate)).await.expect("the number of rewrites");
    if case.log_capabilities.tells_rewrites {
        rewrites.expect("a storage with rewrite counts has one for every aggregate")
    } else {
        rewrites.unwrap_or(0)
    }
}

/// Tests that pushes that replace no event do not change any rewrite count: normal pushes, groups, forced pushes of new
/// versions, and rejected pushes.
pub async fn pushes_without_replacement_are_not_rewrites(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    let before = (case.rewrites_of_log().await, of(&case, POKEMONS, "a").await);
    case.push(POKEMONS, case.event("a", 1)).await;
    case.force(POKEMONS, case.event("a", 2)).await;
    case.group(vec![(POKEMONS, case.event("a", 3)), (TRAINERS, case.event("a", 1))]).await;
    let forced = vec![(POKEMONS, case.event("a", 4)), (TRAINERS, case.event("a", 2))];
    case.try_group(forced, FORCE).await.expect("a forced group of new versions");
    case.try_push(POKEMONS, case.event("a", 1)).await.expect_err("a taken version");
    let lost = vec![(TRAINERS, case.event("b", 1)), (POKEMONS, case.event("a", 2))];
    case.try_group(lost, Default::default()).await.expect_err("a group with a taken version");
    assert_eq!((case.rewrites_of_log().await, of(&case, POKEMONS, "a").await), before);
}

/// Tests that each forced push that replaces an event increases the rewrite counts of its aggregate and of the log, and
/// no other count.
pub async fn replacing_an_event_is_a_rewrite(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    for version in 1..=2 {
        case.push(POKEMONS, case.event("a", version)).await;
        case.push(POKEMONS, case.event("b", version)).await;
        case.push(TRAINERS, case.event("a", version)).await;
    }
    let others = (of(&case, POKEMONS, "b").await, of(&case, TRAINERS, "a").await);
    for version in [1, 2, 2] {
        let before = (case.rewrites_of_log().await, of(&case, POKEMONS, "a").await);
        case.force(POKEMONS, case.marked("a", version, format!("{before:?}"))).await;
        let after = (case.rewrites_of_log().await, of(&case, POKEMONS, "a").await);
        if case.log_capabilities.tells_rewrites {
            assert!(after.0 > before.0, "of the log: {} after {}", after.0, before.0);
            assert!(after.1 > before.1, "of the aggregate: {} after {}", after.1, before.1);
        } else {
            assert!(after >= before, "rewrite counts must not decrease: {after:?} after {before:?}");
        }
    }
    assert_eq!((of(&case, POKEMONS, "b").await, of(&case, TRAINERS, "a").await), others, "of other aggregates");
}

/// Tests that a forced group increases the rewrite counts of the aggregates whose events it replaces, and of the log.
pub async fn a_forced_group_rewrites_what_it_replaces(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    case.push(POKEMONS, case.event("a", 1)).await;
    case.push(TRAINERS, case.event("b", 1)).await;
    let before = (case.rewrites_of_log().await, of(&case, POKEMONS, "a").await, of(&case, TRAINERS, "b").await);
    let group = vec![(TRAINERS, case.event("b", 2)), (POKEMONS, case.marked("a", 1, "new"))];
    case.try_group(group, FORCE).await.expect("a forced group");
    let after = (case.rewrites_of_log().await, of(&case, POKEMONS, "a").await, of(&case, TRAINERS, "b").await);
    assert_eq!(after.2, before.2, "nothing of this aggregate was replaced");
    if case.log_capabilities.tells_rewrites {
        assert!(after.0 > before.0 && after.1 > before.1, "{after:?} after {before:?}");
    } else {
        assert!(after >= before, "rewrite counts must not decrease: {after:?} after {before:?}");
    }
}

/// Tests that the rewrite counts that one handle returns include the rewrites through other handles, even on pages with
/// a filter that passes no event. Snapshots and caches rely on this.
pub async fn rewrites_are_seen_by_other_handles(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    let other = case.fresh.another().await;
    case.push(POKEMONS, case.event("a", 1)).await;
    let none = castore_core::log::LogQuery::new(castore_core::log::LogFilter::none(), 1);
    let before = page(&case.log, 0, &none).await.rewrites;
    let aggregate = of(&case, POKEMONS, "a").await;
    other.storage.push_event(POKEMONS, case.marked("a", 1, "new"), FORCE).await.expect("a forced push");
    let (after, aggregate_after) = (page(&case.log, 0, &none).await.rewrites, of(&case, POKEMONS, "a").await);
    if case.log_capabilities.tells_rewrites {
        assert!(after > before, "of the log: {after} after {before}");
        assert!(aggregate_after > aggregate, "of the aggregate: {aggregate_after} after {aggregate}");
    } else {
        assert!(after >= before && aggregate_after >= aggregate, "rewrite counts must not decrease");
    }
}
