//! Pushes that rely on cached last versions, while other programs change the table.

use std::time::Duration;

use castore_core::storage::{EventStorageAdapter, GetEventsOptions, PushOptions, StorageError};
use castore_sqlite::{SqliteEventStorageAdapter, Synchronous};

use crate::support::{STORE, assert_conflict, event, grouped, place, push, push_anywhere, versions};

/// Waits until all cached versions have expired. Callers write inline, so that the adapter uses the clock of this
/// runtime.
async fn expire() {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(5)).await;
    tokio::time::resume();
}

#[track_caller]
fn assert_gap<T: std::fmt::Debug>(result: Result<T, StorageError>, expected: u64) {
    match result {
        Err(StorageError::VersionGap(gap)) => assert_eq!(gap.expected, expected),
        other => panic!("a gap was expected, not {other:?}"),
    }
}

/// A push that follows a push or a read is not checked for a gap, but only for 5 seconds.
#[tokio::test]
async fn a_gap_in_a_truncated_table_is_refused_after_5_seconds() {
    for known in [true, false] {
        let place = place();
        let builder = SqliteEventStorageAdapter::builder(&place.path).synchronous(Synchronous::Normal);
        let adapter = builder.open().await.unwrap();
        for version in 1..=3 {
            push(&adapter, "a", version).await.unwrap();
        }
        let group = vec![grouped(&adapter, "b", 1), grouped(&adapter, "b", 2)];
        adapter.push_event_group(group, PushOptions::new()).await.unwrap();
        place
            .raw()
            .execute_batch(
                "INSERT INTO event (event_store_id, aggregate_id, version, type, timestamp)
                 VALUES ('STORE', 'c', 1, 'HAPPENED', 0)",
            )
            .unwrap();
        assert_eq!(versions(&adapter, "c").await, [1]);
        if !known {
            expire().await;
        }
        place.raw().execute_batch("DELETE FROM event").unwrap();
        let group = vec![grouped(&adapter, "b", 3), grouped(&adapter, "b", 4)];
        let group = adapter.push_event_group(group, PushOptions::new()).await;
        let (pushed, read) = (push(&adapter, "a", 4).await, push(&adapter, "c", 2).await);
        if known {
            assert_eq!((group.unwrap().len(), pushed.is_ok(), read.is_ok()), (2, true, true));
        } else {
            assert_gap(group, 1);
            assert_gap(pushed, 1);
            assert_gap(read, 1);
            push(&adapter, "a", 1).await.unwrap();
            assert_eq!(versions(&adapter, "a").await, [1]);
        }
    }
}

#[tokio::test]
async fn events_that_another_adapter_stored_are_conflicts() {
    let place = place();
    let (adapter, other) = (place.open().await, place.open().await);
    push(&adapter, "a", 1).await.unwrap();
    adapter.get_events(STORE, "b", GetEventsOptions::default()).await.unwrap();
    for id in ["a", "b"] {
        let next = if id == "a" { 2 } else { 1 };
        push(&other, id, next).await.unwrap();
        push(&other, id, next + 1).await.unwrap();
        assert_conflict(push(&adapter, id, next).await, id, next);
        assert_conflict(push(&adapter, id, next + 1).await, id, next + 1);
        push(&adapter, id, next + 2).await.unwrap();
        push(&adapter, id, next + 3).await.unwrap();
        assert_gap(push(&adapter, id, next + 5).await, next + 4);
    }
}

/// A group whose transaction is rolled back leaves no version in the cache.
#[tokio::test]
async fn a_rejected_group_does_not_count() {
    let place = place();
    let adapter = place.open().await;
    push(&adapter, "a", 1).await.unwrap();
    push(&adapter, "b", 1).await.unwrap();
    let group = vec![grouped(&adapter, "a", 2), grouped(&adapter, "a", 3), grouped(&adapter, "b", 1)];
    assert_conflict(adapter.push_event_group(group, PushOptions::new()).await, "b", 1);
    assert_gap(push(&adapter, "a", 4).await, 2);
    let group = vec![grouped(&adapter, "a", 2), grouped(&adapter, "a", 3), grouped(&adapter, "b", 3)];
    assert_gap(adapter.push_event_group(group, PushOptions::new()).await, 2);
    assert_gap(push(&adapter, "a", 4).await, 2);
    push(&adapter, "a", 2).await.unwrap();
    push_anywhere(&adapter, "a", 9).await.unwrap();
    assert_gap(adapter.push_event(STORE, event("a", 3), PushOptions::new()).await, 10);
    assert_eq!(versions(&adapter, "a").await, [1, 2, 9]);
}
