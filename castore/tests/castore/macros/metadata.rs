//! Tests of metadata that is declared, not declared, or stored by other programs.

use castore::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::support::json as as_json;

#[derive(Debug, Clone, PartialEq, Event)]
pub enum NoteEvent {
    Written,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Origin {
    user_id: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "NOTES", event = NoteEvent, metadata = Origin)]
pub struct Note {}

impl Reducer for Note {
    fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(Self {})
    }
}

/// The same event store in a program that does not declare metadata.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "NOTES", event = PlainEvent)]
pub struct PlainNote {}

#[derive(Debug, Clone, PartialEq, Event)]
pub enum PlainEvent {
    Written,
}

impl Reducer for PlainNote {
    fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(Self {})
    }
}

#[tokio::test]
async fn metadata_is_stored_and_loaded_if_declared() {
    let storage = InMemoryEventStorageAdapter::new();
    let notes = EventStore::<Note>::new(storage.clone());
    let origin = Origin { user_id: 7 };
    let with = notes.push_event(NewEvent::new("n", 1, NoteEvent::Written).metadata(origin.clone())).await.unwrap();
    let without = notes.push_event(NewEvent::new("n", 2, NoteEvent::Written)).await.unwrap();
    assert_eq!(as_json(&with.event)["metadata"], json!({"userId": 7}));
    assert_eq!(as_json(&without.event).get("metadata"), None);
    let read = notes.get_events("n").await.unwrap();
    assert_eq!((read[0].metadata.as_ref(), &read[1].metadata), (Some(&origin), &None));
    // The metadata can also be set as a field, because the fields are public.
    let third = NewEvent { metadata: Some(origin.clone()), ..NewEvent::new("n", 3, NoteEvent::Written) };
    assert_eq!(notes.push_event(third).await.unwrap().event.metadata, Some(origin));

    let plain = EventStore::<PlainNote>::new(storage);
    let read = plain.get_events("n").await.unwrap();
    assert_eq!(read.len(), 3);
    assert!(read.iter().all(|event| event.metadata.is_none()));
    let text = json!({"eventStoreId": "NOTES", "event": as_json(&with.event)}).to_string();
    let message: NotificationMessage<PlainNote> = serde_json::from_str(&text).unwrap();
    assert_eq!(message.event.metadata, None);
}
