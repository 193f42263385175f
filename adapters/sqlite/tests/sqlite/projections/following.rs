use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use castore_core::consumer::HandlerError;
use castore_core::log::LogFilter;
use castore_core::storage::{EventStorageAdapter, PushOptions};
use castore_projection::{ProjectionError, ProjectionState, WaitForError};
use castore_runtime::in_memory::InMemoryEventStorageAdapter;
use castore_sqlite::projection::{ReadModel, SqliteProjection, SqliteReadModels, Tables};
use castore_sqlite::{OpenError, SqliteEventStorageAdapter, Synchronous};
use rusqlite::Transaction;
use tokio::time::sleep;

use super::support::{Counts, SOON, Seen, counts, map, options, start, stored};
use crate::support::{event, place, push};

#[tokio::test]
async fn what_is_pushed_is_in_the_read_model() {
    let place = place();
    let adapter = place.open().await;
    push(&adapter, "a", 1).await.unwrap();
    let running = start(&adapter.read_models().unwrap(), Counts::<1>::new(), &adapter).await;
    for version in 2..=20 {
        let position = push(&adapter, "a", version).await.unwrap();
        running.wait_for(position, SOON).await.unwrap();
        assert_eq!(counts(&place.path), map(&[("a", version)]));
    }
    let status = running.status().await.unwrap();
    assert_eq!((status.name.as_str(), status.version, status.position, status.lag), ("counts", 1, 20, 0));
    assert!(status.live && status.parked == 0 && status.blocked_by.is_none());
    assert_eq!(status.state, ProjectionState::Following);
    running.shutdown().await.unwrap();
}

#[tokio::test]
async fn it_continues_from_its_checkpoint() {
    let place = place();
    let adapter = place.open().await;
    let models = adapter.read_models().unwrap();
    for version in 1..=9 {
        let position = push(&adapter, "a", version).await.unwrap();
        let running = start(&models, Counts::<1>::new(), &adapter).await;
        running.wait_for(position, SOON).await.unwrap();
        if version % 2 == 0 {
            running.shutdown().await.unwrap();
        }
    }
    assert_eq!(counts(&place.path), map(&[("a", 9)]));
    let versions = models.versions(&adapter).await.unwrap();
    assert_eq!((versions.len(), versions[0].position, versions[0].lag), (1, 9, 0));
    assert_eq!(versions[0].state, ProjectionState::NotRunning);
}

#[tokio::test]
async fn another_file_may_hold_the_read_model() {
    let place = place();
    let adapter = place.open().await;
    let path = place.folder.path().join("read.db");
    let models = SqliteReadModels::open(&path).await.unwrap();
    assert_eq!(models.versions(&adapter).await.unwrap(), []);
    let running = start(&models, Counts::<1>::new(), &adapter).await;
    let read = push(&adapter, "a", 1).await.unwrap();
    adapter.push_event("OTHER", event("a", 1), PushOptions::default()).await.unwrap();
    let last = adapter.push_event("OTHER", event("a", 2), PushOptions::default()).await.unwrap().position.unwrap();
    running.wait_for(last, SOON).await.unwrap();
    assert_eq!(counts(&path), map(&[("a", 1)]));
    // The checkpoint contains only positions of events that were read. With a later checkpoint, a log that was restored
    // from a backup could end before its checkpoint.
    assert_eq!(models.versions(&adapter).await.unwrap()[0].position, read);
    running.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_log_of_another_engine_can_be_followed() {
    let place = place();
    let log = InMemoryEventStorageAdapter::new();
    let models = SqliteReadModels::open(&place.path).await.unwrap();
    let running = models.start(Counts::<1>::new(), log.clone(), options()).await.unwrap();
    let stored = log.push_event("STORE", event("a", 1), PushOptions::default()).await.unwrap();
    running.wait_for(stored.position.unwrap(), SOON).await.unwrap();
    assert_eq!(counts(&place.path), map(&[("a", 1)]));
}

#[tokio::test]
async fn filters_are_obeyed() {
    let place = place();
    let adapter = place.open().await;
    let mut all = Counts::<1>::new();
    all.filter = LogFilter::all();
    let running = start(&adapter.read_models().unwrap(), all, &adapter).await;
    push(&adapter, "a", 1).await.unwrap();
    let last = adapter.push_event("OTHER", event("a", 1), PushOptions::default()).await.unwrap().position.unwrap();
    running.wait_for(last, SOON).await.unwrap();
    assert_eq!(counts(&place.path), map(&[("OTHER/a", 1), ("a", 1)]));
}

#[tokio::test]
async fn waiting_too_long_is_an_error() {
    let place = place();
    let adapter = place.open().await;
    let running = start(&adapter.read_models().unwrap(), Counts::<1>::new(), &adapter).await;
    let last = push(&adapter, "a", 1).await.unwrap();
    running.wait_for(last, SOON).await.unwrap();
    let error = running.wait_for(99, Duration::from_millis(30)).await.unwrap_err();
    assert!(matches!(error, WaitForError::TimedOut { wanted: 99, at: 1, blocked_by: None, .. }), "{error:?}");
}

#[tokio::test]
async fn a_waiting_reader_finds_events_of_other_processes_at_once() {
    let place = place();
    let (adapter, other) = (place.open().await, place.open().await);
    let never = options().poll_interval(SOON * 100);
    let running = adapter.read_models().unwrap().start(Counts::<1>::new(), adapter.clone(), never).await.unwrap();
    for version in 1..=5 {
        let last = push(&other, "a", version).await.unwrap();
        running.wait_for(last, SOON).await.unwrap();
    }
    assert_eq!(counts(&place.path), stored(&place.path));
}

#[tokio::test]
async fn another_log_is_refused() {
    let (one, other) = (place(), place());
    let (first, second) = (one.open().await, other.open().await);
    let path = one.folder.path().join("read.db");
    let models = SqliteReadModels::open(&path).await.unwrap();
    start(&models, Counts::<1>::new(), &first).await.shutdown().await.unwrap();
    let error = models.start(Counts::<1>::new(), second, options()).await.unwrap_err();
    assert!(matches!(error, ProjectionError::OtherLog { .. }), "{error:?}");
}

#[tokio::test]
async fn a_log_that_was_taken_back_is_refused() {
    let place = place();
    let adapter = place.open().await;
    let models = SqliteReadModels::open(place.folder.path().join("read.db")).await.unwrap();
    push(&adapter, "a", 1).await.unwrap();
    let backup = place.folder.path().join("backup.db");
    place.raw().execute("VACUUM INTO ?1", [backup.to_str().unwrap()]).unwrap();
    let last = push(&adapter, "a", 2).await.unwrap();
    let running = start(&models, Counts::<1>::new(), &adapter).await;
    running.wait_for(last, SOON).await.unwrap();
    running.shutdown().await.unwrap();
    let restored = SqliteEventStorageAdapter::open(backup).await.unwrap();
    let error = models.start(Counts::<1>::new(), restored, options()).await.unwrap_err();
    assert!(matches!(error, ProjectionError::LogTakenBack { position: 2, end: 1, .. }), "{error:?}");
}

#[tokio::test]
async fn a_database_in_memory_holds_no_read_models() {
    let adapter = SqliteEventStorageAdapter::open_in_memory().await.unwrap();
    let error = adapter.read_models().unwrap_err();
    assert!(matches!(error, OpenError::InMemory), "{error:?}");
    let text = "the events are in memory, so there is no file for read models; use `SqliteReadModels::open(path)`";
    assert_eq!(error.to_string(), text);
}

/// A projection that fails in a different way for each `KIND`.
struct Ill<const KIND: usize>;

const NAMES: [&str; 6] = ["no; DROP TABLE event", "event", "castore_relay", "sqlite_schema", "nothing", "own_name"];

impl<const KIND: usize> ReadModel for Ill<KIND> {
    const NAME: &'static str = NAMES[KIND];
    const VERSION: u32 = 1;
    type Event = Seen;
}

impl<const KIND: usize> SqliteProjection for Ill<KIND> {
    fn create(&self, transaction: &Transaction<'_>, _: &Tables) -> rusqlite::Result<()> {
        if KIND == 5 { transaction.execute_batch("CREATE TABLE own_name (id INTEGER)") } else { Ok(()) }
    }

    fn apply(&self, _: &Transaction<'_>, _: &Tables, _: &Seen) -> Result<(), HandlerError> {
        Ok(())
    }
}

async fn refusal<const KIND: usize>(models: &SqliteReadModels, adapter: &SqliteEventStorageAdapter) -> String {
    match models.start(Ill::<KIND>, adapter.clone(), options()).await.unwrap_err() {
        ProjectionError::Setup { source, .. } => source.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_cannot_be_set_up_leaves_nothing() {
    let place = place();
    let adapter = place.open().await;
    let models = adapter.read_models().unwrap();
    let error = refusal::<0>(&models, &adapter).await;
    assert!(error.starts_with("the name \"no; DROP TABLE event\" must begin with a lower case letter"), "{error}");
    assert_eq!(refusal::<1>(&models, &adapter).await, "the name \"event\" is reserved for the table of events");
    let reserved = "the name \"castore_relay\" is reserved for castore's own tables";
    assert_eq!(refusal::<2>(&models, &adapter).await, reserved);
    let reserved = "the name \"sqlite_schema\" is reserved for SQLite's own tables";
    assert_eq!(refusal::<3>(&models, &adapter).await, reserved);
    let missing = "`create` did not create the table \"nothing_v1\": use the names from its argument `tables`";
    assert_eq!(refusal::<4>(&models, &adapter).await, missing);
    assert_eq!(refusal::<5>(&models, &adapter).await, missing.replace("nothing", "own_name"));
    assert!(place.raw().prepare("SELECT * FROM own_name").is_err());
    assert_eq!(models.versions(&adapter).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_gets_on_while_others_push_without_a_pause() {
    for synchronous in [Synchronous::Full, Synchronous::Normal] {
        // Each limit is ten times the usual number. Without the fair lock, projections advance once in several hundred
        // pushes of a few writers.
        for (writers, apart, at_most) in [(4, false, 3_000), (200, false, 40_000), (4, true, 30_000)] {
            let place = place();
            let adapter =
                SqliteEventStorageAdapter::builder(&place.path).synchronous(synchronous).open().await.unwrap();
            // Read models that are opened by path, as in another process, do not share the adapter's lock.
            let models =
                if apart { SqliteReadModels::open(&place.path).await.unwrap() } else { adapter.read_models().unwrap() };
            let running = start(&models, Counts::<1>::new(), &adapter).await;
            let pushes = Arc::new(AtomicU64::new(0));
            let done = Arc::new(AtomicBool::new(false));
            let pushing = tokio::spawn(push_until(Arc::clone(&done), adapter, writers, Arc::clone(&pushes)));
            let (mut before, mut advances) = (0, 0);
            while advances < 20 {
                let position = running.status().await.unwrap().position;
                advances += u64::from(position > before);
                before = position;
                let pushes = pushes.load(Ordering::SeqCst);
                assert!(
                    pushes <= at_most,
                    "{writers} writers, {synchronous:?}, apart: {apart}: {advances} steps in {pushes} pushes"
                );
                sleep(Duration::from_millis(1)).await;
            }
            done.store(true, Ordering::SeqCst);
            let last = pushing.await.unwrap();
            running.wait_for(last, SOON).await.unwrap();
            assert_eq!(counts(&place.path), stored(&place.path));
        }
    }
}

/// Pushes events of the given number of aggregates concurrently, in order for each aggregate. Returns the last
/// position.
async fn push_until(
    done: Arc<AtomicBool>,
    adapter: SqliteEventStorageAdapter,
    writers: usize,
    pushes: Arc<AtomicU64>,
) -> u64 {
    let mut pushing = tokio::task::JoinSet::new();
    for n in 0..writers {
        let (done, adapter, pushes) = (Arc::clone(&done), adapter.clone(), Arc::clone(&pushes));
        pushing.spawn(async move {
            let mut last = 0;
            for version in 1.. {
                last = push(&adapter, &n.to_string(), version).await.unwrap();
                pushes.fetch_add(1, Ordering::SeqCst);
                if done.load(Ordering::SeqCst) {
                    break;
                }
            }
            last
        });
    }
    pushing.join_all().await.into_iter().max().unwrap()
}
