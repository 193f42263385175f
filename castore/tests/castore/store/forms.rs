//! Tests of code in the forms that users of Castore know from its documentation.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use castore::AnyEventStore;
use castore::command::with_retries;
use castore::message::{AGGREGATE_EXISTS, AnyMessage, MessageChannelMessage, REPLAYED};
use castore::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::support::{json as as_json, timestamp};

#[derive(Debug, Clone, PartialEq, Event)]
pub enum LampEvent {
    Built,
    Switched,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "LAMPS", event = LampEvent)]
pub struct Lamp {
    switched: u32,
}

impl Reducer for Lamp {
    fn reduce(lamp: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        match (lamp, &event.payload) {
            (None, LampEvent::Built) => Ok(Self { switched: 0 }),
            (Some(lamp), LampEvent::Switched) => Ok(Self { switched: lamp.switched + 1 }),
            _ => Err(event.unexpected()),
        }
    }
}

message_channel! {
    type LampBus = NotificationMessageBus<Lamp>;

    type LampQueue = StateCarryingMessageQueue<Lamp>;

    type LampCensusQueue = AggregateExistsMessageQueue<Lamp>;
}

fn lamps() -> EventStore<Lamp> {
    EventStore::new(InMemoryEventStorageAdapter::new())
}

fn built() -> NewEvent<Lamp> {
    NewEvent::new("hall", 1, LampEvent::Built)
}

fn event(version: u64) -> EventDetail<Lamp> {
    EventDetail::new("hall".to_owned(), version, timestamp("2024-01-01"), LampEvent::Built)
}

#[tokio::test]
async fn get_aggregate_and_publish_message_takes_a_notification() {
    let lamps = lamps();
    let queue = LampQueue::new(LampQueueSources { lamp: lamps.clone() });
    let adapter = InMemoryMessageQueueAdapter::attach_to(&queue);
    let (sender, mut messages) = tokio::sync::mpsc::unbounded_channel();
    adapter.worker(move |message, _| {
        let sent = sender.send(MessageOf::<LampQueue>::clone(&message));
        async move { sent.map_err(HandlerError::from) }
    });
    let pushed = lamps.push_event(built()).await.unwrap();
    queue.get_aggregate_and_publish_message(NotificationMessage { event: pushed.event }).await.unwrap();
    let LampQueueMessage::Lamp(message) = messages.recv().await.unwrap();
    assert_eq!(message.aggregate.state, Lamp { switched: 0 });
}

#[test]
fn aggregate_exists_messages_need_no_timestamp() {
    let message = AggregateExistsMessage::<Lamp>::new("hall");
    let text = json!({ "eventStoreId": "LAMPS", "aggregateId": "hall" });
    assert_eq!(as_json(&message), text);
    assert_eq!(serde_json::from_value::<AggregateExistsMessage<Lamp>>(text).unwrap(), message);
}

#[tokio::test]
async fn a_channel_is_created_with_its_adapter() {
    let other = LampBus::new();
    let bus = LampBus::with_adapter(InMemoryMessageBusAdapter::attach_to(&other).clone());
    assert!(bus.adapter().is_some());
    let queue = LampQueue::new(LampQueueSources { lamp: lamps() });
    let adapter = InMemoryMessageQueueAdapter::attach_to(&queue);
    assert!(LampQueue::with_adapter(LampQueueSources { lamp: lamps() }, adapter).adapter().is_some());
}

#[tokio::test]
async fn any_event_store_publishes_if_the_store_is_connected() {
    let (bus, published) = (LampBus::new(), Arc::new(AtomicU32::new(0)));
    let counted = published.clone();
    let listener = InMemoryMessageBusAdapter::attach_to(&bus);
    listener.on(Filter::store::<Lamp>(), move |_, _| {
        counted.fetch_add(1, Ordering::Relaxed);
        async { Ok(()) }
    });
    let lamps = lamps();
    for (store, expected) in [(AnyEventStore::new(lamps.clone()), 0), (AnyEventStore::new(lamps.connect(bus)), 1)] {
        store.push_event(NewEvent::new(format!("lamp{expected}"), 1, LampEvent::Built)).await.unwrap();
        listener.idle().await;
        assert_eq!(published.load(Ordering::Relaxed), expected);
    }
}

#[tokio::test]
async fn an_arc_of_a_store_is_a_store() {
    async fn push(lamps: &impl Store<Lamp>) -> u64 {
        lamps.push_event(built()).await.unwrap().event.version
    }
    assert_eq!(push(&Arc::new(lamps())).await, 1);
}

#[tokio::test]
async fn the_hook_can_be_read_and_removed() {
    let (lamps, calls) = (lamps(), Arc::new(AtomicU32::new(0)));
    assert!(lamps.event_pushed_hook().is_none());
    let counted = calls.clone();
    lamps.on_event_pushed(move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
        async { Ok(()) }
    });
    let hook = lamps.event_pushed_hook().unwrap();
    hook(lamps.push_event(built()).await.unwrap()).await.unwrap();
    lamps.remove_event_pushed_hook();
    lamps.push_event(NewEvent::new("stairs", 1, LampEvent::Built)).await.unwrap();
    assert_eq!(calls.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn prev_aggregate_takes_an_option() {
    let lamps = lamps();
    lamps.push_event(built().prev_aggregate(None)).await.unwrap();
    let lamp = lamps.get_aggregate("hall").await.unwrap().aggregate;
    let switched = NewEvent::new("hall", 2, LampEvent::Switched);
    let pushed = lamps.push_event(switched).prev_aggregate(lamp).await.unwrap();
    assert_eq!(pushed.next_aggregate.unwrap().state, Lamp { switched: 1 });
}

#[test]
fn messages_know_their_store_and_kind() {
    let notification = NotificationMessage { event: event(1) };
    assert_eq!(notification.event_store_id(), "LAMPS");
    assert!(notification.is_event_carrying() && notification.is_notification());
    let message: MessageChannelMessage<LampBus> = notification.into();
    assert_eq!((message.event_store_id(), message.aggregate_id()), ("LAMPS", "hall".to_owned()));
    let exists = AggregateExistsMessage::<Lamp>::new("hall");
    assert!(exists.is_aggregate_exists() && !exists.is_event_carrying() && !exists.is_state_carrying());
    assert_eq!((REPLAYED, AGGREGATE_EXISTS), ("__REPLAYED__", "__AGGREGATE_EXISTS__"));
}

static ATTEMPTS: AtomicU32 = AtomicU32::new(0);

#[command(id = "BUILD_LAMP", backoff = castore::command::CommandBackoff::NONE)]
async fn build_lamp(lamps: &impl Store<Lamp>) -> Result<(), PushEventError> {
    ATTEMPTS.fetch_add(1, Ordering::Relaxed);
    lamps.push_event(built()).await?;
    Ok(())
}

#[tokio::test]
async fn the_retries_of_a_command_are_set_at_the_call() {
    let lamps = lamps();
    lamps.push_event(built()).await.unwrap();
    with_retries(3, build_lamp(&lamps)).await.unwrap_err();
    assert_eq!(ATTEMPTS.swap(0, Ordering::Relaxed), 4);
    build_lamp(&lamps).await.unwrap_err();
    assert_eq!(ATTEMPTS.load(Ordering::Relaxed), build_lamp::RETRIES + 1);
}
