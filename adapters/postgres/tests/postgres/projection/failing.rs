use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use castore_core::log::EventLog;
use castore_core::metrics::{Attribute, Instrument, Meter, MetricsCollector, instruments};
use castore_core::storage::{EventStorageAdapter, RawEvent};
use castore_postgres::PostgresEventStorageAdapter;
use castore_projection::{OnFailure, ProjectionError, ProjectionState, WaitForError};

use super::{Counts, SOON, expect_counts, options};
use crate::support::{A, B, C, NO_FORCE, STORE, Schema, connect, event, push, quote, with};

pub(super) async fn push_type(
    adapter: &PostgresEventStorageAdapter,
    aggregate: &str,
    version: u64,
    event_type: &'static str,
) -> u64 {
    let event = RawEvent { event_type: event_type.into(), ..event(aggregate, version) };
    adapter.push_event(STORE, event, NO_FORCE).await.unwrap().position.unwrap()
}

#[tokio::test]
async fn an_event_that_is_refused_stops_the_projection_before_it() {
    for (event_type, words) in [
        ("POISON", "poison"),
        ("PANIC", "the handler panicked: as it was told"),
        ("FAIL", "SQLSTATE 22012"),
        ("SWALLOW", "after a statement had failed"),
    ] {
        let schema = Schema::new().await;
        let adapter = schema.adapter().await;
        push(&adapter, A, 1).await.unwrap();
        let poison = push_type(&adapter, B, 1, event_type).await;
        push(&adapter, A, 2).await.unwrap();
        let models = adapter.read_models();
        let running = models.start(Counts::<1>::default(), adapter.clone(), options()).await.unwrap();
        let error = running.finished().await.unwrap_err();
        let ProjectionError::Handler { position, version, ref aggregate_id, ref source, .. } = *error else {
            panic!("{error:?}")
        };
        assert_eq!((position, version, aggregate_id.as_str()), (poison, 1, B));
        assert!(source.to_string().contains(words), "{event_type}: {source}");
        let status = running.status().await.unwrap();
        assert_eq!(status.position, poison - 1, "{event_type}");
        assert!(matches!(status.state, ProjectionState::Stopped { .. }), "{status:?}");
        let error = running.wait_for(poison, SOON).await.unwrap_err();
        assert!(matches!(error, WaitForError::Stopped { .. }), "{error}");
        drop(running);
        // When the handler succeeds again, the projection continues.
        let healed = Counts::<1> { healed: Arc::new(AtomicBool::new(true)), ..Counts::default() };
        let running = models.start(healed, adapter.clone(), options()).await.unwrap();
        running.wait_for(poison + 1, SOON).await.unwrap();
        assert_eq!(expect_counts(&schema, "counts").await, 3);
        running.shutdown().await.unwrap();
    }
}

#[tokio::test]
async fn a_handler_that_ends_the_transaction_is_stopped_permanently() {
    let schema = Schema::new().await;
    let adapter = schema.adapter().await;
    push_type(&adapter, A, 1, "COMMIT").await;
    let options = options().on_failure(OnFailure::ParkAggregate);
    let running = adapter.read_models().start(Counts::<1>::default(), adapter.clone(), options).await.unwrap();
    let error = running.finished().await.unwrap_err();
    assert!(matches!(*error, ProjectionError::Setup { .. }), "{error:?}");
    assert!(castore_core::error::error_chain(&error).contains("ended the transaction"), "{error:?}");
    assert_eq!(schema.value::<i64>("SELECT position FROM castore_projection").await, 0);
}

#[tokio::test]
async fn a_parked_aggregate_continues_from_its_position() {
    let schema = Schema::new().await;
    let adapter = schema.adapter().await;
    let projection = Counts::<1>::default();
    let healed = Arc::clone(&projection.healed);
    push(&adapter, A, 1).await.unwrap();
    push(&adapter, B, 1).await.unwrap();
    let poison = push_type(&adapter, A, 2, "POISON").await;
    push(&adapter, A, 3).await.unwrap();
    let last = push(&adapter, B, 2).await.unwrap();
    let options = options().on_failure(OnFailure::ParkAggregate);
    let models = adapter.read_models();
    let running = models.start(projection, adapter.clone(), options).await.unwrap();
    running.wait_for(last, SOON).await.unwrap();
    let later = push(&adapter, A, 4).await.unwrap();
    running.wait_for(later, SOON).await.unwrap();
    let counts = |of: &'static str| format!("SELECT count FROM counts WHERE aggregate_id = '{of}'");
    assert_eq!((schema.value::<i64>(&counts(A)).await, schema.value::<i64>(&counts(B)).await), (1, 2));
    let parked = models.parked("counts", 1).await.unwrap();
    assert_eq!(parked.len(), 1);
    assert_eq!((parked[0].next_position, parked[0].version, parked[0].attempts), (poison, 2, 2));
    assert_eq!((parked[0].aggregate_id.as_str(), parked[0].error.as_str()), (A, "poison"));
    assert_eq!(running.status().await.unwrap().parked, 1);
    let error = running.retry_parked(STORE, A).await.unwrap_err();
    assert!(matches!(error, ProjectionError::Handler { position, .. } if position == poison), "{error:?}");
    assert_eq!(models.parked("counts", 1).await.unwrap()[0].attempts, 3);
    healed.store(true, Ordering::SeqCst);
    assert!(running.retry_parked(STORE, A).await.unwrap());
    assert!(!running.retry_parked(STORE, A).await.unwrap());
    assert_eq!(running.status().await.unwrap().parked, 0);
    let last = push(&adapter, A, 5).await.unwrap();
    running.wait_for(last, SOON).await.unwrap();
    assert_eq!(expect_counts(&schema, "counts").await, 7);
    running.shutdown().await.unwrap();
}

/// The projection waits for wake-ups and for commands at the same time. A wake-up that arrives while a command runs
/// must not cancel it: the caller would get the error that the projection has stopped, and the retry would be rolled
/// back.
#[tokio::test]
async fn retry_parked_is_not_cancelled_by_a_wake_up() {
    let schema = Schema::new().await;
    let adapter = schema.adapter().await;
    let projection = Counts::<1>::default();
    let (healed, held) = (Arc::clone(&projection.healed), Arc::clone(&projection.held));
    let last = push_type(&adapter, B, 1, "HELD").await;
    // Without polling, the projection is idle when the command arrives.
    let options = options().poll_interval(Duration::from_secs(3_600)).attempts(1).on_failure(OnFailure::ParkAggregate);
    let running = adapter.read_models().start(projection, adapter.clone(), options).await.unwrap();
    running.wait_for(last, SOON).await.unwrap();
    healed.store(true, Ordering::SeqCst);
    let wake_up = async {
        held.entered.notified().await;
        let last = push(&adapter, A, 1).await.unwrap();
        // The projection runs on this test's thread: it receives the wake-up before the handler is released.
        for _ in 0..1_000 {
            tokio::task::yield_now().await;
        }
        held.released.notify_one();
        last
    };
    let (retried, last) = tokio::join!(running.retry_parked(STORE, B), wake_up);
    assert!(retried.unwrap(), "the aggregate was parked");
    assert_eq!(running.status().await.unwrap().parked, 0);
    running.wait_for(last, SOON).await.unwrap();
    assert_eq!(expect_counts(&schema, "counts").await, 2);
    running.shutdown().await.unwrap();
}

/// The class of an error only determines whether the event is retried: no class skips an event or stops the projection.
#[tokio::test]
async fn events_are_parked_whatever_the_class_of_the_error() {
    let schema = Schema::new().await;
    let adapter = schema.adapter().await;
    push_type(&adapter, A, 1, "PARK").await;
    push_type(&adapter, B, 1, "SKIP").await;
    push_type(&adapter, C, 1, "STOP").await;
    let last = push(&adapter, B, 2).await.unwrap();
    let options = options().on_failure(OnFailure::ParkAggregate);
    let models = adapter.read_models();
    let running = models.start(Counts::<1>::default(), adapter.clone(), options).await.unwrap();
    running.wait_for(last, SOON).await.unwrap();
    let parked = models.parked("counts", 1).await.unwrap();
    let parked: Vec<_> = parked.iter().map(|parked| (&*parked.aggregate_id, parked.attempts, &*parked.error)).collect();
    assert_eq!(parked, [(A, 1, "park"), (B, 1, "skip"), (C, 2, "stop")]);
    assert_eq!(schema.value::<i64>("SELECT count(*) FROM counts").await, 0);
    running.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_database_that_refuses_everything_is_waited_for() {
    let schema = Schema::new().await;
    let adapter = schema.adapter().await;
    let (name, role) = (quote(&schema.name), format!("castore_model_{}", schema.name));
    schema.run(&format!("CREATE ROLE {role} LOGIN; GRANT USAGE, CREATE ON SCHEMA {name} TO {role}")).await;
    let models = schema.builder().connect(&with(schema.url(), "user", &role)).await.unwrap().read_models();
    let options = options().on_failure(OnFailure::ParkAggregate);
    let running = models.start(Counts::<1>::default(), adapter.clone(), options).await.unwrap();
    schema.run(&format!("REVOKE ALL ON counts_v1 FROM {role}")).await;
    let last = push(&adapter, A, 1).await.unwrap();
    let error = running.wait_for(last, Duration::from_millis(300)).await.unwrap_err();
    assert!(matches!(error, WaitForError::TimedOut { blocked_by: None, .. }), "{error:?}");
    let since = Instant::now();
    let status = loop {
        let status = running.status().await.unwrap();
        if matches!(status.state, ProjectionState::Retrying { .. }) {
            break status;
        }
        assert!(since.elapsed() < SOON, "{status:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    assert_eq!(status.parked, 0);
    schema.run(&format!("GRANT ALL ON counts_v1 TO {role}")).await;
    running.wait_for(last, SOON).await.unwrap();
    assert_eq!(expect_counts(&schema, "counts").await, 1);
    running.shutdown().await.unwrap();
    schema.run(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).await;
}

#[tokio::test]
async fn a_timed_out_wait_names_the_projection() {
    let schema = Schema::new().await;
    let adapter = schema.adapter().await;
    let running = adapter.read_models().start(Counts::<1>::default(), adapter.clone(), options()).await.unwrap();
    let slow = connect(&with(schema.url(), "application_name", "night job")).await;
    slow.batch_execute(&format!(
        "SET search_path TO {}; BEGIN;
         INSERT INTO event (aggregate_name, aggregate_id, version, type) VALUES ('STORE', '{B}', 1, 'T')",
        quote(&schema.name)
    ))
    .await
    .unwrap();
    let position = push(&adapter, A, 1).await.unwrap();
    // At first, the error may not describe the blocking transaction, because the log has not queried it yet.
    let since = Instant::now();
    loop {
        let error = running.wait_for(position, Duration::from_millis(200)).await.unwrap_err();
        if error.to_string().contains("night job") {
            break;
        }
        assert!(since.elapsed() < SOON, "{error}");
    }
    assert!(running.status().await.unwrap().blocked_by.is_some());
    let meter = Arc::new(BlockedTime::default());
    let mut collector = MetricsCollector::new(meter.clone()).with(&running);
    collector.collect().await;
    assert!(meter.last() > 0.0, "the log waits for {}", meter.last());
    slow.batch_execute("COMMIT").await.unwrap();
    running.wait_for(position, SOON).await.unwrap();
    assert_eq!(expect_counts(&schema, "counts").await, 2);
    assert_eq!(adapter.end().await.unwrap().blocked_by, None);
    collector.collect().await;
    assert_eq!(meter.last(), 0.0);
    running.shutdown().await.unwrap();
}

/// A meter that keeps the last time for which the log has waited for a transaction.
#[derive(Default)]
struct BlockedTime(Mutex<f64>);

impl BlockedTime {
    fn last(&self) -> f64 {
        *self.0.lock().unwrap()
    }
}

impl Meter for BlockedTime {
    fn count(&self, _: &'static Instrument, _: u64, _: &[Attribute<'_>]) {}

    fn record(&self, _: &'static Instrument, _: f64, _: &[Attribute<'_>]) {}

    fn gauge(&self, instrument: &'static Instrument, value: f64, attributes: &[Attribute<'_>]) {
        if *instrument == instruments::LOG_BLOCKED_TIME {
            assert!(attributes.contains(&(instruments::PROJECTION_NAME, "counts")), "{attributes:?}");
            *self.0.lock().unwrap() = value;
        }
    }
}
