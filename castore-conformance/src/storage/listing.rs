//! Tests of listing the aggregates of an event store.

use castore_core::storage::{ListAggregateIdsOptions, ListedAggregate, RawEvent};

use super::StorageFactory;
use super::case::{Case, POKEMONS, TRAINERS, at, ids};
use super::model;

/// Creates a storage with four aggregates whose initial events are one second apart, and one aggregate of another
/// store. The four aggregates have a second event each, and are not pushed in the order of their timestamps.
pub(crate) async fn with_four(factory: &dyn StorageFactory) -> Case {
    let case = Case::new(factory).await;
    for (aggregate, second) in [("c", 3), ("a", 1), ("d", 4), ("b", 2)] {
        case.push(POKEMONS, case.initial(aggregate, at(second * 1_000))).await;
        // Later events do not affect the list, even if their timestamps are earlier.
        case.push(POKEMONS, RawEvent { timestamp: at(5_000 - second * 1_000), ..case.event(aggregate, 2) }).await;
    }
    case.push(TRAINERS, case.initial("t", at(2_500))).await;
    case
}

pub(crate) fn named(case: &Case, aggregates: &str) -> Vec<String> {
    aggregates.chars().map(|name| case.id(&name.to_string())).collect()
}

/// Tests that the aggregates of an event store are sorted by the timestamp of their version 1 in the list, and are
/// listed with that timestamp. If no aggregate follows, there is no page token.
pub async fn aggregates_are_listed_by_initial_timestamp(factory: &dyn StorageFactory) {
    let case = with_four(factory).await;
    let page = case.list(POKEMONS, ListAggregateIdsOptions::default()).await;
    assert_eq!(ids(&page), named(&case, "abcd"));
    for (second, listed) in (1..).zip(&page.aggregates) {
        assert_eq!(listed.initial_event_timestamp, at(second * 1_000));
    }
    assert_eq!(page.next_page_token, None);
    let trainers = case.list(TRAINERS, ListAggregateIdsOptions::default()).await;
    assert_eq!(ids(&trainers), named(&case, "t"));
}

/// Tests that with `reverse`, the latest aggregates are listed first.
pub async fn reverse_lists_the_latest_first(factory: &dyn StorageFactory) {
    let case = with_four(factory).await;
    for (reverse, expected) in [(None, "abcd"), (Some(false), "abcd"), (Some(true), "dcba")] {
        let page = case
            .list(POKEMONS, {
                let mut options = ListAggregateIdsOptions::default();
                options.reverse = reverse;
                options
            })
            .await;
        assert_eq!(ids(&page), named(&case, expected), "reverse {reverse:?}");
    }
}

/// Tests that both bounds are inclusive, with a precision of one millisecond, whether one bound or both are set.
pub async fn bounds_are_inclusive(factory: &dyn StorageFactory) {
    let case = with_four(factory).await;
    for (after, before, expected) in [
        (Some(2_000), None, "bcd"),
        (Some(2_001), None, "cd"),
        (Some(1_999), None, "bcd"),
        (None, Some(3_000), "abc"),
        (None, Some(2_999), "ab"),
        (None, Some(3_001), "abc"),
        (Some(2_000), Some(3_000), "bc"),
        (Some(2_000), Some(2_000), "b"),
        (Some(3_000), Some(2_000), ""),
        (Some(4_001), None, ""),
        (None, Some(999), ""),
        (Some(0), Some(99_000), "abcd"),
    ] {
        for reverse in [false, true] {
            let options = {
                let mut options = ListAggregateIdsOptions::default();
                options.initial_event_after = after.map(at);
                options.initial_event_before = before.map(at);
                options.reverse = Some(reverse);
                options
            };
            let mut expected = named(&case, expected);
            if reverse {
                expected.reverse();
            }
            let page = case.list(POKEMONS, options.clone()).await;
            assert_eq!(ids(&page), expected, "{options:?}");
            assert_eq!(page.next_page_token, None, "{options:?}");
        }
    }
}

/// Tests that the list of an empty store is empty, for any options.
pub async fn an_empty_store_lists_nothing(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    case.push(TRAINERS, case.event("t", 1)).await;
    for limit in [None, Some(0), Some(1), Some(u64::MAX)] {
        let page = case
            .list(POKEMONS, {
                let mut options = ListAggregateIdsOptions::default();
                options.limit = limit;
                options.reverse = Some(true);
                options
            })
            .await;
        assert_eq!((page.aggregates, page.next_page_token), (vec![], None), "limit {limit:?}");
    }
}

/// Tests that an aggregate without version 1 has no initial event, and is not listed until its version 1 is pushed.
pub async fn aggregates_without_version_1_are_not_listed(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    case.push(POKEMONS, case.initial("a", at(1_000))).await;
    case.push_anywhere(POKEMONS, case.event("headless", 2)).await;
    case.push(POKEMONS, case.event("headless", 3)).await;
    let page = case.list(POKEMONS, ListAggregateIdsOptions::default()).await;
    assert_eq!(ids(&page), named(&case, "a"));
    case.push_anywhere(POKEMONS, case.initial("headless", at(500))).await;
    let page = case.list(POKEMONS, ListAggregateIdsOptions::default()).await;
    assert_eq!(ids(&page), [case.id("headless"), case.id("a")]);
    assert_eq!(page.aggregates[0].initial_event_timestamp, at(500));
}

/// Tests that aggregates whose first events have the same timestamp are sorted by id, regardless of the order of the
/// pushes. With `reverse`, this order is reversed, too. The order is total, so that pages can rely on it.
pub async fn ties_are_ordered_by_id(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    let mut expected = Vec::new();
    // 10 sorts before 9, and Z before a: ids are compared by bytes, not as numbers or as words.
    for aggregate in ["9", "z", "10", "a", "Z", "é", "zz", "_"] {
        case.push(POKEMONS, case.initial(aggregate, at(1_000))).await;
        expected.push(ListedAggregate::new(case.id(aggregate), at(1_000)));
    }
    for reverse in [false, true] {
        let mut listed = case.list(POKEMONS, ListAggregateIdsOptions::default().reverse(reverse)).await.aggregates;
        model::sort(&mut expected, reverse);
        if !case.capabilities.ties_by_id {
            model::sort(&mut listed, reverse);
        }
        assert_eq!(listed, expected, "reverse {reverse}");
    }
}

/// Tests that aggregates that were pushed in a group are listed like all other aggregates.
pub async fn aggregates_of_groups_are_listed(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    case.push(POKEMONS, case.initial("b", at(2_000))).await;
    case.group(vec![
        (POKEMONS, case.initial("c", at(3_000))),
        (TRAINERS, case.initial("t", at(1_500))),
        (POKEMONS, case.initial("a", at(1_000))),
        (POKEMONS, case.event("a", 2)),
    ])
    .await;
    let page = case.list(POKEMONS, ListAggregateIdsOptions::default()).await;
    assert_eq!(ids(&page), named(&case, "abc"));
    let page = case.list(TRAINERS, ListAggregateIdsOptions::default()).await;
    assert_eq!(ids(&page), named(&case, "t"));
}
