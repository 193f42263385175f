//! The rewrite counts of aggregates.

use castore_core::storage::{EventStorageAdapter, GetEventsOptions, PushOptions, StorageError};
use castore_dynamodb::{CreateTableOptions, DynamoDbEventStorageAdapter};
use serde_json::json;

use crate::canned::{Answer, Canned, cancelled, ok};
use crate::support::{TABLE, client_of_new_account, event, grouped, with_table};

const ONCE: PushOptions = PushOptions::new();
const FORCE: PushOptions = PushOptions::new().force(true);

async fn with_rewrites() -> DynamoDbEventStorageAdapter {
    let adapter =
        DynamoDbEventStorageAdapter::builder(client_of_new_account(), TABLE).rewrites_table("rewrites").build();
    adapter.create_event_table(CreateTableOptions::default()).await.unwrap();
    let (one, other) = tokio::join!(adapter.create_rewrites_table(), adapter.create_rewrites_table());
    one.and(other).unwrap();
    adapter
}

async fn rewrite_count(adapter: &DynamoDbEventStorageAdapter, aggregate_id: &str) -> Option<u64> {
    adapter.rewrite_count("POKEMONS", aggregate_id).await.unwrap()
}

#[tokio::test]
async fn forced_pushes_are_counted_and_others_are_not() {
    let adapter = with_rewrites().await;
    assert_eq!(adapter.rewrites_table_name(), Some("rewrites"));
    assert_eq!(rewrite_count(&adapter, "a").await, Some(0));
    adapter.push_event("POKEMONS", event("a", 1), ONCE).await.unwrap();
    let conflict = adapter.push_event("POKEMONS", event("a", 1), ONCE).await;
    assert!(matches!(conflict, Err(StorageError::EventAlreadyExists(_))), "{conflict:?}");
    assert_eq!(rewrite_count(&adapter, "a").await, Some(0));
    adapter.push_event("POKEMONS", event("a", 1), FORCE).await.unwrap();
    adapter.push_event("POKEMONS", event("a", 1), FORCE).await.unwrap();
    assert_eq!((rewrite_count(&adapter, "a").await, rewrite_count(&adapter, "b").await), (Some(2), Some(0)));
    assert_eq!(adapter.rewrite_count("TRAINERS", "a").await.unwrap(), Some(0));
    assert_eq!(adapter.get_events("POKEMONS", "a", GetEventsOptions::default()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn forced_groups_count_each_aggregate_once() {
    let adapter = with_rewrites().await;
    let group = |versions: &[u64]| {
        let of = |id: &'static str| versions.iter().map(move |version| event(id, *version));
        of("a").chain(of("b")).map(|event| grouped(&adapter, "POKEMONS", event)).collect::<Vec<_>>()
    };
    adapter.push_event_group(group(&[1, 2]), ONCE).await.unwrap();
    assert_eq!(rewrite_count(&adapter, "a").await, Some(0));
    assert_eq!(adapter.push_event_group(group(&[1, 2, 3]), FORCE).await.unwrap().len(), 6);
    assert_eq!((rewrite_count(&adapter, "a").await, rewrite_count(&adapter, "b").await), (Some(1), Some(1)));
    assert_eq!(adapter.get_events("POKEMONS", "b", GetEventsOptions::default()).await.unwrap().len(), 3);
}

/// Aggregates with the same id in two tables share a count. A group with both aggregates writes the count once, because
/// a transaction cannot write an item twice.
#[tokio::test]
async fn tables_may_share_the_counts() {
    let one = with_rewrites().await;
    let other = one.with_table_name("others");
    other.create_event_table(CreateTableOptions::default()).await.unwrap();
    let group = vec![grouped(&one, "POKEMONS", event("a", 1)), grouped(&other, "POKEMONS", event("a", 1))];
    one.push_event_group(group, FORCE).await.unwrap();
    assert_eq!((rewrite_count(&one, "a").await, rewrite_count(&other, "a").await), (Some(1), Some(1)));
}

#[tokio::test]
async fn rewrites_of_others_can_be_noted() {
    let adapter = with_rewrites().await;
    adapter.note_rewrite("POKEMONS", "a").await.unwrap();
    adapter.note_rewrite("POKEMONS", &"x".repeat(3_000)).await.unwrap();
    assert_eq!(rewrite_count(&adapter, "a").await, Some(1));
    assert_eq!(rewrite_count(&adapter, &"x".repeat(3_000)).await, Some(0));
}

#[tokio::test]
async fn without_a_table_nothing_is_counted() {
    let adapter = with_table().await;
    adapter.create_rewrites_table().await.unwrap();
    adapter.push_event("POKEMONS", event("a", 1), FORCE).await.unwrap();
    adapter.note_rewrite("POKEMONS", "a").await.unwrap();
    assert_eq!(rewrite_count(&adapter, "a").await, None);
}

fn canned(answers: impl IntoIterator<Item = Answer>) -> (DynamoDbEventStorageAdapter, Canned) {
    let canned = Canned::new(answers);
    (canned.builder().rewrites_table("rewrites").build(), canned)
}

/// The transaction has a token, so that the event is not put twice.
#[tokio::test]
async fn a_forced_push_whose_response_is_lost_is_sent_again() {
    let lost = Answer::Broken(std::io::ErrorKind::ConnectionReset);
    let (adapter, canned) = canned([lost, cancelled(&["None", "TransactionConflict"]), ok(json!({}))]);
    adapter.push_event("POKEMONS", event("a", 1), FORCE).await.unwrap();
    let requests = canned.requests();
    assert_eq!(canned.count(), 3);
    for (operation, body) in &requests {
        assert_eq!((operation.as_str(), body), ("TransactWriteItems", &requests[0].1));
        assert_eq!(body["TransactItems"][1]["Update"]["TableName"], "rewrites");
    }
}

#[tokio::test]
async fn a_forced_group_with_its_counts_has_a_limit() {
    let (adapter, canned) = canned([]);
    let group = (1..=100).map(|version| grouped(&adapter, "POKEMONS", event("a", version))).collect();
    let refused = adapter.push_event_group(group, FORCE).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the storage engine cannot store a forced event group of 100 events and 1 rewrite counters \
         (at most 100 together)"
    );
    assert_eq!(canned.count(), 0);
}
