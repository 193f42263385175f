//! Throttling, failures and lost responses: which requests are retried, and which errors the caller gets.

use std::error::Error;
use std::io::ErrorKind::{ConnectionRefused, ConnectionReset};
use std::time::Duration;

use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, future};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use castore_core::storage::{
    EventStorageAdapter, GetEventsOptions, ListAggregateIdsOptions, PushOptions, PushReceipt, StorageError,
};
use castore_dynamodb::{DynamoDbEventStorageAdapter, RequestError};
use serde_json::json;

use crate::canned::{Answer, Canned, error, ok, script};
use crate::support::{TABLE, client, event};

const ONCE: PushOptions = PushOptions::new();
const FORCE: PushOptions = PushOptions::new().force(true);

async fn push(
    answers: impl IntoIterator<Item = Answer>,
    options: PushOptions,
) -> (Result<PushReceipt, StorageError>, usize) {
    let (adapter, canned) = script(answers);
    let result = adapter.push_event("POKEMONS", event("a", 1), options).await;
    if let Err(error) = &result {
        for text in [castore_core::error::error_chain(error), format!("{error:?}")] {
            assert!(!text.contains("secret"), "{text}");
        }
    }
    (result, canned.count())
}

async fn read(answers: impl IntoIterator<Item = Answer>) -> (Result<usize, StorageError>, usize) {
    let (adapter, canned) = script(answers);
    let result = adapter.get_events("POKEMONS", "a", GetEventsOptions::default()).await;
    (result.map(|events| events.len()), canned.count())
}

fn source(error: &StorageError) -> &RequestError {
    error.source().unwrap().downcast_ref().unwrap()
}

#[tokio::test]
async fn throttled_pushes_are_sent_again() {
    for code in [
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
        "RequestLimitExceeded",
        "TransactionConflictException",
    ] {
        let (result, requests) = push([error(code), error(code), ok(json!({}))], ONCE).await;
        assert!(result.is_ok(), "{code}: {result:?}");
        assert_eq!(requests, 3);
    }
}

#[tokio::test]
async fn a_push_that_is_throttled_for_ever_fails_and_is_not_stored() {
    let (result, requests) = push(vec![error("ThrottlingException"); 4], ONCE).await;
    let error = result.unwrap_err();
    assert!(matches!(error, StorageError::Engine(_)), "{error:?}");
    let text = castore_core::error::error_chain(&error);
    assert!(text.starts_with("the storage engine failed: PutItem of DynamoDB failed after 4 attempts: ThrottlingException: what DynamoDB says"), "{text}");
    let source = source(&error);
    assert_eq!((source.operation(), source.attempts(), source.code()), ("PutItem", 4, Some("ThrottlingException")));
    assert_eq!(requests, 4);
}

#[tokio::test]
async fn a_push_whose_response_is_lost_is_not_sent_again() {
    for options in [ONCE, FORCE] {
        for answer in [
            error("InternalServerError"),
            Answer::Broken(ConnectionReset),
            Answer::Http(503, String::new()),
            Answer::Http(200, "{".to_owned()),
        ] {
            let (result, requests) = push([answer.clone()], options).await;
            assert!(matches!(result, Err(StorageError::UnknownOutcome(_))), "{answer:?}: {result:?}");
            assert_eq!(requests, 1);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_push_without_a_response_ends() {
    let canned = Canned::new([Answer::Never]);
    let adapter = canned.builder().request_timeout(Duration::from_millis(20)).build();
    let error = adapter.push_event("POKEMONS", event("a", 1), ONCE).await.unwrap_err();
    assert!(matches!(error, StorageError::UnknownOutcome(_)), "{error:?}");
    assert!(
        castore_core::error::error_chain(&error).contains("PutItem of DynamoDB failed: no response in time"),
        "{error:?}"
    );
    assert_eq!(canned.count(), 1);
}

#[tokio::test]
async fn a_push_that_never_left_is_sent_again() {
    let (result, requests) = push([Answer::Broken(ConnectionRefused), ok(json!({}))], ONCE).await;
    assert!(result.is_ok(), "{result:?}");
    assert_eq!(requests, 2);
    let (result, _) = push(vec![Answer::Broken(ConnectionRefused); 4], ONCE).await;
    assert!(matches!(result, Err(StorageError::Engine(_))), "{result:?}");
}

#[tokio::test]
async fn a_refused_push_is_not_sent_again() {
    for code in ["ValidationException", "AccessDeniedException", "ResourceNotFoundException"] {
        let (result, requests) = push([error(code)], ONCE).await;
        let error = result.unwrap_err();
        assert!(matches!(error, StorageError::Engine(_)), "{error:?}");
        assert_eq!(source(&error).code(), Some(code));
        assert_eq!(requests, 1);
    }
}

#[tokio::test]
async fn a_taken_version_is_a_conflict_also_after_throttling() {
    let answers = [error("ThrottlingException"), error("ConditionalCheckFailedException")];
    let (result, _) = push(answers, ONCE).await;
    let Err(StorageError::EventAlreadyExists(conflict)) = result else { panic!("{result:?}") };
    assert_eq!(conflict.to_string(), "Event already exists for POKEMONS aggregate a and version 1");
}

#[tokio::test]
async fn reads_are_sent_again_whatever_happened() {
    let empty = || ok(json!({ "Items": [], "Count": 0 }));
    for answer in [
        error("ThrottlingException"),
        error("InternalServerError"),
        Answer::Broken(ConnectionReset),
        Answer::Http(503, String::new()),
    ] {
        let (result, requests) = read([answer.clone(), answer, empty()]).await;
        assert_eq!((result.unwrap(), requests), (0, 3));
    }
    let (result, _) = read(vec![Answer::Broken(ConnectionReset); 4]).await;
    let error = result.unwrap_err();
    assert!(matches!(error, StorageError::Engine(_)), "{error:?}");
    let text = castore_core::error::error_chain(&error);
    assert!(text.contains("Query of DynamoDB failed after 4 attempts: no response: io error"), "{text}");
    let (result, requests) = read([crate::canned::error("ResourceNotFoundException")]).await;
    assert!(matches!(result, Err(StorageError::Engine(_))));
    assert_eq!(requests, 1);
}

/// DynamoDB may announce another page, which is then empty.
#[tokio::test]
async fn empty_pages_end_nothing_and_lose_nothing() {
    let key = |version: u64| json!({ "aggregateId": { "S": "POKEMONS#a" }, "version": { "N": version.to_string() } });
    let item = |version: u64| {
        let mut item = key(version);
        item["type"] = json!({ "S": "APPEARED" });
        item["timestamp"] = json!({ "S": "2024-01-01T00:00:00.000Z" });
        item
    };
    let (adapter, canned) = script([
        ok(json!({ "Items": [item(1)], "LastEvaluatedKey": key(1) })),
        ok(json!({ "Items": [], "LastEvaluatedKey": key(2) })),
        ok(json!({ "Items": [item(3)], "LastEvaluatedKey": key(3) })),
        ok(json!({ "Items": [] })),
    ]);
    let events = adapter.get_events("POKEMONS", "a", GetEventsOptions::default()).await.unwrap();
    assert_eq!(events.iter().map(|event| event.version).collect::<Vec<_>>(), [1, 3]);
    let starts: Vec<_> = canned.requests().into_iter().map(|(_, body)| body["ExclusiveStartKey"].clone()).collect();
    assert_eq!(starts, [json!(null), key(1), key(2), key(3)]);
    canned.count();

    let mut key = item(1);
    key["eventStoreId"] = json!({ "S": "POKEMONS" });
    key.as_object_mut().unwrap().remove("type");
    let (adapter, canned) = script([
        ok(json!({ "Items": [], "LastEvaluatedKey": key })),
        ok(json!({ "Items": [key], "LastEvaluatedKey": key })),
        ok(json!({ "Items": [key], "LastEvaluatedKey": key })),
    ]);
    let options = ListAggregateIdsOptions::default().limit(2);
    let page = adapter.list_aggregate_ids("POKEMONS", options).await.unwrap();
    assert_eq!(page.aggregates.len(), 2, "a page is full though DynamoDB's were not");
    assert!(page.next_page_token.is_some());
    let limits: Vec<_> = canned.requests().into_iter().map(|(_, body)| body["Limit"].clone()).collect();
    assert_eq!(limits, [2, 2, 1]);
}

#[tokio::test]
async fn errors_about_damaged_items_omit_their_content() {
    for (attribute, value) in [
        ("payload", json!({ "B": "c2VjcmV0" })),
        ("timestamp", json!({ "S": "secret" })),
        ("type", json!({ "N": "1" })),
        ("version", json!({ "S": "secret" })),
    ] {
        let mut item = json!({
            "aggregateId": { "S": "POKEMONS#a" }, "version": { "N": "7" }, "type": { "S": "T" },
            "timestamp": { "S": "2024-01-01T00:00:00.000Z" },
        });
        item[attribute] = value;
        let (result, _) = read([ok(json!({ "Items": [item] }))]).await;
        let error = result.unwrap_err();
        let version = if attribute == "version" { 0 } else { 7 };
        assert_eq!(
            error.to_string(),
            format!(
                "stored data is damaged: attribute {attribute} of version {version} of aggregate a of event store POKEMONS"
            )
        );
    }
}

/// The error for an unreadable response does not contain the response, because the response may contain stored data.
#[tokio::test]
async fn errors_do_not_repeat_malformed_responses() {
    let broken = Answer::Http(200, r#"{"Items":[{"payload":{"S":"secret"}},"#.to_owned());
    let (result, _) = read(vec![broken; 4]).await;
    let error = result.unwrap_err();
    let text = castore_core::error::error_chain(&error);
    assert!(!format!("{error:?} {error} {text}").contains("secret"), "{error:?}");
}

#[derive(Debug)]
struct NoCredentials;

impl ProvideCredentials for NoCredentials {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::ready(Err(CredentialsError::not_loaded("no user is logged in")))
    }
}

/// Without credentials, no request can be sent: the event is certainly not stored, and a retry is useless.
#[tokio::test]
async fn missing_credentials_fail_at_once() {
    let canned = Canned::new([]);
    let config = client(canned.clone(), "http://dynamodb", "111111111111").config().to_builder();
    let client = Client::from_conf(config.credentials_provider(NoCredentials).build());
    let adapter = DynamoDbEventStorageAdapter::new(client, TABLE);
    let error = adapter.push_event("POKEMONS", event("a", 1), ONCE).await.unwrap_err();
    assert!(matches!(error, StorageError::Engine(_)), "{error:?}");
    assert_eq!(source(&error).attempts(), 1);
    assert!(castore_core::error::error_chain(&error).contains("no user is logged in"), "{error:?}");
}

/// The adapter disables the retries of the SDK's client, because they would add to the delays of the adapter's retries.
#[tokio::test]
async fn the_client_does_not_try_again_underneath() {
    let canned = Canned::new(vec![error("ThrottlingException"); 2]);
    let config = client(canned.clone(), "http://dynamodb", "111111111111").config().to_builder();
    let client = Client::from_conf(config.retry_config(RetryConfig::standard().with_max_attempts(7)).build());
    let adapter =
        DynamoDbEventStorageAdapter::builder(client, TABLE).attempts(2).backoff(Duration::ZERO, Duration::ZERO).build();
    adapter.push_event("POKEMONS", event("a", 1), ONCE).await.unwrap_err();
    assert_eq!(canned.count(), 2);
}
