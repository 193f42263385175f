//! Tests of listing aggregates page by page.

use castore_core::storage::{ListAggregateIdsOptions, ListedAggregate};

use super::StorageFactory;
use super::case::{Case, POKEMONS, at, ids};
use super::listing::{named, with_four};
use super::model;

/// Follows page tokens to the end, and returns all pages. Only the first request contains the options. Later requests
/// contain only the token.
pub(crate) async fn walk(case: &Case, store: &str, options: ListAggregateIdsOptions) -> Vec<Vec<ListedAggregate>> {
    let limit = options.limit;
    let mut pages = Vec::new();
    let mut next = options;
    loop {
        let page = case.list(store, next).await;
        let full = limit.is_none_or(|limit| page.aggregates.len() as u64 == limit);
        let empty_end = case.capabilities.last_page_may_be_empty && page.aggregates.is_empty();
        if !empty_end {
            assert!(!page.aggregates.is_empty() || pages.is_empty(), "a page token although no aggregate follows");
            pages.push(page.aggregates);
        }
        let Some(token) = page.next_page_token else {
            return pages;
        };
        assert!(full || empty_end, "a page that is not full has a token");
        assert!(pages.len() < 10_000, "paging never ends");
        next = ListAggregateIdsOptions::default().page_token(token);
    }
}

/// Tests that all pages except the last page are full, the pages follow each other without gaps, and only the last page
/// has no token. This also applies if the number of aggregates is a multiple of the limit.
pub async fn pages_follow_one_another(factory: &dyn StorageFactory) {
    let case = with_four(factory).await;
    for (limit, expected) in [
        (1, &["a", "b", "c", "d"][..]),
        (2, &["ab", "cd"]),
        (3, &["abc", "d"]),
        (4, &["abcd"]),
        (5, &["abcd"]),
        (u64::MAX, &["abcd"]),
    ] {
        let pages = walk(&case, POKEMONS, ListAggregateIdsOptions::default().limit(limit)).await;
        let expected: Vec<_> = expected.iter().map(|page| named(&case, page)).collect();
        let pages: Vec<Vec<_>> =
            pages.into_iter().map(|page| page.into_iter().map(|listed| listed.aggregate_id).collect()).collect();
        assert_eq!(pages, expected, "limit {limit}");
    }
}

/// Tests that a token contains the limit, the bounds and the direction, and that these options apply to every later
/// page.
pub async fn tokens_carry_the_options(factory: &dyn StorageFactory) {
    let case = with_four(factory).await;
    let mut next = ListAggregateIdsOptions::default()
        .limit(1)
        .initial_event_after(at(2_000))
        .initial_event_before(at(4_000))
        .reverse(true);
    for (expected, last) in [("d", false), ("c", false), ("b", true)] {
        let page = case.list(POKEMONS, next).await;
        assert_eq!(ids(&page), named(&case, expected));
        if last && !case.capabilities.last_page_may_be_empty {
            assert_eq!(page.next_page_token, None, "no aggregate within the bounds follows");
        }
        next = {
            let mut options = ListAggregateIdsOptions::default();
            options.page_token = page.next_page_token;
            options
        };
    }
}

/// Tests that if a page ends between aggregates whose first events have the same timestamp, no aggregate is skipped or
/// repeated, for any limit and in both directions.
pub async fn ties_survive_the_end_of_a_page(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    let mut expected = Vec::new();
    for index in 0..25 {
        let (aggregate, moment) = (format!("tied{index}"), at(1_000 * (index / 12)));
        case.push(POKEMONS, case.initial(&aggregate, moment)).await;
        expected.push(ListedAggregate::new(case.id(&aggregate), moment));
    }
    for reverse in [false, true] {
        model::sort(&mut expected, reverse);
        for limit in [1, 2, 5, 12, 13, 20, 24, 25, 26] {
            let options = ListAggregateIdsOptions::default().limit(limit).reverse(reverse);
            let mut listed = walk(&case, POKEMONS, options).await.concat();
            if !case.capabilities.ties_by_id {
                model::sort(&mut listed, reverse);
            }
            assert_eq!(listed, expected, "limit {limit}, reverse {reverse}");
        }
    }
}

/// Tests that options that are passed together with a token override the options in the token.
pub async fn options_win_over_the_token(factory: &dyn StorageFactory) {
    let case = with_four(factory).await;
    let first = case.list(POKEMONS, ListAggregateIdsOptions::default().limit(2).initial_event_before(at(3_000))).await;
    assert_eq!(ids(&first), named(&case, "ab"));
    let beside = {
        let mut options = ListAggregateIdsOptions::default();
        options.page_token = first.next_page_token;
        options
    };
    assert!(beside.page_token.is_some(), "c follows");
    for (options, expected, why) in [
        (beside.clone(), "c", "the token alone"),
        (beside.clone().initial_event_before(at(9_000)), "cd", "a later bound"),
        (beside.clone().limit(1).initial_event_before(at(9_000)), "c", "another limit"),
        (
            beside.clone().initial_event_after(at(3_500)).initial_event_before(at(9_000)),
            "d",
            "a bound after the position of the token",
        ),
        (beside.clone().reverse(true), "a", "back from the token's place"),
    ] {
        let page = case.list(POKEMONS, options).await;
        assert_eq!(ids(&page), named(&case, expected), "{why}");
    }
    // The next token contains the options that were applied, not the options of the first page.
    let second = case.list(POKEMONS, beside.limit(1).initial_event_before(at(9_000))).await;
    let third = case
        .list(POKEMONS, {
            let mut options = ListAggregateIdsOptions::default();
            options.page_token = second.next_page_token;
            options
        })
        .await;
    assert_eq!(ids(&third), named(&case, "d"));
}

/// Tests that with a limit of 0, the page is empty. If the page has a token, a list with this token starts at the
/// beginning.
pub async fn a_limit_of_0_lists_nothing(factory: &dyn StorageFactory) {
    let case = with_four(factory).await;
    let page = case.list(POKEMONS, ListAggregateIdsOptions::default().limit(0)).await;
    assert_eq!(page.aggregates, []);
    if page.next_page_token.is_some() {
        let rest = case
            .list(POKEMONS, {
                let mut options = ListAggregateIdsOptions::default();
                options.limit = Some(10);
                options.page_token = page.next_page_token;
                options
            })
            .await;
        assert_eq!(ids(&rest), named(&case, "abcd"));
    }
}

/// Tests that if the last aggregate of a page moves in the list before the next page is requested, the next page starts
/// after the previous place of that aggregate.
pub async fn paging_continues_after_an_aggregate_that_moved(factory: &dyn StorageFactory) {
    let case = with_four(factory).await;
    let first = case.list(POKEMONS, ListAggregateIdsOptions::default().limit(2)).await;
    assert_eq!(ids(&first), named(&case, "ab"));
    case.force(POKEMONS, case.initial("b", at(9_000))).await;
    let rest = case
        .list(POKEMONS, {
            let mut options = ListAggregateIdsOptions::default();
            options.limit = Some(10);
            options.page_token = first.next_page_token;
            options
        })
        .await;
    // b has moved behind c and d, so it is listed again. c and d must be listed exactly once.
    assert_eq!(ids(&rest), named(&case, "cdb"));
}
