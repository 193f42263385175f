//! Tests that streams are created or compared but never changed, and that old servers are rejected.

use std::time::Duration;

use async_nats::Client;
use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, StorageType};
use castore_nats::{
    NatsError, NatsMessageBusAdapter, NatsMessageQueueAdapter, NatsPartitionedMessageBusAdapter,
    NatsPartitionedMessageQueueAdapter,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::domain::{AppBus, AppQueue, OrderedBus, OrderedQueue};
use crate::support::{client, fresh};

type Queue = NatsMessageQueueAdapter<AppQueue>;
type Partitioned = NatsPartitionedMessageQueueAdapter<OrderedQueue>;

async fn config(client: &Client, stream: &str) -> Config {
    let jetstream = async_nats::jetstream::new(client.clone());
    jetstream.get_stream(stream).await.unwrap().cached_info().config.clone()
}

/// Returns the setting of a stream that differs, with the actual and the expected value.
fn mismatch<T: std::fmt::Debug>(connected: Result<T, NatsError>) -> (&'static str, String, String) {
    match connected {
        Err(NatsError::StreamMismatch { field, found, expected, .. }) => (field, found, expected),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_queue_is_a_work_queue() {
    let (client, streams) = fresh().await;
    Queue::connect(client.clone(), &streams.0).await.unwrap();
    let found = config(&client, &streams.0).await;
    assert_eq!(found.retention, RetentionPolicy::WorkQueue);
    assert_eq!(found.subjects, [format!("{}.*.*.*", streams.0)]);
    assert_eq!((found.discard, found.storage), (DiscardPolicy::New, StorageType::File));
    assert_eq!(found.duplicate_window, Duration::from_secs(120));
    let dead = config(&client, &format!("{}_DEAD", streams.0)).await;
    assert_eq!(dead.subjects, [format!("{}.dead.*", streams.0)]);
    assert_eq!((dead.retention, dead.max_age), (RetentionPolicy::Limits, Duration::ZERO));
    // Connecting again succeeds, even concurrently.
    let again = (0..8).map(|_| Queue::connect(client.clone(), &streams.0));
    futures_util::future::try_join_all(again).await.unwrap();
}

#[tokio::test]
async fn many_may_create_a_stream_at_once() {
    let (client, streams) = fresh().await;
    let all = (0..8).map(|_| NatsMessageBusAdapter::<AppBus>::connect(client.clone(), &streams.0));
    futures_util::future::try_join_all(all).await.unwrap();
    assert_eq!(config(&client, &streams.0).await.retention, RetentionPolicy::Interest);
}

#[tokio::test]
async fn options_configure_the_stream() {
    let (client, streams) = fresh().await;
    let name = format!("{}_other", streams.0);
    let builder = Partitioned::builder(client.clone(), format!("{}.deep", streams.0)).stream_name(&name);
    let builder = builder.in_memory().replicas(1).max_age(Duration::from_secs(60)).partitions(3);
    builder.connect().await.unwrap();
    let found = config(&client, &name).await;
    assert_eq!(found.subjects, [format!("{}.deep.*.*.*.*", streams.0)]);
    assert_eq!((found.storage, found.max_age), (StorageType::Memory, Duration::from_secs(60)));
    // The duplicate window is not longer than the maximum age.
    assert_eq!(found.duplicate_window, Duration::from_secs(60));
    assert_eq!(found.metadata["castore-partitions"], "3");
    drop(crate::support::Streams(name));
}

#[tokio::test]
async fn differing_settings_are_reported_and_not_changed() {
    let (client, streams) = fresh().await;
    let prefix = &streams.0;
    Partitioned::builder(client.clone(), prefix).partitions(8).connect().await.unwrap();
    let before = config(&client, prefix).await;
    let builder = || Partitioned::builder(client.clone(), prefix).partitions(8);

    let other = Partitioned::connect(client.clone(), prefix).await;
    assert_eq!(
        other.as_ref().unwrap_err().to_string(),
        format!(
            "stream {prefix} exists with partitions 8 instead of 16; change the options of the adapter, or the stream"
        )
    );
    assert_eq!(mismatch(other), ("partitions", "8".to_owned(), "16".to_owned()));
    assert_eq!(mismatch(Queue::connect(client.clone(), prefix).await).0, "partitions");
    let bus = NatsPartitionedMessageBusAdapter::<OrderedBus>::builder(client.clone(), prefix).partitions(8);
    let found = mismatch(bus.connect().await);
    assert_eq!(found, ("retention", "WorkQueue".to_owned(), "Interest".to_owned()));
    assert_eq!(mismatch(builder().duplicate_window(Duration::from_secs(7)).connect().await).0, "duplicate window");
    assert_eq!(mismatch(builder().max_age(Duration::from_secs(600)).connect().await).0, "max age");
    assert_eq!(mismatch(builder().in_memory().connect().await).0, "storage");
    assert_eq!(mismatch(builder().replicas(3).connect().await).0, "replicas");
    let elsewhere = Partitioned::builder(client.clone(), format!("{prefix}-2")).partitions(8).stream_name(prefix);
    assert_eq!(mismatch(elsewhere.connect().await).0, "subjects");
    assert_eq!(config(&client, prefix).await, before);
    builder().connect().await.unwrap();
}

#[tokio::test]
async fn foreign_settings_are_compared() {
    let (client, streams) = fresh().await;
    let jetstream = async_nats::jetstream::new(client.clone());
    let config = Config {
        name: streams.0.clone(),
        subjects: vec![format!("{}.*.*.*", streams.0)],
        retention: RetentionPolicy::WorkQueue,
        discard: DiscardPolicy::Old,
        ..Config::default()
    };
    jetstream.create_stream(config).await.unwrap();
    assert_eq!(
        mismatch(Queue::connect(client, &streams.0).await),
        ("discard policy", "Old".to_owned(), "New".to_owned())
    );
}

#[tokio::test]
async fn invalid_names_are_rejected() {
    let client = client().await;
    for prefix in ["", "a b", "a.*", ">", "a..b", ".a", "a.", "é", &"a".repeat(101)] {
        let connected = Queue::connect(client.clone(), prefix).await;
        assert!(matches!(connected, Err(NatsError::InvalidName { dots: true, .. })), "{prefix}: {connected:?}");
    }
    let connected = Queue::builder(client, "a").stream_name("a.b").connect().await;
    assert_eq!(
        connected.unwrap_err().to_string(),
        "\"a.b\" is not a valid name of a stream; use up to 100 letters, digits, `_` and `-`"
    );
}

/// Starts a fake server that reports the given version.
async fn server_of_version(version: &'static str) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let info = serde_json::json!({
            "server_id": "canned", "version": version, "proto": 1, "headers": true, "max_payload": 1_048_576,
            "host": "127.0.0.1", "port": port, "client_id": 1,
        });
        stream.write_all(format!("INFO {info}\r\n").as_bytes()).await.unwrap();
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = stream.read(&mut buffer).await {
            if buffer[..length].windows(4).any(|bytes| bytes == b"PING") {
                stream.write_all(b"PONG\r\n").await.unwrap();
            }
        }
    });
    format!("nats://127.0.0.1:{port}")
}

#[tokio::test]
async fn servers_that_are_too_old_are_refused() {
    for version in ["2.9.10", "2.10.0-beta.1", "1.4.1", ""] {
        let client = async_nats::connect(server_of_version(version).await).await.unwrap();
        let connected = Queue::connect(client, "a").await;
        let Err(NatsError::ServerTooOld { found }) = connected else { panic!("{version}: {connected:?}") };
        assert_eq!(found, version);
    }
}

#[tokio::test]
async fn invalid_options_are_rejected_before_anything_is_created() {
    let (client, streams) = fresh().await;
    let builder = || Partitioned::builder(client.clone(), &streams.0);
    let (zero, at_least_one) = ("must be greater than 0", "must be at least 1");
    for (builder, option, rule) in [
        (builder().partitions(0), "partitions", at_least_one),
        (builder().max_in_flight(0), "max_in_flight", "must be between 1 and 268435455"),
        (builder().max_in_flight(u32::MAX), "max_in_flight", "must be between 1 and 268435455"),
        (builder().replicas(0), "replicas", "must be between 1 and 5"),
        (builder().duplicate_window(Duration::ZERO), "duplicate_window", zero),
        (builder().max_age(Duration::ZERO), "max_age", zero),
        (builder().connect_timeout(Duration::ZERO), "connect_timeout", zero),
        (builder().publish_timeout(Duration::ZERO), "publish_timeout", zero),
    ] {
        let error = builder.connect().await.unwrap_err();
        assert_eq!(error.to_string(), format!("invalid option `{option}`: {rule}"));
    }
    let created = async_nats::jetstream::new(client).get_stream(&streams.0).await;
    assert!(created.is_err());
}
