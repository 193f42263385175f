//! Tests that only one of several relay processes publishes at a time, and that another one takes over.

use std::time::Duration;

use castore::log::EventLog;
use castore::relay::{AcquireLease, Lease, LeaseOutcome, RelayStorageAdapter};
use castore_relay::{Relay, RelayBuilder, RelayError, RelayRole, RelayStart};
use tokio::time::Instant;

use crate::support::*;

fn builder(world: &World, bus: &AppBus, owner: &str) -> RelayBuilder<AppBus> {
    Relay::builder(bus.clone())
        .publish(&world.counters)
        .owner(owner)
        .batch_size(5)
        .poll_interval(Duration::from_millis(50))
}

#[tokio::test(start_paused = true)]
async fn standby_relay_takes_over_after_a_crash() {
    let world = World::new();
    world.count("a", 1..=12).await;
    let bus = AppBus::new();
    let broker = Broker::new().slow(Duration::from_millis(100)).attach(&bus);
    let first = world.start(builder(&world, &bus, "first")).await;
    let second = world.start(builder(&world, &bus, "second")).await;
    first.wait_for(5, LONG).await.unwrap();
    tokio::time::sleep(Duration::from_millis(350)).await;
    assert_eq!(second.status().role, RelayRole::Standby { owner: Some("first".to_owned()) });
    assert_eq!(second.status().position, Some(5));
    drop(first);
    let crashed_at = Instant::now();
    second.wait_until_caught_up(LONG).await.unwrap();
    assert!(crashed_at.elapsed() < Duration::from_secs(35), "{:?}", crashed_at.elapsed());
    assert_eq!(second.status().role, RelayRole::Leader);
    let duplicates = broker.delivered().len() - 12;
    assert!((1..=5).contains(&duplicates), "{duplicates} duplicates");
}

#[tokio::test(start_paused = true)]
async fn shutdown_finishes_the_batch_and_releases_the_lease() {
    let world = World::new();
    world.count("a", 1..=12).await;
    let bus = AppBus::new();
    let broker = Broker::new().slow(Duration::from_millis(100)).attach(&bus);
    let first = world.start(builder(&world, &bus, "first")).await;
    let second = world.start(builder(&world, &bus, "second")).await;
    first.wait_for(5, LONG).await.unwrap();
    tokio::time::sleep(Duration::from_millis(250)).await;
    let status = first.status_changes();
    first.shutdown().await.unwrap();
    assert_eq!(status.borrow().role, RelayRole::Stopped);
    assert_eq!(broker.delivered().len(), 10, "the batch is drained");
    let shut_down_at = Instant::now();
    second.wait_until_caught_up(LONG).await.unwrap();
    assert!(shut_down_at.elapsed() < Duration::from_secs(2), "{:?}", shut_down_at.elapsed());
    assert_eq!(broker.delivered().len(), 12, "no message is published twice");
    second.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn shutdown_during_an_outage_does_not_wait_for_its_end() {
    let world = World::new();
    world.count("a", 1..=3).await;
    let bus = AppBus::new();
    let broker = Broker::new().attach(&bus);
    broker.judge(|message| if message.version == 2 { Verdict::BreakOff } else { Verdict::Take });
    let relay = world.start(builder(&world, &bus, "first")).await;
    eventually("the outage is seen", || relay.status().outage.is_some()).await;
    relay.shutdown().await.unwrap();
    let checkpoint = world.storage.checkpoint("APP_BUS").await.unwrap().unwrap();
    assert_eq!((checkpoint.position, checkpoint.owner), (1, None), "the progress is stored");
}

/// Acquires the lease for another process, after it has released the first lease in the name of its holder.
async fn steal(world: &World) {
    world.storage.release(&Lease { relay: "APP_BUS".into(), token: 1 }).await.unwrap();
    let log_id = world.storage.log_id().await.unwrap();
    let lasts = Duration::from_secs(60);
    let request = AcquireLease { relay: "APP_BUS", owner: "thief", lasts, log_id: &log_id, first: 0 };
    assert!(matches!(world.storage.acquire(request).await.unwrap(), LeaseOutcome::Lease { .. }));
}

#[tokio::test(start_paused = true)]
async fn relay_with_a_lost_lease_writes_nothing() {
    let world = World::new();
    let bus = AppBus::new();
    let broker = Broker::new().attach(&bus);
    broker.judge(|message| if message.aggregate_id == "bad" { Verdict::Refuse } else { Verdict::Take });
    let relay = world.start(builder(&world, &bus, "first")).await;
    relay.wait_for(0, LONG).await.unwrap();
    steal(&world).await;
    world.count("a", 1..=1).await;
    world.count("bad", 1..=1).await;
    eventually("it stands by", || matches!(relay.status().role, RelayRole::Standby { .. })).await;
    let checkpoint = world.storage.checkpoint("APP_BUS").await.unwrap().unwrap();
    assert_eq!((checkpoint.position, checkpoint.owner.as_deref()), (0, Some("thief")));
    assert!(world.storage.parked("APP_BUS").await.unwrap().is_empty());
    // The other holder sends no heartbeat, so its lease expires, and the relay acquires the lease again.
    relay.wait_until_caught_up(LONG).await.unwrap();
    assert_eq!(relay.status().role, RelayRole::Leader);
    assert_eq!(world.storage.parked("APP_BUS").await.unwrap().len(), 1);
    assert_eq!(broker.names(), "a1 a1", "the relay starts again at the checkpoint");
}

#[tokio::test(start_paused = true)]
async fn relay_without_heartbeat_stops_publishing_when_its_lease_ends() {
    let world = World::new();
    let state = FaultyState::new(world.storage.clone());
    let bus = AppBus::new();
    let broker = Broker::new().attach(&bus);
    let first = builder(&world, &bus, "first")
        .start_with(world.storage.clone(), state.clone(), RelayStart::Beginning)
        .await
        .unwrap();
    first.wait_for(0, LONG).await.unwrap();
    state.set_broken(true);
    let second_bus = AppBus::new();
    let second_broker = Broker::new().attach(&second_bus);
    let second = world.start(builder(&world, &second_bus, "second")).await;
    eventually("the second leads", || second.status().role == RelayRole::Leader).await;
    world.count("a", 1..=3).await;
    second.wait_until_caught_up(LONG).await.unwrap();
    state.set_broken(false);
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!((broker.names().as_str(), second_broker.names().as_str()), ("", "a1 a2 a3"));
    assert_eq!(first.status().role, RelayRole::Standby { owner: Some("second".to_owned()) });
}

#[tokio::test(start_paused = true)]
async fn idle_relay_keeps_its_lease_without_a_write_per_poll() {
    let world = World::new();
    let state = FaultyState::new(world.storage.clone());
    let bus = AppBus::new();
    Broker::new().attach(&bus);
    let relay = builder(&world, &bus, "first")
        .start_with(world.storage.clone(), state.clone(), RelayStart::Beginning)
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_secs(300)).await;
    assert_eq!(relay.status().role, RelayRole::Leader);
    assert!((29..=32).contains(&state.commits()), "{} commits", state.commits());
    let owner = world.storage.checkpoint("APP_BUS").await.unwrap().unwrap().owner;
    assert_eq!(owner.as_deref(), Some("first"));
}

#[tokio::test(start_paused = true)]
async fn stopped_relay_reports_its_error() {
    let world = World::new();
    let bus = AppBus::new();
    Broker::new().attach(&bus);
    let relay = world.start(builder(&world, &bus, "first")).await;
    relay.wait_for(0, LONG).await.unwrap();
    // The log is empty, but the checkpoint is at position 100, as if only the log had been restored from a backup.
    steal(&world).await;
    let lease = Lease { relay: "APP_BUS".into(), token: 2 };
    let commit = castore::relay::RelayCommit { position: 100, ..Default::default() };
    world.storage.commit(&lease, commit).await.unwrap();
    let error = relay.finished().await.unwrap_err();
    assert!(matches!(&error, RelayError::Stopped { reason: Some(_), .. }), "{error:?}");
    assert_eq!(relay.finished().await.unwrap_err().to_string(), error.to_string(), "the method can be called again");
    assert_eq!(relay.status().role, RelayRole::Stopped);
    let error = relay.wait_for(1000, LONG).await.unwrap_err();
    assert!(matches!(error, RelayError::Stopped { .. }), "{error}");
    assert!(error.to_string().contains("its log ends at"), "{error}");
    assert!(relay.shutdown().await.is_err());
}

#[tokio::test(start_paused = true)]
async fn lease_is_extended_during_a_long_batch() {
    let world = World::new();
    world.count("a", 1..=5).await;
    let bus = AppBus::new();
    let broker = Broker::new().slow(Duration::from_secs(9)).attach(&bus);
    let first = world.start(builder(&world, &bus, "first")).await;
    let second = world.start(builder(&world, &bus, "second")).await;
    // The relay makes five calls, each of them nearly as long as the publish timeout.
    first.wait_until_caught_up(LONG).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(second.status().role, RelayRole::Standby { owner: Some("first".to_owned()) });
    assert_eq!(broker.names(), "a1 a2 a3 a4 a5");
}

#[tokio::test(start_paused = true)]
async fn crash_in_a_long_batch_repeats_only_messages_after_the_last_heartbeat() {
    let world = World::new();
    world.count("a", 1..=5).await;
    let bus = AppBus::new();
    let broker = Broker::new().slow(Duration::from_secs(9)).attach(&bus);
    let first = world.start(builder(&world, &bus, "first")).await;
    let second = world.start(builder(&world, &bus, "second")).await;
    eventually("four are published", || broker.delivered().len() == 4).await;
    drop(first);
    second.wait_until_caught_up(LONG).await.unwrap();
    let duplicates = broker.delivered().len() - 5;
    assert!(duplicates <= 2, "{}", broker.names());
}
