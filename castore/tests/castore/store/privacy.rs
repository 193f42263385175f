//! Tests that `Debug` output and tracing contain no payloads, metadata or states.

use std::fmt::{Debug, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};

use castore::message::{AnyMessage, ChannelMessage};
use castore::prelude::*;
use castore::storage::RawEvent;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event as TracingEvent, Metadata, Subscriber};

use crate::golden::domain::*;
use crate::support::{Log, Watched};

const SECRET: &str = "s3cr3t";

message_channel! {
    type Notifications = NotificationMessageBus<Pokemon>;
    type States = StateCarryingMessageQueue<Pokemon>;
}

fn secret() -> NewEvent<Pokemon> {
    NewEvent::new("p", 1, appeared(SECRET, 1)).metadata(Trigger { trigger: Some(SECRET.to_owned()) })
}

#[track_caller]
fn silent(value: &impl Debug) {
    for text in [format!("{value:?}"), format!("{value:#?}")] {
        assert!(!text.contains(SECRET), "{text}");
        assert!(!text.is_empty());
    }
}

#[tokio::test]
async fn debug_shows_ids_and_versions_only() {
    let storage = InMemoryEventStorageAdapter::new();
    let pokemons = EventStore::<Pokemon>::new(storage.clone());
    let states = States::new(StatesSources { pokemon: pokemons.clone() });
    let (bus, watched) = (Notifications::new(), Watched::<StatesMessage>::new());
    InMemoryMessageBusAdapter::attach_to(&bus);
    states.set_adapter(watched.clone());
    let connected = pokemons.connect(bus.clone()).connect(states.clone());
    silent(&secret());
    silent(&connected.push_event(secret()));
    silent(&connected.group_event(secret()));
    silent(&push_event_group((connected.group_event(secret()),)));
    let pushed = connected.push_event(secret()).await.unwrap();
    silent(&pushed);
    silent(&pushed.event);
    assert!(format!("{pushed:?}").contains("POKEMONS") && format!("{pushed:?}").contains("APPEARED"));
    let notification = NotificationMessage { event: pushed.event.clone() };
    silent(&notification);
    silent(&NotificationsMessage::from(notification.clone()));
    silent(&bus.publish_message(notification.clone()));
    silent(&bus.publish_messages([notification]));
    silent(&watched.asked.take()[0]);
    silent(&states.get_aggregate_and_publish_message(pushed.event.clone()));
    silent(&pokemons.get_events("p").await.unwrap());
    silent(&pokemons.simulate_aggregate([pushed.event.clone()]));
    silent(&storage);
    silent(&connected);
    silent(&pokemons);
    silent(&bus);
    silent(&states);
    let raw = serde_json::value::to_raw_value(SECRET).unwrap();
    silent(&RawEvent {
        aggregate_id: "p".into(),
        version: 1,
        event_type: "T".into(),
        timestamp: Timestamp::now(),
        payload: Some(raw.clone()),
        metadata: Some(raw),
    });
    let conflict = connected.push_event(secret()).await.unwrap_err();
    silent(&conflict);
    bus.clear_adapter();
    let unpublished = connected.push_event(secret()).force(true).await.unwrap_err();
    silent(&unpublished);
    assert!(!unpublished.to_string().contains(SECRET));
}

/// A subscriber that records every value of spans and events.
struct Recorder {
    log: Log<String>,
    spans: AtomicU64,
}

struct Fields<'a>(&'a Log<String>);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let mut text = String::new();
        write!(text, "{}={value:?}", field.name()).unwrap();
        self.0.add(text);
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        self.log.add(format!("span {}", attributes.metadata().name()));
        attributes.record(&mut Fields(&self.log));
        Id::from_u64(self.spans.fetch_add(1, Ordering::SeqCst) + 1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut Fields(&self.log));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &TracingEvent<'_>) {
        event.record(&mut Fields(&self.log));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[derive(Debug, thiserror::Error)]
#[error(transparent)]
struct Failed(#[from] PushEventError);

#[command(id = "TRACED", retries = 1)]
async fn traced(pokemons: &impl Store<Pokemon>) -> Result<(), Failed> {
    pokemons.push_event(secret()).await?;
    Ok(())
}

#[test]
fn tracing_contains_no_payloads() {
    let log = Log::new();
    // With a single subscriber, tracing caches whether a callsite is enabled when the first thread reaches it. This may
    // be the thread of another test, which has no subscriber. A second subscriber prevents this.
    let _second = tracing::Dispatch::new(Recorder { log: Log::new(), spans: AtomicU64::new(0) });
    let subscriber = Recorder { log: log.clone(), spans: AtomicU64::new(0) };
    tracing::subscriber::with_default(subscriber, || {
        // The runtime uses only the current thread, because the subscriber is set for this thread.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(everything());
    });
    let told = log.entries();
    for text in &told {
        assert!(!text.contains(SECRET), "{text}");
    }
    for wanted in [
        "span push_event",
        "span publish_message",
        "span read_events",
        "event_store=\"POKEMONS\"",
        "version=1",
        "channel=\"NOTIFICATIONS\"",
        "channel=\"STATES\"",
        "command=\"TRACED\"",
    ] {
        assert!(told.iter().any(|text| text == wanted), "{wanted} is not in {told:#?}");
    }
}

async fn everything() {
    let pokemons = EventStore::<Pokemon>::new(InMemoryEventStorageAdapter::new());
    let states = States::new(StatesSources { pokemon: pokemons.clone() });
    let bus = Notifications::new();
    let listener = InMemoryMessageBusAdapter::attach_to(&bus).with_retry_policy(RetryPolicy::immediately(1));
    let worker = InMemoryMessageQueueAdapter::attach_to(&states).with_retry_policy(RetryPolicy::NEVER);
    listener.on(Filter::all(), |message, _| async move {
        let message: &dyn AnyMessage = message.as_message();
        Err(HandlerError::new(format!("version {:?}", message.version())))
    });
    worker.worker(|_, _| async { panic!("a worker") });
    let connected = pokemons.connect(bus.clone()).connect(states.clone());
    traced(&connected).await.unwrap();
    traced(&connected).await.unwrap_err();
    listener.idle().await;
    worker.idle().await;
    connected.get_aggregate("p").await.unwrap();
    connected.get_events("p").stream().next().await.unwrap().unwrap();
    connected.list_aggregate_ids().await.unwrap();
    push_event_group((connected.group_event(secret()),)).force(true).await.unwrap();
    bus.publish_messages([NotificationMessage { event: happened(secret().timestamp(Timestamp::now())) }])
        .await
        .unwrap();
    bus.clear_adapter();
    connected.push_event(secret()).force(true).await.unwrap_err();
    push_event_group((connected.group_event(secret()),)).force(true).await.unwrap_err();
    // The types of this store do not declare the event type.
    let strangers = EventStore::<Stranger>::without_adapter();
    strangers.set_event_storage_adapter(pokemons.event_storage_adapter());
    let error = strangers.get_events("p").await.unwrap_err();
    assert!(matches!(error, EventStoreError::Decode(_)));
    worker.idle().await;
    listener.idle().await;
}

#[derive(Debug, Clone, Event)]
enum StrangerEvent {
    #[event(type = "APPEARED")]
    Appeared(u32),
}

#[derive(Debug, Clone)]
#[event_store(id = "POKEMONS", event = StrangerEvent)]
struct Stranger;

impl Reducer for Stranger {
    fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        let StrangerEvent::Appeared(_) = event.payload;
        Ok(Self)
    }
}
