//! Tests of traces, with a shop in which an order leads to an invoice, and the invoice to a mail.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::post;
use castore::context::{EventContext, TraceContext, TraceSystem};
use castore::nats::{NatsListener, NatsPartitionedMessageBusAdapter, async_nats};
use castore::postgres::{PostgresEventStorageAdapter, tokio_postgres};
use castore::prelude::*;
use castore::sqs::{SqsMessageQueueAdapter, SqsWorker, aws_sdk_sqs};
use castore_otel::OpenTelemetry;
use opentelemetry::trace::{SpanId, SpanKind};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tracing::{Instrument, Span};

use crate::spans::Spans;

#[derive(Debug, Clone, PartialEq, Event)]
pub enum OrderEvent {
    Placed { cents: u32 },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "ORDERS", event = OrderEvent)]
pub struct Order {}

impl Reducer for Order {
    fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(Self {})
    }
}

#[derive(Debug, Clone, PartialEq, Event)]
pub enum InvoiceEvent {
    Issued,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "INVOICES", event = InvoiceEvent)]
pub struct Invoice {}

impl Reducer for Invoice {
    fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(Self {})
    }
}

#[derive(Debug, Clone, PartialEq, Event)]
pub enum MailEvent {
    Sent,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "MAILS", event = MailEvent)]
pub struct Mail {}

impl Reducer for Mail {
    fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(Self {})
    }
}

message_channel! {
    #[channel(order = "per_aggregate")]
    pub type OrderBus = NotificationMessageBus<Order>;
    pub type InvoiceQueue = NotificationMessageQueue<Invoice>;
}

#[command(id = "PLACE_ORDER")]
pub async fn place_order(cents: u32, orders: &impl Store<Order>) -> Result<(), PushEventError> {
    orders.push_event(NewEvent::new("o1", 1, OrderEvent::Placed { cents })).await?;
    Ok(())
}

type Orders = RelayedEventStore<Order, OrderBus>;

async fn post_order(State(orders): State<Arc<Orders>>) -> Result<&'static str, String> {
    place_order(1250, &*orders).await.map_err(|error| error.to_string())?;
    Ok("placed")
}

/// The middleware of the program. It continues the caller's trace, and uses the caller's request id as the correlation
/// id.
async fn in_context(request: Request, next: Next) -> Response {
    let (context, span) = incoming(request.headers());
    context.scope(next.run(request).instrument(span)).await
}

fn incoming(headers: &HeaderMap) -> (EventContext, Span) {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let mut context = EventContext::new();
    if let Some(id) = header("x-request-id") {
        context = context.with_correlation_id(id);
    }
    let span = tracing::info_span!("http", otel.name = "POST /orders", otel.kind = "server");
    if let Some(traceparent) = header("traceparent") {
        context = context.with_trace(TraceContext::new(traceparent, header("tracestate")));
        OpenTelemetry::default().set_parent(&span, &context);
    }
    (context, span)
}

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CALLER: &str = "b7ad6b7169203331";

async fn call(address: std::net::SocketAddr) -> String {
    let mut tcp = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "POST /orders HTTP/1.1\r\nhost: shop\r\nconnection: close\r\ncontent-length: 0\r\nx-request-id: request-42\r\n\
         traceparent: 00-{TRACE}-{CALLER}-01\r\ntracestate: vendor=1\r\n\r\n"
    );
    tcp.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    tcp.read_to_string(&mut response).await.unwrap();
    response
}

fn variable(name: &str) -> String {
    std::env::var(name)
        .unwrap_or_else(|_| panic!("{name} is not set: run scripts/test, or `scripts/services start DIR`"))
}

/// Waits until a condition is true.
async fn until<Fut: Future<Output = bool>>(what: &str, wanted: impl Fn() -> Fut) {
    let waited = async {
        while !wanted().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(60), waited).await.is_ok(), "timed out: {what}");
}

#[tokio::test]
async fn one_trace_from_the_request_to_the_last_handler() {
    let spans = Spans::record();
    let run = uuid::Uuid::new_v4().simple().to_string();

    let (url, schema) = (variable("CASTORE_TEST_DATABASE_URL"), format!("otel_{run}"));
    let (database, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    database.batch_execute(&format!("CREATE SCHEMA {schema}")).await.unwrap();
    let storage = PostgresEventStorageAdapter::builder().schema(&schema).pool_size(4).connect(&url).await.unwrap();
    storage.create_event_table().await.unwrap();
    storage.create_relay_tables().await.unwrap();

    // Orders are published by a relay on NATS, invoices by a relay on SQS.
    let (bus, queue) = (OrderBus::new(), InvoiceQueue::new());
    let client = async_nats::connect(variable("CASTORE_TEST_NATS_URL")).await.unwrap();
    let nats = NatsPartitionedMessageBusAdapter::attach_to(&bus, client.clone(), format!("otel-{run}")).await.unwrap();
    let sqs = sqs_client();
    let url = sqs.create_queue().queue_name("invoices").send().await.unwrap().queue_url.unwrap();
    SqsMessageQueueAdapter::attach_to(&queue, sqs.clone(), &*url);
    let orders: Orders = EventStore::new(storage.clone()).connect_via_relay(bus.clone());
    let invoices = EventStore::<Invoice>::new(storage.clone()).connect_via_relay(queue.clone());
    let mails = EventStore::<Mail>::new(storage.clone());

    let store = invoices.clone();
    let listener = NatsListener::builder(&nats, "invoicing", Filter::store::<Order>(), move |message, _| {
        let store = store.clone();
        async move {
            store.push_event(NewEvent::new(message.event.aggregate_id.clone(), 1, InvoiceEvent::Issued)).await?;
            Ok(())
        }
    });
    let listener = listener.start().await.unwrap();
    let store = mails.clone();
    let worker = SqsWorker::builder(sqs, &*url, &queue, move |message, _| {
        let store = store.clone();
        async move {
            let InvoiceQueueMessage::Invoice(message) = &*message;
            store.push_event(NewEvent::new(message.event.aggregate_id.clone(), 1, MailEvent::Sent)).await?;
            Ok(())
        }
    });
    let worker = worker.wait_time(Duration::from_secs(1)).start().unwrap();
    let first = Relay::builder(bus).publish(&orders).start(storage.clone(), RelayStart::Beginning).await.unwrap();
    let second = Relay::builder(queue).publish(&invoices).start(storage.clone(), RelayStart::Beginning).await.unwrap();

    let router = axum::Router::new().route("/orders", post(post_order)).layer(middleware::from_fn(in_context));
    let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = tcp.local_addr().unwrap();
    let server = tokio::spawn(axum::serve(tcp, router.with_state(Arc::new(orders.clone()))).into_future());
    let response = call(address).await;
    assert!(response.ends_with("placed"), "{response}");
    until("the mail is sent", || async { mails.get_aggregate("o1").await.unwrap().aggregate.is_some() }).await;

    server.abort();
    first.shutdown().await.unwrap();
    second.shutdown().await.unwrap();
    listener.shutdown().await.unwrap();
    worker.shutdown().await.unwrap();

    // Checks the contexts that were stored with the events.
    let order = orders.get_events("o1").await.unwrap().remove(0).context;
    let invoice = invoices.get_events("o1").await.unwrap().remove(0).context;
    let mail = mails.get_events("o1").await.unwrap().remove(0).context;
    for context in [&order, &invoice, &mail] {
        assert_eq!(context.correlation_id(), Some("request-42"), "{context:?}");
        assert_eq!(context.tracestate(), Some("vendor=1"), "{context:?}");
    }
    assert_eq!(order.causation_id(), None);
    assert_eq!(invoice.causation_id(), Some("ORDERS#o1#1"));
    assert_eq!(mail.causation_id(), Some("INVOICES#o1#1"));

    // Each span of the trace must be the child of the span that caused it.
    let trace = spans.of_trace(TRACE);
    let find = |kind: SpanKind, name: &str, parent: SpanId| {
        let found: Vec<_> = trace
            .iter()
            .filter(|span| span.0 == kind && span.1 == name && span.2 == parent)
            .map(|span| span.3)
            .collect();
        assert_eq!(found.len(), 1, "{kind:?} {name} below {parent} in {trace:#?}");
        found[0]
    };
    let caller = SpanId::from_hex(CALLER).unwrap();
    let request = find(SpanKind::Server, "POST /orders", caller);
    let command = find(SpanKind::Internal, "PLACE_ORDER", request);
    let push = find(SpanKind::Internal, "push_event", command);
    find(SpanKind::Producer, "send ORDER_BUS", push);
    let process = find(SpanKind::Consumer, "process ORDER_BUS", push);
    let push = find(SpanKind::Internal, "push_event", process);
    find(SpanKind::Producer, "send INVOICE_QUEUE", push);
    let process = find(SpanKind::Consumer, "process INVOICE_QUEUE", push);
    find(SpanKind::Internal, "push_event", process);
    assert_eq!(trace.len(), 9, "{trace:#?}");

    database.batch_execute(&format!("DROP SCHEMA {schema} CASCADE")).await.unwrap();
    let jetstream = async_nats::jetstream::new(client);
    for stream in [format!("otel-{run}"), format!("otel-{run}_DEAD")] {
        let _ = jetstream.delete_stream(stream).await;
    }
}

/// Returns a client for a new account of the AWS emulator.
fn sqs_client() -> aws_sdk_sqs::Client {
    use aws_sdk_sqs::config::{BehaviorVersion, Credentials, Region};
    let account = format!("{:012}", uuid::Uuid::new_v4().as_u128() % 1_000_000_000_000);
    let config = aws_sdk_sqs::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new(account, "secret", None, None, "tests"))
        .endpoint_url(variable("CASTORE_TEST_AWS_ENDPOINT_URL"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    aws_sdk_sqs::Client::from_conf(config)
}

/// Replays begin a new trace, which is linked to the original one. Calls that send several messages also begin a new
/// trace.
#[tokio::test]
async fn replays_and_batches_are_linked() {
    let spans = Spans::record();
    let storage = InMemoryEventStorageAdapter::new();
    let bus = OrderBus::new();
    let listener = InMemoryMessageBusAdapter::attach_to(&bus);
    listener.on(Filter::store::<Order>().on_replay(true), |_, _| async { Ok(()) });
    let orders: Orders = EventStore::new(storage.clone()).connect_via_relay(bus.clone());
    let context = EventContext::new().with_trace(format!("00-{TRACE}-{CALLER}-01"));
    let pushes = async {
        for id in ["a", "b"] {
            // There is no current span here, so the events keep the trace of the given context.
            let event = NewEvent::new(id, 1, OrderEvent::Placed { cents: 1 }).context(context.clone());
            orders.push_event(event).await.unwrap();
        }
    };
    pushes.await;
    let relay =
        Relay::builder(bus.clone()).publish(&orders).start(storage.clone(), RelayStart::Beginning).await.unwrap();
    relay.wait_until_caught_up(Duration::from_secs(30)).await.unwrap();
    relay.shutdown().await.unwrap();
    let event = orders.get_events("a").await.unwrap().remove(0);
    bus.publish_message(NotificationMessage { event }).replay(true).await.unwrap();
    listener.shutdown().await;

    let spans = spans.all();
    let linked = |name: &str| -> Vec<usize> {
        let named = spans.iter().filter(|span| span.name == name && span.span_context.trace_id().to_string() != TRACE);
        named
            .map(|span| span.links.iter().filter(|link| link.span_context.trace_id().to_string() == TRACE).count())
            .collect()
    };
    assert_eq!(linked("send ORDER_BUS"), [2]);
    assert_eq!(linked("process ORDER_BUS"), [1]);
    // There are three spans: two for the messages of the relay, which continue the original trace, and one for the
    // replay.
    let process = spans.iter().filter(|span| span.name == "process ORDER_BUS" && span.span_kind == SpanKind::Consumer);
    assert_eq!(process.count(), 3);
}
