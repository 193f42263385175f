//! Incorrect use: panics while an event is decoded, invalid options, invalid names.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use castore_core::consumer::HandlerError;
use castore_postgres::projection::{PostgresProjection, ReadModel, Tables, Transaction};
use castore_postgres::tokio_postgres;
use castore_projection::{OnFailure, ProjectionError, ProjectionOptions};

use super::failing::push_type;
use super::{Counts, Happened, SOON, expect_counts, options};
use crate::support::{A, B, STORE, Schema, push, quote};

#[tokio::test]
async fn a_panic_while_an_event_is_read_counts_as_its_failure() {
    let schema = Schema::new().await;
    let adapter = schema.adapter().await;
    push(&adapter, A, 1).await.unwrap();
    let unreadable = push_type(&adapter, B, 1, "UNREADABLE").await;
    let last = push(&adapter, A, 2).await.unwrap();
    let models = adapter.read_models();
    let running = models.start(Counts::<1>::default(), adapter.clone(), options()).await.unwrap();
    let error = running.finished().await.unwrap_err();
    let ProjectionError::Handler { position, ref source, .. } = *error else { panic!("{error:?}") };
    assert_eq!(position, unreadable);
    assert!(source.to_string().starts_with("reading the event panicked: "), "{source}");
    drop(running);
    let options = options().on_failure(OnFailure::ParkAggregate);
    let running = models.start(Counts::<1>::default(), adapter.clone(), options).await.unwrap();
    running.wait_for(last, SOON).await.unwrap();
    let parked = models.parked("counts", 1).await.unwrap();
    // Decoding would panic again, so the event is not retried.
    assert_eq!((parked.len(), parked[0].next_position, parked[0].attempts), (1, unreadable, 1));
    let error = running.retry_parked(STORE, B).await.unwrap_err();
    assert!(matches!(error, ProjectionError::Handler { .. }), "{error:?}");
    running.wait_for(push(&adapter, A, 3).await.unwrap(), SOON).await.unwrap();
    running.shutdown().await.unwrap();
}

#[tokio::test]
async fn options_may_be_extreme() {
    let year = Duration::from_secs(365 * 24 * 3_600);
    for (batch, attempts) in [(1, 1), (usize::MAX, u32::MAX)] {
        let schema = Schema::new().await;
        let adapter = schema.adapter().await;
        let options = ProjectionOptions::default()
            .batch_size(batch)
            .poll_interval(year)
            .attempts(attempts)
            .backoff(if attempts == 1 { year } else { Duration::from_millis(1) }, year)
            .on_failure(OnFailure::ParkAggregate);
        let projection = Counts::<1>::default();
        let healed = Arc::clone(&projection.healed);
        push(&adapter, A, 1).await.unwrap();
        push_type(&adapter, B, 1, "POISON").await;
        let last = push(&adapter, A, 2).await.unwrap();
        let running = adapter.read_models().start(projection, adapter.clone(), options).await.unwrap();
        if attempts == 1 {
            running.wait_for(last, SOON).await.unwrap();
            let parked = adapter.read_models().parked("counts", 1).await.unwrap();
            assert_eq!((parked.len(), parked[0].attempts), (1, 1));
            healed.store(true, Ordering::SeqCst);
            assert!(running.retry_parked(STORE, B).await.unwrap());
        } else {
            tokio::time::sleep(Duration::from_millis(200)).await;
            healed.store(true, Ordering::SeqCst);
        }
        // The projection is woken up instead of polling.
        let last = push(&adapter, A, 3).await.unwrap();
        running.wait_for(last, SOON).await.unwrap();
        assert_eq!(expect_counts(&schema, "counts").await, 4);
        running.shutdown().await.unwrap();
    }
}

#[tokio::test]
async fn parked_aggregates_are_retried_while_the_model_is_built() {
    let schema = Schema::new().await;
    let adapter = schema.adapter().await;
    let projection = Counts::<1>::default();
    let healed = Arc::clone(&projection.healed);
    push_type(&adapter, B, 1, "POISON").await;
    let mut last = 0;
    for version in 1..=200 {
        last = push_type(&adapter, A, version, "SLOW").await;
    }
    let options = options().batch_size(1).attempts(1).on_failure(OnFailure::ParkAggregate);
    let running = adapter.read_models().start(projection, adapter.clone(), options).await.unwrap();
    running.wait_for(3, SOON).await.unwrap();
    healed.store(true, Ordering::SeqCst);
    assert!(running.retry_parked(STORE, B).await.unwrap());
    let status = running.status().await.unwrap();
    assert!(status.parked == 0 && status.position < last, "{status:?}");
    running.wait_for(last, SOON).await.unwrap();
    assert_eq!(expect_counts(&schema, "counts").await, 201);
    running.shutdown().await.unwrap();
}

/// A projection that creates a table with a name of its own choice.
struct OwnName<const KIND: u8>;

impl<const KIND: u8> ReadModel for OwnName<KIND> {
    const NAME: &'static str = match KIND {
        0 => "own",
        1 => "event",
        2 => "castore_own",
        _ => "pg_own",
    };
    const VERSION: u32 = 1;
    type Event = Happened;
}

impl<const KIND: u8> PostgresProjection for OwnName<KIND> {
    async fn create(&self, transaction: &Transaction<'_>, _: &Tables) -> Result<(), tokio_postgres::Error> {
        transaction.batch_execute("CREATE TABLE pg_temp.own (count BIGINT)").await
    }

    async fn apply(&self, _: &Transaction<'_>, _: &Tables, _: &Happened) -> Result<(), HandlerError> {
        Ok(())
    }
}

#[tokio::test]
async fn names_are_those_of_the_tables_and_not_reserved() {
    let schema = Schema::new().await;
    let adapter = schema.adapter().await;
    let models = adapter.read_models();
    let own = models.start(OwnName::<0>, adapter.clone(), options()).await.unwrap_err();
    let event = models.start(OwnName::<1>, adapter.clone(), options()).await.unwrap_err();
    let castore = models.start(OwnName::<2>, adapter.clone(), options()).await.unwrap_err();
    let postgres = models.start(OwnName::<3>, adapter.clone(), options()).await.unwrap_err();
    for (error, words) in [
        (
            own,
            format!(
                "`create` did not create the table {}.\"own_v1\": use the names from its argument `tables`",
                quote(&schema.name)
            ),
        ),
        (event, "the name \"event\" is reserved for the table of events".to_owned()),
        (castore, "the name \"castore_own\" is reserved for castore's own tables".to_owned()),
        (postgres, "the name \"pg_own\" is reserved for Postgres's own tables".to_owned()),
    ] {
        assert!(matches!(error, ProjectionError::Setup { .. }), "{error:?}");
        assert!(castore_core::error::error_chain(&error).ends_with(&words), "{error:?}");
    }
    assert!(models.versions(&adapter).await.unwrap().is_empty());
}

/// A projection that pushes events in its handler.
struct Pushing(castore_postgres::PostgresEventStorageAdapter);

impl ReadModel for Pushing {
    const NAME: &'static str = "pushing";
    const VERSION: u32 = 1;
    type Event = Happened;
}

impl PostgresProjection for Pushing {
    async fn create(&self, transaction: &Transaction<'_>, tables: &Tables) -> Result<(), tokio_postgres::Error> {
        transaction.batch_execute(&format!("CREATE TABLE {tables} (number INT)")).await
    }

    async fn apply(&self, _: &Transaction<'_>, _: &Tables, _: &Happened) -> Result<(), HandlerError> {
        Err(HandlerError::park(push(&self.0, B, 1).await.expect_err("a push inside a handler")))
    }
}

#[tokio::test]
async fn a_push_through_the_own_pool_inside_a_handler_is_refused_at_once() {
    let schema = Schema::new().await;
    for connections in [1, 4] {
        let acquiring = Duration::from_secs(600);
        let builder = schema.builder().pool_size(connections).acquire_timeout(acquiring);
        let adapter = schema.created(builder).await;
        let _ = push(&adapter, A, 1).await;
        let running = adapter.read_models().start(Pushing(adapter.clone()), adapter.clone(), options()).await.unwrap();
        let stopped = tokio::time::timeout(acquiring / 10, running.finished()).await.expect("no push waits");
        let text = castore_core::error::error_chain(&*stopped.unwrap_err());
        assert!(text.contains("a projection handler must not push to its own storage"), "{text}");
        assert_eq!(schema.value::<i64>("SELECT count(*) FROM event").await, 1);
    }
}
