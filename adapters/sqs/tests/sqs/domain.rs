//! The event store of the recorded golden files, and queues for its messages.

use std::sync::Arc;
use std::time::Duration;

use castore::prelude::*;
use castore_core::channel::{MessageChannelAdapter, PublishMessageOptions};
use castore_core::consumer::{HandlerError, MessageContext, ReceivedMessage, RetryPolicy};
use castore_core::message::{ChannelMessage, StoredMessage};
use castore_core::storage::RawEvent;
use castore_sqs::{SqsFifoMessageQueueAdapter, SqsMessageQueueAdapter, SqsWorker, SqsWorkerBuilder};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::support::{Calls, TestQueue};

#[derive(Debug, Clone, PartialEq, Event)]
#[event(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum PokemonEvent {
    Appeared { name: String, level: u32 },
    CaughtByTrainer(CaughtByTrainer),
    LeveledUp,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CaughtByTrainer {
    pub(crate) trainer_id: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Trigger {
    pub(crate) trigger: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "POKEMONS", event = PokemonEvent, metadata = Trigger)]
pub(crate) struct Pokemon {
    pub(crate) name: String,
    pub(crate) level: u32,
    pub(crate) status: String,
}

impl Reducer for Pokemon {
    fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Err(ReduceError::new(event, "the reducer is not used"))
    }
}

message_channel! {
    pub(crate) type AppQueue = NotificationMessageQueue<Pokemon>;
    #[channel(order = "per_aggregate")]
    pub(crate) type OrderedQueue = NotificationMessageQueue<Pokemon>;
    pub(crate) type StateQueue = StateCarryingMessageQueue<Pokemon>;
    pub(crate) type AppBus = NotificationMessageBus<Pokemon>;
    pub(crate) type ExistsQueue = AggregateExistsMessageQueue<Pokemon>;
}

pub(crate) const REPLAY: PublishMessageOptions = PublishMessageOptions::new().replay(true);
pub(crate) const LIVE: PublishMessageOptions = PublishMessageOptions::new();

/// Returns a notification as a message of one of the channels in this file.
pub(crate) fn appeared<M: for<'de> Deserialize<'de>>(aggregate_id: &str, version: u64) -> M {
    named(aggregate_id, version, "Pikachu")
}

pub(crate) fn named<M: for<'de> Deserialize<'de>>(aggregate_id: &str, version: u64, name: &str) -> M {
    let json = serde_json::json!({
        "eventStoreId": "POKEMONS",
        "event": {
            "aggregateId": aggregate_id,
            "version": version,
            "type": "APPEARED",
            "timestamp": "2021-01-01T00:00:00.000Z",
            "payload": { "name": name, "level": 2 },
        },
    });
    serde_json::from_value(json).unwrap()
}

/// Returns the name and the version of a message.
pub(crate) fn key(message: &AppQueueMessage) -> (String, u64) {
    let AppQueueMessage::Pokemon(message) = message;
    (message.event.aggregate_id.clone(), message.event.version)
}

pub(crate) fn ordered_key(message: &OrderedQueueMessage) -> (String, u64) {
    let OrderedQueueMessage::Pokemon(message) = message;
    (message.event.aggregate_id.clone(), message.event.version)
}

/// Returns a builder of a worker that records its calls. `answer` receives the message and the attempt, and determines
/// the outcome.
pub(crate) fn worker<A, Fut>(queue: &TestQueue, calls: &Calls, answer: A) -> SqsWorkerBuilder<AppQueue>
where
    A: Fn((String, u64), u32) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
{
    let calls = calls.clone();
    let handler = move |message: ReceivedMessage<AppQueueMessage>, context: MessageContext| {
        calls.note(key(&message), context.attempt);
        answer(key(&message), context.attempt)
    };
    quick(SqsWorker::builder(queue.client.clone(), &queue.url, &AppQueue::new(), handler))
}

/// Returns a builder like [`worker`], for a FIFO queue.
pub(crate) fn ordered_worker<A, Fut>(queue: &TestQueue, calls: &Calls, answer: A) -> SqsWorkerBuilder<OrderedQueue>
where
    A: Fn((String, u64), u32) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
{
    let calls = calls.clone();
    let handler = move |message: ReceivedMessage<OrderedQueueMessage>, context: MessageContext| {
        calls.note(ordered_key(&message), context.attempt);
        answer(ordered_key(&message), context.attempt)
    };
    quick(SqsWorker::builder(queue.client.clone(), &queue.url, &OrderedQueue::new(), handler))
}

/// The visibility timeout, which is longer than any delay of the emulator.
pub(crate) const VISIBILITY: Duration = Duration::from_secs(8);

/// Sets short times, so that the tests are fast.
pub(crate) fn quick<C: castore::MessageChannel>(worker: SqsWorkerBuilder<C>) -> SqsWorkerBuilder<C> {
    worker
        .wait_time(Duration::from_secs(1))
        .visibility_timeout(VISIBILITY)
        .backoff(Duration::from_millis(1), Duration::from_millis(20))
        .retry_policy(RetryPolicy::immediately(2))
}

pub(crate) async fn publish(queue: &TestQueue, messages: &[(&str, u64)]) {
    let adapter = SqsMessageQueueAdapter::<AppQueue>::new(queue.client.clone(), &queue.url);
    let messages = messages.iter().map(|(aggregate_id, version)| appeared(aggregate_id, *version)).collect();
    adapter.publish_messages(messages, LIVE).await.unwrap();
}

pub(crate) async fn publish_in_order(queue: &TestQueue, messages: &[(&str, u64)]) {
    let adapter = SqsFifoMessageQueueAdapter::<OrderedQueue>::new(queue.client.clone(), &queue.url);
    let messages = messages.iter().map(|(aggregate_id, version)| appeared(aggregate_id, *version)).collect();
    adapter.publish_messages(messages, LIVE).await.unwrap();
}

/// Returns a notification of an event type that is unknown to this program.
pub(crate) fn raw<M: ChannelMessage>(aggregate_id: &str, version: u64, payload: &str) -> StoredMessage<M> {
    StoredMessage::notification(
        Arc::from("POKEMONS"),
        RawEvent {
            aggregate_id: aggregate_id.to_owned(),
            version,
            event_type: "UNKNOWN_HERE".into(),
            timestamp: "2021-01-01T00:00:00.000Z".parse().unwrap(),
            payload: Some(RawValue::from_string(payload.to_owned()).unwrap()),
            metadata: None,
        },
    )
}
