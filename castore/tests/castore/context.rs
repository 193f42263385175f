//! Tests of the context of events: it is stored in the metadata, hidden from the metadata type, and continued by
//! handlers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use castore::context::EventContext;
use castore::message::StoredMessage;
use castore::prelude::*;
use castore::storage::{EventStorageAdapter, GetEventsOptions, RawEvent};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::support::json as as_json;

#[derive(Debug, Clone, PartialEq, Event)]
pub enum OrderEvent {
    Placed,
}

/// Metadata that rejects keys that it does not declare.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Audit {
    user: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "ORDERS", event = OrderEvent, metadata = Audit)]
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

message_channel! {
    pub type ShopBus = NotificationMessageBus<Order, Invoice>;
}

const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

fn placed(id: &str, version: u64) -> NewEvent<Order> {
    NewEvent::new(id, version, OrderEvent::Placed).metadata(Audit { user: "ada".into() })
}

fn issued(id: &str, version: u64) -> NewEvent<Invoice> {
    NewEvent::new(id, version, InvoiceEvent::Issued)
}

fn request() -> EventContext {
    EventContext::correlated("request-1").with_trace(TRACEPARENT)
}

async fn stored(storage: &InMemoryEventStorageAdapter, store: &str, id: &str) -> Vec<RawEvent> {
    storage.get_events(store, id, GetEventsOptions::default()).await.unwrap()
}

async fn metadata(storage: &InMemoryEventStorageAdapter, store: &str, id: &str, version: usize) -> Value {
    let events = stored(storage, store, id).await;
    events[version - 1].metadata.as_ref().map_or(Value::Null, |raw| serde_json::from_str(raw.get()).unwrap())
}

#[tokio::test]
async fn context_is_stored_beside_the_metadata_and_hidden_from_its_type() {
    let storage = InMemoryEventStorageAdapter::new();
    let orders = EventStore::<Order>::new(storage.clone());
    let invoices = EventStore::<Invoice>::new(storage.clone());
    let push = async {
        orders.push_event(placed("o", 1)).await.unwrap();
        // The context is also stored if the event has no metadata, or if the event store declares none.
        orders.push_event(NewEvent::new("o", 2, OrderEvent::Placed)).await.unwrap();
        invoices.push_event(issued("i", 1)).await.unwrap();
    };
    request().scope(push).await;
    orders.push_event(placed("o", 3)).await.unwrap();

    let context = json!({"correlationId": "request-1", "traceparent": TRACEPARENT});
    assert_eq!(metadata(&storage, "ORDERS", "o", 1).await, json!({"user": "ada", "castore": context}));
    assert_eq!(metadata(&storage, "ORDERS", "o", 2).await, json!({"castore": context}));
    assert_eq!(metadata(&storage, "ORDERS", "o", 3).await, json!({"user": "ada"}));
    assert_eq!(metadata(&storage, "INVOICES", "i", 1).await, json!({"castore": context}));

    let read = orders.get_events("o").await.unwrap();
    let ada = Some(Audit { user: "ada".into() });
    assert_eq!(read.iter().map(|event| &event.metadata).collect::<Vec<_>>(), [&ada, &None, &ada]);
    assert_eq!(
        read.iter().map(|event| &event.context).collect::<Vec<_>>(),
        [&request(), &request(), &EventContext::new()]
    );
    assert_eq!(invoices.get_events("i").await.unwrap()[0].context, request());
    assert_eq!(stored(&storage, "ORDERS", "o").await[0].context(), request());
}

#[tokio::test]
async fn a_handler_that_pushes_continues_the_context() {
    let storage = InMemoryEventStorageAdapter::new();
    let bus = ShopBus::new();
    let listener = InMemoryMessageBusAdapter::attach_to(&bus);
    let orders = EventStore::<Order>::new(storage.clone()).connect(bus.clone());
    let invoices = EventStore::<Invoice>::new(storage.clone()).connect(bus.clone());
    let store = invoices.clone();
    listener.on(Filter::store::<Order>(), move |message, _| {
        let store = store.clone();
        async move {
            store.push_event(issued(&message.event.aggregate_id, 1)).await?;
            Ok(())
        }
    });
    let store = invoices.clone();
    listener.on(Filter::store::<Invoice>(), move |message, _| {
        let store = store.clone();
        async move {
            if message.event.version == 1 {
                let event = store.group_event(issued(&message.event.aggregate_id, 2));
                push_event_group((event,)).await?;
            }
            Ok(())
        }
    });
    request().scope(async { orders.push_event(placed("a", 1)).await.unwrap() }).await;
    // A message without a context has no correlation id. Its identifier becomes the correlation id of the events that
    // its handlers push.
    orders.push_event(placed("b", 1)).await.unwrap();
    listener.idle().await;
    listener.shutdown().await;

    let contexts = |id| {
        let invoices = invoices.clone();
        async move { invoices.get_events(id).await.unwrap().into_iter().map(|event| event.context).collect::<Vec<_>>() }
    };
    assert_eq!(
        contexts("a").await,
        [request().with_causation_id("ORDERS#a#1"), request().with_causation_id("INVOICES#a#1")]
    );
    let from_order = EventContext::correlated("ORDERS#b#1");
    assert_eq!(
        contexts("b").await,
        [from_order.clone().with_causation_id("ORDERS#b#1"), from_order.with_causation_id("INVOICES#b#1")]
    );
}

#[tokio::test]
async fn an_explicit_context_replaces_the_current_one() {
    let orders = EventStore::<Order>::new(InMemoryEventStorageAdapter::new());
    let push = async {
        orders.push_event(placed("o", 1).context(EventContext::correlated("another"))).await.unwrap();
        orders.push_event(placed("o", 2).context(EventContext::new())).await.unwrap();
        // A spawned task does not inherit the context, so the context is passed to the task as a value.
        let (store, current) = (orders.clone(), EventContext::current());
        let spawned = tokio::spawn(async move {
            store.push_event(placed("o", 3)).await.unwrap();
            current.scope(async { store.push_event(placed("o", 4)).await.unwrap() }).await;
        });
        spawned.await.unwrap();
    };
    request().scope(push).await;
    let read = orders.get_events("o").await.unwrap();
    let expected = [EventContext::correlated("another"), EventContext::new(), EventContext::new(), request()];
    assert_eq!(read.into_iter().map(|event| event.context).collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn rewritten_events_keep_their_context() {
    let storage = InMemoryEventStorageAdapter::new();
    let orders = EventStore::<Order>::new(storage.clone());
    request().scope(async { orders.push_event(placed("o", 1)).await.unwrap() }).await;
    let later = EventContext::correlated("migration");
    let rewrite = async {
        let mut event = NewEvent::from(orders.get_events("o").await.unwrap().remove(0));
        event.metadata = Some(Audit { user: "bob".into() });
        orders.push_event(event).force(true).await.unwrap();
        let mut event = NewEvent::from(orders.get_events("o").with_raw().await.unwrap().remove(0));
        event.metadata = None;
        orders.push_event(event).force(true).await.unwrap();
    };
    later.scope(rewrite).await;
    let context = json!({"correlationId": "request-1", "traceparent": TRACEPARENT});
    assert_eq!(metadata(&storage, "ORDERS", "o", 1).await, json!({"castore": context}));
}

/// Messages of a TypeScript program, or of a later version of castore, may contain keys that this version does not
/// know.
#[tokio::test]
async fn undeclared_keys_of_the_context_survive() {
    let text = json!({"eventStoreId": "ORDERS", "event": {
        "aggregateId": "o", "version": 1, "type": "Placed", "timestamp": "2024-01-01T00:00:00.000Z",
        "metadata": {"castore": {"correlationId": "r", "later": [1.0]}, "user": "ada"},
    }});
    let message: ShopBusMessage = serde_json::from_value(text).unwrap();
    let ShopBusMessage::Order(message) = &message else { panic!("an order") };
    assert_eq!(message.event.context, EventContext::correlated("r"));
    assert_eq!(message.event.metadata, Some(Audit { user: "ada".into() }));

    let storage = InMemoryEventStorageAdapter::new();
    let raw = RawEvent {
        metadata: Some(
            serde_json::from_str(r#"{"castore":{"correlationId":"r","later":[1.0]},"user":"ada"}"#).unwrap(),
        ),
        ..encoded()
    };
    storage.push_event("ORDERS", raw, Default::default()).await.unwrap();
    let orders = EventStore::<Order>::new(storage.clone());
    let mut event = NewEvent::from(orders.get_events("o").with_raw().await.unwrap().remove(0));
    event.metadata = Some(Audit { user: "bob".into() });
    orders.push_event(event).force(true).await.unwrap();
    let expected = json!({"castore": {"correlationId": "r", "later": [1.0]}, "user": "bob"});
    assert_eq!(metadata(&storage, "ORDERS", "o", 1).await, expected);
}

fn encoded() -> RawEvent {
    RawEvent {
        aggregate_id: "o".into(),
        version: 1,
        event_type: "Placed".into(),
        timestamp: "2024-01-01T00:00:00.000Z".parse().unwrap(),
        payload: None,
        metadata: None,
    }
}

#[tokio::test]
async fn messages_contain_the_context_in_the_metadata() {
    let event =
        EventDetail::<Order>::new("o".into(), 1, "2024-01-01T00:00:00.000Z".parse().unwrap(), OrderEvent::Placed)
            .metadata(Audit { user: "ada".into() })
            .context(request());
    let message = ShopBusMessage::from(NotificationMessage { event: event.clone() });
    let expected = json!({"user": "ada", "castore": {"correlationId": "request-1", "traceparent": TRACEPARENT}});
    assert_eq!(as_json(&message)["event"]["metadata"], expected);
    let text = serde_json::to_string(&message).unwrap();
    let ShopBusMessage::Order(read) = serde_json::from_str(&text).unwrap() else { panic!("an order") };
    assert_eq!((&read.event.metadata, &read.event.context), (&event.metadata, &event.context));
    // The JSON of a stored message is the same.
    let raw = RawEvent { metadata: Some(serde_json::value::to_raw_value(&expected).unwrap()), ..encoded() };
    let stored = StoredMessage::<ShopBusMessage>::notification("ORDERS".into(), raw);
    assert_eq!(as_json(&stored)["event"]["metadata"], expected);
    // Comparisons of events ignore the context, because the context is not part of what happened.
    assert_eq!(event, event.clone().context(EventContext::new()));
}

/// If the user's metadata already has a key `castore`, the key is stored and read unchanged.
#[tokio::test]
async fn metadata_with_the_same_key_keeps_it() {
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Own {
        castore: Value,
    }
    #[derive(Debug, Clone, PartialEq, Event)]
    pub enum OwnEvent {
        Done,
    }
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[event_store(id = "OWN", event = OwnEvent, metadata = Own)]
    pub struct OwnStore {}
    impl Reducer for OwnStore {
        fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
            Ok(Self {})
        }
    }
    let store = EventStore::<OwnStore>::new(InMemoryEventStorageAdapter::new());
    for (version, castore) in (1..).zip([json!(1), json!({"a": 1}), json!({"correlationId": 5})]) {
        let own = Own { castore };
        let event = NewEvent::new("o", version, OwnEvent::Done).metadata(own.clone());
        request().scope(async { store.push_event(event).await.unwrap() }).await;
        let read = store.get_events("o").await.unwrap().pop().unwrap();
        assert_eq!((read.metadata, read.context), (Some(own), EventContext::new()));
    }
}

/// A command keeps the context through its retries.
#[tokio::test]
async fn commands_push_in_the_context() {
    #[derive(Debug, thiserror::Error)]
    pub enum PlaceError {
        #[error(transparent)]
        Push(#[from] PushEventError),
    }
    static RUNS: AtomicU64 = AtomicU64::new(0);
    #[command(id = "PLACE_ORDER")]
    pub async fn place_order(id: String, orders: &impl Store<Order>) -> Result<(), PlaceError> {
        // The first run conflicts with the event of version 1.
        let version = 1 + RUNS.fetch_add(1, Ordering::SeqCst);
        orders.push_event(placed(&id, version)).await?;
        Ok(())
    }
    let orders = EventStore::<Order>::new(InMemoryEventStorageAdapter::new());
    orders.push_event(placed("o", 1)).await.unwrap();
    let stores = Arc::new(orders.clone());
    request().scope(place_order("o".into(), &stores)).await.unwrap();
    let read = orders.get_events("o").await.unwrap();
    assert_eq!(read[1].context, request());
}
