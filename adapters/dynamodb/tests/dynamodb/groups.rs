//! Groups, beyond the conformance test kit: DynamoDB's limits, cancellations, several tables.

use std::io::ErrorKind::ConnectionReset;
use std::sync::Arc;

use castore_core::storage::{
    EventStorageAdapter, GetEventsOptions, GroupedRawEvent, PushOptions, PushReceipt, RawEvent, StorageError,
};
use castore_dynamodb::{CreateTableOptions, DynamoDbEventStorageAdapter};
use serde_json::json;

use crate::canned::{Answer, cancelled, error, ok, script};
use crate::support::{TABLE, client_of_new_account, event, grouped, json, with_table};

const ONCE: PushOptions = PushOptions::new();

/// Pushes a group of two events, for which the script returns the given responses. Returns the result and the number of
/// requests. Checks that all requests have the same token.
async fn push(answers: impl IntoIterator<Item = Answer>) -> (Result<Vec<PushReceipt>, StorageError>, usize) {
    let (adapter, canned) = script(answers);
    let group = vec![grouped(&adapter, "POKEMONS", event("a", 1)), grouped(&adapter, "TRAINERS", event("b", 2))];
    let result = adapter.push_event_group(group, ONCE).await;
    let requests = canned.requests();
    for (operation, body) in &requests {
        assert_eq!(operation, "TransactWriteItems");
        assert_eq!(*body, requests[0].1, "a transaction that is sent again is the same, token included");
        assert!(body["ClientRequestToken"].as_str().is_some_and(|token| token.len() == 36));
    }
    (result, canned.count())
}

#[tokio::test]
async fn the_event_that_lost_is_named() {
    for (codes, expected) in [
        (["ConditionalCheckFailed", "None"], ("POKEMONS", "a", 1)),
        (["None", "ConditionalCheckFailed"], ("TRAINERS", "b", 2)),
        (["ConditionalCheckFailed", "ConditionalCheckFailed"], ("POKEMONS", "a", 1)),
        (["TransactionConflict", "ConditionalCheckFailed"], ("TRAINERS", "b", 2)),
    ] {
        let (result, requests) = push([cancelled(&codes)]).await;
        let Err(StorageError::EventAlreadyExists(conflict)) = result else { panic!("{result:?}") };
        assert_eq!((&*conflict.event_store_id, &*conflict.aggregate_id, conflict.version), expected);
        assert_eq!(requests, 1);
    }
}

#[tokio::test]
async fn transactions_in_each_others_way_are_sent_again() {
    for code in ["TransactionConflict", "ProvisionedThroughputExceeded", "ThrottlingError"] {
        let (result, requests) = push([cancelled(&["None", code]), cancelled(&[code, code]), ok(json!({}))]).await;
        assert_eq!(result.unwrap().len(), 2);
        assert_eq!(requests, 3);
        let (result, requests) = push(vec![cancelled(&["None", code]); 4]).await;
        assert!(matches!(result, Err(StorageError::Engine(_))), "{result:?}");
        assert_eq!(requests, 4);
    }
}

#[tokio::test]
async fn permanently_canceled_transactions_are_not_sent_again() {
    let (result, requests) = push([cancelled(&["ValidationError", "TransactionConflict"])]).await;
    let error = result.unwrap_err();
    assert!(matches!(error, StorageError::Engine(_)), "{error:?}");
    assert!(
        castore_core::error::error_chain(&error)
            .contains("TransactWriteItems of DynamoDB failed: TransactionCanceledException"),
        "{error}"
    );
    assert_eq!(requests, 1);
}

/// The token makes retries safe: DynamoDB executes the transaction once.
#[tokio::test]
async fn transactions_whose_response_is_lost_are_sent_again() {
    let lost = [Answer::Broken(ConnectionReset), error("InternalServerError"), error("TransactionInProgressException")];
    let (result, requests) = push(lost.into_iter().chain([ok(json!({}))])).await;
    assert_eq!((result.unwrap().len(), requests), (2, 4));
    // If no attempt gets a clear response, the outcome is unknown, even if the last response is a throttling error.
    let (result, _) = push([
        Answer::Broken(ConnectionReset),
        error("ThrottlingException"),
        error("ThrottlingException"),
        error("ThrottlingException"),
    ])
    .await;
    assert!(matches!(result, Err(StorageError::UnknownOutcome(_))), "{result:?}");
    let (result, _) = push([Answer::Broken(ConnectionReset), error("AccessDeniedException")]).await;
    assert!(matches!(result, Err(StorageError::UnknownOutcome(_))), "{result:?}");
}

async fn refusal(group: Vec<GroupedRawEvent>, adapter: &DynamoDbEventStorageAdapter, options: PushOptions) -> String {
    match adapter.push_event_group(group, options).await {
        Err(StorageError::Unsupported { what }) => what,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn groups_beyond_the_limits_are_refused_before_anything_is_sent() {
    let (adapter, canned) = script([]);
    let many = (1..=101).map(|version| grouped(&adapter, "POKEMONS", event("a", version))).collect();
    assert_eq!(refusal(many, &adapter, ONCE).await, "an event group of 101 events (at most 100)");
    let payload = format!("\"{}\"", "x".repeat(400_000));
    let large = (1..=11).map(|version| {
        grouped(&adapter, "POKEMONS", RawEvent { payload: Some(json(&payload)), ..event("a", version) })
    });
    let refused = refusal(large.collect(), &adapter, ONCE).await;
    assert!(refused.starts_with("an event group of 44") && refused.ends_with("bytes (at most 4194304)"), "{refused}");
    let twice = vec![grouped(&adapter, "POKEMONS", event("a", 1)), grouped(&adapter, "POKEMONS", event("a", 1))];
    let refused = refusal(twice, &adapter, PushOptions::default().force(true)).await;
    assert_eq!(refused, "version 1 of aggregate a of event store POKEMONS twice in one event group");
    assert_eq!(canned.count(), 0);
}

#[tokio::test]
async fn an_empty_group_is_nothing() {
    let (adapter, canned) = script([]);
    assert_eq!(adapter.push_event_group(Vec::new(), ONCE).await.unwrap(), []);
    assert_eq!(canned.count(), 0);
}

#[tokio::test]
async fn each_event_goes_to_the_table_of_its_own_adapter() {
    let pokemons = with_table().await;
    let trainers = pokemons.with_table_name("trainers");
    trainers.create_event_table(CreateTableOptions::default()).await.unwrap();
    assert_eq!(pokemons.storage_id(), trainers.storage_id());
    // Two tables may contain different events with the same version of the same aggregate.
    let group = vec![
        grouped(&pokemons, "S", event("a", 1)),
        grouped(&trainers, "S", event("a", 1)),
        grouped(&trainers, "S", event("a", 2)),
    ];
    pokemons.push_event_group(group, ONCE).await.unwrap();
    let count = async |adapter: &DynamoDbEventStorageAdapter| {
        adapter.get_events("S", "a", GetEventsOptions::default()).await.unwrap().len()
    };
    assert_eq!((count(&pokemons).await, count(&trainers).await), (1, 2));
}

#[tokio::test]
async fn a_group_over_two_storages_is_refused() {
    let (one, canned) = script([]);
    let (other, _) = script([]);
    let group = vec![grouped(&one, "POKEMONS", event("a", 1)), grouped(&other, "TRAINERS", event("b", 1))];
    let error = one.push_event_group(group, ONCE).await.unwrap_err();
    assert!(
        matches!(&error, StorageError::GroupSpansStorages { index: 1, event_store_id } if event_store_id == "TRAINERS")
    );
    assert_eq!(canned.count(), 0);
}

#[tokio::test]
async fn adapters_of_one_name_are_one_storage() {
    let client = client_of_new_account();
    let named = |name: &str| DynamoDbEventStorageAdapter::builder(client.clone(), TABLE).storage_name(name).build();
    let unnamed = || DynamoDbEventStorageAdapter::new(client.clone(), TABLE);
    assert_eq!(named("production").storage_id(), named("production").storage_id());
    assert_ne!(named("production").storage_id(), named("staging").storage_id());
    assert_ne!(unnamed().storage_id(), unnamed().storage_id());
    let (one, other) = (named("production"), named("production"));
    one.create_event_table(CreateTableOptions::default()).await.unwrap();
    let group = vec![grouped(&one, "POKEMONS", event("a", 1)), grouped(&other, "TRAINERS", event("b", 1))];
    one.push_event_group(group, ONCE).await.unwrap();
    assert_eq!(other.get_events("TRAINERS", "b", GetEventsOptions::default()).await.unwrap().len(), 1);
}

/// A second request with the same token neither stores the events again nor fails. Retries depend on this.
#[tokio::test]
async fn groups_of_many_writers_do_not_tear() {
    let adapter = Arc::new(with_table().await);
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let adapter = adapter.clone();
            tokio::spawn(async move {
                let mut won = 0;
                for version in 1..=10 {
                    let marked = |id: &str| RawEvent { payload: Some(json(&writer.to_string())), ..event(id, version) };
                    let group = vec![grouped(&adapter, "S", marked("a")), grouped(&adapter, "S", marked("b"))];
                    match adapter.push_event_group(group, ONCE).await {
                        Ok(_) => won += 1,
                        Err(StorageError::EventAlreadyExists(_)) => {}
                        Err(error) => panic!("{error:?}"),
                    }
                }
                won
            })
        })
        .collect();
    let mut won = 0;
    for writer in writers {
        won += writer.await.unwrap();
    }
    assert_eq!(won, 10);
    let payloads = async |id: &str| {
        let events = adapter.get_events("S", id, GetEventsOptions::default()).await.unwrap();
        events.into_iter().map(|event| event.payload.unwrap().get().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(payloads("a").await, payloads("b").await);
}
