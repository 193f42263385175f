use std::time::Duration;

use castore_core::log::{EventLog, LogEnd, LogEntry, LogFilter, LogQuery};
use castore_core::relay::RelayStorageAdapter;
use castore_core::storage::{EventStorageAdapter, PushOptions, StorageError};
use castore_sqlite::{SqliteEventStorageAdapter, Synchronous};
use tokio::time::timeout;

use crate::support::{FORCE, STORE, event, grouped, place, push};

fn all(limit: usize) -> LogQuery {
    LogQuery::new(LogFilter::all(), limit)
}

fn versions(events: &[LogEntry]) -> Vec<(String, u64)> {
    events.iter().map(|entry| (entry.event.aggregate_id.clone(), entry.event.version)).collect()
}

async fn push_to(
    adapter: &SqliteEventStorageAdapter,
    store: &'static str,
    aggregate: &str,
    version: u64,
    kind: &'static str,
) -> u64 {
    let mut event = event(aggregate, version);
    event.event_type = kind.into();
    adapter.push_event(store, event, PushOptions::default()).await.unwrap().position.unwrap()
}

#[tokio::test]
async fn an_empty_log_ends_at_the_beginning() {
    let place = place();
    let adapter = place.open().await;
    let page = adapter.read_after(0, &all(10)).await.unwrap();
    assert!(page.events.is_empty());
    assert_eq!((page.scanned_to, page.more, page.rewrites), (0, false, 0));
    assert_eq!(adapter.end().await.unwrap(), LogEnd::new(0, 0));
    let page = adapter.read_after(u64::MAX, &all(10)).await.unwrap();
    assert_eq!((page.scanned_to, page.more), (u64::MAX, false));
}

#[tokio::test]
async fn pages_follow_each_other() {
    let place = place();
    for adapter in [place.open().await, SqliteEventStorageAdapter::open_in_memory().await.unwrap()] {
        for version in 1..=5 {
            push(&adapter, "a", version).await.unwrap();
        }
        let first = adapter.read_after(0, &all(2)).await.unwrap();
        assert_eq!(versions(&first.events), [("a".to_owned(), 1), ("a".to_owned(), 2)]);
        assert_eq!((first.scanned_to, first.more), (2, true));
        assert_eq!(first.events[0].event.payload.as_ref().unwrap().get(), "1");
        assert_eq!(&*first.events[0].event_store_id, STORE);
        let last = adapter.read_after(2, &all(3)).await.unwrap();
        assert_eq!((last.events.len(), last.scanned_to, last.more), (3, 5, false));
        let none = adapter.read_after(2, &all(0)).await.unwrap();
        assert_eq!((none.events.len(), none.scanned_to, none.more), (0, 2, true));
        let until = adapter.read_after(1, &all(10).up_to(3)).await.unwrap();
        assert_eq!((until.events.len(), until.scanned_to, until.more), (2, 3, false));
    }
}

#[tokio::test]
async fn filters_pass_stores_types_and_one_aggregate() {
    let place = place();
    let adapter = place.open().await;
    for (store, aggregate, version, kind) in [
        ("A", "x", 1, "MADE"),
        ("B", "x", 1, "MADE"),
        ("A", "y", 1, "MADE"),
        ("A", "x", 2, "USED"),
        ("C", "x", 1, "USED"),
    ] {
        push_to(&adapter, store, aggregate, version, kind).await;
    }
    let read = async |query: LogQuery| {
        let page = adapter.read_after(0, &query).await.unwrap();
        assert_eq!((page.scanned_to, page.more), (5, false));
        page.events.iter().map(|entry| entry.position).collect::<Vec<_>>()
    };
    let stores = LogFilter::none().event_store_id("A").event_store_id("B");
    assert_eq!(read(LogQuery::new(LogFilter::none(), 9)).await, [0; 0]);
    assert_eq!(read(LogQuery::new(stores.clone(), 9)).await, [1, 2, 3, 4]);
    assert_eq!(read(all(9).aggregate("A", "x")).await, [1, 4]);
    assert_eq!(read(LogQuery::new(stores, 9).aggregate("C", "x")).await, [0; 0]);
}

#[tokio::test]
async fn a_filter_that_nothing_passes_moves_on_in_steps() {
    let place = place();
    let adapter = place.open().await;
    place
        .raw()
        .execute_batch(
            "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 70000)
             INSERT INTO event (event_store_id, aggregate_id, version, type, timestamp) SELECT 'A', 'a', n, 't', 0 FROM n",
        )
        .unwrap();
    let query = LogQuery::new(LogFilter::none().event_store_id("B"), 10);
    let (mut position, mut pages) = (0, 0);
    loop {
        let page = adapter.read_after(position, &query).await.unwrap();
        assert!(page.events.is_empty() && page.scanned_to > position);
        position = page.scanned_to;
        pages += 1;
        if !page.more {
            break;
        }
    }
    assert_eq!(position, 70_000);
    assert!(pages > 1);
}

#[tokio::test]
async fn large_events_end_a_page_before_its_limit() {
    let place = place();
    let adapter = place.open().await;
    for version in 1..=12 {
        let mut event = event("a", version);
        event.payload = Some(serde_json::value::to_raw_value(&"x".repeat(1 << 20)).unwrap());
        adapter.push_event(STORE, event, PushOptions::default()).await.unwrap();
    }
    let page = adapter.read_after(0, &all(usize::MAX)).await.unwrap();
    assert!(page.more && (1..12).contains(&page.events.len()));
    assert_eq!(page.scanned_to, page.events.len() as u64);
}

#[tokio::test]
async fn what_is_rewritten_is_counted_and_not_delivered_again() {
    let place = place();
    let adapter = place.open().await;
    for version in 1..=3 {
        push(&adapter, "a", version).await.unwrap();
    }
    push(&adapter, "b", 1).await.unwrap();
    assert_eq!(adapter.rewrite_count(STORE, "a").await.unwrap(), Some(0));
    let stored = adapter.push_event(STORE, event("a", 2), FORCE).await.unwrap();
    assert_eq!(stored.position, Some(2));
    // A forced push of a new version replaces nothing.
    let stored = adapter.push_event(STORE, event("a", 4), FORCE).await.unwrap();
    assert!(stored.position.is_some_and(|position| position > 4));
    assert_eq!(adapter.rewrite_count(STORE, "a").await.unwrap(), Some(1));
    place.raw().execute_batch("DELETE FROM event WHERE aggregate_id = 'b'; UPDATE event SET timestamp = 0 WHERE aggregate_id = 'a' AND version = 1").unwrap();
    assert_eq!(adapter.rewrite_count(STORE, "a").await.unwrap(), Some(2));
    assert_eq!(adapter.rewrite_count(STORE, "b").await.unwrap(), Some(1));
    assert_eq!(adapter.rewrite_count("OTHER", "b").await.unwrap(), Some(0));
    let page = adapter.read_after(4, &all(10)).await.unwrap();
    assert_eq!((page.events.len(), page.rewrites), (1, 3));
    assert_conflict_leaves_count(&adapter).await;
}

async fn assert_conflict_leaves_count(adapter: &SqliteEventStorageAdapter) {
    assert!(push(adapter, "a", 1).await.is_err());
    let group = vec![grouped(adapter, "a", 2), grouped(adapter, "c", 1)];
    assert!(adapter.push_event_group(group, PushOptions::default()).await.is_err());
    assert_eq!(adapter.rewrite_count(STORE, "a").await.unwrap(), Some(2));
}

#[tokio::test]
async fn positions_are_not_used_again() {
    let place = place();
    let adapter = place.open().await;
    push(&adapter, "a", 1).await.unwrap();
    push(&adapter, "a", 2).await.unwrap();
    place.raw().execute_batch("DELETE FROM event; VACUUM").unwrap();
    assert_eq!(adapter.end().await.unwrap().last_position, 2);
    let page = adapter.read_after(0, &all(10)).await.unwrap();
    assert_eq!((page.events.len(), page.scanned_to), (0, 2));
    assert_eq!(push(&adapter, "a", 1).await.unwrap(), 3);
    let page = adapter.read_after(2, &all(10)).await.unwrap();
    assert_eq!(versions(&page.events), [("a".to_owned(), 1)]);
}

#[tokio::test]
async fn a_log_is_recognized_and_distinguished_from_others() {
    let place = place();
    let adapter = place.open().await;
    let id = adapter.log_id().await.unwrap();
    let again = place.open().await;
    assert_eq!(again.log_id().await.unwrap(), id);
    // After the shutdown, all events are in the main file.
    again.shutdown().await;
    adapter.shutdown().await;
    assert!(matches!(adapter.read_after(0, &all(1)).await, Err(StorageError::ShutDown)));
    let copy = place.folder.path().join("copy.db");
    std::fs::copy(&place.path, &copy).unwrap();
    assert_eq!(SqliteEventStorageAdapter::open(&copy).await.unwrap().log_id().await.unwrap(), id);
    let other = SqliteEventStorageAdapter::open(place.folder.path().join("other.db")).await.unwrap();
    assert_ne!(other.log_id().await.unwrap(), id);
    assert_ne!(SqliteEventStorageAdapter::open_in_memory().await.unwrap().log_id().await.unwrap(), id);
}

#[tokio::test]
async fn a_file_of_the_first_version_becomes_a_log() {
    let place = place();
    let raw = place.raw();
    raw.execute_batch(FIRST_VERSION).unwrap();
    drop(raw);
    let adapter = place.open().await;
    push(&adapter, "a", 3).await.unwrap();
    let page = adapter.read_after(0, &all(10)).await.unwrap();
    assert_eq!(versions(&page.events), [("a".to_owned(), 1), ("a".to_owned(), 2), ("a".to_owned(), 3)]);
    let id = adapter.log_id().await.unwrap();
    assert_eq!(place.open().await.log_id().await.unwrap(), id);
    adapter.push_event(STORE, event("a", 1), FORCE).await.unwrap();
    assert_eq!(adapter.rewrite_count(STORE, "a").await.unwrap(), Some(1));
}

/// The schema that the first version created.
const FIRST_VERSION: &str = "PRAGMA journal_mode = wal;
    CREATE TABLE event (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        event_store_id TEXT NOT NULL,
        aggregate_id TEXT NOT NULL,
        version INTEGER NOT NULL,
        type TEXT NOT NULL,
        timestamp INTEGER NOT NULL,
        payload TEXT,
        metadata TEXT,
        UNIQUE (event_store_id, aggregate_id, version)
    );
    CREATE INDEX event_initial ON event (event_store_id, timestamp, aggregate_id) WHERE version = 1;
    INSERT INTO event (event_store_id, aggregate_id, version, type, timestamp)
        VALUES ('STORE', 'a', 1, 'HAPPENED', 0), ('STORE', 'a', 2, 'HAPPENED', 0);
    PRAGMA application_id = 0x63617374;
    PRAGMA user_version = 1;";

#[tokio::test]
async fn pushes_wake_readers_up() {
    for synchronous in [Synchronous::Full, Synchronous::Normal] {
        let place = place();
        let adapter = SqliteEventStorageAdapter::builder(&place.path).synchronous(synchronous).open().await.unwrap();
        push(&adapter, "a", 1).await.unwrap();
        let soon = Duration::from_millis(30);
        // The writer replies to the caller before it wakes the readers. It executes the task of this call afterwards,
        // so the readers have been woken up when the call returns.
        adapter.retry_parked("none", "none", "none").await.unwrap();
        let mut wake_ups = adapter.wake_ups().await;
        assert!(timeout(soon, wake_ups.next()).await.is_err(), "nothing is new");
        assert!(push(&adapter, "a", 1).await.is_err());
        assert!(timeout(soon, wake_ups.next()).await.is_err(), "nothing was stored");
        push(&adapter.clone(), "a", 2).await.unwrap();
        timeout(Duration::from_secs(60), wake_ups.next()).await.unwrap();
        let group = vec![grouped(&adapter, "b", 1), grouped(&adapter, "c", 1)];
        adapter.push_event_group(group, PushOptions::default()).await.unwrap();
        timeout(Duration::from_secs(60), wake_ups.next()).await.unwrap();
        adapter.shutdown().await;
        assert!(timeout(soon, wake_ups.next()).await.is_err());
    }
}

#[tokio::test]
async fn a_damaged_event_stops_the_log_just_before_it() {
    let place = place();
    let adapter = place.open().await;
    for version in 1..=4 {
        push(&adapter, "a", version).await.unwrap();
    }
    push_to(&adapter, "OTHER", "a", 1, "HAPPENED").await;
    place.raw().execute("UPDATE event SET payload = '{' WHERE position = 3", []).unwrap();
    let page = adapter.read_after(0, &all(10)).await.unwrap();
    assert_eq!((page.events.len(), page.scanned_to, page.more), (2, 2, true));
    let error = adapter.read_after(2, &all(10)).await.unwrap_err();
    let what = "the payload of the event at position 3";
    assert!(matches!(&error, StorageError::Corrupt { what: said } if said == what), "{error:?}");
    let others = LogQuery::new(LogFilter::none().event_store_id("OTHER"), 10);
    assert_eq!(adapter.read_after(0, &others).await.unwrap().events.len(), 1);
    place.raw().execute("DELETE FROM event WHERE position = 3", []).unwrap();
    assert_eq!(adapter.read_after(2, &all(10)).await.unwrap().events.len(), 2);
}
