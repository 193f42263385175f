//! Tests of concurrent writers, because every process that loads an aggregate may store a snapshot.

use std::sync::Arc;

use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::SnapshotFactory;
use super::case::{KEEP_ALL, SnapshotCase, snapshot};
use crate::storage::cancellation::poll_and_drop;
use crate::storage::compare::Json;

/// Tests that if many tasks store a snapshot of the same version concurrently, no task fails, and one of the snapshots
/// is stored completely.
pub async fn the_same_version_is_put_by_many(factory: &dyn SnapshotFactory) {
    let case = SnapshotCase::new(factory).await;
    let handles = [case.adapter.clone(), case.fresh.another().await];
    let barrier = Arc::new(Barrier::new(16));
    let mut tasks = JoinSet::new();
    for writer in 0..16_u64 {
        let (adapter, barrier, key) = (handles[writer as usize % 2].clone(), barrier.clone(), case.key("a"));
        tasks.spawn(async move {
            for version in 1..=3 {
                let mut one = snapshot(version, writer);
                one.rewrites = writer;
                barrier.wait().await;
                adapter.put_snapshot(&key, one, KEEP_ALL).await.expect("putting a snapshot");
            }
        });
    }
    tasks.join_all().await;
    let key = case.key("a");
    assert_eq!(case.versions(&key).await, [1, 2, 3]);
    for version in 1..=3 {
        let found = case.latest(&key, Some(version)).await.expect("a snapshot");
        let whole = Json::of(snapshot(version, found.rewrites).state.get(), &case.capabilities);
        let state = Json::of(found.state.get(), &case.capabilities);
        assert!(state == whole, "the state of another writer: {} is not {}", state.short(), whole.short());
    }
}

/// Tests that if many tasks store snapshots of different versions and remove old ones concurrently, no task fails, and
/// the snapshot with the highest version is kept.
pub async fn many_put_and_clean_up(factory: &dyn SnapshotFactory) {
    let case = SnapshotCase::new(factory).await;
    let handles = [case.adapter.clone(), case.fresh.another().await];
    let mut tasks = JoinSet::new();
    for writer in 0..8_u64 {
        let (adapter, key) = (handles[writer as usize % 2].clone(), case.key("a"));
        tasks.spawn(async move {
            for round in 0..5 {
                let one = snapshot(1 + writer + 8 * round, writer);
                adapter.put_snapshot(&key, one, 2).await.expect("putting a snapshot");
                let found = adapter.latest_snapshot(&key, None).await.expect("reading a snapshot");
                assert!(found.is_some(), "a snapshot always exists");
            }
        });
    }
    for result in tasks.join_all().await {
        let () = result;
    }
    let key = case.key("a");
    case.expect(&key, None, &snapshot(40, 7)).await;
    case.put_and_keep(&key, snapshot(41, "last"), 2).await;
    assert_eq!(case.versions(&key).await, [40, 41], "the next snapshot removes the old ones");
}

/// Tests that a write whose future is dropped stores its snapshot completely or not at all. After dropped writes and
/// reads, the storage still works.
pub async fn dropped_calls_disturb_nothing(factory: &dyn SnapshotFactory) {
    let case = SnapshotCase::new(factory).await;
    let key = case.key("a");
    for round in 1..=30 {
        poll_and_drop(case.adapter.put_snapshot(&key, snapshot(round, "dropped"), 3), round).await;
        poll_and_drop(case.adapter.latest_snapshot(&key, None), round).await;
        if let Some(version) = case.version(&key, None).await {
            case.expect(&key, Some(version), &snapshot(version, "dropped")).await;
        }
    }
    case.put_and_keep(&key, snapshot(31, "kept"), 3).await;
    case.expect(&key, None, &snapshot(31, "kept")).await;
}
