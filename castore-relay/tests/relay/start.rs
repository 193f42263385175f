//! Tests of the start of a relay, and of the errors that prevent the start.

use std::time::Duration;

use castore::Store;
use castore::log::{EventLog, LogId};
use castore::relay::{AcquireLease, RelayStorageAdapter};
use castore_relay::{Relay, RelayBuilder, RelayError, RelayStart};
use tokio::time::Instant;

use crate::support::*;

fn builder(world: &World, bus: &AppBus) -> RelayBuilder<AppBus> {
    Relay::builder(bus.clone()).publish(&world.counters)
}

async fn published_from(start: RelayStart) -> String {
    let world = World::new();
    world.count("a", 1..=3).await;
    let bus = AppBus::new();
    let broker = Broker::new().attach(&bus);
    let relay = builder(&world, &bus).start(world.storage.clone(), start).await.unwrap();
    world.count("a", 4..=4).await;
    relay.wait_until_caught_up(LONG).await.unwrap();
    broker.names()
}

#[tokio::test(start_paused = true)]
async fn relay_starts_at_the_given_position() {
    assert_eq!(published_from(RelayStart::Beginning).await, "a1 a2 a3 a4");
    assert_eq!(published_from(RelayStart::Now).await, "a4");
    assert_eq!(published_from(RelayStart::After(2)).await, "a3 a4");
}

#[tokio::test(start_paused = true)]
async fn relay_continues_at_its_checkpoint() {
    let world = World::new();
    world.count("a", 1..=3).await;
    let bus = AppBus::new();
    let broker = Broker::new().attach(&bus);
    let relay = world.start(builder(&world, &bus)).await;
    relay.wait_until_caught_up(LONG).await.unwrap();
    relay.shutdown().await.unwrap();
    world.count("a", 4..=4).await;
    for start in [RelayStart::Now, RelayStart::Beginning] {
        let relay = builder(&world, &bus).start(world.storage.clone(), start).await.unwrap();
        relay.wait_until_caught_up(LONG).await.unwrap();
        assert_eq!(broker.names(), "a1 a2 a3 a4");
        relay.shutdown().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn start_stores_the_position_before_it_returns() {
    let world = World::new();
    world.count("a", 1..=3).await;
    let bus = AppBus::new();
    let broker = Broker::new().attach(&bus);
    let now = || builder(&world, &bus).start(world.storage.clone(), RelayStart::Now);
    drop(now().await.unwrap());
    world.count("a", 4..=4).await;
    let relay = now().await.unwrap();
    relay.wait_until_caught_up(LONG).await.unwrap();
    assert_eq!(broker.names(), "a4");
}

#[tokio::test(start_paused = true)]
async fn invalid_options_are_rejected() {
    let world = World::new();
    let bus = AppBus::new();
    let refuse = async |builder: RelayBuilder<AppBus>| {
        builder.start(world.storage.clone(), RelayStart::Beginning).await.unwrap_err()
    };
    let error = refuse(Relay::builder(bus.clone())).await;
    assert!(matches!(error, RelayError::NoEventStore { .. }), "{error}");
    let error = refuse(builder(&world, &bus).publish(&world.counters)).await;
    assert!(matches!(error, RelayError::SameEventStoreTwice { event_store_id: "COUNTERS", .. }), "{error}");
    let second = Duration::from_secs(1);
    for builder in [
        builder(&world, &bus).publish_timeout(second).lease(second),
        builder(&world, &bus).batch_size(0),
        builder(&world, &bus).name(""),
        builder(&world, &bus).lease(Duration::MAX),
        builder(&world, &bus).lease(Duration::MAX).publish_timeout(second),
        builder(&world, &bus).poll_interval(Duration::MAX),
        builder(&world, &bus).outage_backoff(second, Duration::MAX),
        builder(&world, &bus).parked_backoff(second, Duration::MAX),
        builder(&world, &bus).publish_timeout(Duration::ZERO),
        builder(&world, &bus).outage_backoff(second, Duration::ZERO),
        builder(&world, &bus).parked_backoff(Duration::ZERO, second),
    ] {
        let error = refuse(builder).await;
        assert!(matches!(error, RelayError::InvalidOption { .. }), "{error}");
    }
    assert_eq!(world.storage.checkpoint("APP_BUS").await.unwrap(), None, "nothing was stored");
}

#[tokio::test(start_paused = true)]
async fn relay_and_connected_store_reject_each_other() {
    let world = World::new();
    let bus = AppBus::new();
    Broker::new().attach(&bus);
    let connected = world.counters.connect(bus.clone());
    let start = || builder(&world, &bus).start(world.storage.clone(), RelayStart::Beginning);
    let error = start().await.unwrap_err();
    assert!(matches!(error, RelayError::TwoPublishers(_)), "{error}");
    drop(connected);
    let relay = start().await.unwrap();
    let connected = world.counters.connect(bus.clone());
    let event = castore::NewEvent::new("a".to_owned(), 1, CounterEvent::Counted(1));
    let error = connected.push_event(event.clone()).await.unwrap_err();
    assert!(matches!(error, castore::PushEventError::TwoPublishers(_)), "{error}");
    relay.shutdown().await.unwrap();
    connected.push_event(event).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn push_on_a_store_connected_via_relay_wakes_the_relay() {
    let world = World::new();
    let bus = AppBus::new();
    let broker = Broker::new().attach(&bus);
    let counters = world.counters.connect_via_relay(bus.clone());
    let relay = world.start(Relay::builder(bus).publish(&counters).poll_interval(Duration::from_secs(3600))).await;
    relay.wait_until_caught_up(LONG).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let started = Instant::now();
    let position = count(&counters, "a", 1).await;
    relay.wait_for(position, LONG).await.unwrap();
    assert_eq!((started.elapsed(), broker.names().as_str()), (Duration::ZERO, "a1"));
}

#[tokio::test(start_paused = true)]
async fn checkpoint_of_another_log_is_rejected() {
    let (world, other) = (World::new(), World::new());
    let bus = AppBus::new();
    world.start(builder(&world, &bus)).await.shutdown().await.unwrap();
    let started = builder(&other, &bus).start_with(other.storage.clone(), world.storage.clone(), RelayStart::Now).await;
    let error = started.unwrap_err();
    let RelayError::OtherLog { checkpoint, log, .. } = &error else { panic!("{error}") };
    assert_eq!((checkpoint, log), (&world.storage.log_id().await.unwrap(), &other.storage.log_id().await.unwrap()));
}

#[tokio::test(start_paused = true)]
async fn log_that_ends_before_the_checkpoint_is_rejected() {
    let world = World::new();
    let log_id: LogId = world.storage.log_id().await.unwrap();
    let lasts = Duration::from_millis(1);
    let request = AcquireLease { relay: "APP_BUS", owner: "before", lasts, log_id: &log_id, first: 100 };
    world.storage.acquire(request).await.unwrap();
    let bus = AppBus::new();
    let started = builder(&world, &bus).start(world.storage.clone(), RelayStart::Now).await;
    let error = started.unwrap_err();
    assert!(matches!(error, RelayError::LogTakenBack { position: 100, last: 0, .. }), "{error}");
}

#[tokio::test(start_paused = true)]
async fn position_advances_over_events_of_other_stores() {
    for elsewhere in [false, true] {
        let world = World::new();
        let state = FaultyState::new(world.storage.clone());
        let state = if elsewhere { state.elsewhere() } else { state };
        world.count("a", 1..=1).await;
        for version in 1..=10_000 {
            note(&world.notes, "n", version).await;
        }
        let bus = AppBus::new();
        let broker = Broker::new().attach(&bus);
        let relay = builder(&world, &bus)
            .start_with(world.storage.clone(), state.clone(), RelayStart::Beginning)
            .await
            .unwrap();
        relay.wait_until_caught_up(LONG).await.unwrap();
        assert_eq!(relay.status().position, Some(10_001));
        assert!(state.commits() <= 5, "{} commits", state.commits());
        for version in 10_001..=10_100 {
            let position = note(&world.notes, "n", version).await;
            relay.wait_for(position, LONG).await.unwrap();
        }
        assert!(state.commits() <= 6, "{} commits", state.commits());
        tokio::time::sleep(Duration::from_secs(30)).await;
        let kept = relay.status().checkpoint;
        assert_eq!(kept, Some(if elsewhere { 1 } else { 10_101 }), "elsewhere: {elsewhere}");
        let position = count(&world.counters, "a", 2).await;
        relay.wait_for(position, LONG).await.unwrap();
        assert_eq!(relay.status().checkpoint, Some(position));
        assert_eq!(broker.names(), "a1 a2");
    }
}

#[tokio::test]
async fn futures_can_be_spawned() {
    let world = World::new();
    let bus = AppBus::new();
    Broker::new().attach(&bus);
    let relay = builder(&world, &bus);
    let started = tokio::spawn(relay.start(world.storage.clone(), RelayStart::Now)).await.unwrap().unwrap();
    tokio::spawn(async move {
        started.wait_until_caught_up(LONG).await.unwrap();
        started.shutdown().await.unwrap();
    })
    .await
    .unwrap();
}

#[tokio::test(start_paused = true)]
async fn store_of_another_storage_is_rejected() {
    let (world, other) = (World::new(), World::new());
    let bus = AppBus::new();
    let start = |builder: RelayBuilder<AppBus>| builder.start(world.storage.clone(), RelayStart::Now);
    let error = start(builder(&world, &bus).publish(&other.notes)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "event store `NOTES` is not in the storage whose log relay `APP_BUS` reads: start one relay for each storage"
    );
    assert_eq!(world.storage.checkpoint("APP_BUS").await.unwrap(), None, "nothing was stored");
    other.notes.set_event_storage_adapter(None);
    start(builder(&world, &bus).publish(&other.notes)).await.unwrap().shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn new_relay_does_not_start_beyond_the_end() {
    let world = World::new();
    world.count("a", 1..=3).await;
    let bus = AppBus::new();
    let start = Relay::builder(bus).publish(&world.counters).start(world.storage.clone(), RelayStart::After(999));
    let error = start.await.unwrap_err();
    assert!(matches!(error, RelayError::StartBeyondEnd { position: 999, last: 3, .. }), "{error}");
}
