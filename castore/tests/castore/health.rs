//! The health of the parts of a service.

use std::error::Error;
use std::future::{pending, ready};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use castore::consumer::{ConsumerHandle, MessageHandler};
use castore::prelude::*;
use castore::projection::{InMemoryProjection, InMemoryReadModels, OnFailure, ProjectionOptions, ReadModel};
use castore::relay::RelayRole;
use castore::service::{BoxFuture, Health, PartError, PartHealth, ReachableStorage, Readiness, Service, ServicePart};
use castore::storage::{DelegatingStorageAdapter, EventStorageAdapter, GetEventsOptions, RawEvent, StorageError};

use crate::messaging::counter::*;

const SOON: Duration = Duration::from_secs(600);

/// Returns the health of the only part of a service.
async fn health_of<P: ServicePart + Clone>(part: &P) -> PartHealth {
    Service::new().with(part).health().await.parts.remove(0)
}

/// A part that has ended with an error, has ended without an error, or is running.
#[derive(Clone)]
struct Part(Option<Result<(), &'static str>>);

impl ServicePart for Part {
    fn name(&self) -> String {
        "part".to_owned()
    }

    fn finished(&self) -> BoxFuture<'_, Result<(), PartError>> {
        match self.0 {
            Some(Ok(())) => Box::pin(ready(Ok(()))),
            Some(Err(error)) => Box::pin(ready(Err(Arc::from(Box::<dyn Error + Send + Sync>::from(error))))),
            None => Box::pin(pending()),
        }
    }

    fn shutdown(&self) -> BoxFuture<'_, Result<(), PartError>> {
        Box::pin(ready(Ok(())))
    }
}

#[tokio::test]
async fn part_is_live_and_ready_until_it_has_ended() {
    assert_eq!(health_of(&Part(None)).await, PartHealth::ready("part"));
    assert_eq!(health_of(&Part(Some(Ok(())))).await, PartHealth::ended("part", "it was shut down"));
    assert_eq!(health_of(&Part(Some(Err("the queue is gone")))).await, PartHealth::ended("part", "the queue is gone"));
}

#[tokio::test]
async fn service_is_as_healthy_as_its_worst_part() {
    assert!(Service::new().health().await.ready);
    let (good, bad) = (PartHealth::ready("good"), PartHealth::not_ready("bad", "why"));
    let ended = PartHealth::ended("over", "why");
    for (parts, expected) in [
        (vec![good.clone()], (true, true)),
        (vec![good.clone(), bad], (true, false)),
        (vec![ended, good], (false, false)),
    ] {
        let health = Health::new(parts);
        assert_eq!((health.live, health.ready), expected, "{health}");
    }
}

#[tokio::test]
async fn health_is_shown_as_text_and_json() {
    let service = Service::new().with(&Part(None)).with(&Part(Some(Err("the queue is gone"))));
    let health = service.health().await;
    assert_eq!(health.to_string(), "not live\npart: ready\npart: not live (the queue is gone)");
    assert_eq!(
        serde_json::to_value(&health).unwrap(),
        serde_json::json!({"live": false, "ready": false, "parts": [
            {"name": "part", "live": true, "ready": true},
            {"name": "part", "live": false, "ready": false, "detail": "the queue is gone"},
        ]})
    );
}

#[tokio::test]
async fn service_is_not_ready_after_it_has_begun_to_stop() {
    let service = Service::new().with(&Part(None));
    service.clone().run_until(ready(())).await.unwrap();
    let health = service.health().await;
    assert_eq!((health.live, health.ready), (true, false));
}

/// A storage whose reads fail, or never return.
#[derive(Debug)]
struct Unavailable {
    inner: InMemoryEventStorageAdapter,
    hangs: bool,
}

#[async_trait]
impl DelegatingStorageAdapter for Unavailable {
    fn inner(&self) -> &dyn EventStorageAdapter {
        &self.inner
    }

    async fn get_events(&self, _: &str, _: &str, _: GetEventsOptions) -> Result<Vec<RawEvent>, StorageError> {
        if self.hangs {
            pending::<()>().await;
        }
        Err(StorageError::engine("no route to host"))
    }
}

#[tokio::test(start_paused = true)]
async fn storage_is_ready_if_a_read_succeeds() {
    let storage = InMemoryEventStorageAdapter::new();
    let reachable = ReachableStorage::new("events", storage.clone());
    assert_eq!(health_of(&reachable).await, PartHealth::ready("storage `events`"));
    let failing = ReachableStorage::new("events", Unavailable { inner: storage.clone(), hangs: false });
    assert_eq!(
        health_of(&failing).await,
        PartHealth::not_ready("storage `events`", "the storage engine failed: no route to host")
    );
    // Parts are checked concurrently, so the time limit is that of one part.
    let hanging = ReachableStorage::new("events", Unavailable { inner: storage, hangs: true });
    let service = Service::new().with(&hanging).with(&hanging).with(&Part(None));
    let begin = tokio::time::Instant::now();
    let health = service.readiness(Readiness::default().timeout(Duration::from_millis(700))).health().await;
    assert_eq!(begin.elapsed(), Duration::from_millis(700));
    let not_ready = PartHealth::not_ready("storage `events`", "it did not respond in time");
    assert_eq!(health.parts, [not_ready.clone(), not_ready, PartHealth::ready("part")]);
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
    // A failing event only matters when the lag becomes too large.
    let service = Service::new().with(&projection);
    while health_of(&projection).await.detail.is_none() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let small = service.clone().readiness(Readiness::default().max_lag(3)).health().await;
    assert!(small.ready && small.parts[0].detail.as_deref().unwrap().contains("bad"), "{small}");
    let large = service.clone().readiness(Readiness::default().max_lag(2)).health().await;
    assert_eq!(large.parts, [PartHealth::not_ready(name, "3 positions behind the end of the log")]);
    // The events were created in real time.
    let old = service.readiness(Readiness::default().max_lag_time(Duration::ZERO));
    while old.health().await.ready {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
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
