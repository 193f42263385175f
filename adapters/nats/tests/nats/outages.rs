//! Tests with servers that are killed and restarted with their stored data.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use async_nats::connection::State;
use castore_core::channel::{MessageChannelAdapter, PublishError};
use castore_core::consumer::{ConsumerHandle, Filter, RetryPolicy};
use castore_core::message::ChannelMessage;
use castore_nats::{
    NatsListener, NatsMessageQueueAdapter, NatsPartitionedMessageBusAdapter, NatsPartitionedMessageQueueAdapter,
    NatsWorker,
};
use serde::de::DeserializeOwned;

use crate::domain::{AppQueue, LIVE, OrderedBus, OrderedQueue, appeared};
use crate::server::Server;
use crate::support::{Calls, until};

/// Publishes the versions of an aggregate in order, and repeats each one until the server acknowledges it. Returns the
/// number of failures.
async fn publish_all<M: ChannelMessage + DeserializeOwned>(
    adapter: Arc<dyn MessageChannelAdapter<M>>,
    aggregate: String,
    versions: u64,
    acknowledged: Arc<AtomicU64>,
) -> usize {
    let mut failures = 0;
    for version in 1..=versions {
        loop {
            let published = if version % 2 == 0 {
                adapter.publish_message(appeared(&aggregate, version), LIVE).await
            } else {
                adapter.publish_messages(vec![appeared(&aggregate, version)], LIVE).await
            };
            match published {
                Ok(()) => break,
                Err(PublishError::Broker(_)) => failures += 1,
                Err(error) => panic!("an outage is no refusal: {error:?}"),
            }
        }
        acknowledged.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(4)).await;
    }
    failures
}

const AGGREGATES: u64 = 6;
const VERSIONS: u64 = 150;

/// Kills the server twice while messages are published and handled. All acknowledged messages are handled.
async fn survives<M: ChannelMessage + DeserializeOwned>(
    mut server: Server,
    adapter: Arc<dyn MessageChannelAdapter<M>>,
    calls: Calls,
    consumer: ConsumerHandle,
) {
    let acknowledged = Arc::new(AtomicU64::new(0));
    let publishers: Vec<_> = (0..AGGREGATES)
        .map(|number| {
            let (adapter, acknowledged) = (adapter.clone(), acknowledged.clone());
            tokio::spawn(publish_all(adapter, format!("a{number}"), VERSIONS, acknowledged))
        })
        .collect();
    for kill in 1..=2 {
        let some = kill * AGGREGATES * VERSIONS / 4;
        until("some messages are published", async || acknowledged.load(Ordering::SeqCst) >= some).await;
        until("some messages are handled", async || calls.all().len() as u64 >= some / 2).await;
        server.kill();
        tokio::time::sleep(Duration::from_millis(700)).await;
        server.start_again();
    }
    let mut failures = 0;
    for publisher in publishers {
        failures += publisher.await.unwrap();
    }
    assert!(failures > 0, "publishing did not fail while the server was unavailable");
    let distinct = || calls.all().into_iter().map(|call| (call.0, call.1)).collect::<HashSet<_>>().len() as u64;
    until("all messages are handled", async || distinct() == AGGREGATES * VERSIONS).await;
    let mut last: HashMap<String, u64> = HashMap::new();
    for (aggregate, version, _) in calls.all() {
        let last = last.entry(aggregate.clone()).or_default();
        assert!(version <= *last + 1, "{aggregate}: version {version} came first after {last}");
        *last = version.max(*last);
    }
    consumer.shutdown().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queue_survives_its_server() {
    let server = Server::start();
    let client = server.client().await;
    let builder = NatsPartitionedMessageQueueAdapter::<OrderedQueue>::builder(client, "queue");
    let adapter = builder.partitions(4).publish_timeout(Duration::from_millis(500)).connect().await.unwrap();
    let calls = Calls::default();
    let noted = calls.clone();
    let worker = NatsWorker::builder(&adapter, move |message, context| {
        noted.note(&*message, context);
        async { Ok(()) }
    });
    let worker = worker.ack_wait(Duration::from_secs(1)).retry_policy(RetryPolicy::immediately(20));
    let worker = worker.start().await.unwrap();
    survives(server, Arc::new(adapter), calls, worker).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bus_survives_its_server() {
    let server = Server::start();
    let client = server.client().await;
    let builder = NatsPartitionedMessageBusAdapter::<OrderedBus>::builder(client, "bus");
    let adapter = builder.partitions(4).publish_timeout(Duration::from_millis(500)).connect().await.unwrap();
    let calls = Calls::default();
    let noted = calls.clone();
    let listener = NatsListener::builder(&adapter, "all", Filter::all(), move |message, context| {
        noted.note(&*message, context);
        async { Ok(()) }
    });
    let listener = listener.ack_wait(Duration::from_secs(1)).retry_policy(RetryPolicy::immediately(20));
    let listener = listener.start().await.unwrap();
    survives(server, Arc::new(adapter), calls, listener).await;
}

/// A restarted server has forgotten the requests for messages. The consumer sends a new request before the old request
/// would have expired.
#[tokio::test]
async fn idle_consumer_resumes_after_a_server_restart() {
    let mut server = Server::start();
    let client = server.client().await;
    let builder = NatsMessageQueueAdapter::<AppQueue>::builder(client, "queue");
    let adapter = builder.publish_timeout(Duration::from_millis(200)).connect().await.unwrap();
    let calls = Calls::default();
    let noted = calls.clone();
    let worker = NatsWorker::builder(&adapter, move |message, context| {
        noted.note(&*message, context);
        async { Ok(()) }
    });
    let worker = worker.start().await.unwrap();
    let publish = async |version| {
        until("it publishes", async || adapter.publish_message(appeared("a", version), LIVE).await.is_ok()).await;
        let begin = Instant::now();
        until("it is handled", async || calls.versions("a").contains(&version)).await;
        begin.elapsed()
    };
    publish(1).await;
    // Several rounds are made, because a machine may stall for a moment in one of them.
    for version in 2.. {
        // The next request has been sent, and is valid for five seconds.
        tokio::time::sleep(Duration::from_millis(100)).await;
        server.kill();
        server.start_again();
        let time = publish(version).await;
        if time < Duration::from_secs(3) {
            break;
        }
        assert!(version < 5, "after {time:?}");
    }
    worker.shutdown().await.unwrap();
}

#[tokio::test]
async fn consumer_does_not_receive_while_its_server_is_down() {
    let mut server = Server::start();
    let client = server.client().await;
    let adapter = NatsMessageQueueAdapter::<AppQueue>::connect(client, "queue").await.unwrap();
    let worker = NatsWorker::builder(&adapter, |_, _| async { Ok(()) }).start().await.unwrap();
    assert!(worker.status().is_receiving);
    server.kill();
    until("it is disconnected", async || !worker.status().is_receiving).await;
    server.start_again();
    until("it receives again", async || worker.status().is_receiving).await;
    worker.shutdown().await.unwrap();
}

/// Requests and heartbeats of a long outage are not sent all at once when the outage ends.
#[tokio::test]
async fn concurrency_is_respected_after_an_outage() {
    let mut server = Server::start();
    let client = server.client().await;
    let adapter = NatsMessageQueueAdapter::<AppQueue>::connect(client.clone(), "queue").await.unwrap();
    let (running, most) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let calls = Calls::default();
    let worker = NatsWorker::builder(&adapter, {
        let (running, most, calls) = (running.clone(), most.clone(), calls.clone());
        move |message, context| {
            calls.note(&*message, context);
            most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            let running = running.clone();
            async move {
                tokio::time::sleep(Duration::from_millis(100)).await;
                running.fetch_sub(1, Ordering::SeqCst);
                Ok(())
            }
        }
    });
    let worker = worker.concurrency(3).start().await.unwrap();
    adapter.publish_message(appeared("a", 1), LIVE).await.unwrap();
    calls.until(1).await;
    server.kill();
    // The outage is longer than a request is valid.
    tokio::time::sleep(Duration::from_secs(8)).await;
    server.start_again();
    until("it is connected", async || client.connection_state() == State::Connected).await;
    // The test waits until the consumer has sent a new request, and all pending requests have been sent.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let messages = (2..=60).map(|version| appeared("a", version)).collect::<Vec<_>>();
    until("it publishes again", async || adapter.publish_messages(messages.clone(), LIVE).await.is_ok()).await;
    let all = async || calls.versions("a").into_iter().collect::<HashSet<_>>().len() == 60;
    until("all are handled", all).await;
    assert_eq!(most.load(Ordering::SeqCst), 3);
    worker.shutdown().await.unwrap();
}

#[tokio::test]
async fn publishing_without_a_server_is_a_broker_failure() {
    let mut server = Server::start();
    let client = server.client().await;
    let builder = NatsMessageQueueAdapter::<AppQueue>::builder(client, "queue");
    let adapter = builder.publish_timeout(Duration::from_millis(300)).connect().await.unwrap();
    server.kill();
    let begin = Instant::now();
    let single = adapter.publish_message(appeared("a", 1), LIVE).await;
    assert!(matches!(single, Err(PublishError::Broker(_))), "{single:?}");
    let several = adapter.publish_messages(vec![appeared("a", 1), appeared("b", 1), appeared("a", 2)], LIVE).await;
    assert!(matches!(several, Err(PublishError::Broker(_))), "{several:?}");
    assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
    server.start_again();
    until("it publishes again", async || adapter.publish_message(appeared("a", 1), LIVE).await.is_ok()).await;
}
