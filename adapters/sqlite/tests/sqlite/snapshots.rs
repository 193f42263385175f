use castore_core::snapshot::{Snapshot, SnapshotAdapter, SnapshotKey};
use castore_core::storage::StorageError;
use castore_core::time::Timestamp;
use castore_sqlite::SqliteEventStorageAdapter;
use serde_json::value::to_raw_value;

use crate::support::{place, push};

fn key(aggregate_id: &str) -> SnapshotKey {
    // The highest bit of the shape is set, as in half of all hashes.
    SnapshotKey {
        event_store_id: "STORE",
        aggregate_id: aggregate_id.to_owned(),
        state_shape: u64::MAX - 7,
        reducer_version: 1,
    }
}

fn snapshot(version: u64) -> Snapshot {
    Snapshot {
        version,
        rewrites: 3,
        event_timestamp: Timestamp::from_unix_millis(1_700_000_000_123).unwrap(),
        state: to_raw_value(&format!("state {version}")).unwrap(),
    }
}

async fn latest(adapter: &SqliteEventStorageAdapter, key: &SnapshotKey, max_version: Option<u64>) -> Option<u64> {
    adapter.latest_snapshot(key, max_version).await.unwrap().map(|found| found.version)
}

#[tokio::test]
async fn what_was_put_is_found() {
    let place = place();
    let adapter = place.open().await;
    assert_eq!(latest(&adapter, &key("a"), None).await, None);
    adapter.put_snapshot(&key("a"), snapshot(4), 1).await.unwrap();
    adapter.shutdown().await;
    let adapter = place.open().await;
    let found = adapter.latest_snapshot(&key("a"), None).await.unwrap().unwrap();
    assert_eq!((found.version, found.rewrites, found.event_timestamp), (4, 3, snapshot(4).event_timestamp));
    assert_eq!(found.state.get(), "\"state 4\"");
    assert_eq!(latest(&adapter, &key("b"), None).await, None);
    let mut newer = snapshot(4);
    newer.state = to_raw_value(&7).unwrap();
    newer.rewrites = 4;
    adapter.put_snapshot(&key("a"), newer, 1).await.unwrap();
    let found = adapter.latest_snapshot(&key("a"), None).await.unwrap().unwrap();
    assert_eq!((found.state.get(), found.rewrites), ("7", 4));
}

#[tokio::test]
async fn another_shape_or_reducer_finds_nothing() {
    let adapter = SqliteEventStorageAdapter::open_in_memory().await.unwrap();
    adapter.put_snapshot(&key("a"), snapshot(4), 1).await.unwrap();
    for other in [
        SnapshotKey { state_shape: 1, ..key("a") },
        SnapshotKey { reducer_version: 2, ..key("a") },
        SnapshotKey { event_store_id: "OTHER", ..key("a") },
    ] {
        assert_eq!(latest(&adapter, &other, None).await, None);
    }
    assert_eq!(latest(&adapter, &key("a"), Some(u64::MAX)).await, Some(4));
}

#[tokio::test]
async fn the_latest_that_is_not_too_new_is_found() {
    let place = place();
    let adapter = place.open().await;
    for version in [10, 30, 20] {
        adapter.put_snapshot(&key("a"), snapshot(version), 3).await.unwrap();
    }
    for (max_version, found) in [(None, Some(30)), (Some(30), Some(30)), (Some(29), Some(20)), (Some(9), None)] {
        assert_eq!(latest(&adapter, &key("a"), max_version).await, found);
    }
}

#[tokio::test]
async fn only_the_highest_versions_are_kept() {
    let place = place();
    let adapter = place.open().await;
    let kept = || -> Vec<(String, i64, i64)> {
        let raw = place.raw();
        let mut statement = raw
            .prepare("SELECT aggregate_id, version, reducer_version FROM castore_snapshot ORDER BY 1, 2, 3")
            .unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    };
    let a = |version, reducer| ("a".to_owned(), version, reducer);
    adapter.put_snapshot(&key("b"), snapshot(1), 1).await.unwrap();
    for version in 1..=4 {
        adapter.put_snapshot(&key("a"), snapshot(version), 2).await.unwrap();
    }
    let b = ("b".to_owned(), 1, 1);
    assert_eq!(kept(), [a(3, 1), a(4, 1), b.clone()]);
    let other = SnapshotKey { reducer_version: 2, ..key("a") };
    adapter.put_snapshot(&other, snapshot(4), 1).await.unwrap();
    assert_eq!(kept(), [a(4, 2), b.clone()]);
    // A put never removes its own snapshot, even if its version is not among the highest.
    adapter.put_snapshot(&key("a"), snapshot(2), 1).await.unwrap();
    assert_eq!(kept(), [a(2, 1), a(4, 2), b.clone()]);
    adapter.delete_snapshots("STORE", "a").await.unwrap();
    assert_eq!(kept(), [b]);
    adapter.delete_snapshots("STORE", "unknown").await.unwrap();
}

#[tokio::test]
async fn a_damaged_snapshot_says_so() {
    let place = place();
    let adapter = place.open().await;
    adapter.put_snapshot(&key("a"), snapshot(1), 1).await.unwrap();
    place.raw().execute_batch("UPDATE castore_snapshot SET state = '{'").unwrap();
    let error = adapter.latest_snapshot(&key("a"), None).await.unwrap_err();
    assert!(matches!(&error, StorageError::Corrupt { what } if !what.contains('{')), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn snapshots_and_pushes_take_turns() {
    let place = place();
    let adapter = place.open().await;
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..8 {
        let adapter = adapter.clone();
        tasks.spawn(async move {
            let id = n.to_string();
            for version in 1..=40 {
                push(&adapter, &id, version).await.unwrap();
                adapter.put_snapshot(&key(&id), snapshot(version), 1).await.unwrap();
                assert_eq!(latest(&adapter, &key(&id), None).await, Some(version));
            }
        });
    }
    tasks.join_all().await;
}
