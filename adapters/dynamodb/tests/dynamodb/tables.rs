//! Creating the table.

use std::time::Duration;

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ProjectionType, ScalarAttributeType, StreamViewType,
};
use castore_core::storage::{EventStorageAdapter, PushOptions, StorageError};
use castore_dynamodb::{CreateTableError, CreateTableOptions, DynamoDbEventStorageAdapter};
use serde_json::json;

use crate::canned::{Canned, error, ok};
use crate::support::{TABLE, client_of_new_account, event, with_table};

#[tokio::test]
async fn the_table_is_that_of_the_original() {
    let client = client_of_new_account();
    let adapter = DynamoDbEventStorageAdapter::new(client.clone(), TABLE);
    adapter.create_event_table(CreateTableOptions::default()).await.unwrap();
    let table = client.describe_table().table_name(TABLE).send().await.unwrap().table.unwrap();
    let keys = |keys: &[KeySchemaElement]| {
        keys.iter().map(|key| (key.attribute_name().to_owned(), key.key_type().clone())).collect::<Vec<_>>()
    };
    let pair = |hash: &str, range: &str| vec![(hash.to_owned(), KeyType::Hash), (range.to_owned(), KeyType::Range)];
    assert_eq!(keys(table.key_schema()), pair("aggregateId", "version"));
    let [index] = table.global_secondary_indexes() else { panic!("{table:?}") };
    assert_eq!(index.index_name(), Some("initialEvents"));
    assert_eq!(keys(index.key_schema()), pair("eventStoreId", "timestamp"));
    assert_eq!(index.projection().unwrap().projection_type(), Some(&ProjectionType::KeysOnly));
    assert!(table.stream_specification().is_none_or(|stream| !stream.stream_enabled()));
}

#[tokio::test]
async fn creating_again_changes_nothing() {
    let adapter = with_table().await;
    adapter.push_event("POKEMONS", event("a", 1), PushOptions::default()).await.unwrap();
    let (one, other) = tokio::join!(
        adapter.create_event_table(CreateTableOptions::default()),
        adapter.create_event_table(CreateTableOptions::default()),
    );
    one.and(other).unwrap();
    let conflict = adapter.push_event("POKEMONS", event("a", 1), PushOptions::default()).await;
    assert!(matches!(conflict, Err(StorageError::EventAlreadyExists(_))), "{conflict:?}");
}

#[tokio::test]
async fn a_stream_is_switched_on_with_the_table_or_later() {
    let client = client_of_new_account();
    let with_stream = CreateTableOptions::default().stream(StreamViewType::NewAndOldImages);
    for (table, first) in [("at-once", with_stream.clone()), ("later", CreateTableOptions::default())] {
        let adapter = DynamoDbEventStorageAdapter::new(client.clone(), table);
        adapter.create_event_table(first).await.unwrap();
        adapter.create_event_table(with_stream.clone()).await.unwrap();
        let described = client.describe_table().table_name(table).send().await.unwrap().table.unwrap();
        let stream = described.stream_specification().unwrap();
        assert!(stream.stream_enabled());
        assert_eq!(stream.stream_view_type(), Some(&StreamViewType::NewAndOldImages));
        let other = adapter.create_event_table(CreateTableOptions::default().stream(StreamViewType::KeysOnly)).await;
        assert_eq!(
            other.unwrap_err().to_string(),
            format!("table {table} exists, but its stream has view type NEW_AND_OLD_IMAGES, not KEYS_ONLY")
        );
    }
}

#[tokio::test]
async fn a_table_of_something_else_is_refused() {
    let client = client_of_new_account();
    let attribute = |name: &str, scalar| {
        AttributeDefinition::builder().attribute_name(name).attribute_type(scalar).build().unwrap()
    };
    let key =
        |name: &str, key_type| KeySchemaElement::builder().attribute_name(name).key_type(key_type).build().unwrap();
    for (table, range, difference) in [
        ("sorted-by-text", ScalarAttributeType::S, "its keys are not aggregateId (S) and version (N)"),
        ("without-index", ScalarAttributeType::N, "it has no index initialEvents"),
    ] {
        client
            .create_table()
            .table_name(table)
            .billing_mode(BillingMode::PayPerRequest)
            .attribute_definitions(attribute("aggregateId", ScalarAttributeType::S))
            .attribute_definitions(attribute("version", range))
            .key_schema(key("aggregateId", KeyType::Hash))
            .key_schema(key("version", KeyType::Range))
            .send()
            .await
            .unwrap();
        let adapter = DynamoDbEventStorageAdapter::new(client.clone(), table);
        let error = adapter.create_event_table(CreateTableOptions::default()).await.unwrap_err();
        assert!(matches!(error, CreateTableError::Different { .. }), "{error:?}");
        assert_eq!(error.to_string(), format!("table {table} exists, but {difference}"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_table_that_is_not_ready_in_time_is_an_error() {
    let creating = || ok(json!({ "Table": { "TableStatus": "CREATING" } }));
    // The adapter checks again after 20 milliseconds. The next check would be 40 milliseconds later, beyond the limit.
    let canned = Canned::new([ok(json!({})), creating(), error("ResourceNotFoundException")]);
    let options = CreateTableOptions::default().wait(Duration::from_millis(45));
    let error = canned.adapter().create_event_table(options).await.unwrap_err();
    assert!(matches!(error, CreateTableError::NotReady { .. }), "{error:?}");
    assert_eq!(canned.count(), 3);
}

#[tokio::test]
async fn a_refusal_says_which_table() {
    let canned = Canned::new([error("AccessDeniedException")]);
    let refused = canned.adapter().create_event_table(CreateTableOptions::default()).await.unwrap_err();
    let text = castore_core::error::error_chain(&refused);
    assert!(text.starts_with("the request for table events failed: CreateTable of DynamoDB failed: AccessDeniedException: what DynamoDB says"), "{text}");
}

#[tokio::test]
async fn without_a_table_everything_says_so() {
    let adapter = DynamoDbEventStorageAdapter::new(client_of_new_account(), "missing");
    let error = adapter.push_event("POKEMONS", event("a", 1), PushOptions::default()).await.unwrap_err();
    assert!(matches!(error, StorageError::Engine(_)), "{error:?}");
    assert!(
        castore_core::error::error_chain(&error).contains("PutItem of DynamoDB failed: ResourceNotFoundException"),
        "{error:?}"
    );
}
