//! Tests of [`LiveReadModel`](castore_projection::LiveReadModel), the handle for the version that readers use.

use std::sync::Arc;
use std::time::Duration;

use castore_core::log::{EventLog, LogId};
use castore_core::storage::{EventStorageAdapter, PushOptions};
use castore_projection::{ProjectionState, WaitForError};
use castore_runtime::in_memory::InMemoryEventStorageAdapter;

use super::ReadModelFactory;
use super::case::{ReadModelCase, Store, event, events};
use super::event::STORE;

/// A time limit for waits that must succeed.
const LONG: Duration = Duration::from_secs(15);

/// A time limit for waits that must time out.
const SHORT: Duration = Duration::from_millis(30);

/// Creates a log with this number of events.
async fn log(events: u64) -> (Arc<dyn EventLog>, LogId) {
    let storage = InMemoryEventStorageAdapter::new();
    for version in 1..=events {
        let event = event("a", version).event;
        storage.push_event(STORE, event, PushOptions::new()).await.expect("a push");
    }
    let log_id = storage.log_id().await.expect("the id of the log");
    (Arc::new(storage), log_id)
}

async fn open(case: &ReadModelCase, version: u32, log_id: &LogId) -> Store {
    Store(Arc::from(case.database.open(version, log_id).await))
}

/// Tests that a wait ends when the stored checkpoint has reached the position. The handle reads the stored checkpoint,
/// so it also works in a process that does not run the projection.
pub async fn a_wait_ends_when_the_position_is_reached(factory: &dyn ReadModelFactory) {
    let case = ReadModelCase::new(factory).await;
    let (log, log_id) = log(3).await;
    let live = case.database.live(log);
    assert!(live.status().await.expect("a status").is_none(), "there is no read model yet");
    let error = live.wait_for(1, SHORT).await.expect_err("there is no read model yet");
    assert!(matches!(error, WaitForError::TimedOut { wanted: 1, at: 0, .. }), "{error:?}");

    let store = open(&case, 1, &log_id).await;
    store.apply_all(&events("aa"), 0, 2).await;
    live.wait_for(2, LONG).await.expect("position 2 is reached");
    let status = live.status().await.expect("a status").expect("a version");
    assert_eq!((status.version, status.position, status.lag, status.live), (1, 2, 1, true));
    assert_eq!(status.state, ProjectionState::NotRunning);
    let error = live.wait_for(3, SHORT).await.expect_err("position 3 is not reached");
    assert!(matches!(error, WaitForError::TimedOut { wanted: 3, at: 2, .. }), "{error:?}");

    let waiting = tokio::spawn({
        let live = live.clone();
        async move { live.wait_for(3, LONG).await }
    });
    tokio::time::sleep(Duration::from_millis(20)).await;
    store.apply_all(&events("a"), 2, 3).await;
    waiting.await.expect("the task").expect("position 3 is reached");
}

/// Tests that `wait_for` waits for the old version while a new version is built, and for the new version after the switch.
pub async fn a_wait_follows_the_version_that_readers_use(factory: &dyn ReadModelFactory) {
    let case = ReadModelCase::new(factory).await;
    let (log, log_id) = log(4).await;
    let live = case.database.live(log);
    let old = open(&case, 1, &log_id).await;
    old.apply_all(&events("aaa"), 0, 3).await;
    let new = open(&case, 2, &log_id).await;
    new.apply_all(&events("a"), 0, 1).await;
    live.wait_for(3, LONG).await.expect("the old version has reached position 3");

    let waiting = tokio::spawn({
        let live = live.clone();
        async move { live.wait_for(4, LONG).await }
    });
    new.apply_all(&events("aaa"), 1, 4).await;
    assert!(live.wait_for(4, SHORT).await.is_err(), "readers still use the old version");
    new.swap(4, 4).await;
    waiting.await.expect("the task").expect("the new version has reached position 4");
    assert_eq!(live.status().await.expect("a status").expect("a version").version, 2);
}

/// Tests that waiting for a position of another log fails, because the read model does not contain the events of that
/// log.
pub async fn a_wait_ends_in_another_log(factory: &dyn ReadModelFactory) {
    let case = ReadModelCase::new(factory).await;
    let (_, log_id) = log(3).await;
    let store = open(&case, 1, &log_id).await;
    store.apply_all(&events("aaa"), 0, 3).await;
    let (other, _) = log(3).await;
    let error = case.database.live(other).wait_for(2, LONG).await.expect_err("another log");
    assert!(matches!(error, WaitForError::LogReplaced { wanted: 2, .. }), "{error:?}");
}
