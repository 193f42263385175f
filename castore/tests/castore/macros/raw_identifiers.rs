//! Tests of generated code for items whose names are keywords.
#![allow(non_camel_case_types)]

use castore::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::support::json as as_json;

#[derive(Debug, Clone, PartialEq, Event)]
#[event(rename_all = "SCREAMING_SNAKE_CASE")]
enum r#enum {
    r#move { r#type: String, r#fn: u32 },
    r#loop(r#where),
    r#match,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct r#where {
    r#in: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct r#impl {
    r#pub: u8,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "struct", event = r#enum, metadata = r#impl)]
struct r#struct {
    r#type: String,
}

impl Reducer for r#struct {
    fn reduce(state: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(match &event.payload {
            r#enum::r#move { r#type, .. } => Self { r#type: r#type.clone() },
            r#enum::r#loop(_) | r#enum::r#match => state.ok_or_else(|| event.unexpected())?,
        })
    }
}

message_channel! {
    type r#trait = NotificationMessageBus<r#struct>;
    #[channel(message = r#use)]
    type r#dyn = StateCarryingMessageQueue<r#struct>;
}

#[command(id = "try")]
async fn r#try(r#in: &str, r#for: &impl Store<r#struct>) -> Result<(), PushEventError> {
    let r#move = r#enum::r#move { r#type: "t".to_owned(), r#fn: 1 };
    r#for.push_event(NewEvent::new(r#in, 1, r#move)).await?;
    Ok(())
}

#[tokio::test]
async fn keywords_are_valid_names() {
    assert_eq!(enumType::ALL.iter().map(|name| name.as_str()).collect::<Vec<_>>(), ["MOVE", "LOOP", "MATCH"]);
    assert_eq!(enumType::r#move.to_string(), "MOVE");
    assert_eq!((r#trait::ID, r#dyn::ID, r#try::ID), ("TRAIT", "DYN", "try"));

    let store = EventStore::<r#struct>::new(InMemoryEventStorageAdapter::new());
    let (bus, queue) = (r#trait::new(), r#dyn::new(dynSources { r#struct: store.clone() }));
    let listener = InMemoryMessageBusAdapter::attach_to(&bus);
    let worker = InMemoryMessageQueueAdapter::attach_to(&queue);
    listener.on(Filter::store::<r#struct>().event_type(enumType::r#move), |_, _| async { Ok(()) });
    listener.on(Filter::all(), |message, _| async move {
        let traitMessage::r#struct(_) = &*message;
        Ok(())
    });
    worker.worker(|message, _| async move {
        let r#use::r#struct(message) = &*message;
        assert_eq!(message.aggregate.r#type, "t");
        Ok(())
    });
    r#try("a", &store.connect(bus).connect(queue)).await.unwrap();
    listener.idle().await;
    worker.idle().await;

    let event = store.get_events("a").await.unwrap().remove(0);
    assert_eq!(as_json(&event)["payload"], json!({"type": "t", "fn": 1}));
    let looped =
        store.push_event(NewEvent::new("a", 2, r#enum::r#loop(r#where { r#in: true })).metadata(r#impl { r#pub: 1 }));
    let looped = as_json(&looped.await.unwrap().event);
    assert_eq!((&looped["payload"], &looped["metadata"]), (&json!({"in": true}), &json!({"pub": 1})));
}
