//! Tests of the health of relays, projections and consumers.

use std::time::{Duration, Instant};

use castore::consumer::{ConsumerHandle, MessageHandler};
use castore::prelude::*;
use castore::projection::{InMemoryProjection, InMemoryReadModels, OnFailure, ProjectionOptions, ReadModel};
use castore::relay::RelayRole;
use castore::service::{PartHealth, Readiness, Service};

use super::health_of;
use crate::messaging::counter::*;

const SOON: Duration = Duration::from_secs(600);

/// Waits until a condition is true, for at most 30 seconds of real time. The paused clock of the tests does not apply
/// to the timestamps of events, which are real times.
async fn until(what: &str, condition: impl AsyncFn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !condition().await {
        assert!(Instant::now() < deadline, "not in 30 seconds: {what}");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn relay_is_ready_if_a_process_holds_the_lease() {
    let (storage, bus) = (InMemoryEventStorageAdapter::new(), CounterBus::new());
    let counters = EventStore::<Counter>::new(storage.clone()).connect_via_relay(bus.clone());
    let relay = |owner| Relay::builder(bus.clone()).owner(owner).publish(&counters);
    let leader = relay("first").start(storage.clone(), RelayStart::Beginning).await.unwrap();
    let standby = relay("second").start(storage, RelayStart::Beginning).await.unwrap();
    leader.status_changes().wait_for(|status| status.role == RelayRole::Leader).await.unwrap();
    let name = "relay `COUNTER_BUS`";
    assert_eq!(health_of(&leader).await, PartHealth::ready(name));
    let follows = RelayRole::Standby { owner: Some("first".to_owned()) };
    standby.status_changes().wait_for(|status| status.role == follows).await.unwrap();
    assert_eq!(health_of(&standby).await, PartHealth::ready(name));

    // The channel has no adapter, so the relay waits. Events can still be stored.
    counters.push_event(event("a", 1)).await.unwrap();
    leader.status_changes().wait_for(|status| status.outage.is_some()).await.unwrap();
    let outage = health_of(&leader).await;
    assert!(outage.ready && outage.detail.is_some(), "{outage}");
    assert!(leader.status().oldest_unpublished.is_some());
    assert_eq!(standby.status().oldest_unpublished, None);

    leader.shutdown().await.unwrap();
    assert_eq!(health_of(&leader).await, PartHealth::ended(name, "it was shut down"));
    // The new leader is in the same outage, until an adapter is attached.
    standby.status_changes().wait_for(|status| status.oldest_unpublished.is_some()).await.unwrap();
    let _adapter = InMemoryMessageBusAdapter::attach_to(&bus);
    standby.wait_until_caught_up(SOON).await.unwrap();
    standby.status_changes().wait_for(|status| status.oldest_unpublished.is_none()).await.unwrap();
    assert_eq!(health_of(&standby).await, PartHealth::ready(name));
}

#[test]
fn relay_without_a_known_holder_of_the_lease_is_not_ready() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let (storage, bus) = (InMemoryEventStorageAdapter::new(), CounterBus::new());
        let counters = EventStore::<Counter>::new(storage.clone()).connect_via_relay(bus.clone());
        let relay = Relay::builder(bus).publish(&counters).start(storage, RelayStart::Beginning).await.unwrap();
        // The task of the relay has not run yet.
        assert_eq!(
            relay.status().health(PartHealth::ready("relay")),
            PartHealth::not_ready("relay", "no process is known to hold the lease")
        );
    });
}

struct Last;

impl ReadModel for Last {
    const NAME: &'static str = "last";
    const VERSION: u32 = 1;
    type Event = EventDetail<Counter>;
}

impl InMemoryProjection for Last {
    type Model = u64;

    fn apply(&self, last: &mut u64, event: &Self::Event) -> Result<(), HandlerError> {
        if event.aggregate_id == "bad" {
            return Err("bad".into());
        }
        *last = event.version;
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn projection_is_ready_while_its_lag_is_small() {
    let storage = InMemoryEventStorageAdapter::new();
    let counters = EventStore::<Counter>::new(storage.clone());
    let options = ProjectionOptions::default().attempts(u32::MAX).on_failure(OnFailure::ParkAggregate);
    let projection = InMemoryReadModels::new().start(Last, storage, options).await.unwrap();
    let name = "projection `last`";
    let pushed = counters.push_event(event("a", 1)).await.unwrap();
    projection.wait_for(pushed.position.unwrap(), SOON).await.unwrap();
    assert_eq!(health_of(&projection).await, PartHealth::ready(name));

    for version in 1..=3 {
        counters.push_event(event("bad", version)).await.unwrap();
    }
    // An event that fails does not affect readiness before the lag becomes too large.
    let service = Service::new().with(&projection);
    until("the failure is shown", async || health_of(&projection).await.detail.is_some()).await;
    let small = service.clone().readiness(Readiness::default().max_lag(3)).health().await;
    assert!(small.ready && small.parts[0].detail.as_deref().unwrap().contains("bad"), "{small}");
    let large = service.clone().readiness(Readiness::default().max_lag(2)).health().await;
    assert_eq!(large.parts, [PartHealth::not_ready(name, "3 positions behind the end of the log")]);
    // The events have timestamps of the real clock, so their age grows although the clock of the test is paused.
    let old = service.readiness(Readiness::default().max_lag_time(Duration::ZERO));
    until("the event has an age", async || !old.health().await.ready).await;
    projection.shutdown().await.unwrap();
    assert_eq!(health_of(&projection).await, PartHealth::ended(name, "it was shut down"));
}

#[tokio::test]
async fn consumer_is_ready_while_it_receives() {
    let handler = MessageHandler::<CounterQueue>::new(|_, _| async { Ok(()) });
    let consumer = ConsumerHandle::spawn(&handler, |tasks| async move {
        tasks.shutdown().sent().await;
        Ok(())
    });
    let name = "consumer of queue `COUNTER_QUEUE`";
    assert_eq!(health_of(&consumer).await, PartHealth::ready(name));
    handler.set_receiving(false);
    assert!(!consumer.status().is_receiving);
    assert_eq!(health_of(&consumer).await, PartHealth::not_ready(name, "the broker does not deliver messages"));
    handler.set_receiving(true);
    assert_eq!(health_of(&consumer).await, PartHealth::ready(name));
    consumer.shutdown().await.unwrap();
    assert_eq!(health_of(&consumer).await, PartHealth::ended(name, "it was shut down"));
}

#[tokio::test]
async fn in_memory_adapter_is_live_until_it_is_shut_down() {
    let bus = InMemoryMessageBusAdapter::<CounterBus>::new();
    assert_eq!(health_of(&bus).await, PartHealth::ready("in-memory bus `COUNTER_BUS`"));
    bus.shutdown().await;
    assert_eq!(health_of(&bus).await, PartHealth::ended("in-memory bus `COUNTER_BUS`", "it was shut down"));
    let queue = InMemoryMessageQueueAdapter::<CounterQueue>::new();
    assert_eq!(health_of(&queue).await, PartHealth::ready("in-memory queue `COUNTER_QUEUE`"));
    queue.abort().await;
    assert_eq!(health_of(&queue).await, PartHealth::ended("in-memory queue `COUNTER_QUEUE`", "it was shut down"));
}
