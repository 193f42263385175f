//! Tests that a relay keeps its checkpoint and parks no aggregate during an outage.

use std::time::Duration;

use castore::MessageChannel;
use castore_relay::{Relay, RelayError, RelayRole};

use crate::support::*;

async fn survives(trouble: impl Fn(&Delivered) -> Verdict + Send + Sync + 'static, holding_back: bool) {
    let world = World::new();
    let bus = AppBus::new();
    let broker = if holding_back { Broker::new().holding_back() } else { Broker::new() }.attach(&bus);
    let relay = world.start(Relay::builder(bus).publish(&world.counters)).await;
    world.count("a", 1..=3).await;
    relay.wait_until_caught_up(LONG).await.unwrap();
    broker.judge(trouble);
    world.count("a", 4..=5).await;
    world.count("b", 1..=2).await;
    eventually("the outage is seen", || relay.status().outage.is_some()).await;
    // This is longer than the lease, so the relay must extend the lease in the meantime.
    tokio::time::sleep(Duration::from_secs(100)).await;
    assert_eq!(relay.status().role, RelayRole::Leader);
    assert_eq!(relay.status().position, Some(3));
    assert!(relay.parked().await.unwrap().is_empty());
    assert!(broker.calls().len() < 40, "it backs off: {} calls", broker.calls().len());
    broker.heal();
    relay.wait_until_caught_up(LONG).await.unwrap();
    assert_eq!(relay.status().outage, None);
    assert!(relay.parked().await.unwrap().is_empty());
    let first: Vec<_> = ["a1", "a2", "a3", "a4", "a5", "b1", "b2"]
        .iter()
        .map(|name| broker.delivered().iter().position(|message| message.name() == *name).unwrap())
        .collect();
    assert!(first[..5].is_sorted() && first[5] < first[6], "{}", broker.names());
    relay.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn outage_of_the_broker() {
    survives(|_| Verdict::BreakOff, false).await;
    survives(|_| Verdict::BreakOff, true).await;
}

#[tokio::test(start_paused = true)]
async fn outage_in_the_middle_of_a_call() {
    survives(|message| if message.aggregate_id == "b" { Verdict::BreakOff } else { Verdict::Take }, false).await;
    survives(|message| if message.aggregate_id == "b" { Verdict::BreakOff } else { Verdict::Take }, true).await;
}

#[tokio::test(start_paused = true)]
async fn outage_of_one_message() {
    survives(|message| if message.name() == "b1" { Verdict::NotNow } else { Verdict::Take }, false).await;
    survives(|message| if message.name() == "b1" { Verdict::NotNow } else { Verdict::Take }, true).await;
}

#[tokio::test(start_paused = true)]
async fn panic_of_the_adapter_is_an_outage() {
    survives(|_| Verdict::Panic, false).await;
}

#[tokio::test(start_paused = true)]
async fn rejection_that_names_no_message_is_an_outage() {
    survives(|_| Verdict::RefuseUnnamed, false).await;
    survives(|_| Verdict::RefuseUnnamed, true).await;
}

/// The adapter needs one second per message. There are 40 messages, and the publish timeout is 10 seconds.
#[tokio::test(start_paused = true)]
async fn slow_adapter_catches_up_with_smaller_calls() {
    let world = World::new();
    world.count("a", 1..=40).await;
    let bus = AppBus::new();
    let broker = Broker::new().holding_back().slow_with_each(Duration::from_secs(1)).attach(&bus);
    let builder = Relay::builder(bus).publish(&world.counters).publish_timeout(Duration::from_secs(10));
    let relay = world.start(builder).await;
    relay.wait_until_caught_up(LONG).await.unwrap();
    let mut published = broker.delivered();
    published.sort_by_key(|message| message.version);
    published.dedup();
    assert_eq!(published.len(), 40);
    let status = relay.status();
    assert_eq!((status.published, status.outage, status.parked), (40, None, 0));
    relay.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn heartbeats_during_an_outage_store_the_progress() {
    let world = World::new();
    world.count("a", 1..=1).await;
    world.count("b", 1..=1).await;
    world.count("c", 1..=1).await;
    let bus = AppBus::new();
    let broker = Broker::new().attach(&bus);
    broker.judge(|message| if message.name() == "b1" { Verdict::NotNow } else { Verdict::Take });
    let relay = world.start(Relay::builder(bus.clone()).publish(&world.counters)).await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    drop(relay);
    broker.heal();
    let relay = world.start(Relay::builder(bus).publish(&world.counters)).await;
    relay.wait_until_caught_up(LONG).await.unwrap();
    assert_eq!(broker.names(), "a1 c1 b1 c1");
}

#[tokio::test(start_paused = true)]
async fn call_without_response_times_out_before_the_lease_ends() {
    let world = World::new();
    world.count("a", 1..=1).await;
    let bus = AppBus::new();
    let broker = Broker::new().slow(Duration::from_secs(3600)).attach(&bus);
    let relay = world.start(Relay::builder(bus.clone()).publish(&world.counters)).await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    let status = relay.status();
    assert_eq!(status.role, RelayRole::Leader);
    assert!(status.outage.unwrap().contains("10s"));
    let fast = Broker::<AppBus>::new().attach(&bus);
    relay.wait_until_caught_up(LONG).await.unwrap();
    assert_eq!((broker.names().as_str(), fast.names().as_str()), ("", "a1"));
}

#[tokio::test(start_paused = true)]
async fn channel_without_adapter_is_an_outage() {
    let world = World::new();
    world.count("a", 1..=1).await;
    let bus = AppBus::new();
    let relay = world.start(Relay::builder(bus.clone()).publish(&world.counters)).await;
    let error = relay.wait_until_caught_up(Duration::from_secs(20)).await.unwrap_err();
    let RelayError::WaitTimedOut { reached, last_error, .. } = &error else { panic!("{error}") };
    assert_eq!(*reached, Some(0));
    assert!(last_error.as_ref().unwrap().contains("Adapter undefined"), "{error}");
    assert!(bus.adapter().is_none());
    let broker = Broker::new().attach(&bus);
    relay.wait_until_caught_up(LONG).await.unwrap();
    assert_eq!(broker.names(), "a1");
}

#[tokio::test(start_paused = true)]
async fn outage_of_the_relay_state() {
    let world = World::new();
    let state = FaultyState::new(world.storage.clone());
    let bus = AppBus::new();
    let broker = Broker::new().attach(&bus);
    let builder = Relay::builder(bus).publish(&world.counters);
    let start = castore_relay::RelayStart::Beginning;
    let relay = builder.start_with(world.storage.clone(), state.clone(), start).await.unwrap();
    state.next_commits([CommitFault::Fail, CommitFault::LoseResponse, CommitFault::Fail]);
    world.count("a", 1..=3).await;
    relay.wait_until_caught_up(LONG).await.unwrap();
    assert_eq!(broker.names(), "a1 a2 a3", "only the checkpoint is written again");

    state.set_broken(true);
    world.count("a", 4..=4).await;
    eventually("the lease runs out", || matches!(relay.status().role, RelayRole::Standby { .. })).await;
    world.count("a", 5..=5).await;
    state.set_broken(false);
    relay.wait_until_caught_up(LONG).await.unwrap();
    assert_eq!(broker.names(), "a1 a2 a3 a4 a4 a5");
    relay.shutdown().await.unwrap();
}

/// Publishes the first events of 500 aggregates, with an adapter that needs the time `each` per message. Returns the
/// number of duplicates, and the calls of the adapter.
async fn published_slowly(each: Duration, holding_back: bool) -> (usize, Vec<String>) {
    let world = World::new();
    for id in 1..=500 {
        world.count(&format!("a{id}v"), 1..=1).await;
    }
    let bus = AppBus::new();
    let broker = Broker::new().slow_with_each(each);
    let broker = if holding_back { broker.holding_back() } else { broker }.attach(&bus);
    let relay = world.start(Relay::builder(bus).publish(&world.counters)).await;
    relay.wait_until_caught_up(Duration::from_secs(100_000)).await.unwrap();
    assert!(relay.parked().await.unwrap().is_empty());
    assert_eq!(relay.status().outage, None);
    let delivered = broker.delivered();
    let distinct: std::collections::HashSet<_> = delivered.iter().cloned().collect();
    assert_eq!(distinct.len(), 500, "all are published");
    relay.shutdown().await.unwrap();
    (delivered.len() - distinct.len(), broker.calls())
}

#[tokio::test(start_paused = true)]
async fn slow_batch_is_published_in_smaller_calls() {
    for holding_back in [true, false] {
        // All messages together need 12.5 seconds, and the timeout is 10 seconds: one call times out, and then two
        // calls publish half of the messages each.
        let (duplicates, calls) = published_slowly(Duration::from_millis(25), holding_back).await;
        assert!(duplicates < 500, "{duplicates} duplicates");
        assert_eq!(calls.len(), 3, "one call times out, then two calls publish its halves");
    }
}

#[tokio::test(start_paused = true)]
async fn message_that_fits_into_the_timeout_is_published() {
    for holding_back in [true, false] {
        let (_, calls) = published_slowly(Duration::from_secs(6), holding_back).await;
        let halvings = 8;
        assert_eq!(calls.len(), 500 + halvings, "then one message per call, without duplicates");
    }
}

#[tokio::test(start_paused = true)]
async fn calls_grow_again_when_the_broker_is_fast_again() {
    let world = World::new();
    world.count("a", 1..=1).await;
    let bus = AppBus::new();
    Broker::new().holding_back().slow(Duration::from_secs(3600)).attach(&bus);
    let relay = world.start(Relay::builder(bus.clone()).publish(&world.counters).batch_size(8)).await;
    eventually("the outage is seen", || relay.status().outage.is_some()).await;
    world.count("a", 2..=40).await;
    let fast = Broker::<AppBus>::new().holding_back().attach(&bus);
    relay.wait_until_caught_up(LONG).await.unwrap();
    let sizes: Vec<_> = fast.calls().iter().map(|call| call.split(' ').count()).collect();
    assert_eq!(sizes.iter().sum::<usize>(), 40, "{sizes:?}");
    assert!(sizes.starts_with(&[1, 2, 4]) && sizes.contains(&8), "{sizes:?}");
}

/// A log whose reads never return while the flag is `true`.
#[derive(Debug)]
struct Hanging(castore::InMemoryEventStorageAdapter, std::sync::Arc<std::sync::atomic::AtomicBool>);

#[async_trait::async_trait]
impl castore::log::EventLog for Hanging {
    async fn log_id(&self) -> Result<castore::log::LogId, castore::storage::StorageError> {
        self.0.log_id().await
    }

    async fn read_after(
        &self,
        position: u64,
        query: &castore::log::LogQuery,
    ) -> Result<castore::log::LogPage, castore::storage::StorageError> {
        if self.1.load(std::sync::atomic::Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        self.0.read_after(position, query).await
    }

    async fn end(&self) -> Result<castore::log::LogEnd, castore::storage::StorageError> {
        self.0.end().await
    }
}

#[tokio::test(start_paused = true)]
async fn outage_of_a_log_that_does_not_respond() {
    let world = World::new();
    let bus = AppBus::new();
    let broker = Broker::new().attach(&bus);
    let hangs = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let log = Hanging(world.storage.clone(), hangs.clone());
    let relay = Relay::builder(bus)
        .publish(&world.counters)
        .start_with(log, world.storage.clone(), castore_relay::RelayStart::Beginning)
        .await
        .unwrap();
    hangs.store(true, std::sync::atomic::Ordering::SeqCst);
    world.count("a", 1..=2).await;
    eventually("it is said", || {
        relay.status().outage.is_some_and(|outage| outage.contains("the event log did not respond in time"))
    })
    .await;
    hangs.store(false, std::sync::atomic::Ordering::SeqCst);
    relay.wait_until_caught_up(LONG).await.unwrap();
    assert_eq!(broker.names(), "a1 a2");
    // A log that does not respond does not prevent a relay from shutting down.
    hangs.store(true, std::sync::atomic::Ordering::SeqCst);
    tokio::time::sleep(Duration::from_secs(5)).await;
    let asked_at = tokio::time::Instant::now();
    relay.shutdown().await.unwrap();
    assert!(asked_at.elapsed() < Duration::from_secs(1));
}
