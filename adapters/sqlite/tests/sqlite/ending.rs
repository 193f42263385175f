use std::time::{Duration, Instant};

use castore_core::storage::{
    EventStorageAdapter, GetEventsOptions, ListAggregateIdsOptions, PushOptions, StorageError,
};
use castore_sqlite::{SqliteEventStorageAdapter, Synchronous};
use tokio::task::JoinSet;

use crate::support::{STORE, event, grouped, place, push, versions};

#[tokio::test]
async fn after_a_shutdown_everything_is_refused() {
    let place = place();
    for adapter in [place.open().await, SqliteEventStorageAdapter::open_in_memory().await.unwrap()] {
        push(&adapter, "a", 1).await.unwrap();
        let clone = adapter.clone();
        adapter.shutdown().await;
        adapter.shutdown().await;
        clone.shutdown().await;
        assert!(matches!(push(&clone, "a", 2).await, Err(StorageError::ShutDown)));
        let group = vec![grouped(&clone, "a", 2)];
        let pushed = clone.push_event_group(group, PushOptions::default()).await;
        assert!(matches!(pushed, Err(StorageError::ShutDown)));
        let read = clone.get_events(STORE, "a", GetEventsOptions::default()).await;
        assert!(matches!(read, Err(StorageError::ShutDown)));
        let listed = clone.list_aggregate_ids(STORE, ListAggregateIdsOptions::default()).await;
        assert!(matches!(listed, Err(StorageError::ShutDown)));
    }
}

#[tokio::test]
async fn a_shutdown_leaves_one_file() {
    let place = place();
    let adapter = place.open().await;
    push(&adapter, "a", 1).await.unwrap();
    versions(&adapter, "a").await;
    adapter.shutdown().await;
    let files: Vec<_> = std::fs::read_dir(place.folder.path()).unwrap().collect();
    assert_eq!(files.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shutdown_stores_what_waits() {
    for synchronous in [Synchronous::Full, Synchronous::Normal] {
        let place = place();
        let adapter = SqliteEventStorageAdapter::builder(&place.path).synchronous(synchronous).open().await.unwrap();
        let mut tasks = JoinSet::new();
        for n in 0..300 {
            let adapter = adapter.clone();
            tasks.spawn(async move { (n, push(&adapter, &format!("{n}"), 1).await) });
        }
        tokio::time::sleep(Duration::from_micros(500)).await;
        adapter.shutdown().await;
        let results = tasks.join_all().await;
        let again = place.open().await;
        for (n, result) in results {
            let stored = versions(&again, &format!("{n}")).await.len();
            match result {
                Ok(_) => assert_eq!(stored, 1),
                Err(StorageError::ShutDown) => assert_eq!(stored, 0),
                Err(other) => panic!("{other}"),
            }
        }
    }
}

/// A shutdown executes the waiting reads, even if reads and writes share a connection and the writer is idle.
#[tokio::test]
async fn a_shutdown_does_the_reads_that_wait() {
    for _ in 0..200 {
        let adapter = SqliteEventStorageAdapter::open_in_memory().await.unwrap();
        push(&adapter, "a", 1).await.unwrap();
        let reads: JoinSet<_> = (0..20)
            .map(|_| {
                let adapter = adapter.clone();
                async move { adapter.get_events(STORE, "a", GetEventsOptions::default()).await }
            })
            .collect();
        // On this single-threaded runtime, all reads start waiting here.
        tokio::task::yield_now().await;
        adapter.shutdown().await;
        for read in reads.join_all().await {
            assert_eq!(read.unwrap().len(), 1);
        }
    }
}

#[tokio::test]
async fn dropping_keeps_what_was_acknowledged() {
    for synchronous in [Synchronous::Full, Synchronous::Normal] {
        let place = place();
        for version in 1..=20 {
            let adapter =
                SqliteEventStorageAdapter::builder(&place.path).synchronous(synchronous).open().await.unwrap();
            adapter.push_event(STORE, event("a", version), PushOptions::default()).await.unwrap();
        }
        assert_eq!(versions(&place.open().await, "a").await.len(), 20);
    }
}

/// When the last clone is dropped, the threads end and close the file.
#[tokio::test]
async fn dropping_the_last_clone_closes_the_file() {
    let place = place();
    let adapter = place.open().await;
    let clone = adapter.clone();
    push(&adapter, "a", 1).await.unwrap();
    drop(adapter);
    push(&clone, "a", 2).await.unwrap();
    drop(clone);
    let start = Instant::now();
    while std::fs::read_dir(place.folder.path()).unwrap().count() > 1 {
        assert!(start.elapsed() < Duration::from_secs(10), "the file is still open");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

#[test]
fn it_works_across_runtimes() {
    let place = place();
    let runtime = || tokio::runtime::Builder::new_current_thread().build().unwrap();
    let adapter = runtime().block_on(place.open());
    for version in 1..=3 {
        runtime().block_on(push(&adapter, "a", version)).unwrap();
    }
    assert_eq!(runtime().block_on(versions(&adapter, "a")), [1, 2, 3]);
    runtime().block_on(adapter.shutdown());
}
