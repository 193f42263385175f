use std::time::Duration;

use castore_core::error::error_chain;
use castore_core::log::EventLog;

use super::support::{Counts, Fault, SOON, STORE, World, map, options, parking};
use crate::engine::{ReadModelRegistry, ReadModelStore};
use crate::{InMemoryReadModels, ProjectionError, ProjectionRequest, ProjectionState};

fn retry() -> ProjectionRequest {
    ProjectionRequest::retry_parked(STORE, "a")
}

async fn request(world: &World, request: ProjectionRequest) {
    assert!(world.models.request("counts", 1, request).await.unwrap());
}

async fn carried_out(world: &World) {
    while !world.models.requests("counts", 1).await.unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_requested_retry_is_attempted_once() {
    let world = World::default();
    world.push("a", 1, "POISON").await;
    let last = world.push("b", 1, "HAPPENED").await;
    let projection = Counts::<1>::default();
    let running = world.start(projection.clone(), parking()).await;
    running.wait_for(last, SOON).await.unwrap();
    request(&world, retry()).await;
    carried_out(&world).await;
    let parked = world.models.parked("counts", 1);
    assert_eq!((parked[0].attempts, parked[0].error.as_str()), (6, "poison"), "the failure is recorded");
    tokio::time::sleep(SOON).await;
    assert_eq!(world.models.parked("counts", 1)[0].attempts, 6, "a request is one attempt");
    projection.heal();
    request(&world, retry()).await;
    carried_out(&world).await;
    assert_eq!(world.counts(), map(&[("a", 1), ("b", 1)]));
    assert_eq!(running.status().await.unwrap().parked, 0);
}

/// A failure of the database does not count as an attempt, so the request stays stored.
#[tokio::test(start_paused = true)]
async fn a_requested_retry_survives_an_unavailable_database() {
    let world = World::default();
    let last = world.push("a", 1, "PERMANENT").await;
    let projection = Counts::<1>::default();
    let running = world.start(projection.clone(), parking()).await;
    running.wait_for(last, SOON).await.unwrap();
    projection.heal();
    world.fail([Fault::None, Fault::Unavailable, Fault::Unavailable]);
    request(&world, retry()).await;
    carried_out(&world).await;
    assert_eq!(world.counts(), map(&[("a", 1)]));
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_rebuild_applies_the_history_again_in_every_process() {
    let world = World::default();
    world.push("a", 1, "PERMANENT").await;
    let last = world.push("b", 1, "HAPPENED").await;
    let projection = Counts::<1>::default();
    let running = world.start(projection.clone(), parking()).await;
    let other = world.start(projection.clone(), parking()).await;
    running.wait_for(last, SOON).await.unwrap();
    other.wait_for(last, SOON).await.unwrap();
    assert_eq!(world.counts(), map(&[("b", 1)]));
    projection.heal();
    request(&world, ProjectionRequest::Rebuild).await;
    carried_out(&world).await;
    // The other process continues, even if the process that has rebuilt the version ends.
    running.shutdown().await.unwrap();
    while world.counts() != map(&[("a", 1), ("b", 1)]) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let last = world.push("b", 2, "HAPPENED").await;
    other.wait_for(last, SOON).await.unwrap();
    assert_eq!(world.counts(), map(&[("a", 1), ("b", 2)]));
}

/// An event that is retried for a long time does not delay a rebuild.
#[tokio::test(start_paused = true)]
async fn a_rebuild_starts_while_an_event_is_retried() {
    let world = World::default();
    world.push("a", 1, "HAPPENED").await;
    let last = world.push("a", 2, "POISON").await;
    let projection = Counts::<1>::default();
    let running = world.start(projection.clone(), options().attempts(u32::MAX)).await;
    tokio::time::sleep(SOON).await;
    assert!(matches!(running.status().await.unwrap().state, ProjectionState::Retrying { .. }));
    request(&world, ProjectionRequest::Rebuild).await;
    carried_out(&world).await;
    projection.heal();
    running.wait_for(last, SOON).await.unwrap();
    assert_eq!(world.counts(), map(&[("a", 2)]));
}

/// Without the rebuild, a projection of another log does not start.
#[tokio::test(start_paused = true)]
async fn a_rebuild_at_the_start_adopts_another_log() {
    let world = World::default();
    let last = world.push("a", 1, "HAPPENED").await;
    let running = world.start(Counts::<1>::default(), options()).await;
    running.wait_for(last, SOON).await.unwrap();
    running.shutdown().await.unwrap();
    request(&world, ProjectionRequest::Rebuild).await;
    let other = World { models: InMemoryReadModels::clone(&world.models), ..World::default() };
    let last = other.push("b", 1, "HAPPENED").await;
    let running = other.models.start(Counts::<1>::default(), other.log.clone(), options()).await.unwrap();
    running.wait_for(last, SOON).await.unwrap();
    assert_eq!(other.counts(), map(&[("b", 1)]));
}

/// A process that still reads the old log must not apply its events to the rebuilt read model.
#[tokio::test(start_paused = true)]
async fn a_projection_stops_when_its_version_is_rebuilt_from_another_log() {
    let world = World::default();
    let last = world.push("a", 1, "HAPPENED").await;
    let running = world.start(Counts::<1>::default(), options()).await;
    running.wait_for(last, SOON).await.unwrap();
    request(&world, ProjectionRequest::Rebuild).await;
    let other = World::default().log.log_id().await.unwrap();
    world.models.store(Counts::<1>::default()).rebuild(&other).await.unwrap();
    let error = running.finished().await.unwrap_err();
    assert!(matches!(&*error, ProjectionError::OtherLog { expected, .. } if *expected == other), "{error:?}");
    assert_eq!(world.counts(), map(&[]));
}

/// A projection that has nothing to apply also stops when its version is dropped.
#[tokio::test(start_paused = true)]
async fn an_idle_projection_notices_that_its_version_was_dropped() {
    let world = World::default();
    let last = world.push("a", 1, "HAPPENED").await;
    let old = world.start(Counts::<1>::default(), options()).await;
    old.wait_for(last, SOON).await.unwrap();
    let new = world.start(Counts::<2>::default(), options()).await;
    new.wait_for(last, SOON).await.unwrap();
    while !new.status().await.unwrap().live {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(ReadModelRegistry::drop_version(&world.models, "counts", 1).await.unwrap());
    let error = old.finished().await.unwrap_err();
    assert!(error_chain(&*error).contains("version 1 of the read model was dropped"), "{error:?}");
}
