//! Tests of special page tokens: tokens of the original Castore packages, stale tokens, invalid tokens, and tokens with
//! unusual ids.

use castore_core::storage::{ListAggregateIdsOptions, StorageError};
use castore_core::time::Timestamp;

use super::StorageFactory;
use super::case::{Case, POKEMONS, at, ids};
use super::listing::{named, with_four};

/// Returns options with a token in the format of the original Castore packages. The members of the token are in a
/// different order than in those packages, because adapters must accept any order.
fn castore_token(options: &str, aggregate_id: &str, timestamp: Timestamp) -> ListAggregateIdsOptions {
    ListAggregateIdsOptions::default().page_token(format!(
        r#"{{"lastEvaluatedKey":{{"initialEventTimestamp":"{timestamp}","aggregateId":"{aggregate_id}"}}{options}}}"#
    ))
}

async fn expect(case: &Case, options: ListAggregateIdsOptions, expected: &str) {
    let what = options.page_token.clone();
    let page = case.list(POKEMONS, options).await;
    assert_eq!(ids(&page), named(case, expected), "{what:?}");
}

/// Tests that tokens of the original Castore packages are accepted, so that both implementations can page through one
/// storage.
pub async fn castore_tokens_are_read(factory: &dyn StorageFactory) {
    let case = with_four(factory).await;
    if !case.capabilities.castore_page_tokens {
        return;
    }
    let (b, d) = (case.id("b"), case.id("d"));
    expect(&case, castore_token("", &b, at(2_000)), "cd").await;
    expect(&case, castore_token(r#","limit":1"#, &b, at(2_000)), "c").await;
    expect(&case, castore_token(r#","limit":5,"reverse":true"#, &d, at(4_000)), "cba").await;
    let bounds = r#","initialEventAfter":"2024-01-01T00:00:03.000Z","initialEventBefore":"2024-01-01T00:00:03.000Z""#;
    expect(&case, castore_token(bounds, &b, at(2_000)), "c").await;
    // Unknown members are ignored, and a token without a position is valid.
    expect(&case, castore_token(r#","more":{"x":1}"#, &b, at(2_000)), "cd").await;
    let empty = ListAggregateIdsOptions::default().page_token("{}".to_owned());
    expect(&case, empty, "abcd").await;
}

/// Tests that the aggregate of a token does not have to exist or be within the bounds. The page starts after the place
/// that this aggregate would have in the list.
pub async fn tokens_of_vanished_aggregates_keep_their_place(factory: &dyn StorageFactory) {
    let case = with_four(factory).await;
    if !case.capabilities.castore_page_tokens {
        return;
    }
    for (millis, ahead, behind) in [(0, "abcd", ""), (2_500, "cd", "ba"), (9_000, "", "dcba")] {
        let gone = case.id("gone");
        expect(&case, castore_token("", &gone, at(millis)), ahead).await;
        expect(&case, castore_token(r#","reverse":true"#, &gone, at(millis)), behind).await;
    }
    let filtered = castore_token(r#","limit":1"#, &case.id("a"), at(1_000)).initial_event_after(at(3_000));
    expect(&case, filtered, "c").await;
    // For aggregates with the same timestamp, the id determines the order.
    if case.capabilities.ties_by_id && case.capabilities.text_ids() {
        expect(&case, castore_token("", "a0", at(2_000)), "bcd").await;
        expect(&case, castore_token("", "bb", at(2_000)), "cd").await;
        expect(&case, castore_token(r#","reverse":true"#, "bb", at(2_000)), "ba").await;
        expect(&case, castore_token(r#","reverse":true"#, "a0", at(2_000)), "a").await;
    }
}

/// Tests that an invalid token is rejected with `InvalidPageToken`. The adapter neither panics nor returns the first
/// page again.
pub async fn invalid_tokens_are_refused(factory: &dyn StorageFactory) {
    let case = with_four(factory).await;
    let mut texts =
        vec!["garbage", "", " ", "null", "[]", "[1,null,null,null,null]", "5", "\"text\"", "{", "\0", "ééé", "🦀"];
    if case.capabilities.castore_page_tokens {
        texts.extend([
            r#"{"limit":"x"}"#,
            r#"{"limit":-1}"#,
            r#"{"reverse":"yes"}"#,
            r#"{"lastEvaluatedKey":"a"}"#,
            r#"{"lastEvaluatedKey":{"aggregateId":"a"}}"#,
            r#"{"lastEvaluatedKey":{"aggregateId":"a","initialEventTimestamp":"yesterday"}}"#,
            r#"{"initialEventAfter":"soon"}"#,
        ]);
    }
    for text in texts {
        let result = case.try_list(POKEMONS, ListAggregateIdsOptions::default().page_token(text.to_owned())).await;
        assert!(matches!(result, Err(StorageError::InvalidPageToken)), "the token {text:?} gave {result:?}");
    }
}

/// Tests that aggregate ids that must be escaped work in tokens.
pub async fn tokens_hold_any_aggregate_id(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    let names = ["\"quoted\"", "back\\slash", "new\nline", "{\"a\":1}", "🦀", "#%_'&=+", "z"];
    let mut expected = Vec::new();
    for (index, name) in names.into_iter().enumerate() {
        case.push(POKEMONS, case.initial(name, at(index as i64))).await;
        expected.push(case.id(name));
    }
    let pages = super::paging::walk(&case, POKEMONS, ListAggregateIdsOptions::default().limit(1)).await;
    let listed: Vec<_> = pages.concat().into_iter().map(|listed| listed.aggregate_id).collect();
    assert_eq!(listed, expected);
}
