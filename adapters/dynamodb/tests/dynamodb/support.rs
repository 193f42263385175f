//! Clients for the emulator, and events to push.

use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, HttpClient, Region};
use aws_sdk_dynamodb::types::StreamViewType;
use aws_sdk_dynamodbstreams::Client as StreamsClient;
use castore_core::storage::{GroupedRawEvent, RawEvent};
use castore_dynamodb::{CreateTableOptions, DynamoDbEventStorageAdapter};
use serde_json::value::RawValue;

pub(crate) const TABLE: &str = "events";

/// Returns the URL of the AWS emulator.
pub(crate) fn endpoint() -> String {
    std::env::var("CASTORE_TEST_AWS_ENDPOINT_URL").expect(
        "CASTORE_TEST_AWS_ENDPOINT_URL is not set: run scripts/test, or export what `scripts/services start DIR` prints",
    )
}

/// Returns a client of a new account.
pub(crate) fn client_of_new_account() -> Client {
    clients_of_new_account().0
}

pub(crate) fn client(http_client: impl HttpClient + 'static, endpoint: &str, account: &str) -> Client {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new(account, "secret", None, None, "tests"))
        .endpoint_url(endpoint)
        .http_client(http_client)
        .build();
    Client::from_conf(config)
}

/// Returns a client like [`client`], but for streams.
pub(crate) fn streams(http_client: impl HttpClient + 'static, endpoint: &str, account: &str) -> StreamsClient {
    let config = aws_sdk_dynamodbstreams::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new(account, "secret", None, None, "tests"))
        .endpoint_url(endpoint)
        .http_client(http_client)
        .build();
    StreamsClient::from_conf(config)
}

/// Returns a new account: for the emulator, access key ids of twelve digits are account ids.
pub(crate) fn new_account() -> String {
    format!("{:012}", uuid::Uuid::new_v4().as_u128() % 1_000_000_000_000)
}

/// Returns new clients of an account.
pub(crate) fn clients_of(account: &str) -> (Client, StreamsClient) {
    let http = || aws_smithy_http_client::Builder::new().build_http();
    (client(http(), &endpoint(), account), streams(http(), &endpoint(), account))
}

/// Returns clients of a new account.
pub(crate) fn clients_of_new_account() -> (Client, StreamsClient) {
    clients_of(&new_account())
}

/// Returns an adapter with a new table that has a stream.
pub(crate) async fn with_stream() -> (DynamoDbEventStorageAdapter, StreamsClient) {
    let (client, streams) = clients_of_new_account();
    let adapter = with_rewrites(client);
    let options = CreateTableOptions::default().stream(StreamViewType::NewImage);
    adapter.create_event_table(options).await.unwrap();
    adapter.create_rewrites_table().await.unwrap();
    (adapter, streams)
}

/// Returns an adapter that counts rewrites.
pub(crate) fn with_rewrites(client: Client) -> DynamoDbEventStorageAdapter {
    DynamoDbEventStorageAdapter::builder(client, TABLE).rewrites_table("rewrites").build()
}

/// Returns an adapter with a new table.
pub(crate) async fn with_table() -> DynamoDbEventStorageAdapter {
    let adapter = DynamoDbEventStorageAdapter::new(client_of_new_account(), TABLE);
    adapter.create_event_table(CreateTableOptions::default()).await.unwrap();
    adapter
}

pub(crate) fn json(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).unwrap()
}

pub(crate) fn event(aggregate_id: &str, version: u64) -> RawEvent {
    RawEvent {
        aggregate_id: aggregate_id.to_owned(),
        version,
        event_type: "APPEARED".into(),
        timestamp: "2024-02-29T12:34:56.789Z".parse().unwrap(),
        payload: Some(json(r#"{"private":"secret-payload"}"#)),
        metadata: None,
    }
}

pub(crate) fn grouped(
    adapter: &DynamoDbEventStorageAdapter,
    event_store_id: &'static str,
    event: RawEvent,
) -> GroupedRawEvent {
    GroupedRawEvent::new(Arc::new(adapter.clone()), event_store_id, event)
}
