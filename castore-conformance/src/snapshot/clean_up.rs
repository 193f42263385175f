//! Tests of removing old snapshots.

use castore_core::snapshot::SnapshotKey;

use super::SnapshotFactory;
use super::case::{SnapshotCase, snapshot};
use crate::storage::case::{POKEMONS, TRAINERS};

/// Tests that of all snapshots of an aggregate, only the given number of snapshots with the highest versions is kept.
pub async fn the_highest_versions_are_kept(factory: &dyn SnapshotFactory) {
    let case = SnapshotCase::new(factory).await;
    let key = case.key("a");
    for version in [9, 10, 11, 100] {
        case.put_and_keep(&key, snapshot(version, "one"), 3).await;
    }
    assert_eq!(case.versions(&key).await, [10, 11, 100], "the last 3");
    case.put_and_keep(&key, snapshot(101, "one"), 1).await;
    assert_eq!(case.versions(&key).await, [101], "the last one");
    case.put_and_keep(&key, snapshot(101, "again"), 1).await;
    case.expect(&key, None, &snapshot(101, "again")).await;
}

/// Tests that the snapshot that was just stored is kept even if other snapshots have higher versions, because those
/// snapshots may be stale.
pub async fn the_newest_snapshot_stays(factory: &dyn SnapshotFactory) {
    let case = SnapshotCase::new(factory).await;
    let key = case.key("a");
    for version in [10, 20, 30] {
        case.put(&key, snapshot(version, "one")).await;
    }
    case.put_and_keep(&key, snapshot(5, "low"), 2).await;
    case.expect(&key, Some(5), &snapshot(5, "low")).await;
    let kept = case.versions(&key).await;
    assert!(kept == [5, 30] || kept == [5, 20, 30], "2 are kept, or 2 and the one just stored, not {kept:?}");
    case.put_and_keep(&key, snapshot(1, "lower"), 1).await;
    case.expect(&key, Some(1), &snapshot(1, "lower")).await;
    let kept = case.versions(&key).await;
    assert!(kept == [1] || kept == [1, 30], "1 is kept, or 1 and the one just stored, not {kept:?}");
}

/// Tests that snapshots with other state shapes and reducer versions count toward the number of snapshots to keep, too.
/// Therefore, the snapshots of new code replace the snapshots of old code.
pub async fn all_shapes_count_together(factory: &dyn SnapshotFactory) {
    let case = SnapshotCase::new(factory).await;
    let key = case.key("a");
    let other_shape = SnapshotKey { state_shape: u64::MAX, ..key.clone() };
    let other_reducer = SnapshotKey { reducer_version: 2, ..key.clone() };
    case.put(&key, snapshot(10, "one")).await;
    case.put(&other_shape, snapshot(20, "one")).await;
    case.put(&other_reducer, snapshot(30, "one")).await;
    case.put_and_keep(&other_reducer, snapshot(40, "one"), 2).await;
    assert_eq!(case.versions(&key).await, [0_u64; 0], "the lowest");
    assert_eq!(case.versions(&other_shape).await, [0_u64; 0], "the lowest but one");
    assert_eq!(case.versions(&other_reducer).await, [30, 40]);
    // After a change of the code, new snapshots may have lower versions than old ones.
    case.put_and_keep(&key, snapshot(35, "new code"), 1).await;
    case.expect(&key, None, &snapshot(35, "new code")).await;
}

/// Tests that the snapshots of other aggregates and stores are kept.
pub async fn other_aggregates_keep_theirs(factory: &dyn SnapshotFactory) {
    let case = SnapshotCase::new(factory).await;
    let (key, other) = (case.key("a"), case.key("b"));
    let trainer = SnapshotKey { event_store_id: TRAINERS, ..key.clone() };
    for version in [1, 2] {
        case.put(&other, snapshot(version, "other")).await;
        case.put(&trainer, snapshot(version, "trainer")).await;
    }
    for version in 3..=5 {
        case.put_and_keep(&key, snapshot(version, "one"), 1).await;
    }
    assert_eq!(case.versions(&key).await, [5]);
    assert_eq!(case.versions(&other).await, [1, 2]);
    assert_eq!(case.versions(&trainer).await, [1, 2]);
}

/// Tests that deleting removes all snapshots of one aggregate, regardless of their state shapes and reducer versions,
/// and no other snapshots.
pub async fn deleting_removes_all_of_an_aggregate(factory: &dyn SnapshotFactory) {
    let case = SnapshotCase::new(factory).await;
    let key = case.key("a");
    let mine = [
        key.clone(),
        SnapshotKey { state_shape: u64::MAX, ..key.clone() },
        SnapshotKey { reducer_version: 2, ..key.clone() },
    ];
    let others = [case.key("b"), SnapshotKey { event_store_id: TRAINERS, ..key.clone() }];
    for (version, key) in (1..).zip(mine.iter().chain(&others)) {
        case.put(key, snapshot(version, "one")).await;
        case.put(key, snapshot(version + 10, "two")).await;
    }
    for _ in 0..2 {
        case.adapter.delete_snapshots(POKEMONS, &key.aggregate_id).await.expect("deleting");
        for key in &mine {
            assert_eq!(case.versions(key).await, [0_u64; 0], "{key:?}");
        }
        for (version, key) in (4..).zip(&others) {
            assert_eq!(case.versions(key).await, [version, version + 10], "{key:?}");
        }
    }
    case.put(&key, snapshot(3, "anew")).await;
    case.expect(&key, None, &snapshot(3, "anew")).await;
}
