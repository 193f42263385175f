//! Tests of messages that contain the aggregate.

use castore::storage::{EventStorageAdapter as _, PushOptions, RawEvent};
use castore::{EventStore, MessageChannel, NewEvent, Store, Timestamp};
use castore_relay::{Relay, RelayStart};
use serde_json::value::RawValue;

use crate::support::*;

/// Returns the names of the messages with the states that they contain. For example, `a2=3` is the message about
/// version 2 of the aggregate `a`, with the state 3.
fn states(broker: &Broker<StateBus>) -> String {
    let of = |message: &serde_json::Value| {
        let (event, aggregate) = (&message["event"], &message["aggregate"]);
        assert_eq!(event["version"], aggregate["version"]);
        assert_eq!(event["aggregateId"], aggregate["aggregateId"]);
        let id = event["aggregateId"].as_str().unwrap();
        format!("{id}{}={}", event["version"], aggregate.get("sum").unwrap_or(&aggregate["count"]))
    };
    broker.messages().iter().map(of).collect::<Vec<_>>().join(" ")
}

/// Returns a world, the storage that counts the reads of the world's counters, a channel, and the broker of the
/// channel.
fn watched() -> (World, CountingStorage, StateBus, Broker<StateBus>) {
    let mut world = World::new();
    let storage = CountingStorage::new(world.storage.clone());
    world.counters = EventStore::new(storage.clone());
    let bus = state_bus(&world);
    let broker = Broker::new().holding_back().attach(&bus);
    (world, storage, bus, broker)
}

#[tokio::test(start_paused = true)]
async fn message_contains_the_aggregate_at_its_event() {
    let (world, storage, bus, broker) = watched();
    world.count("a", 1..=3).await;
    note(&world.notes, "n", 1).await;
    world.count("b", 1..=2).await;
    world.count("a", 4..=4).await;
    let relay = world.start(Relay::builder(bus).publish(&world.counters).publish(&world.notes).batch_size(3)).await;
    relay.wait_until_caught_up(LONG).await.unwrap();
    assert_eq!(states(&broker), "a1=1 a2=3 a3=6 n1=1 b1=1 b2=3 a4=10");
    assert_eq!(storage.reads(), 0, "a relay that sees all events loads no aggregate");
}

#[tokio::test(start_paused = true)]
async fn uncached_aggregate_is_loaded_once() {
    let (world, storage, bus, broker) = watched();
    world.count("a", 1..=3).await;
    let builder = Relay::builder(bus).publish(&world.counters);
    let relay = builder.start(world.storage.clone(), RelayStart::Now).await.unwrap();
    world.count("a", 4..=6).await;
    relay.wait_until_caught_up(LONG).await.unwrap();
    assert_eq!(states(&broker), "a4=10 a5=15 a6=21");
    assert_eq!(storage.reads(), 1);
}

#[tokio::test(start_paused = true)]
async fn cache_keeps_at_most_the_configured_number_of_aggregates() {
    let (world, storage, bus, broker) = watched();
    for version in 1..=3 {
        for id in ["a", "b", "c", "d"] {
            count(&world.counters, id, version).await;
        }
    }
    let relay = world.start(Relay::builder(bus).publish(&world.counters).cached_aggregates(2)).await;
    relay.wait_until_caught_up(LONG).await.unwrap();
    assert_eq!(storage.reads(), 8, "each event but the first of each");
    assert_eq!(broker.delivered().len(), 12);
    assert!(states(&broker).ends_with("a3=6 b3=6 c3=6 d3=6"), "{}", states(&broker));
}

#[tokio::test(start_paused = true)]
async fn rewritten_event_drops_the_cached_aggregate() {
    let (world, storage, bus, broker) = watched();
    world.count("a", 1..=2).await;
    let relay = world.start(Relay::builder(bus).publish(&world.counters)).await;
    relay.wait_until_caught_up(LONG).await.unwrap();
    let rewritten = NewEvent::new("a".to_owned(), 1, CounterEvent::Counted(100));
    world.counters.push_event(rewritten).force(true).await.unwrap();
    world.count("a", 3..=3).await;
    relay.wait_until_caught_up(LONG).await.unwrap();
    assert_eq!(states(&broker), "a1=1 a2=3 a3=105");
    assert_eq!(storage.reads(), 1);
}

#[tokio::test(start_paused = true)]
async fn failed_messages_get_a_freshly_computed_aggregate() {
    let (world, _, bus, broker) = watched();
    world.count("a", 1..=3).await;
    let failed = std::sync::atomic::AtomicBool::new(false);
    broker.judge(move |message| {
        let is_first = message.version == 2 && !failed.swap(true, std::sync::atomic::Ordering::SeqCst);
        if is_first { Verdict::BreakOff } else { Verdict::Take }
    });
    let relay = world.start(Relay::builder(bus).publish(&world.counters)).await;
    relay.wait_until_caught_up(LONG).await.unwrap();
    assert_eq!(states(&broker), "a1=1 a1=1 a2=3 a3=6");
}

#[tokio::test(start_paused = true)]
async fn event_that_the_reducer_rejects_parks_its_aggregate() {
    for by in [13, 666] {
        let (world, _, bus, broker) = watched();
        world.count("a", 1..=1).await;
        // Without the previous aggregate, the push does not call the reducer.
        count_by(&world.counters, "a", 2, by).await;
        world.count("a", 3..=3).await;
        world.count("b", 1..=1).await;
        let relay = world.start(Relay::builder(bus).publish(&world.counters)).await;
        relay.wait_until_caught_up(LONG).await.unwrap();
        assert_eq!(states(&broker), "a1=1 b1=1");
        let parked = relay.parked().await.unwrap();
        assert_eq!((parked.len(), parked[0].version), (1, 2), "{parked:?}");
        let mended = NewEvent::new("a".to_owned(), 2, CounterEvent::Counted(2));
        world.counters.push_event(mended).force(true).await.unwrap();
        relay.retry("COUNTERS", "a").await.unwrap();
        eventually("nothing is parked", || relay.status().parked == 0).await;
        assert_eq!(states(&broker), "a1=1 b1=1 a2=3 a3=6");
    }
}

#[tokio::test(start_paused = true)]
async fn failing_storage_is_an_outage() {
    let (world, storage, bus, broker) = watched();
    world.count("a", 1..=3).await;
    let builder = Relay::builder(bus).publish(&world.counters);
    let relay = builder.start(world.storage.clone(), RelayStart::After(1)).await.unwrap();
    storage.set_broken(true);
    relay.wait_until_caught_up(LONG / 10).await.unwrap_err();
    assert!(relay.status().outage.unwrap().contains("disk on fire"));
    assert!(relay.parked().await.unwrap().is_empty());
    storage.set_broken(false);
    relay.wait_until_caught_up(LONG).await.unwrap();
    assert_eq!(states(&broker), "a2=3 a3=6");
}

#[tokio::test(start_paused = true)]
async fn store_with_swapped_storage_publishes_no_wrong_message() {
    let world = World::new();
    world.count("a", 1..=2).await;
    let swapped = EventStore::<Counter>::new(world.storage.clone());
    let bus = state_bus(&world);
    let broker = Broker::new().attach(&bus);
    assert_eq!(bus.sources().len(), 2);
    let builder = Relay::builder(bus).publish(&swapped);
    let relay = builder.start(world.storage.clone(), RelayStart::After(1)).await.unwrap();
    swapped.set_event_storage_adapter(Some(std::sync::Arc::new(castore::InMemoryEventStorageAdapter::new())));
    relay.wait_until_caught_up(LONG).await.unwrap();
    assert_eq!(states(&broker), "");
    assert!(relay.parked().await.unwrap()[0].error.contains("not in the event store"));
}

/// A newer program, or a program in another language, may have written fields that the Rust types do not declare.
#[tokio::test(start_paused = true)]
async fn undeclared_fields_are_published() {
    let (world, _, bus, broker) = watched();
    let json = |text: &str| Some(RawValue::from_string(text.to_owned()).unwrap());
    let event = RawEvent {
        aggregate_id: "n".to_owned(),
        version: 1,
        event_type: "Noted".into(),
        timestamp: Timestamp::UNIX_EPOCH,
        payload: json(r#"{"by":"Ash"}"#),
        metadata: json(r#"{"trace":[1]}"#),
    };
    world.storage.push_event("NOTES", event, PushOptions::default()).await.unwrap();
    let relay = world.start(Relay::builder(bus).publish(&world.notes)).await;
    relay.wait_until_caught_up(LONG).await.unwrap();
    let [message] = &broker.messages()[..] else { panic!("one message") };
    assert_eq!(message["event"]["payload"], serde_json::json!({ "by": "Ash" }));
    assert_eq!(message["event"]["metadata"], serde_json::json!({ "trace": [1] }));
    assert_eq!(message["aggregate"]["count"], 1);
}
