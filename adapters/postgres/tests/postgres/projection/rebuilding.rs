use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use castore_core::consumer::HandlerError;
use castore_core::log::EventLog;
use castore_postgres::projection::{PostgresProjection, ReadModel, Tables, Transaction};
use castore_postgres::tokio_postgres;
use castore_projection::engine::ReadModelRegistry;
use castore_projection::{ProjectionError, ProjectionRequest, ProjectionState};

use super::{Counts, Happened, SOON, expect_counts, options};
use crate::support::{A, B, Schema, connect, push, quote, with};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_new_version_takes_over_while_writers_push() {
    let schema = Schema::new().await;
    let adapter = schema.adapter().await;
    let models = adapter.read_models();
    let old = models.start(Counts::<1>::default(), adapter.clone(), options()).await.unwrap();
    for version in 1..=300 {
        push(&adapter, A, version).await.unwrap();
    }
    old.wait_for(300, SOON).await.unwrap();
    schema.run("GRANT SELECT ON counts TO PUBLIC").await;
    let done = Arc::new(AtomicBool::new(false));
    let writer = {
        let (adapter, done) = (adapter.clone(), Arc::clone(&done));
        tokio::spawn(async move {
            let mut version = 0;
            while !done.load(Ordering::SeqCst) {
                version += 1;
                push(&adapter, B, version).await.unwrap();
            }
        })
    };
    // A reader sees either the old or the new version, and never fewer events than before.
    let reader = {
        let (pool, done) = (adapter.pool().clone(), Arc::clone(&done));
        let sql = format!("SELECT coalesce(sum(count), 0)::int8 FROM {}.counts", quote(&schema.name));
        tokio::spawn(async move {
            let mut before = 0;
            while !done.load(Ordering::SeqCst) {
                let now: i64 = pool.get().await.unwrap().query_one(&sql, &[]).await.unwrap().get(0);
                assert!(now >= before, "{now} after {before}");
                before = now;
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        })
    };
    let error = models.drop_version("counts", 1).await.unwrap_err();
    assert!(matches!(error, ProjectionError::Setup { .. }), "{error:?}");
    assert!(
        castore_core::error::error_chain(&error)
            .ends_with("version 1 of counts cannot be dropped, because readers use it"),
        "{error:?}"
    );
    let new = models.start(Counts::<2>::default(), adapter.clone(), options()).await.unwrap();
    let started = std::time::Instant::now();
    while !new.status().await.unwrap().live {
        assert!(started.elapsed() < SOON, "{:?}", new.status().await);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    done.store(true, Ordering::SeqCst);
    writer.await.unwrap();
    reader.await.unwrap();
    let end = adapter.end().await.unwrap().last_position;
    new.wait_for(end, SOON).await.unwrap();
    expect_counts(&schema, "counts").await;
    // The view belongs to the new version, and every role can still read it.
    assert_eq!(schema.value::<i32>("SELECT max(of_version_2) FROM counts").await, 0);
    let granted = "SELECT relacl::text LIKE '%=r/%' FROM pg_class WHERE oid = 'counts'::regclass";
    assert!(schema.value::<bool>(granted).await);
    // The old version continues beside the new one, until it is dropped.
    old.wait_for(end, SOON).await.unwrap();
    expect_counts(&schema, "counts_v1").await;
    assert!(!old.status().await.unwrap().live);
    assert!(models.drop_version("counts", 1).await.unwrap());
    assert!(!models.drop_version("counts", 1).await.unwrap());
    let old = old;
    push(&adapter, A, 301).await.unwrap();
    let error = old.finished().await.unwrap_err();
    assert!(castore_core::error::error_chain(&error).contains("was dropped"), "{error:?}");
    let versions = models.versions(&adapter).await.unwrap();
    assert_eq!(versions.len(), 1);
    assert_eq!((versions[0].version, versions[0].live, &versions[0].state), (2, true, &ProjectionState::NotRunning));
    new.shutdown().await.unwrap();
}

#[tokio::test]
async fn an_old_version_never_takes_over() {
    let schema = Schema::new().await;
    let adapter = schema.adapter().await;
    let models = adapter.read_models();
    assert!(models.versions(&adapter).await.unwrap().is_empty());
    let last = push(&adapter, A, 1).await.unwrap();
    let new = models.start(Counts::<2>::default(), adapter.clone(), options()).await.unwrap();
    new.wait_for(last, SOON).await.unwrap();
    let old = models.start(Counts::<1>::default(), adapter.clone(), options()).await.unwrap();
    old.wait_for(last, SOON).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(new.status().await.unwrap().live);
    assert!(!old.status().await.unwrap().live);
    old.shutdown().await.unwrap();
    new.shutdown().await.unwrap();
}

/// The request comes from another process, and the projection runs in two processes.
#[tokio::test]
async fn a_requested_rebuild_keeps_the_privileges_of_readers() {
    let schema = Schema::new().await;
    let adapter = schema.adapter().await;
    let models = adapter.read_models();
    let mut last = 0;
    for version in 1..=100 {
        last = push(&adapter, A, version).await.unwrap();
    }
    let running = models.start(Counts::<1>::default(), adapter.clone(), options()).await.unwrap();
    let other = models.start(Counts::<1>::default(), adapter.clone(), options()).await.unwrap();
    running.wait_for(last, SOON).await.unwrap();
    schema.run("GRANT SELECT ON counts TO PUBLIC; UPDATE counts_v1 SET count = 0").await;

    let registry: &dyn ReadModelRegistry = &schema.adapter().await.read_models();
    assert!(registry.request("counts", 1, ProjectionRequest::Rebuild).await.unwrap());
    let started = std::time::Instant::now();
    while registry.versions().await.unwrap()[0].requests > 0 {
        assert!(started.elapsed() < SOON, "{:?}", registry.versions().await);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    models.live("counts", adapter.clone()).wait_for(last, SOON).await.unwrap();
    expect_counts(&schema, "counts").await;
    let granted = "SELECT relacl::text LIKE '%=r/%' FROM pg_class WHERE oid = 'counts'::regclass";
    assert!(schema.value::<bool>(granted).await);
    running.shutdown().await.unwrap();
    let last = push(&adapter, A, 101).await.unwrap();
    other.wait_for(last, SOON).await.unwrap();
    expect_counts(&schema, "counts").await;
    other.shutdown().await.unwrap();
}

/// A read model with two views.
struct Pair<const VERSION: u32>;

impl<const VERSION: u32> ReadModel for Pair<VERSION> {
    const NAME: &'static str = "pair";
    const VERSION: u32 = VERSION;
    type Event = Happened;
}

impl<const VERSION: u32> PostgresProjection for Pair<VERSION> {
    const TABLES: &'static [&'static str] = &["first", "second"];

    async fn create(&self, transaction: &Transaction<'_>, tables: &Tables) -> Result<(), tokio_postgres::Error> {
        let (first, second) = (tables.table("first"), tables.table("second"));
        transaction.batch_execute(&format!("CREATE TABLE {first} (id INT); CREATE TABLE {second} (id INT)")).await
    }

    async fn apply(&self, _: &Transaction<'_>, _: &Tables, _: &Happened) -> Result<(), HandlerError> {
        Ok(())
    }
}

/// The takeover holds the lock of the first view and waits for a reader of the second view. This reader then waits for
/// the first view.
#[tokio::test]
async fn readers_of_several_views_meet_no_deadlock() {
    let schema = Schema::new().await;
    // This timeout is shorter than the time that a takeover waits when there are no such readers.
    let slow = with(schema.url(), "options", "-c deadlock_timeout=1800ms");
    let adapter = schema.builder().connect(&slow).await.unwrap();
    adapter.create_event_table().await.unwrap();
    let models = adapter.read_models();
    let last = push(&adapter, A, 1).await.unwrap();
    let old = models.start(Pair::<1>, adapter.clone(), options()).await.unwrap();
    old.wait_for(last, SOON).await.unwrap();
    let reader = connect(schema.url()).await;
    // The session of the reader would detect a deadlock earlier than the other sessions.
    let begin = format!("SET search_path TO {}; SET deadlock_timeout = '1600ms'", quote(&schema.name));
    reader.batch_execute(&format!("{begin}; BEGIN; SELECT * FROM second")).await.unwrap();
    let new = models.start(Pair::<2>, adapter.clone(), options()).await.unwrap();
    let waits = "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'second'::regclass)";
    let started = std::time::Instant::now();
    while !schema.value::<bool>(waits).await {
        assert!(started.elapsed() < SOON, "{:?}", new.status().await);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    reader.batch_execute("SELECT * FROM first; COMMIT").await.unwrap();
    while !new.status().await.unwrap().live {
        assert!(started.elapsed() < SOON, "{:?}", new.status().await);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    old.shutdown().await.unwrap();
    new.shutdown().await.unwrap();
}

#[tokio::test]
async fn long_readers_only_delay_the_swap() {
    let schema = Schema::new().await;
    let adapter = schema.adapter().await;
    let models = adapter.read_models();
    let last = push(&adapter, A, 1).await.unwrap();
    let old = models.start(Counts::<1>::default(), adapter.clone(), options()).await.unwrap();
    old.wait_for(last, SOON).await.unwrap();
    schema.run("BEGIN; SELECT * FROM counts").await;
    let new = models.start(Counts::<2>::default(), adapter.clone(), options()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert!(!new.status().await.unwrap().live);
    schema.run("COMMIT").await;
    let started = std::time::Instant::now();
    while !new.status().await.unwrap().live {
        assert!(started.elapsed() < SOON, "{:?}", new.status().await);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    old.shutdown().await.unwrap();
    new.shutdown().await.unwrap();
}
