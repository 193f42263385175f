use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use castore_core::storage::{EventStorageAdapter, GetEventsOptions, PushOptions, StorageError};
use castore_sqlite::{SqliteEventStorageAdapter, Synchronous};
use tokio::task::JoinSet;

use crate::support::{
    FORCE, STORE, assert_conflict, event, grouped, place, push, push_anywhere, transactions, versions,
};

const BOTH: [Synchronous; 2] = [Synchronous::Full, Synchronous::Normal];

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_pushes_share_transactions() {
    for synchronous in BOTH {
        let place = place();
        let adapter = SqliteEventStorageAdapter::builder(&place.path).synchronous(synchronous).open().await.unwrap();
        let raw = place.raw();
        raw.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
        let mut tasks = JoinSet::new();
        for n in 0..64 {
            let adapter = adapter.clone();
            tasks.spawn(async move {
                for version in 1..=5 {
                    push(&adapter, &format!("a{n}"), version).await.unwrap();
                }
            });
        }
        tasks.join_all().await;
        let transactions = transactions(&place.path);
        // How many pushes share a transaction depends on the disk and the cores. The next test is deterministic.
        assert!(transactions < 320, "{transactions} transactions for 320 pushes, {synchronous:?}");
    }
}

#[tokio::test]
async fn pushes_that_wait_are_stored_in_one_transaction() {
    for synchronous in BOTH {
        let place = place();
        let adapter = SqliteEventStorageAdapter::builder(&place.path).synchronous(synchronous).open().await.unwrap();
        let raw = place.raw();
        raw.execute_batch("PRAGMA wal_checkpoint(TRUNCATE); BEGIN IMMEDIATE").unwrap();
        let mut tasks = JoinSet::new();
        let begun = Arc::new(AtomicUsize::new(0));
        for n in 0..200 {
            let (adapter, begun) = (adapter.clone(), Arc::clone(&begun));
            tasks.spawn(async move {
                begun.fetch_add(1, Ordering::SeqCst);
                push(&adapter, &format!("a{n}"), 1).await
            });
        }
        while begun.load(Ordering::SeqCst) < 200 {
            tokio::task::yield_now().await;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        raw.execute_batch("ROLLBACK").unwrap();
        assert!(tasks.join_all().await.iter().all(Result::is_ok));
        // One transaction contains the jobs that the writer had taken when it found the file locked. All other jobs
        // share the other transactions.
        assert!(transactions(&place.path) <= 3, "{synchronous:?}");
    }
}

#[tokio::test]
async fn a_conflict_fails_only_its_own_caller() {
    for synchronous in BOTH {
        let place = place();
        let adapter = SqliteEventStorageAdapter::builder(&place.path).synchronous(synchronous).open().await.unwrap();
        push(&adapter, "taken", 1).await.unwrap();
        let raw = place.raw();
        raw.execute_batch("BEGIN IMMEDIATE").unwrap();
        let before = spawn_push(&adapter, "before");
        let conflict = spawn_push(&adapter, "taken");
        let group = {
            let adapter = adapter.clone();
            tokio::spawn(async move {
                let group = ["group", "taken", "rest"].map(|id| grouped(&adapter, id, 1)).into();
                adapter.push_event_group(group, PushOptions::default()).await
            })
        };
        let after = spawn_push(&adapter, "after");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        raw.execute_batch("ROLLBACK").unwrap();
        let (before, after) = (before.await.unwrap().unwrap(), after.await.unwrap().unwrap());
        assert_eq!(before.max(after) - 1, 2);
        assert_conflict(conflict.await.unwrap(), "taken", 1);
        assert_conflict(group.await.unwrap(), "taken", 1);
        for (id, expected) in [("before", 1), ("after", 1), ("taken", 1), ("group", 0), ("rest", 0)] {
            assert_eq!(versions(&adapter, id).await.len(), expected, "{id}");
        }
    }
}

fn spawn_push(
    adapter: &SqliteEventStorageAdapter,
    aggregate_id: &'static str,
) -> tokio::task::JoinHandle<Result<u64, StorageError>> {
    let adapter = adapter.clone();
    tokio::spawn(async move { push(&adapter, aggregate_id, 1).await })
}

#[tokio::test]
async fn force_keeps_the_position() {
    let place = place();
    let adapter = place.open().await;
    let first = push(&adapter, "a", 1).await.unwrap();
    let second = push(&adapter, "a", 2).await.unwrap();
    let mut changed = event("a", 1);
    changed.payload = None;
    let stored = adapter.push_event(STORE, changed, FORCE).await.unwrap();
    assert_eq!(stored.position, Some(first));
    let group = vec![grouped(&adapter, "a", 2), grouped(&adapter, "b", 1)];
    let stored = adapter.push_event_group(group, FORCE).await.unwrap();
    assert_eq!(stored[0].position, Some(second));
    assert!(stored[1].position > Some(second));
    let events = adapter.get_events(STORE, "a", GetEventsOptions::default()).await.unwrap();
    assert!(events[0].payload.is_none());
    assert!(push(&adapter, "b", 2).await.unwrap() > stored[1].position.unwrap());
}

#[tokio::test]
async fn positions_are_not_given_out_again() {
    let place = place();
    let adapter = place.open().await;
    push(&adapter, "a", 1).await.unwrap();
    let last = push(&adapter, "a", 2).await.unwrap();
    place.raw().execute("DELETE FROM event WHERE version = 2", []).unwrap();
    assert!(push(&adapter, "a", 2).await.unwrap() > last);
}

#[tokio::test]
async fn a_group_conflicts_with_itself() {
    let place = place();
    let adapter = place.open().await;
    let group = vec![grouped(&adapter, "a", 1), grouped(&adapter, "b", 1), grouped(&adapter, "a", 1)];
    assert_conflict(adapter.push_event_group(group, PushOptions::default()).await, "a", 1);
    assert!(versions(&adapter, "a").await.is_empty());
    assert!(versions(&adapter, "b").await.is_empty());
}

#[tokio::test]
async fn a_large_group_is_stored_whole() {
    let place = place();
    let adapter = place.open().await;
    let group: Vec<_> = (1..=3_000).map(|version| grouped(&adapter, "a", version)).collect();
    let stored = adapter.push_event_group(group, PushOptions::default()).await.unwrap();
    assert!(stored.is_sorted_by_key(|stored| stored.position));
    assert_eq!(versions(&adapter, "a").await.len(), 3_000);
    // One more group, which fails at its last event.
    let mut group: Vec<_> = (1..=3_000).map(|version| grouped(&adapter, "b", version)).collect();
    group.push(grouped(&adapter, "a", 3_000));
    assert_conflict(adapter.push_event_group(group, PushOptions::default()).await, "a", 3_000);
    assert!(versions(&adapter, "b").await.is_empty());
}

#[tokio::test]
async fn versions_beyond_the_integers_of_sqlite_are_refused() {
    let place = place();
    let adapter = place.open().await;
    let greatest = i64::MAX as u64;
    push_anywhere(&adapter, "a", greatest).await.unwrap();
    assert!(matches!(push(&adapter, "a", greatest + 1).await, Err(StorageError::Unsupported { .. })));
    let group = vec![grouped(&adapter, "b", 1), grouped(&adapter, "a", u64::MAX)];
    let refused = adapter.push_event_group(group, PushOptions::default()).await;
    assert!(matches!(refused, Err(StorageError::Unsupported { .. })));
    assert_eq!(versions(&adapter, "a").await, [greatest]);
    assert!(versions(&adapter, "b").await.is_empty());
}

#[tokio::test]
async fn large_payloads_are_stored() {
    for synchronous in BOTH {
        let place = place();
        let adapter = SqliteEventStorageAdapter::builder(&place.path).synchronous(synchronous).open().await.unwrap();
        let text = "x".repeat(1 << 20);
        for version in 1..=20 {
            let mut large = event("a", version);
            large.payload = Some(serde_json::value::to_raw_value(&text).unwrap());
            adapter.push_event(STORE, large, PushOptions::default()).await.unwrap();
        }
        let events = adapter.get_events(STORE, "a", GetEventsOptions::default()).await.unwrap();
        assert_eq!(events.len(), 20);
        let read: String = serde_json::from_str(events[19].payload.as_ref().unwrap().get()).unwrap();
        assert!(read == text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn more_callers_than_there_are_slots_are_served() {
    let place = place();
    let adapter = place.open().await;
    let mut tasks = JoinSet::new();
    for n in 0..10_000 {
        let adapter = adapter.clone();
        tasks.spawn(async move { push(&adapter, &format!("a{n}"), 1).await });
    }
    assert!(tasks.join_all().await.iter().all(Result::is_ok));
}

#[tokio::test]
async fn one_task_may_wait_for_many_pushes() {
    let place = place();
    let adapter =
        SqliteEventStorageAdapter::builder(&place.path).synchronous(Synchronous::Normal).open().await.unwrap();
    let (a, b, c) = tokio::join!(push(&adapter, "a", 1), push(&adapter, "b", 1), push(&adapter, "a", 1));
    a.unwrap();
    b.unwrap();
    assert_conflict(c, "a", 1);
}

/// A caller without competition stores without a pause, but must not keep other tasks from running.
#[tokio::test]
async fn other_tasks_run_while_one_pushes_for_ever() {
    let place = place();
    let adapter =
        SqliteEventStorageAdapter::builder(&place.path).synchronous(Synchronous::Normal).open().await.unwrap();
    let pushing = tokio::spawn(async move {
        for version in 1.. {
            push(&adapter, "a", version).await.unwrap();
        }
    });
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    pushing.abort();
    assert!(pushing.await.unwrap_err().is_cancelled());
}
