//! Tests of aggregate ids of user-defined types.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use castore::AggregateExistsMessage;
use castore::prelude::*;
use castore::storage::{EventStorageAdapter, PushOptions, RawEvent};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::support::{json as as_json, timestamp};

/// An id with `Display` and `FromStr`, but without serde.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct InvoiceId(u32);

impl fmt::Display for InvoiceId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "I-{}", self.0)
    }
}

impl FromStr for InvoiceId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = text.strip_prefix("I-").and_then(|number| number.parse().ok());
        number.map(Self).ok_or_else(|| "no invoice".to_owned())
    }
}

#[derive(Debug, Clone, PartialEq, Event)]
pub enum InvoiceEvent {
    Opened,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "INVOICES", event = InvoiceEvent, aggregate_id = InvoiceId)]
pub struct Invoice {
    opened: u32,
}

impl Reducer for Invoice {
    fn reduce(invoice: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        let _: InvoiceId = event.aggregate_id;
        Ok(Self { opened: invoice.map_or(0, |invoice| invoice.opened) + 1 })
    }
}

#[derive(Debug, Clone, PartialEq, Event)]
pub enum VisitEvent {
    Started { invoice: String },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "VISITS", event = VisitEvent, aggregate_id = Uuid)]
pub struct Visit {}

impl Reducer for Visit {
    fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(Self {})
    }
}

message_channel! {
    type IdQueue = StateCarryingMessageQueue<Invoice, Visit>;
    type IdExists = AggregateExistsMessageQueue<Invoice, Visit>;
}

#[tokio::test]
async fn typed_ids_are_text_in_storage_and_messages() {
    let storage = InMemoryEventStorageAdapter::new();
    let invoices = EventStore::<Invoice>::new(storage.clone());
    let visits = EventStore::<Visit>::new(storage.clone());
    let (invoice, visit) = (InvoiceId(7), Uuid::from_u128(1));
    // Ids are passed by value and by reference.
    let opened = invoices.push_event(NewEvent::new(invoice, 1, InvoiceEvent::Opened)).await.unwrap();
    let started = VisitEvent::Started { invoice: invoice.to_string() };
    let (started,) = push_event_group((visits.group_event(NewEvent::new(&visit, 1, started)),)).await.unwrap();
    assert_eq!((opened.event.aggregate_id, started.event.aggregate_id), (invoice, visit));

    let next = opened.next_aggregate.unwrap();
    assert_eq!((next.aggregate_id, next.opened), (invoice, 1));
    assert_eq!(as_json(&next), json!({"aggregateId": "I-7", "version": 1, "opened": 1}));
    assert_eq!(invoices.get_existing_aggregate(invoice).await.unwrap().aggregate, next);
    assert_eq!(invoices.list_aggregate_ids().await.unwrap().aggregate_ids[0].aggregate_id, invoice);
    assert_eq!(visits.list_aggregate_ids().await.unwrap().aggregate_ids[0].aggregate_id, visit);
    assert_eq!(storage.get_events("INVOICES", "I-7", Default::default()).await.unwrap().len(), 1);
    let error = invoices.get_existing_aggregate(InvoiceId(8)).await.unwrap_err();
    assert_eq!(error.to_string(), "Unable to find aggregate I-8 in event store INVOICES.");
    let error = invoices.push_event(NewEvent::new(invoice, 1, InvoiceEvent::Opened)).await.unwrap_err();
    assert_eq!(error.to_string(), "another writer has stored version 1 of INVOICES aggregate I-7");

    let message = IdQueueMessage::from(StateCarryingMessage { event: opened.event, aggregate: next });
    let IdQueueMessage::Invoice(read) = serde_json::from_str(&serde_json::to_string(&message).unwrap()).unwrap() else {
        panic!("a message of another store")
    };
    assert_eq!((read.event.aggregate_id, read.aggregate.aggregate_id), (invoice, invoice));
    let exists =
        AggregateExistsMessage::<Visit> { aggregate_id: visit, initial_event_timestamp: Some(timestamp("2024-01-01")) };
    let text = serde_json::to_string(&IdExistsMessage::from(exists)).unwrap();
    assert!(text.contains(r#""aggregateId":"00000000-0000-0000-0000-000000000001""#), "{text}");
    let read: IdExistsMessage = serde_json::from_str(&text).unwrap();
    assert!(matches!(read, IdExistsMessage::Visit(read) if read.aggregate_id == visit));
}

#[tokio::test]
async fn invalid_id_is_an_error_with_its_position() {
    let storage = InMemoryEventStorageAdapter::new();
    let raw = RawEvent {
        aggregate_id: "seven".to_owned(),
        version: 1,
        event_type: "Opened".into(),
        timestamp: timestamp("2024-01-01"),
        payload: None,
        metadata: None,
    };
    storage.push_event("INVOICES", raw, PushOptions::default()).await.unwrap();
    let invoices = EventStore::<Invoice>::new(storage);
    let error = invoices.list_aggregate_ids().await.unwrap_err();
    let EventStoreError::InvalidAggregateId { event_store_id, aggregate_id } = error else { panic!("{error}") };
    assert_eq!((event_store_id, aggregate_id.as_str()), ("INVOICES", "seven"));

    let event = json!({"aggregateId": "x", "version": 1, "type": "Opened", "timestamp": "2024-01-01T00:00:00.000Z"});
    assert!(serde_json::from_value::<EventDetail<Invoice>>(event).is_err());
}

/// An id whose parsing cannot fail.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AnyId(String);

impl fmt::Display for AnyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for AnyId {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

#[derive(Debug, Clone, PartialEq)]
#[event_store(id = "ANY", event = AnyIdEvent, aggregate_id = AnyId)]
pub struct WithAnyId;

#[derive(Debug, Clone, PartialEq, Event)]
pub enum AnyIdEvent {
    Happened,
}

impl Reducer for WithAnyId {
    fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(Self)
    }
}

#[tokio::test]
async fn ids_can_contain_any_text() {
    let store = EventStore::<WithAnyId>::new(InMemoryEventStorageAdapter::new());
    for text in ["", "a#b", "ポケモン", "a\u{0}b", "../x", "'; --"] {
        let id = AnyId(text.to_owned());
        store.push_event(NewEvent::new(&id, 1, AnyIdEvent::Happened)).await.unwrap();
        assert_eq!(store.get_events(&id).await.unwrap()[0].aggregate_id, id);
    }
    assert_eq!(store.list_aggregate_ids().await.unwrap().aggregate_ids.len(), 6);
}
