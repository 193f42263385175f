//! The log is restored to an earlier state, and grows again, while relays and projections use it.

use std::fs;
use std::time::Duration;

use castore_conformance::channel::channels::{NotificationBus, Trainer};
use castore_core::log::{CheckpointEvent, EventLog};
use castore_core::relay::RelayStorageAdapter;
use castore_core::storage::{EventStorageAdapter, RawEvent};
use castore_core::time::Timestamp;
use castore_projection::{ProjectionError, WaitForError};
use castore_relay::{Relay, RelayError, RelayRole, RelayStart};
use castore_runtime::event_store::EventStore;
use castore_runtime::in_memory::InMemoryMessageBusAdapter;
use castore_sqlite::SqliteEventStorageAdapter;

use crate::projections::support::{Counts, SOON, options, stopped};
use crate::support::{Place, STORE, place};

const TRAINERS: &str = "TRAINERS";

/// Pushes versions of one aggregate, all with the same timestamp. Returns the last position.
async fn push(
    adapter: &SqliteEventStorageAdapter,
    store: &str,
    versions: std::ops::RangeInclusive<u64>,
    time: i64,
) -> u64 {
    let mut last = 0;
    for version in versions {
        let payload = serde_json::value::RawValue::from_string("{\"name\":\"Ash\"}".to_owned()).unwrap();
        let event = RawEvent {
            aggregate_id: "a".to_owned(),
            version,
            event_type: "GAME_STARTED".into(),
            timestamp: Timestamp::from_unix_millis(time).unwrap(),
            payload: Some(payload),
            metadata: None,
        };
        last = adapter.push_event(store, event, crate::support::ALLOW_GAP).await.unwrap().position.unwrap();
    }
    last
}

/// Deletes all events and resets their positions without counting a rewrite, as after a backup was restored.
fn take_back(place: &Place) {
    let sql = "DROP TRIGGER event_deleted; DELETE FROM event; DELETE FROM sqlite_sequence";
    place.raw().execute_batch(sql).unwrap();
}

/// Restores a backup as a separate process would.
fn restore(place: &Place, backup: &std::path::Path) {
    for suffix in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{suffix}", place.path.display()));
    }
    fs::copy(backup, &place.path).unwrap();
}

fn back_up(place: &Place) -> std::path::PathBuf {
    let backup = place.folder.path().join("backup.db");
    place.raw().execute("VACUUM INTO ?1", [backup.to_str().unwrap()]).unwrap();
    backup
}

async fn relay(adapter: &SqliteEventStorageAdapter) -> Result<Relay, RelayError> {
    let bus = NotificationBus::new();
    let _listeners = InMemoryMessageBusAdapter::attach_to(&bus);
    let trainers = EventStore::<Trainer>::new(adapter.clone());
    let relay = Relay::builder(bus).publish(&trainers).name("relay").poll_interval(Duration::from_millis(20));
    relay.start(adapter.clone(), RelayStart::Beginning).await
}

/// Waits until the relay has stopped, and returns its error.
async fn end_of(relay: &Relay) -> String {
    let mut status = relay.status_changes();
    let stopped = tokio::time::timeout(SOON, status.wait_for(|status| status.role == RelayRole::Stopped));
    let stopped = stopped.await.expect("the relay should stop");
    stopped.map_or_else(|_| relay.status(), |status| status.clone()).last_error.expect("an error")
}

#[tokio::test]
async fn a_running_relay_stops_when_its_log_was_taken_back_and_is_longer_again() {
    let place = place();
    let adapter = place.open().await;
    let last = push(&adapter, TRAINERS, 1..=20, 1_000).await;
    let relay = relay(&adapter).await.unwrap();
    relay.wait_for(last, SOON).await.unwrap();
    take_back(&place);
    // The new events have the same aggregate, versions and positions.
    push(&adapter, TRAINERS, 1..=25, 2_000).await;
    let error = end_of(&relay).await;
    assert!(error.contains("position 20") && error.contains("no longer contains"), "{error}");
    assert_eq!(relay.status().published, 20, "no event of the other log is published");
    assert!(relay.wait_for(1, SOON).await.is_err());
}

#[tokio::test]
async fn a_relay_does_not_start_on_a_restored_log_that_is_longer_than_before() {
    let place = place();
    let adapter = place.open().await;
    push(&adapter, TRAINERS, 1..=10, 1_000).await;
    let backup = back_up(&place);
    let last = push(&adapter, TRAINERS, 11..=20, 1_000).await;
    // The relay's state is in another file, so that it is not restored with the log.
    let elsewhere = crate::support::place();
    let state = elsewhere.open().await;
    let bus = NotificationBus::new();
    let _listeners = InMemoryMessageBusAdapter::attach_to(&bus);
    let trainers = EventStore::<Trainer>::new(adapter.clone());
    let builder = || Relay::builder(bus.clone()).publish(&trainers).name("relay");
    let relay = builder().start_with(adapter.clone(), state.clone(), RelayStart::Beginning).await.unwrap();
    relay.wait_for(last, SOON).await.unwrap();
    relay.shutdown().await.unwrap();
    adapter.shutdown().await;
    restore(&place, &backup);
    let adapter = place.open().await;
    push(&adapter, TRAINERS, 11..=30, 2_000).await;
    let trainers = EventStore::<Trainer>::new(adapter.clone());
    let builder = Relay::builder(bus.clone()).publish(&trainers).name("relay");
    let started = builder.start_with(adapter.clone(), state.clone(), RelayStart::Beginning).await;
    let error = started.expect_err("the events from 11 on were never published");
    assert!(matches!(error, RelayError::LogReplaced { position: 20, version: 20, .. }), "{error}");
}

#[tokio::test]
async fn a_checkpoint_without_an_event_is_accepted_and_upgraded() {
    let place = place();
    let adapter = place.open().await;
    let last = push(&adapter, TRAINERS, 1..=5, 1_000).await;
    let relay_1 = relay(&adapter).await.unwrap();
    relay_1.wait_for(last, SOON).await.unwrap();
    relay_1.shutdown().await.unwrap();
    // The checkpoint now has no event, as in a file of an earlier version of this crate.
    place.raw().execute_batch("UPDATE castore_relay SET checkpoint_event = NULL").unwrap();
    let relay_2 = relay(&adapter).await.unwrap();
    let last = push(&adapter, TRAINERS, 6..=6, 1_000).await;
    relay_2.wait_for(last, SOON).await.unwrap();
    relay_2.shutdown().await.unwrap();
    let checkpoint = adapter.checkpoint("relay").await.unwrap().unwrap();
    assert_eq!(checkpoint.event.map(|event| (event.position, event.version)), Some((last, 6)));
}

/// A forced push or a deletion of the last event does not count as a different log.
#[tokio::test]
async fn a_rewritten_event_does_not_stop_a_relay_or_a_projection() {
    let place = place();
    let adapter = place.open().await;
    let last = push(&adapter, TRAINERS, 1..=5, 1_000).await;
    push(&adapter, STORE, 1..=1, 1_000).await;
    let relay = relay(&adapter).await.unwrap();
    relay.wait_for(last, SOON).await.unwrap();
    let event = CheckpointEvent::read(&adapter, last).await.unwrap().unwrap();
    let mut replaced = adapter.get_events(TRAINERS, "a", Default::default()).await.unwrap().pop().unwrap();
    replaced.timestamp = Timestamp::from_unix_millis(9_000).unwrap();
    adapter.push_event(TRAINERS, replaced, crate::support::FORCE).await.unwrap();
    assert!(event.is_in(&adapter).await.unwrap());
    place.raw().execute("DELETE FROM event WHERE position = ?1", [last as i64]).unwrap();
    assert!(event.is_in(&adapter).await.unwrap());
    let next = push(&adapter, TRAINERS, 6..=6, 1_000).await;
    relay.wait_for(next, SOON).await.unwrap();
    relay.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_running_projection_stops_when_its_log_was_taken_back_and_is_longer_again() {
    let place = place();
    let adapter = place.open().await;
    let last = push(&adapter, STORE, 1..=20, 1_000).await;
    let models = adapter.read_models().unwrap();
    let mut running = models.start(Counts::<1>::new(), adapter.clone(), options()).await.unwrap();
    running.wait_for(last, SOON).await.unwrap();
    take_back(&place);
    // This is the position of an event that is not in the read model.
    let position = push(&adapter, STORE, 1..=25, 2_000).await - 24;
    let waited = running.wait_for(position, SOON).await;
    assert!(matches!(waited, Err(WaitForError::LogReplaced { wanted: 1, .. })), "{waited:?}");
    let error = stopped(&mut running).await;
    assert!(matches!(*error, ProjectionError::LogReplaced { position: 20, version: 20, .. }), "{error:?}");
    assert_eq!(crate::projections::support::counts(&place.path)["a"], 20, "no event of the other log is applied");
}

#[tokio::test]
async fn a_projection_does_not_start_on_a_log_that_was_restored_and_is_longer_than_before() {
    let place = place();
    let adapter = place.open().await;
    push(&adapter, STORE, 1..=10, 1_000).await;
    let backup = back_up(&place);
    let last = push(&adapter, STORE, 11..=20, 1_000).await;
    let models =
        castore_sqlite::projection::SqliteReadModels::open(place.folder.path().join("models.db")).await.unwrap();
    let running = models.start(Counts::<1>::new(), adapter.clone(), options()).await.unwrap();
    running.wait_for(last, SOON).await.unwrap();
    running.shutdown().await.unwrap();
    adapter.shutdown().await;
    restore(&place, &backup);
    let adapter = place.open().await;
    push(&adapter, STORE, 11..=30, 2_000).await;
    let error = models.start(Counts::<1>::new(), adapter.clone(), options()).await.unwrap_err();
    assert!(matches!(error, ProjectionError::LogReplaced { position: 20, .. }), "{error:?}");
}

/// The registry of an earlier version stores no events with its checkpoints. Such checkpoints are accepted, and get an
/// event when they move.
#[tokio::test]
async fn a_registry_of_an_earlier_version_is_upgraded() {
    let place = place();
    let adapter = place.open().await;
    let last = push(&adapter, STORE, 1..=3, 1_000).await;
    let models = adapter.read_models().unwrap();
    let running = models.start(Counts::<1>::new(), adapter.clone(), options()).await.unwrap();
    running.wait_for(last, SOON).await.unwrap();
    running.shutdown().await.unwrap();
    place.raw().execute_batch("ALTER TABLE castore_projection DROP COLUMN checkpoint_event").unwrap();
    assert_eq!(models.versions(&adapter).await.unwrap().len(), 1);
    let running = models.start(Counts::<1>::new(), adapter.clone(), options()).await.unwrap();
    running.wait_for(last, SOON).await.unwrap();
    let upgraded = || -> Option<String> {
        place.raw().query_row("SELECT checkpoint_event FROM castore_projection", [], |row| row.get(0)).unwrap()
    };
    let started = std::time::Instant::now();
    while upgraded().is_none() {
        assert!(started.elapsed() < SOON, "the checkpoint gets its event");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let event = CheckpointEvent::from_text(&upgraded().unwrap()).unwrap();
    assert_eq!((event.position, event.version), (adapter.end().await.unwrap().last_position, 3));
    running.shutdown().await.unwrap();
}

/// The projection's thread detects that its file is gone, and the projection stops.
#[tokio::test]
async fn a_projection_stops_when_the_file_of_its_read_model_was_replaced() {
    let place = place();
    let adapter = place.open().await;
    let path = place.folder.path().join("models.db");
    let models = castore_sqlite::projection::SqliteReadModels::open(&path).await.unwrap();
    let mut running = models.start(Counts::<1>::new(), adapter.clone(), options()).await.unwrap();
    let last = push(&adapter, STORE, 1..=1, 1_000).await;
    running.wait_for(last, SOON).await.unwrap();
    fs::remove_file(&path).unwrap();
    push(&adapter, STORE, 2..=2, 1_000).await;
    let error = stopped(&mut running).await;
    assert!(castore_core::error::error_chain(&*error).contains("deleted, moved or replaced"), "{error:?}");
}
