//! Faults of a channel's adapter that the relay and the Lambda handler must handle in the same way.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_dynamodb::config::RuntimeComponents;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use castore_dynamodb::{DynamoDbEventStorageAdapter, DynamoDbRelayStart, LambdaStreamHandler};
use serde_json::Value;

use crate::broker::{Broker, Verdict};
use crate::domain::AppBus;
use crate::lambda::{failures, handler_of, insert, invocation, stores};
use crate::relay::{RELAYS, World, lease, until, versions};
use crate::support::{client, endpoint, with_rewrites};

#[tokio::test(start_paused = true)]
async fn lambda_reports_every_message_of_a_call_whose_rejection_names_none() {
    for preserves_order in [false, true] {
        let (bus, stores) = (AppBus::default(), stores());
        let broker = Broker::attach_as(&bus, preserves_order, Duration::ZERO);
        broker.judge(|_, _| Verdict::RefuseUnnamed);
        let handler = handler_of(&bus, &stores);
        let event = invocation(vec![
            insert(1, "COUNTERS#a", 1),
            insert(2, "COUNTERS#b", 1),
            insert(3, "STRANGERS#x", 1),
            insert(4, "COUNTERS#a", 2),
        ]);
        assert_eq!(failures(&handler.handle(&event).await), ["1", "2", "4"]);
        broker.heal();
        assert_eq!(failures(&handler.handle(&event).await), [""; 0]);
        let published = broker.first_deliveries();
        assert_eq!((&published["a"], &published["b"]), (&versions(2), &versions(1)));
    }
}

/// Returns a handler and a broker that needs one second for each message.
fn slow(bus: &AppBus) -> (LambdaStreamHandler, Broker<AppBus>) {
    let broker = Broker::attach_as(bus, true, Duration::ZERO);
    broker.slow_with_each(Duration::from_secs(1));
    let handler = LambdaStreamHandler::builder(bus.clone()).publish(&stores().counters);
    (handler.publish_timeout(Duration::from_secs(10)).build().unwrap(), broker)
}

#[tokio::test(start_paused = true)]
async fn lambda_publishes_with_smaller_calls_through_a_slow_adapter() {
    let bus = AppBus::default();
    let (handler, broker) = slow(&bus);
    let event = invocation((1..=40).map(|version| insert(version, "COUNTERS#a", version)).collect());
    assert_eq!(failures(&handler.handle(&event).await), [""; 0]);
    assert_eq!(broker.first_deliveries()["a"], versions(40));
    // The next invocation begins with sufficiently small calls.
    let before = broker.names().len();
    assert_eq!(failures(&handler.handle(&event).await), [""; 0]);
    assert_eq!(broker.names().len() - before, 40, "no message is published twice by the second invocation");
}

#[tokio::test(start_paused = true)]
async fn lambda_reports_messages_that_take_too_long_on_their_own() {
    let bus = AppBus::default();
    let (handler, broker) = slow(&bus);
    broker.slow_with_each(Duration::from_secs(11));
    let event = invocation((1..=3).map(|version| insert(version, "COUNTERS#a", version)).collect());
    assert_eq!(failures(&handler.handle(&event).await), ["1", "2", "3"]);
}

#[tokio::test]
async fn relay_waits_while_rejections_name_no_message() {
    for preserves_order in [false, true] {
        let world = World::with(preserves_order, Duration::ZERO).await;
        world.broker.judge(|_, _| Verdict::RefuseUnnamed);
        world.stores.count("a", 1..=3).await;
        let relay = world.start(DynamoDbRelayStart::TrimHorizon).await;
        until("the outage is reported", async || {
            relay.status().outage.is_some_and(|outage| outage.contains("did not report which"))
        })
        .await;
        assert_eq!((relay.status().published, relay.parked().await.unwrap()), (0, Vec::new()));
        // The position does not move: another process starts at the same event.
        relay.shutdown().await.unwrap();
        world.broker.heal();
        let relay = world.start(DynamoDbRelayStart::Now).await;
        world.broker.until(3).await;
        assert_eq!(world.broker.first_deliveries()["a"], versions(3));
        until("the outage is over", async || relay.status().outage.is_none()).await;
        relay.shutdown().await.unwrap();
    }
}

/// The test of the Lambda handler uses one second per message and a timeout of 10 seconds. This test divides both
/// durations by 50, because the emulator works in real time.
#[tokio::test]
async fn relay_publishes_with_smaller_calls_through_a_slow_adapter() {
    let world = World::with(true, Duration::ZERO).await;
    world.broker.slow_with_each(Duration::from_millis(20));
    world.stores.count("a", 1..=40).await;
    let builder = world.builder().publish_timeout(Duration::from_millis(200));
    let start = DynamoDbRelayStart::TrimHorizon;
    let relay = builder.start(&world.storage, world.streams.clone(), RELAYS, start).await.unwrap();
    world.broker.until(40).await;
    assert_eq!(world.broker.first_deliveries()["a"], versions(40));
    until("all are counted", async || relay.status().published == 40).await;
    assert_eq!((relay.status().outage, relay.status().parked), (None, 0));
    relay.shutdown().await.unwrap();
}

/// An HTTP client or connector that delays transactions, and records the last transaction that stores cursors.
#[derive(Debug, Clone)]
struct Transactions<T> {
    inner: T,
    state: Arc<Mutex<TransactionState>>,
}

#[derive(Debug, Default)]
struct TransactionState {
    delay: Duration,
    last: Option<(SharedHttpConnector, HttpRequest)>,
}

impl<T: HttpClient + 'static> HttpClient for Transactions<T> {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Transactions { inner, state: self.state.clone() })
    }
}

impl HttpConnector for Transactions<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let inner = self.inner.clone();
        if !request.headers().get("x-amz-target").is_some_and(|target| target.ends_with(".TransactWriteItems")) {
            return inner.call(request);
        }
        let delay = {
            let mut state = self.state.lock().unwrap();
            // A heartbeat has no cursors.
            if request.body().bytes().is_some_and(|body| String::from_utf8_lossy(body).contains(":place")) {
                state.last = request.try_clone().map(|request| (inner.clone(), request));
            }
            state.delay
        };
        HttpConnectorFuture::new(async move {
            tokio::time::sleep(delay).await;
            inner.call(request).await
        })
    }
}

/// Returns a storage of the world's table, and the state of its transactions.
fn with_transactions(world: &World) -> (DynamoDbEventStorageAdapter, Arc<Mutex<TransactionState>>) {
    let state = Arc::new(Mutex::new(TransactionState::default()));
    let http = Transactions { inner: aws_smithy_http_client::Builder::new().build_http(), state: state.clone() };
    (with_rewrites(client(http, &endpoint(), &world.account)), state)
}

/// Each write leaves less of the lease than a call of the adapter may take. If the relay published nevertheless,
/// another process could take over and publish the next events during that call.
#[tokio::test]
async fn relay_publishes_nothing_while_writes_leave_too_little_of_the_lease() {
    let world = World::with(true, Duration::ZERO).await;
    let (storage, transactions) = with_transactions(&world);
    transactions.lock().unwrap().delay = Duration::from_millis(500);
    // A call may take 2.7 seconds. After a write, 2.5 seconds of the lease are left.
    let builder = world.builder().lease(Duration::from_secs(3)).publish_timeout(Duration::from_millis(2_700));
    let start = DynamoDbRelayStart::TrimHorizon;
    let relay = builder.start(&storage, world.streams.clone(), RELAYS, start).await.unwrap();
    // The lease that was just taken is long enough. The next heartbeat shortens it.
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    world.stores.count("a", 1..=3).await;
    until("the relay reports the slow writes", async || {
        relay.status().last_error.is_some_and(|error| error.contains("too slow for the lease"))
    })
    .await;
    assert_eq!(world.broker.names(), [""; 0]);
    transactions.lock().unwrap().delay = Duration::ZERO;
    world.broker.until(3).await;
    assert_eq!(world.broker.names(), ["a1", "a2", "a3"]);
    relay.shutdown().await.unwrap();
}

/// Returns a request for the same transaction with another token, so that DynamoDB does not recognize the request as a
/// repetition.
fn with_another_token(request: &HttpRequest) -> HttpRequest {
    let mut body: Value = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
    body["ClientRequestToken"] = "another".into();
    let mut request = request.try_clone().unwrap();
    *request.body_mut() = SdkBody::from(body.to_string());
    request.headers_mut().remove("content-length");
    request
}

/// If the response of a write is lost, the network may deliver a repetition of this write after later writes.
#[tokio::test]
async fn late_write_of_the_relay_does_not_move_its_cursors_back() {
    let world = World::with(true, Duration::ZERO).await;
    let (storage, transactions) = with_transactions(&world);
    let start = DynamoDbRelayStart::TrimHorizon;
    let relay = world.builder().start(&storage, world.streams.clone(), RELAYS, start).await.unwrap();
    let place = async || lease(&world).await["place"].as_s().unwrap().clone();
    let first = place().await;
    world.stores.count("a", 1..=1).await;
    world.broker.until(1).await;
    until("the cursors are stored", async || place().await != first).await;
    let (connector, late) = transactions.lock().unwrap().last.take().unwrap();
    let second = place().await;
    world.stores.count("a", 2..=2).await;
    world.broker.until(2).await;
    until("the next cursors are stored", async || place().await != second).await;
    let third = place().await;
    connector.call(with_another_token(&late)).await.unwrap();
    assert_eq!(place().await, third);
    relay.shutdown().await.unwrap();
}
