use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use castore_core::log::{EventLog, LogEnd, LogId, LogPage, LogQuery};
use castore_core::storage::StorageError;
use castore_runtime::in_memory::InMemoryEventStorageAdapter;

use super::support::{Counts, SOON, World, map, options};
use crate::{InMemoryReadModels, ProjectionError, ProjectionState, WaitForError};

#[tokio::test(start_paused = true)]
async fn a_projection_applies_the_history_and_then_new_events() {
    let world = World::default();
    for version in 1..=7 {
        world.push("a", version, "HAPPENED").await;
    }
    let last = world.push("b", 1, "HAPPENED").await;
    let running = world.start(Counts::<1>::default(), options().batch_size(3)).await;
    running.wait_for(last, SOON).await.unwrap();
    assert_eq!(world.counts(), map(&[("a", 7), ("b", 1)]));
    let last = world.push("b", 2, "HAPPENED").await;
    running.wait_for(last, SOON).await.unwrap();
    assert_eq!(world.counts(), map(&[("a", 7), ("b", 2)]));
    let status = running.status().await.unwrap();
    assert_eq!((status.position, status.lag, status.parked, status.live), (last, 0, 0, true));
    assert_eq!(status.state, ProjectionState::Following);
    running.shutdown().await.unwrap();
    assert!(world.closed.load(Ordering::SeqCst), "shutdown closes the store");
}

#[tokio::test(start_paused = true)]
async fn a_second_start_continues_from_the_checkpoint() {
    let world = World::default();
    for round in 1..=3 {
        let last = world.push("a", round, "HAPPENED").await;
        let running = world.start(Counts::<1>::default(), options()).await;
        running.wait_for(last, SOON).await.unwrap();
        running.shutdown().await.unwrap();
        // `Counts` checks versions, so it would reject an event that is applied twice.
        assert_eq!(world.counts(), map(&[("a", round)]));
    }
}

/// If another runner of the version has moved the checkpoint, a runner writes nothing and continues from the new
/// position.
#[tokio::test(start_paused = true)]
async fn several_runners_of_one_version_apply_each_event_once() {
    let world = World::default();
    let few = options().batch_size(2);
    let mut runners = Vec::new();
    for _ in 0..4 {
        runners.push(world.start(Counts::<1>::default(), few.clone()).await);
    }
    let mut last = 0;
    for version in 1..=50 {
        for aggregate in ["a", "b", "c"] {
            last = world.push(aggregate, version, "HAPPENED").await;
        }
    }
    for running in &runners {
        running.wait_for(last, SOON).await.unwrap();
    }
    assert_eq!(world.counts(), map(&[("a", 50), ("b", 50), ("c", 50)]));
}

#[tokio::test(start_paused = true)]
async fn waiting_for_a_position_that_never_comes_times_out() {
    let world = World::default();
    let last = world.push("a", 1, "HAPPENED").await;
    let running = world.start(Counts::<1>::default(), options()).await;
    let error = running.wait_for(last + 1, Duration::from_secs(5)).await.unwrap_err();
    assert!(
        matches!(error, WaitForError::TimedOut { wanted, at, .. } if (wanted, at) == (last + 1, last)),
        "{error:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn another_log_and_a_log_that_ends_before_the_checkpoint_are_refused() {
    let (models, log) = (InMemoryReadModels::new(), InMemoryEventStorageAdapter::new());
    let world = World { models: models.clone(), log: log.clone(), ..World::default() };
    let last = world.push("a", 1, "HAPPENED").await;
    let running = models.start(Counts::<1>::default(), log.clone(), options()).await.unwrap();
    running.wait_for(last, SOON).await.unwrap();
    running.shutdown().await.unwrap();
    let other = InMemoryEventStorageAdapter::new();
    let error = models.start(Counts::<1>::default(), other, options()).await.unwrap_err();
    assert!(matches!(error, ProjectionError::OtherLog { .. }), "{error:?}");
    let error = models.start(Counts::<1>::default(), TakenBack(log), options()).await.unwrap_err();
    assert!(matches!(error, ProjectionError::LogTakenBack { position: 1, end: 0, .. }), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn read_models_in_a_storage_continue_at_their_checkpoint() {
    let log = InMemoryEventStorageAdapter::new();
    let world = World { log: log.clone(), ..World::default() };
    for version in [1, 2] {
        // Each run opens the read models from the storage, as after a restart.
        let models = InMemoryReadModels::in_storage(&log.clone());
        let last = world.push("a", version, "HAPPENED").await;
        let running = models.start(Counts::<1>::default(), log.clone(), options()).await.unwrap();
        running.wait_for(last, SOON).await.unwrap();
        running.shutdown().await.unwrap();
        assert_eq!(models.versions(&log).await.unwrap()[0].position, last);
    }
    let counts = |models: InMemoryReadModels| models.get::<Counts>().map(|counts| (*counts).clone());
    assert_eq!(counts(InMemoryReadModels::in_storage(&log)), Some(map(&[("a", 2)])), "each event counts once");
    assert_eq!(counts(InMemoryReadModels::in_storage(&InMemoryEventStorageAdapter::new())), None);
    assert_eq!(counts(InMemoryReadModels::new()), None);
}

/// A log that has the same identity as another log and ends at 0.
#[derive(Debug)]
struct TakenBack(InMemoryEventStorageAdapter);

#[async_trait::async_trait]
impl EventLog for TakenBack {
    async fn log_id(&self) -> Result<LogId, StorageError> {
        self.0.log_id().await
    }

    async fn read_after(&self, position: u64, query: &LogQuery) -> Result<LogPage, StorageError> {
        self.0.read_after(position, query).await
    }

    async fn end(&self) -> Result<LogEnd, StorageError> {
        Ok(LogEnd::new(0, 0))
    }
}

#[tokio::test(start_paused = true)]
async fn dropping_the_handle_stops_the_projection() {
    let world = World::default();
    let projection = Counts::<1>::default();
    let held = Arc::downgrade(&projection.healed);
    let running = world.start(projection, options()).await;
    drop(running);
    while held.strong_count() > 0 {
        tokio::task::yield_now().await;
    }
    world.push("a", 1, "HAPPENED").await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(world.counts(), map(&[]));
}

/// A log and a read model in memory never yield to the runtime, so the engine itself must yield.
#[tokio::test]
async fn a_rebuild_leaves_time_for_other_tasks() {
    let world = World::default();
    let mut last = 0;
    for version in 1..=500 {
        last = world.push("a", version, "HAPPENED").await;
    }
    let turns = Arc::new(std::sync::atomic::AtomicU32::new(0));
    let counted = Arc::clone(&turns);
    let other = tokio::spawn(async move {
        loop {
            counted.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
        }
    });
    let running = world.start(Counts::<1>::default(), options().batch_size(1)).await;
    running.wait_for(last, SOON).await.unwrap();
    other.abort();
    assert!(turns.load(Ordering::Relaxed) > 100, "another task has run {turns:?} times beside 500 pages");
}
