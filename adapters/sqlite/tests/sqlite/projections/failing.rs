use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use castore_core::consumer::HandlerError;
use castore_core::error::error_chain;
use castore_core::storage::{EventStorageAdapter, PushOptions};
use castore_projection::{ProjectionError, ProjectionState, WaitForError};
use castore_sqlite::SqliteEventStorageAdapter;
use castore_sqlite::projection::SqliteReadModels;
use rusqlite::ffi;
use tokio::sync::mpsc;

use super::support::{Counts, SOON, Seen, counts, map, options, parking, start, stopped, stored};
use crate::support::{event, grouped, place, push, versions};

async fn push_some(adapter: &SqliteEventStorageAdapter) -> u64 {
    let mut last = 0;
    for version in 1..=3 {
        for aggregate in ["a", "b", "c"] {
            last = push(adapter, aggregate, version).await.unwrap();
        }
    }
    last
}

fn is(seen: &Seen, aggregate: &str, version: u64) -> bool {
    seen.aggregate == aggregate && seen.version == version
}

#[tokio::test]
async fn it_stops_before_an_event_that_is_refused() {
    let place = place();
    let adapter = place.open().await;
    let models = adapter.read_models().unwrap();
    let last = push_some(&adapter).await;
    let attempts = Arc::new(AtomicU32::new(0));
    let counting = Arc::clone(&attempts);
    let ill = Counts::<1>::failing(move |seen| {
        if is(seen, "b", 2) {
            counting.fetch_add(1, Ordering::SeqCst);
            return Err(HandlerError::new("no"));
        }
        Ok(())
    });
    let mut running = start(&models, ill, &adapter).await;
    let error = stopped(&mut running).await;
    assert!(
        matches!(&*error, ProjectionError::Handler { aggregate_id, version: 2, position: 5, source, .. }
            if aggregate_id == "b" && source.to_string() == "no"),
        "{error:?}"
    );
    let error_text = error.to_string();
    // The event was attempted once with its batch and five times alone.
    assert_eq!(attempts.load(Ordering::SeqCst), 6);
    assert_eq!(counts(&place.path), map(&[("a", 2), ("b", 1), ("c", 1)]));
    let error = running.wait_for(last, SOON).await.unwrap_err();
    assert!(matches!(error, WaitForError::Stopped { at: 4, .. }), "{error:?}");
    assert!(running.retry_parked("STORE", "b").await.is_err());
    // The same error is reported again at the end.
    assert_eq!(stopped(&mut running).await.to_string(), error_text);
    assert_eq!(running.shutdown().await.unwrap_err().to_string(), error_text);
    let running = start(&models, Counts::<1>::new(), &adapter).await;
    running.wait_for(last, SOON).await.unwrap();
    assert_eq!(counts(&place.path), stored(&place.path));
}

#[tokio::test]
async fn what_fails_for_a_while_is_applied_once() {
    for panics in [false, true] {
        let place = place();
        let adapter = place.open().await;
        let last = push_some(&adapter).await;
        let failures = AtomicU32::new(0);
        let ill = Counts::<1>::failing(move |seen| {
            if is(seen, "b", 2) && failures.fetch_add(1, Ordering::SeqCst) < 4 {
                assert!(!panics, "a bug");
                return Err(HandlerError::new("not yet"));
            }
            Ok(())
        });
        let running = start(&adapter.read_models().unwrap(), ill, &adapter).await;
        running.wait_for(last, SOON).await.unwrap();
        assert_eq!(counts(&place.path), stored(&place.path));
    }
}

#[tokio::test]
async fn an_outage_of_the_database_parks_nothing() {
    let place = place();
    let adapter = place.open().await;
    let last = push_some(&adapter).await;
    let failures = AtomicU32::new(0);
    let ill = Counts::<1>::failing(move |seen| {
        if is(seen, "b", 2) && failures.fetch_add(1, Ordering::SeqCst) < 7 {
            let full = ffi::Error::new(ffi::SQLITE_FULL);
            return Err(rusqlite::Error::SqliteFailure(full, None).into());
        }
        Ok(())
    });
    let running = adapter.read_models().unwrap().start(ill, adapter.clone(), parking()).await.unwrap();
    running.wait_for(last, SOON).await.unwrap();
    assert_eq!(running.status().await.unwrap().parked, 0);
    assert_eq!(counts(&place.path), stored(&place.path));
}

#[tokio::test]
async fn a_locked_database_is_waited_for() {
    let place = place();
    let adapter = place.open().await;
    let path = place.folder.path().join("read.db");
    let models = SqliteReadModels::open(&path).await.unwrap();
    let running = start(&models, Counts::<1>::new(), &adapter).await;
    let theirs = rusqlite::Connection::open(&path).unwrap();
    theirs.busy_timeout(SOON).unwrap();
    theirs.execute_batch("BEGIN IMMEDIATE").unwrap();
    let last = push_some(&adapter).await;
    assert!(running.wait_for(last, std::time::Duration::from_millis(100)).await.is_err());
    theirs.execute_batch("COMMIT").unwrap();
    running.wait_for(last, SOON).await.unwrap();
    assert_eq!(counts(&path), stored(&place.path));
}

#[tokio::test]
async fn a_refused_event_parks_its_aggregate_alone() {
    let place = place();
    let adapter = place.open().await;
    let models = adapter.read_models().unwrap();
    let last = push_some(&adapter).await;
    let healed = Arc::new(AtomicBool::new(false));
    let is_healed = Arc::clone(&healed);
    let ill = Counts::<1>::failing(move |seen| {
        let refused = is(seen, "b", 2) && !is_healed.load(Ordering::SeqCst);
        if refused { Err(HandlerError::new("no")) } else { Ok(()) }
    });
    let running = models.start(ill, adapter.clone(), parking()).await.unwrap();
    running.wait_for(last, SOON).await.unwrap();
    assert_eq!(counts(&place.path), map(&[("a", 3), ("b", 1), ("c", 3)]));
    let group = vec![grouped(&adapter, "a", 4), grouped(&adapter, "b", 4)];
    let last = adapter.push_event_group(group, PushOptions::default()).await.unwrap()[1].position.unwrap();
    running.wait_for(last, SOON).await.unwrap();
    assert_eq!(counts(&place.path), map(&[("a", 4), ("b", 1), ("c", 3)]));
    let status = running.status().await.unwrap();
    assert_eq!((status.parked, status.state), (1, ProjectionState::Following));
    let parked = models.parked("counts", 1).await.unwrap().remove(0);
    assert_eq!((parked.aggregate_id.as_str(), parked.next_position, parked.version), ("b", 5, 2));
    assert_eq!((parked.attempts, parked.error.as_str()), (2, "no"));
    // The event still fails.
    let error = running.retry_parked("STORE", "b").await.unwrap_err();
    assert!(matches!(error, ProjectionError::Handler { position: 5, .. }), "{error:?}");
    assert_eq!(models.parked("counts", 1).await.unwrap()[0].attempts, 3);
    assert!(!running.retry_parked("STORE", "a").await.unwrap());
    healed.store(true, Ordering::SeqCst);
    assert!(running.retry_parked("STORE", "b").await.unwrap());
    assert_eq!(counts(&place.path), stored(&place.path));
    assert_eq!(models.parked("counts", 1).await.unwrap(), []);
    let last = push(&adapter, "b", 5).await.unwrap();
    running.wait_for(last, SOON).await.unwrap();
    assert_eq!(counts(&place.path), stored(&place.path));
    assert_eq!(running.status().await.unwrap().parked, 0);
}

#[tokio::test]
async fn an_event_that_cannot_be_read_is_refused_at_once() {
    let place = place();
    let adapter = place.open().await;
    let models = adapter.read_models().unwrap();
    push(&adapter, "undecodable", 1).await.unwrap();
    let last = push(&adapter, "a", 1).await.unwrap();
    let mut running = start(&models, Counts::<1>::new(), &adapter).await;
    let error = stopped(&mut running).await;
    assert!(matches!(&*error, ProjectionError::Decode { .. }), "{error:?}");
    let running = models.start(Counts::<1>::new(), adapter.clone(), parking()).await.unwrap();
    running.wait_for(last, SOON).await.unwrap();
    assert_eq!(models.parked("counts", 1).await.unwrap()[0].aggregate_id, "undecodable");
    let error = running.retry_parked("STORE", "undecodable").await.unwrap_err();
    assert!(matches!(error, ProjectionError::Decode { .. }), "{error:?}");
}

#[tokio::test]
async fn a_panic_while_an_event_is_read_is_a_failure_of_that_event() {
    let place = place();
    let adapter = place.open().await;
    let models = adapter.read_models().unwrap();
    push(&adapter, "a", 1).await.unwrap();
    push(&adapter, "panicking", 1).await.unwrap();
    let last = push(&adapter, "a", 2).await.unwrap();
    let mut running = start(&models, Counts::<1>::new(), &adapter).await;
    let error = stopped(&mut running).await;
    assert!(
        matches!(&*error, ProjectionError::Handler { aggregate_id, version: 1, position: 2, source, .. }
            if aggregate_id == "panicking" && source.to_string().starts_with("reading the event panicked: ")),
        "{error:?}"
    );
    assert_eq!(counts(&place.path), map(&[("a", 1)]));
    let running = models.start(Counts::<1>::new(), adapter.clone(), parking()).await.unwrap();
    running.wait_for(last, SOON).await.unwrap();
    assert_eq!(counts(&place.path), map(&[("a", 2)]));
    let parked = models.parked("counts", 1).await.unwrap().remove(0);
    assert_eq!((parked.aggregate_id.as_str(), parked.attempts), ("panicking", 1));
    let error = running.retry_parked("STORE", "panicking").await.unwrap_err();
    assert!(matches!(error, ProjectionError::Handler { position: 2, .. }), "{error:?}");
    assert_eq!(models.parked("counts", 1).await.unwrap()[0].attempts, 2);
    running.shutdown().await.unwrap();
}

/// The projection waits for wake-ups and for commands at the same time. A wake-up that arrives while a command runs
/// must not cancel it: the caller would get the error that the projection has stopped, without the rest of the retry.
#[tokio::test]
async fn retry_parked_is_not_cancelled_by_a_wake_up() {
    let place = place();
    let adapter = place.open().await;
    // The read model is in a separate file: otherwise the blocked handler would delay the push.
    let path = place.folder.path().join("read.db");
    let models = SqliteReadModels::open(&path).await.unwrap();
    push(&adapter, "b", 1).await.unwrap();
    let last = push(&adapter, "b", 2).await.unwrap();
    let healed = Arc::new(AtomicBool::new(false));
    let is_healed = Arc::clone(&healed);
    let (entered, mut is_entered) = mpsc::unbounded_channel();
    let (release, released) = std::sync::mpsc::channel();
    let released = Mutex::new(released);
    let ill = Counts::<1>::failing(move |seen| {
        if !is_healed.load(Ordering::SeqCst) {
            return Err(HandlerError::park("no"));
        }
        if is(seen, "b", 1) {
            entered.send(()).unwrap();
            released.lock().unwrap().recv().unwrap();
        }
        Ok(())
    });
    // Without polling, the projection is idle when the command arrives.
    let without_polls = parking().poll_interval(Duration::from_secs(3_600));
    let running = models.start(ill, adapter.clone(), without_polls).await.unwrap();
    running.wait_for(last, SOON).await.unwrap();
    healed.store(true, Ordering::SeqCst);
    let wake_up = async {
        is_entered.recv().await.unwrap();
        let last = push(&adapter, "a", 1).await.unwrap();
        // The projection runs on the thread of this test, so it sees the wake-up before the handler is released.
        for _ in 0..1_000 {
            tokio::task::yield_now().await;
        }
        release.send(()).unwrap();
        last
    };
    let (retried, last) = tokio::join!(running.retry_parked("STORE", "b"), wake_up);
    assert!(retried.unwrap(), "the aggregate was parked");
    assert_eq!(running.status().await.unwrap().parked, 0);
    running.wait_for(last, SOON).await.unwrap();
    assert_eq!(counts(&path), map(&[("a", 1), ("b", 2)]));
    running.shutdown().await.unwrap();
}

/// The class of an error decides only whether a retry can help. No event is skipped, and no class stops the projection.
#[tokio::test]
async fn events_are_parked_whatever_the_class_of_the_error() {
    let place = place();
    let adapter = place.open().await;
    let models = adapter.read_models().unwrap();
    let last = push_some(&adapter).await;
    let ill = Counts::<1>::failing(|seen| match (seen.aggregate.as_str(), seen.version) {
        ("a", 2) => Err(HandlerError::park("park")),
        ("b", 2) => Err(HandlerError::skip("skip")),
        ("c", 2) => Err(HandlerError::stop("stop")),
        _ => Ok(()),
    });
    let running = models.start(ill, adapter.clone(), parking()).await.unwrap();
    running.wait_for(last, SOON).await.unwrap();
    let parked = models.parked("counts", 1).await.unwrap();
    let parked: Vec<_> = parked.iter().map(|parked| (&*parked.aggregate_id, parked.attempts, &*parked.error)).collect();
    assert_eq!(parked, [("a", 1, "park"), ("b", 1, "skip"), ("c", 2, "stop")]);
    assert_eq!(counts(&place.path), map(&[("a", 1), ("b", 1), ("c", 1)]));
    running.shutdown().await.unwrap();
}

#[tokio::test]
async fn who_retries_does_not_wait_for_the_whole_log() {
    let place = place();
    let adapter = place.open().await;
    push(&adapter, "b", 1).await.unwrap();
    let mut last = 0;
    for version in 1..=400 {
        last = push(&adapter, "a", version).await.unwrap();
    }
    let healed = Arc::new(AtomicBool::new(false));
    let is_healed = Arc::clone(&healed);
    let slow = Counts::<1>::failing(move |seen| {
        if seen.aggregate == "a" {
            std::thread::sleep(Duration::from_millis(10));
        } else if !is_healed.load(Ordering::SeqCst) {
            return Err(HandlerError::park("no"));
        }
        Ok(())
    });
    let one_by_one = parking().batch_size(1);
    let running = adapter.read_models().unwrap().start(slow, adapter.clone(), one_by_one).await.unwrap();
    running.wait_for(2, SOON).await.unwrap();
    healed.store(true, Ordering::SeqCst);
    assert!(running.retry_parked("STORE", "b").await.unwrap());
    let status = running.status().await.unwrap();
    assert!(status.parked == 0 && status.position < last, "{status:?}");
    running.shutdown().await.unwrap();
    assert_eq!(counts(&place.path)["b"], 1);
}

#[tokio::test]
async fn options_are_validated_before_anything_starts() {
    let place = place();
    let adapter = place.open().await;
    let models = adapter.read_models().unwrap();
    let second = Duration::from_secs(1);
    for (options, option) in [
        (options().batch_size(0), "batch_size"),
        (options().attempts(0), "attempts"),
        (options().poll_interval(Duration::ZERO), "poll_interval"),
        (options().poll_interval(Duration::MAX), "poll_interval"),
        (options().backoff(Duration::ZERO, second), "backoff"),
        (options().backoff(second, Duration::from_millis(1)), "backoff"),
        (options().backoff(second, Duration::MAX), "backoff"),
    ] {
        let error = models.start(Counts::<1>::new(), adapter.clone(), options).await.unwrap_err();
        let ProjectionError::InvalidOption { invalid, .. } = &error else { panic!("{error:?}") };
        assert_eq!(invalid.option, option);
    }
}

#[tokio::test]
async fn extreme_options_do_no_harm() {
    let year = Duration::from_secs(365 * 24 * 3_600);
    let place = place();
    let adapter = place.open().await;
    let models = adapter.read_models().unwrap();
    let least = options().batch_size(1).poll_interval(year).attempts(1);
    let greatest = options().batch_size(usize::MAX).poll_interval(year).attempts(u32::MAX).backoff(year, year);
    let mut version = 0;
    for extreme in [least, greatest] {
        let running = models.start(Counts::<1>::new(), adapter.clone(), extreme).await.unwrap();
        for _ in 0..3 {
            version += 1;
            let last = push(&adapter, "a", version).await.unwrap();
            running.wait_for(last, SOON).await.unwrap();
        }
        running.shutdown().await.unwrap();
    }
    assert_eq!(counts(&place.path), map(&[("a", 6)]));
}

#[tokio::test]
async fn a_handler_must_not_end_the_transaction() {
    let place = place();
    let adapter = place.open().await;
    push(&adapter, "a", 1).await.unwrap();
    let rolling_back = Counts::<1>::doing(|transaction, _| Ok(transaction.execute_batch("ROLLBACK")?));
    let mut running = start(&adapter.read_models().unwrap(), rolling_back, &adapter).await;
    let error = stopped(&mut running).await;
    assert!(error_chain(&*error).contains("ended its transaction"), "{error:?}");
    assert_eq!(counts(&place.path), map(&[]));
}

#[tokio::test]
async fn the_log_may_be_shut_down_first() {
    let place = place();
    let adapter = place.open().await;
    let running = start(&adapter.read_models().unwrap(), Counts::<1>::new(), &adapter).await;
    let last = push(&adapter, "a", 1).await.unwrap();
    running.wait_for(last, SOON).await.unwrap();
    adapter.shutdown().await;
    assert!(running.status().await.is_err());
    assert!(adapter.push_event("STORE", event("a", 2), PushOptions::default()).await.is_err());
    tokio::time::timeout(SOON, running.shutdown()).await.unwrap().unwrap();
    let quick = options().poll_interval;
    tokio::time::sleep(quick).await;
    assert_eq!(counts(&place.path), map(&[("a", 1)]));
}

/// Without the check, the push would wait for the transaction of the handler, which waits for the push.
#[tokio::test(flavor = "multi_thread")]
async fn a_push_to_the_own_storage_inside_a_handler_is_refused_at_once() {
    // The handler pushes through the handle that the read models belong to, then through a separate handle. Both write
    // to the locked file.
    let place = place();
    let adapter = place.open().await;
    let other = place.open().await;
    for by in [adapter.clone(), other] {
        let pushing = by.clone();
        let runtime = tokio::runtime::Handle::current();
        let handler = Counts::<1>::failing(move |seen| {
            if seen.version == 1 {
                return Ok(());
            }
            let pushed = runtime.block_on(push(&pushing, "b", 1));
            Err(castore_core::consumer::HandlerError::park(pushed.expect_err("a push inside a handler")))
        });
        let models = adapter.read_models().unwrap();
        let mut running = start(&models, handler, &adapter).await;
        if versions(&adapter, "a").await.is_empty() {
            push(&adapter, "a", 1).await.unwrap();
            push(&adapter, "a", 2).await.unwrap();
        }
        let started = std::time::Instant::now();
        let error = stopped(&mut running).await;
        let text = castore_core::error::error_chain(&*error);
        assert!(text.contains("a projection handler must not push to its own storage"), "{text}");
        // The adapter waits for a lock for a minute, and the projection's connection for seconds.
        assert!(started.elapsed() < std::time::Duration::from_secs(50), "{:?}", started.elapsed());
        assert_eq!(versions(&adapter, "b").await, [] as [u64; 0]);
    }
}
