//! Tests that in-memory adapters reject messages whose JSON could not be read back. Adapters of brokers reject such
//! messages, too.
#![cfg(debug_assertions)]

use std::collections::{BTreeMap, HashMap};

use castore::channel::{InlineMessageQueueAdapter, PublishError};
use castore::prelude::*;
use castore::testing::RecordingMessageChannelAdapter;
use serde::{Deserialize, Serialize};

use crate::support::{chain, timestamp};

#[derive(Debug, Clone, PartialEq, Event)]
pub enum PrefsEvent {
    Set { key: String, value: u64 },
    Nicknamed,
    Counted,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "PREFS", event = PrefsEvent)]
pub struct Prefs {
    #[serde(flatten)]
    values: BTreeMap<String, u64>,
    nickname: Option<Option<String>>,
    counts: Counts,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind")]
pub enum Counts {
    ByNumber { of: HashMap<u32, u32> },
}

impl Reducer for Prefs {
    fn reduce(prefs: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        let none = || Self { values: BTreeMap::new(), nickname: None, counts: Counts::ByNumber { of: HashMap::new() } };
        let mut prefs = prefs.unwrap_or_else(none);
        match &event.payload {
            PrefsEvent::Set { key, value } => {
                prefs.values.insert(key.clone(), *value);
            }
            PrefsEvent::Nicknamed => prefs.nickname = Some(None),
            PrefsEvent::Counted => prefs.counts = Counts::ByNumber { of: HashMap::from([(1, 1)]) },
        }
        Ok(prefs)
    }
}

message_channel! {
    pub type PrefsQueue = StateCarryingMessageQueue<Prefs>;
    pub type PrefsBus = StateCarryingMessageBus<Prefs>;
}

fn message(payload: PrefsEvent) -> StateCarryingMessage<Prefs> {
    let event = EventDetail::new("p".to_owned(), 1, timestamp("2024-01-01"), payload);
    let state = Prefs::reduce(None, &event).unwrap();
    StateCarryingMessage { aggregate: Aggregate { aggregate_id: "p".to_owned(), version: 1, state }, event }
}

fn stores() -> EventStore<Prefs> {
    EventStore::new(InMemoryEventStorageAdapter::new())
}

fn queue() -> PrefsQueue {
    PrefsQueue::new(PrefsQueueSources { prefs: stores() })
}

/// Publishes a message on every in-memory adapter, and returns the results.
async fn publish(payload: PrefsEvent) -> Vec<Result<(), PublishError>> {
    let bus = PrefsBus::new(PrefsBusSources { prefs: stores() });
    let on_bus = InMemoryMessageBusAdapter::attach_to(&bus);
    on_bus.on(Filter::all(), |_, _| async { Ok(()) });
    let queue = queue();
    let on_queue = InMemoryMessageQueueAdapter::attach_to(&queue);
    on_queue.worker(|_, _| async { Ok(()) });
    let mut results = vec![
        bus.publish_message(message(payload.clone())).await,
        queue.publish_message(message(payload.clone())).await,
    ];
    queue.set_adapter(InlineMessageQueueAdapter::<PrefsQueue>::new(|_, _| async { Ok(()) }));
    results.push(queue.publish_message(message(payload.clone())).await);
    queue.set_adapter(RecordingMessageChannelAdapter::<PrefsQueue>::new());
    results.push(queue.publish_message(message(payload)).await);
    on_bus.shutdown().await;
    on_queue.shutdown().await;
    results
}

#[tokio::test]
async fn unreadable_messages_are_rejected_permanently() {
    for (payload, problem) in [
        (PrefsEvent::Set { key: "version".to_owned(), value: 9 }, "the state has the key `version`"),
        (PrefsEvent::Set { key: "aggregateId".to_owned(), value: 9 }, "the state has the key `aggregateId`"),
        (PrefsEvent::Nicknamed, "would return a different value"),
        (
            PrefsEvent::Counted,
            "consumers would be unable to read the JSON of the message: found a string, expected u32",
        ),
    ] {
        for result in publish(payload.clone()).await {
            let PublishError::Rejected { total: 1, rejected } = result.unwrap_err() else {
                panic!("the message is refused for another reason")
            };
            assert!(rejected[0].permanent);
            let text = chain(&rejected[0]).join(": ");
            assert!(text.contains("PREFS aggregate p") && text.contains(problem), "{text}");
        }
    }
}

#[tokio::test]
async fn readable_messages_are_published() {
    for result in publish(PrefsEvent::Set { key: "Version".to_owned(), value: 9 }).await {
        result.unwrap();
    }
}

#[tokio::test]
async fn connected_push_reports_the_unreadable_message() {
    let queue = queue();
    let adapter = InMemoryMessageQueueAdapter::attach_to(&queue);
    adapter.worker(|_, _| async { Ok(()) });
    let prefs = stores().connect(queue);
    let event = NewEvent::new("p", 1, PrefsEvent::Set { key: "version".to_owned(), value: 9 });
    let error = prefs.push_event(event).await.unwrap_err();
    assert!(matches!(error, PushEventError::StoredButNotPublished(_)), "{error}");
    let text = chain(&error).join(": ");
    assert!(text.contains("the state has the key `version`"), "{text}");
    adapter.shutdown().await;
}
