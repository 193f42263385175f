//! Tests that a message that can never be published parks only its own aggregate.

use std::time::Duration;

use castore::InMemoryEventStorageAdapter;
use castore::storage::{EventStorageAdapter, PushOptions, RawEvent};
use castore_relay::{Relay, RelayAdmin};

use crate::support::*;

/// Starts a relay whose broker permanently rejects `a2`, which is version 2 of the aggregate `a`.
async fn poisoned(holding_back: bool) -> (World, Broker<AppBus>, Relay) {
    let world = World::new();
    world.count("a", 1..=3).await;
    world.count("b", 1..=3).await;
    let bus = AppBus::new();
    let broker = if holding_back { Broker::new().holding_back() } else { Broker::new() }.attach(&bus);
    broker.judge(|message| if message.name() == "a2" { Verdict::Refuse } else { Verdict::Take });
    let relay = world
        .start(
            Relay::builder(bus)
                .publish(&world.counters)
                .parked_backoff(Duration::from_secs(10), Duration::from_secs(100)),
        )
        .await;
    relay.wait_until_caught_up(LONG).await.unwrap();
    (world, broker, relay)
}

#[tokio::test(start_paused = true)]
async fn parked_aggregate_does_not_block_others() {
    for holding_back in [false, true] {
        let (world, broker, relay) = poisoned(holding_back).await;
        world.count("a", 4..=4).await;
        world.count("b", 4..=4).await;
        relay.wait_until_caught_up(LONG).await.unwrap();
        let mut names: Vec<_> = broker.delivered().iter().map(Delivered::name).collect();
        names.sort();
        assert_eq!(names, ["a1", "b1", "b2", "b3", "b4"]);
        let parked = relay.parked().await.unwrap();
        assert_eq!(parked.len(), 1);
        assert_eq!((parked[0].event_store_id.as_str(), parked[0].aggregate_id.as_str()), ("COUNTERS", "a"));
        assert_eq!((parked[0].next_position, parked[0].version, parked[0].attempts), (2, 2, 1));
        assert_eq!(parked[0].error, "refused");
        assert!(!parked[0].dropped);
        assert_eq!(relay.status().parked, 1);
        assert_eq!(relay.status().outage, None);
    }
}

#[tokio::test(start_paused = true)]
async fn parked_aggregate_is_retried_with_a_backoff_and_published_in_order() {
    let (world, broker, relay) = poisoned(false).await;
    let attempts = || broker.calls().iter().filter(|call| *call == "a2").count();
    let before = attempts();
    tokio::time::sleep(Duration::from_secs(60)).await;
    let after_a_minute = attempts() - before;
    assert!((2..=5).contains(&after_a_minute), "{after_a_minute} attempts");
    assert!(relay.parked().await.unwrap()[0].attempts > 2);
    broker.heal();
    world.count("a", 4..=5).await;
    eventually("nothing is parked", || relay.status().parked == 0).await;
    world.count("a", 6..=6).await;
    relay.wait_until_caught_up(LONG).await.unwrap();
    let of_a: Vec<_> = broker.delivered().into_iter().filter(|message| message.aggregate_id == "a").collect();
    assert_eq!(names(&of_a), "a1 a2 a3 a4 a5 a6");
    assert!(relay.parked().await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn retry_makes_an_attempt_immediately() {
    let (_world, broker, relay) = poisoned(false).await;
    broker.heal();
    let started = tokio::time::Instant::now();
    assert!(!relay.retry("COUNTERS", "b").await.unwrap(), "b is not parked");
    assert!(relay.retry("COUNTERS", "a").await.unwrap());
    eventually("nothing is parked", || relay.status().parked == 0).await;
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
    assert!(broker.names().ends_with("a2 a3"));
}

#[tokio::test(start_paused = true)]
async fn dropped_message_is_never_published() {
    let (_world, broker, relay) = poisoned(false).await;
    assert!(!relay.drop_message("COUNTERS", "a", 3).await.unwrap(), "the aggregate is parked for another message");
    assert!(relay.drop_message("COUNTERS", "a", 2).await.unwrap());
    eventually("nothing is parked", || relay.status().parked == 0).await;
    assert!(broker.names().ends_with("b3 a3"), "{}", broker.names());
    assert!(!broker.names().contains("a2"));
}

#[tokio::test(start_paused = true)]
async fn requests_of_other_processes_are_noticed_within_seconds() {
    let (world, broker, relay) = poisoned(false).await;
    let admin = RelayAdmin::new("APP_BUS", world.storage.clone());
    assert_eq!(admin.checkpoint().await.unwrap().unwrap().position, 6);
    // Each failed retry increases the backoff, so the next regular attempt is not due soon.
    for _ in 0..4 {
        admin.retry("COUNTERS", "a").await.unwrap();
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
    broker.heal();
    admin.retry("COUNTERS", "a").await.unwrap();
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(relay.status().parked, 0);
    assert!(admin.parked().await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn long_parked_aggregate_does_not_delay_new_events() {
    let world = World::new();
    world.count("a", 1..=100).await;
    let bus = AppBus::new();
    let broker = Broker::new().attach(&bus);
    broker.judge(|message| if message.aggregate_id == "a" { Verdict::Refuse } else { Verdict::Take });
    let relay = world.start(Relay::builder(bus).publish(&world.counters).batch_size(10)).await;
    relay.wait_until_caught_up(LONG).await.unwrap();
    world.count("b", 1..=50).await;
    broker.heal();
    relay.retry("COUNTERS", "a").await.unwrap();
    eventually("nothing is parked", || relay.status().parked == 0).await;
    let names = broker.names();
    let names: Vec<_> = names.split(' ').collect();
    let first_b = names.iter().position(|name| *name == "b1").unwrap();
    assert!(first_b <= 10, "b1 came after {first_b} messages of a");
    let of_a: Vec<_> = names.iter().filter(|name| name.starts_with('a')).map(|name| name.to_string()).collect();
    assert_eq!(of_a, (1..=100).map(|version| format!("a{version}")).collect::<Vec<_>>());
}

async fn push_unknown(storage: &InMemoryEventStorageAdapter, id: &str, version: u64) {
    let event = RawEvent {
        aggregate_id: id.to_owned(),
        version,
        event_type: "FROM_THE_FUTURE".into(),
        timestamp: "2024-01-01T00:00:00.000Z".parse().unwrap(),
        payload: None,
        metadata: None,
    };
    storage.push_event("COUNTERS", event, PushOptions::default()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn unknown_event_types_are_published_raw() {
    let world = World::new();
    world.count("a", 1..=1).await;
    push_unknown(&world.storage, "a", 2).await;
    let bus = AppBus::new();
    let broker = Broker::new().attach(&bus);
    let relay = world.start(Relay::builder(bus).publish(&world.counters)).await;
    relay.wait_until_caught_up(LONG).await.unwrap();
    assert_eq!(broker.delivered()[1].event_type, "FROM_THE_FUTURE");
    assert!(relay.parked().await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn unknown_event_types_park_if_they_must_be_decoded() {
    let world = World::new();
    world.count("a", 1..=1).await;
    push_unknown(&world.storage, "a", 2).await;
    world.count("b", 1..=1).await;
    let bus = AppBus::new();
    let broker = Broker::new().decoding().attach(&bus);
    let relay = world.start(Relay::builder(bus).publish(&world.counters)).await;
    relay.wait_until_caught_up(LONG).await.unwrap();
    let parked = relay.parked().await.unwrap();
    assert_eq!((parked[0].aggregate_id.as_str(), parked[0].version), ("a", 2));
    assert!(parked[0].error.contains("FROM_THE_FUTURE"), "{}", parked[0].error);

    let states = state_bus(&world);
    let state_broker = Broker::new().attach(&states);
    let state_relay = world.start(Relay::builder(states).publish(&world.counters)).await;
    state_relay.wait_until_caught_up(LONG).await.unwrap();
    assert_eq!(state_relay.parked().await.unwrap()[0].version, 2);
    assert_eq!((broker.names().as_str(), state_broker.names().as_str()), ("a1 b1", "a1 b1"));
}

#[tokio::test(start_paused = true)]
async fn unserializable_message_is_found_among_others() {
    let world = World::new();
    for id in ["a", "b", "c"] {
        world.count(id, 1..=2).await;
    }
    let bus = AppBus::new();
    let broker = Broker::new().holding_back().attach(&bus);
    broker.judge(|message| if message.name() == "b1" { Verdict::Unwritable } else { Verdict::Take });
    let relay = world.start(Relay::builder(bus).publish(&world.counters)).await;
    relay.wait_until_caught_up(LONG).await.unwrap();
    let parked = relay.parked().await.unwrap();
    assert_eq!((parked.len(), parked[0].aggregate_id.as_str(), parked[0].version), (1, "b", 1));
    assert!(broker.names().ends_with("a1 a2 c1 c2"), "{}", broker.names());
}

#[tokio::test(start_paused = true)]
async fn many_parked_aggregates_do_not_delay_new_events() {
    let world = World::new();
    for n in 0..200 {
        world.count(&format!("a{n}"), 1..=1).await;
    }
    let bus = AppBus::new();
    // Each attempt takes a second.
    let broker = Broker::new().slow(Duration::from_secs(1)).attach(&bus);
    broker.judge(|message| if message.aggregate_id.starts_with('a') { Verdict::Refuse } else { Verdict::Take });
    let relay = world.start(Relay::builder(bus).publish(&world.counters)).await;
    relay.wait_until_caught_up(LONG).await.unwrap();
    // In this time, each parked aggregate becomes due several times.
    tokio::time::sleep(Duration::from_secs(400)).await;
    let pushed_at = tokio::time::Instant::now();
    world.count("b", 1..=1).await;
    relay.wait_until_caught_up(LONG).await.unwrap();
    assert!(pushed_at.elapsed() < Duration::from_secs(15), "{:?}", pushed_at.elapsed());
    let asked_at = tokio::time::Instant::now();
    relay.shutdown().await.unwrap();
    assert!(asked_at.elapsed() < Duration::from_secs(15), "{:?}", asked_at.elapsed());
}
