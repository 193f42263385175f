//! Tests of required metadata, and of stores that give metadata to events.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use castore::AnyEventStore;
use castore::context::EventContext;
use castore::prelude::*;
use castore::push_event_group;
use castore::storage::{EventStorageAdapter, GetEventsOptions, PushOptions, RawEvent};
use castore::testing::{MockEventStore, Scenario, given};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Event)]
pub enum OrderEvent {
    Placed,
    Paid,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Audit {
    user: String,
}

fn by(user: &str) -> Audit {
    Audit { user: user.to_owned() }
}

/// An event store whose events must have metadata.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "ORDERS", event = OrderEvent, metadata(required) = Audit)]
pub struct Order {}

impl Reducer for Order {
    fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(Self {})
    }
}

/// An event store whose events may have metadata.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "NOTES", event = OrderEvent, metadata = Audit)]
pub struct Note {}

impl Reducer for Note {
    fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(Self {})
    }
}

/// An event store whose reducer uses the metadata.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "DRAFTS", event = OrderEvent, metadata = Audit)]
pub struct Draft {
    author: Option<String>,
}

impl Reducer for Draft {
    fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(Self { author: event.metadata.as_ref().map(|metadata| metadata.user.clone()) })
    }
}

message_channel! {
    pub type ShopQueue = NotificationMessageQueue<Order>;
}

fn placed(id: &str) -> NewEvent<Order> {
    NewEvent::new(id, 1, OrderEvent::Placed)
}

/// Returns the users in the metadata of the events of an aggregate.
async fn users<S: EventSourced<AggregateId = String, Metadata = Audit>>(
    store: &impl Store<S>,
    id: &str,
) -> Vec<Option<String>> {
    let events = store.get_events(id).await.unwrap();
    events.into_iter().map(|event| event.metadata.map(|metadata| metadata.user)).collect()
}

fn some(user: &str) -> Option<String> {
    Some(user.to_owned())
}

#[tokio::test]
async fn store_gives_metadata_to_each_new_event() {
    let orders = EventStore::<Order>::new(InMemoryEventStorageAdapter::new());
    let calls = Arc::new(AtomicU64::new(0));
    let counted = calls.clone();
    let by_ada = orders.with_metadata(move || by(&format!("ada{}", counted.fetch_add(1, Ordering::Relaxed))));
    by_ada.push_event(placed("o-1")).await.unwrap();
    let order = by_ada.get_existing_aggregate("o-1").without_events().await.unwrap();
    by_ada.push_event(order.next_event(OrderEvent::Paid)).await.unwrap();
    assert_eq!(users(&orders, "o-1").await, [some("ada0"), some("ada1")]);
    assert_eq!(calls.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn metadata_of_the_event_takes_precedence() {
    let orders = EventStore::<Order>::new(InMemoryEventStorageAdapter::new());
    let by_ada = orders.with_metadata(|| by("ada"));
    by_ada.push_event(placed("o-1").metadata(by("grace"))).await.unwrap();
    assert_eq!(users(&orders, "o-1").await, [some("grace")]);
    let by_linus = by_ada.with_metadata(|| by("linus"));
    by_linus.push_event(placed("o-2")).await.unwrap();
    by_ada.push_event(placed("o-3")).await.unwrap();
    assert_eq!((users(&orders, "o-2").await, users(&orders, "o-3").await), (vec![some("linus")], vec![some("ada")]));
}

#[tokio::test]
async fn all_kinds_of_stores_keep_the_metadata_function() {
    let storage = InMemoryEventStorageAdapter::new();
    let queue = ShopQueue::new();
    let messages = InMemoryMessageQueueAdapter::attach_to(&queue);
    let orders = EventStore::<Order>::new(storage.clone());
    let by_ada = orders.with_metadata(|| by("ada"));

    orders.connect(queue.clone()).with_metadata(|| by("ada")).push_event(placed("before")).await.unwrap();
    by_ada.connect(queue.clone()).push_event(placed("after")).await.unwrap();
    AnyEventStore::new(by_ada.connect(queue.clone())).push_event(placed("any")).await.unwrap();
    by_ada.connect_via_relay(queue.clone()).push_event(placed("relayed")).await.unwrap();
    MockEventStore::<Order>::new([]).with_metadata(|| by("ada")).push_event(placed("mock")).await.unwrap();
    push_event_group((by_ada.group_event(placed("group")), orders.group_event(placed("own").metadata(by("grace")))))
        .await
        .unwrap();

    for id in ["before", "after", "any", "relayed", "group"] {
        assert_eq!(users(&orders, id).await, [some("ada")], "{id}");
    }
    assert_eq!(users(&orders, "own").await, [some("grace")]);
    drop(messages);
}

#[command(id = "PAY")]
async fn pay(
    id: &str,
    orders: &impl Store<Order, Metadata = castore::store::GivenByStore>,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let order = orders.get_existing_aggregate(id).without_events().await?;
    orders.push_event(order.next_event(OrderEvent::Paid)).await?;
    Ok(())
}

#[tokio::test]
async fn command_pushes_with_the_metadata_of_its_store() {
    let orders = EventStore::<Order>::new(InMemoryEventStorageAdapter::new());
    orders.push_event(placed("o-1").metadata(by("grace"))).await.unwrap();
    pay("o-1", &orders.with_metadata(|| by("ada"))).await.unwrap();
    assert_eq!(users(&orders, "o-1").await, [some("grace"), some("ada")]);
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn push_in_a_transaction_gets_metadata() {
    let storage = SqliteEventStorageAdapter::open_in_memory().await.unwrap();
    let orders = EventStore::<Order>::new(storage.clone());
    let by_ada = orders.with_metadata(|| by("ada"));
    storage
        .transaction(move |transaction| -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
            by_ada.push_event(placed("o-1")).within_blocking(transaction)?;
            Ok(())
        })
        .await
        .unwrap();
    assert_eq!(users(&orders, "o-1").await, [some("ada")]);
}

/// Events that are stored again must not get the user of the process that rewrites or copies them.
#[tokio::test]
async fn events_that_were_read_keep_what_they_were_stored_with() {
    let storage = InMemoryEventStorageAdapter::new();
    let notes = EventStore::<Note>::new(storage.clone());
    notes.push_event(NewEvent::new("n-1", 1, OrderEvent::Placed)).await.unwrap();
    notes.push_event(NewEvent::new("n-1", 2, OrderEvent::Placed).metadata(by("grace"))).await.unwrap();
    let events = notes.get_events("n-1").await.unwrap();
    let stored = notes.get_events("n-1").with_raw().await.unwrap();

    let by_ada = notes.with_metadata(|| by("ada"));
    for event in events.clone() {
        by_ada.push_event(event.into()).force(true).await.unwrap();
    }
    assert_eq!(users(&notes, "n-1").await, [None, some("grace")]);
    for event in stored {
        by_ada.push_event(event.into()).force(true).await.unwrap();
    }
    assert_eq!(users(&notes, "n-1").await, [None, some("grace")]);

    let copy = EventStore::<Note>::new(InMemoryEventStorageAdapter::new());
    for event in events {
        copy.with_metadata(|| by("ada")).push_event(event.into()).await.unwrap();
    }
    assert_eq!(users(&copy, "n-1").await, [None, some("grace")]);
}

/// For example, the events may be older than the rule, or written by a TypeScript program.
#[tokio::test]
async fn stored_events_may_lack_required_metadata() {
    let storage = InMemoryEventStorageAdapter::new();
    let raw = RawEvent {
        aggregate_id: "o-1".to_owned(),
        version: 1,
        event_type: "Placed".into(),
        timestamp: "2026-01-01".parse().unwrap(),
        payload: None,
        metadata: None,
    };
    storage.push_event("ORDERS", raw, PushOptions::default()).await.unwrap();
    let orders = EventStore::<Order>::new(storage);
    let event = orders.get_events("o-1").await.unwrap().remove(0);
    assert_eq!(event.metadata, None);
    orders.push_event(event.into()).force(true).await.unwrap();
    assert_eq!(users(&orders, "o-1").await, [None]);
}

/// The compiler cannot see that the public field was changed.
#[tokio::test]
async fn removed_required_metadata_is_an_error() {
    let storage = InMemoryEventStorageAdapter::new();
    let orders = EventStore::<Order>::new(storage.clone());
    let mut event = placed("o-1").metadata(by("ada"));
    event.metadata = None;
    let error = orders.push_event(event).await.unwrap_err();
    assert!(matches!(&error, PushEventError::MissingMetadata { version: 1, .. }), "{error:?}");
    assert!(error.to_string().contains("version 1 of ORDERS aggregate o-1 has no metadata"), "{error}");
    assert!(storage.get_events("ORDERS", "o-1", GetEventsOptions::default()).await.unwrap().is_empty());
}

/// An event that was created with `EventDetail::new` is not a stored event, so it cannot be a way around the rule.
#[tokio::test]
async fn event_that_was_never_stored_needs_metadata() {
    let orders = EventStore::<Order>::new(InMemoryEventStorageAdapter::new());
    let created = || EventDetail::<Order>::new("o-1".to_owned(), 1, "2026-01-01".parse().unwrap(), OrderEvent::Placed);
    let error = orders.push_event(created().into()).await.unwrap_err();
    assert!(matches!(&error, PushEventError::MissingMetadata { version: 1, .. }), "{error:?}");
    orders.with_metadata(|| by("ada")).push_event(created().into()).await.unwrap();
    assert_eq!(users(&orders, "o-1").await, [some("ada")]);
}

#[tokio::test]
async fn required_metadata_of_a_stored_event_cannot_be_removed() {
    let orders = EventStore::<Order>::new(InMemoryEventStorageAdapter::new());
    let pushed = orders.push_event(placed("o-1").metadata(by("ada"))).await.unwrap();
    let read = orders.get_events("o-1").await.unwrap().remove(0);
    for mut event in [pushed.event, read] {
        event.metadata = None;
        let error = orders.push_event(event.into()).force(true).await.unwrap_err();
        assert!(matches!(&error, PushEventError::MissingMetadata { version: 1, .. }), "{error:?}");
    }
    assert_eq!(users(&orders, "o-1").await, [some("ada")]);
}

/// Metadata whose JSON may be `null` or an empty object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Trail {
    Fields {
        #[serde(skip_serializing_if = "Option::is_none")]
        user: Option<String>,
    },
    Nothing,
}

/// An event store with metadata that may look like no metadata.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "PARCELS", event = OrderEvent, metadata(required) = Trail)]
pub struct Parcel {}

impl Reducer for Parcel {
    fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(Self {})
    }
}

/// The metadata `null` would be read as no metadata.
#[tokio::test]
async fn metadata_without_a_value_is_rejected() {
    let parcels = EventStore::<Parcel>::new(InMemoryEventStorageAdapter::new());
    let event = NewEvent::<Parcel>::new("p-1", 1, OrderEvent::Placed).metadata(Trail::Nothing);
    let error = parcels.push_event(event).await.unwrap_err();
    assert!(matches!(&error, PushEventError::Encode { .. }), "{error:?}");
    assert!(parcels.get_events("p-1").await.unwrap().is_empty());
}

/// The context is stored inside of the metadata, so the stored metadata must show that there was an empty object.
#[tokio::test]
async fn empty_metadata_is_kept_beside_the_context() {
    let storage = InMemoryEventStorageAdapter::new();
    let parcels = EventStore::<Parcel>::new(storage.clone());
    let event = NewEvent::<Parcel>::new("p-1", 1, OrderEvent::Placed).metadata(Trail::Fields { user: None });
    EventContext::correlated("request-7").scope(parcels.push_event(event)).await.unwrap();
    let event = parcels.get_events("p-1").await.unwrap().remove(0);
    assert_eq!(event.metadata, Some(Trail::Fields { user: None }));
    assert_eq!(event.context.correlation_id(), Some("request-7"));
    let json = serde_json::to_string(&event).unwrap();
    let message: EventDetail<Parcel> = serde_json::from_str(&json).unwrap();
    assert_eq!((message.metadata, message.context), (event.metadata.clone(), event.context.clone()));
    let stored = async || {
        let mut events = storage.get_events("PARCELS", "p-1", GetEventsOptions::default()).await.unwrap();
        events.remove(0).metadata.unwrap().get().to_owned()
    };
    let before = stored().await;
    parcels.push_event(event.into()).force(true).await.unwrap();
    assert_eq!(stored().await, before);
}

#[tokio::test]
async fn given_metadata_is_stored_beside_the_context() {
    let orders = EventStore::<Order>::new(InMemoryEventStorageAdapter::new()).with_metadata(|| by("ada"));
    EventContext::correlated("request-7").scope(orders.push_event(placed("o-1"))).await.unwrap();
    let event = orders.get_events("o-1").await.unwrap().remove(0);
    assert_eq!((event.metadata, event.context.correlation_id()), (Some(by("ada")), Some("request-7")));
}

#[test]
fn tests_of_reducers_can_set_metadata() {
    given::<Draft>([OrderEvent::Placed]).then(Draft { author: None });
    given::<Draft>([]).when_with_metadata(OrderEvent::Placed, by("ada")).then(Draft { author: some("ada") });
}

#[tokio::test]
async fn scenarios_compare_metadata() {
    let scenario = Scenario::new();
    scenario.given_with_metadata::<Order>("o-1", [(OrderEvent::Placed, by("grace"))]).await;
    scenario.given::<Order>("o-2", [OrderEvent::Placed]).await;
    let orders = scenario.store::<Order>();
    assert_eq!((users(&orders, "o-1").await, users(&orders, "o-2").await), (vec![some("grace")], vec![None]));

    let outcome = scenario.when(pay("o-1", &orders.with_metadata(|| by("ada")))).await;
    let outcome = outcome.then_events_with_metadata::<Order>([("o-1", OrderEvent::Paid, by("ada"))]);
    let other = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _ = outcome.then_events_with_metadata::<Order>([("o-1", OrderEvent::Paid, by("grace"))]);
    }));
    assert!(other.is_err(), "other metadata passed");
}
