//! Tests of the health of a service.

mod parts;

use std::error::Error;
use std::future::{pending, ready};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use castore::prelude::*;
use castore::service::{BoxFuture, Health, PartError, PartHealth, ReachableStorage, Readiness, Service, ServicePart};
use castore::storage::{DelegatingStorageAdapter, EventStorageAdapter, GetEventsOptions, RawEvent, StorageError};

/// Returns the health of the only part of a service.
async fn health_of<P: ServicePart + Clone>(part: &P) -> PartHealth {
    Service::new().with(part).health().await.parts.remove(0)
}

/// A part that has ended, with an error or without one, or that still runs (`None`).
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
