//! A log that is truncated, restored or renamed while relays and projections run.

use std::ops::RangeInclusive;
use std::time::Duration;

use castore_conformance::channel::channels::{NotificationBus, Trainer};
use castore_core::log::EventLog;
use castore_core::relay::RelayStorageAdapter;
use castore_core::storage::{EventStorageAdapter, RawEvent};
use castore_core::time::Timestamp;
use castore_postgres::PostgresEventStorageAdapter;
use castore_projection::{ProjectionError, RunningProjection, WaitForError};
use castore_relay::{Relay, RelayError, RelayRole, RelayStart};
use castore_runtime::event_store::EventStore;
use castore_runtime::in_memory::InMemoryMessageBusAdapter;

use crate::projection::{Counts, options};
use crate::support::{A, NO_FORCE, STORE, Schema};

/// A limit for conditions that other processes on a busy machine may delay.
const SOON: Duration = Duration::from_secs(60);

/// Pushes versions of one aggregate, with `time` as their timestamp.
pub(crate) async fn push(
    adapter: &PostgresEventStorageAdapter,
    store: &str,
    versions: RangeInclusive<u64>,
    time: i64,
) -> u64 {
    let mut last = 0;
    for version in versions {
        let payload = serde_json::value::RawValue::from_string("{\"name\":\"Ash\"}".to_owned()).unwrap();
        let event = RawEvent {
            aggregate_id: A.to_owned(),
            version,
            event_type: "GAME_STARTED".into(),
            timestamp: Timestamp::from_unix_millis(time).unwrap(),
            payload: Some(payload),
            metadata: None,
        };
        last = adapter.push_event(store, event, NO_FORCE).await.unwrap().position.unwrap();
    }
    last
}

pub(crate) async fn relay(
    adapter: &PostgresEventStorageAdapter,
) -> Result<(Relay, InMemoryMessageBusAdapter<NotificationBus>), RelayError> {
    let bus = NotificationBus::new();
    let listeners = InMemoryMessageBusAdapter::attach_to(&bus);
    let trainers = EventStore::<Trainer>::new(adapter.clone());
    let relay = Relay::builder(bus).publish(&trainers).name("relay").poll_interval(Duration::from_millis(20));
    Ok((relay.start(adapter.clone(), RelayStart::Beginning).await?, listeners))
}

/// Waits until the relay has stopped, and returns its error.
async fn end_of(relay: &Relay) -> String {
    let mut status = relay.status_changes();
    let stopped = tokio::time::timeout(SOON, status.wait_for(|status| status.role == RelayRole::Stopped));
    let stopped = stopped.await.expect("the relay should stop");
    stopped.map_or_else(|_| relay.status(), |status| status.clone()).last_error.expect("an error")
}

async fn end_of_projection(running: &mut RunningProjection) -> std::sync::Arc<ProjectionError> {
    tokio::time::timeout(SOON, running.finished()).await.expect("the projection should stop").unwrap_err()
}

async fn start(adapter: &PostgresEventStorageAdapter) -> Result<RunningProjection, ProjectionError> {
    adapter.read_models().start(Counts::<1>::default(), adapter.clone(), options()).await
}

/// The ways of replacing a log by another one whose positions begin again. The events that are pushed afterwards have
/// the same aggregate and the same versions.
const REPLACEMENTS: [&str; 3] = [
    "TRUNCATE event RESTART IDENTITY",
    // Simulates a table that was restored from a backup: no rewrite is counted.
    "ALTER TABLE event DISABLE TRIGGER USER; TRUNCATE event RESTART IDENTITY; ALTER TABLE event ENABLE TRIGGER USER",
    "ALTER TABLE event RENAME TO before; ALTER SEQUENCE event_id_seq RENAME TO before_id_seq;
     CREATE TABLE event (LIKE before INCLUDING INDEXES); CREATE SEQUENCE event_id_seq OWNED BY event.id;
     ALTER TABLE event ALTER id SET DEFAULT nextval('event_id_seq'), ALTER timestamp SET DEFAULT now()",
];

#[tokio::test]
async fn a_running_relay_stops_when_its_log_was_replaced() {
    for replacement in REPLACEMENTS {
        let schema = Schema::new().await;
        let adapter = schema.adapter().await;
        let last = push(&adapter, "TRAINERS", 1..=20, 1_000).await;
        let (relay, _listeners) = relay(&adapter).await.unwrap();
        relay.wait_for(last, SOON).await.unwrap();
        schema.run(replacement).await;
        push(&adapter, "TRAINERS", 1..=25, 2_000).await;
        let error = end_of(&relay).await;
        assert!(error.contains("no longer contains") || error.contains("belongs to log"), "{replacement}: {error}");
        assert_eq!(relay.status().published, 20, "{replacement}: events of the other log are published");
        let waited = relay.wait_for(1, SOON).await;
        assert!(
            matches!(waited, Err(RelayError::LogReplaced { .. } | RelayError::OtherLog { .. })),
            "{replacement}: {waited:?}"
        );
    }
}

#[tokio::test]
async fn a_relay_does_not_start_on_a_log_that_was_replaced() {
    for replacement in REPLACEMENTS {
        let schema = Schema::new().await;
        let adapter = schema.adapter().await;
        let last = push(&adapter, "TRAINERS", 1..=20, 1_000).await;
        let (running, _listeners) = relay(&adapter).await.unwrap();
        running.wait_for(last, SOON).await.unwrap();
        running.shutdown().await.unwrap();
        schema.run(replacement).await;
        push(&adapter, "TRAINERS", 1..=25, 2_000).await;
        let error = relay(&adapter).await.map(drop).expect_err("20 events would be skipped");
        assert!(
            matches!(error, RelayError::LogReplaced { position: 20, .. } | RelayError::OtherLog { .. }),
            "{replacement}: {error}"
        );
    }
}

#[tokio::test]
async fn a_running_projection_stops_when_its_log_was_replaced() {
    for replacement in REPLACEMENTS {
        let schema = Schema::new().await;
        let adapter = schema.adapter().await;
        let last = push(&adapter, STORE, 1..=20, 1_000).await;
        let mut running = start(&adapter).await.unwrap();
        running.wait_for(last, SOON).await.unwrap();
        schema.run(replacement).await;
        push(&adapter, STORE, 1..=25, 2_000).await;
        let waited = running.wait_for(1, SOON).await;
        assert!(matches!(waited, Err(WaitForError::LogReplaced { wanted: 1, .. })), "{replacement}: {waited:?}");
        let error = end_of_projection(&mut running).await;
        assert!(
            matches!(*error, ProjectionError::LogReplaced { position: 20, .. } | ProjectionError::OtherLog { .. }),
            "{replacement}: {error:?}"
        );
        assert_eq!(schema.value::<i64>("SELECT count FROM counts").await, 20, "{replacement}");
        let error = start(&adapter).await.expect_err("20 events would be skipped");
        assert!(
            matches!(error, ProjectionError::LogReplaced { position: 20, .. } | ProjectionError::OtherLog { .. }),
            "{replacement}: {error:?}"
        );
    }
}

/// Tables of an earlier version store no events with their checkpoints: the checkpoints are accepted, and later writes
/// add an event to them.
#[tokio::test]
async fn checkpoints_of_an_earlier_version_are_accepted_and_upgraded() {
    let schema = Schema::new().await;
    let adapter = schema.adapter().await;
    push(&adapter, "TRAINERS", 1..=5, 1_000).await;
    let last = push(&adapter, STORE, 1..=5, 1_000).await;
    let (first, _listeners) = relay(&adapter).await.unwrap();
    first.wait_for(last, SOON).await.unwrap();
    first.shutdown().await.unwrap();
    let running = start(&adapter).await.unwrap();
    running.wait_for(last, SOON).await.unwrap();
    running.shutdown().await.unwrap();
    schema
        .run(
            "ALTER TABLE castore_relay DROP COLUMN checkpoint_event, DROP COLUMN lasts;
             ALTER TABLE castore_projection DROP COLUMN checkpoint_event",
        )
        .await;
    let again = schema.open(schema.builder()).await;
    assert_eq!(again.read_models().versions(&again).await.unwrap().len(), 1);
    let (second, _listeners) = relay(&again).await.unwrap();
    let running = start(&again).await.unwrap();
    let last_of_relay = push(&again, "TRAINERS", 6..=6, 1_000).await;
    let last = push(&again, STORE, 6..=6, 1_000).await;
    second.wait_for(last_of_relay, SOON).await.unwrap();
    running.wait_for(last, SOON).await.unwrap();
    second.shutdown().await.unwrap();
    running.shutdown().await.unwrap();
    let checkpoint = again.checkpoint("relay").await.unwrap().unwrap();
    assert_eq!(checkpoint.event.map(|event| event.position), Some(last_of_relay));
    let event: String = schema.value("SELECT checkpoint_event FROM castore_projection").await;
    let event = castore_core::log::CheckpointEvent::from_text(&event).unwrap();
    assert_eq!((event.position, event.version), (last, 6));
}

#[tokio::test]
async fn a_truncated_table_is_another_log() {
    let schema = Schema::new().await;
    let adapter = schema.adapter().await;
    let before = adapter.log_id().await.unwrap();
    push(&adapter, STORE, 1..=2, 1_000).await;
    schema.run("DELETE FROM event WHERE version = 2").await;
    assert_eq!(adapter.log_id().await.unwrap(), before, "events were removed one by one");
    schema.run("TRUNCATE event").await;
    let after = adapter.log_id().await.unwrap();
    assert_ne!(after, before);
    assert_eq!(schema.open(schema.builder()).await.log_id().await.unwrap(), after);
    assert!(adapter.shares_database_with(&before).await.unwrap());
}
