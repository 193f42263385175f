//! Tests of snapshot keys: event store, aggregate, state shape and reducer version.

use castore_core::snapshot::SnapshotKey;

use super::SnapshotFactory;
use super::case::{SnapshotCase, snapshot};
use crate::storage::case::{POKEMONS, TRAINERS};

/// Tests that a new aggregate has no snapshot.
pub async fn a_new_aggregate_has_no_snapshot(factory: &dyn SnapshotFactory) {
    let case = SnapshotCase::new(factory).await;
    for max_version in [None, Some(0), Some(1), Some(i64::MAX as u64), Some(u64::MAX)] {
        assert_eq!(case.version(&case.key("a"), max_version).await, None);
    }
    case.adapter.delete_snapshots(POKEMONS, &case.capabilities.id("a")).await.expect("deleting nothing");
}

/// Tests that a stored snapshot is found with its key, through every handle.
pub async fn a_snapshot_is_found_by_its_key(factory: &dyn SnapshotFactory) {
    let case = SnapshotCase::new(factory).await;
    let other = case.fresh.another().await;
    let key = case.key("a");
    case.put(&key, snapshot(5, "one")).await;
    case.expect(&key, None, &snapshot(5, "one")).await;
    let found = other.latest_snapshot(&key, None).await.expect("a read").expect("a snapshot");
    assert_eq!(
        (found.version, found.event_timestamp),
        (5, snapshot(5, "one").event_timestamp),
        "through another handle"
    );
}

/// Tests that a snapshot is not found with another state shape, reducer version, event store or aggregate.
pub async fn other_keys_do_not_find_it(factory: &dyn SnapshotFactory) {
    let case = SnapshotCase::new(factory).await;
    let key = case.key("a");
    case.put(&key, snapshot(5, "one")).await;
    let others = [
        SnapshotKey { state_shape: key.state_shape + 1, ..key.clone() },
        SnapshotKey { state_shape: 0, ..key.clone() },
        SnapshotKey { reducer_version: 2, ..key.clone() },
        SnapshotKey { reducer_version: 0, ..key.clone() },
        SnapshotKey { event_store_id: TRAINERS, ..key.clone() },
        SnapshotKey { event_store_id: "POKEMON", ..key.clone() },
        case.key("b"),
    ];
    for other in &others {
        assert_eq!(case.version(other, None).await, None, "{other:?} finds the snapshot of {key:?}");
    }
    // Each key may have its own snapshot.
    for (version, other) in (10..).zip(&others) {
        case.put(other, snapshot(version, "other")).await;
    }
    for (version, other) in (10..).zip(&others) {
        case.expect(other, None, &snapshot(version, "other")).await;
    }
    case.expect(&key, None, &snapshot(5, "one")).await;
}

/// Tests that snapshots with different state shapes are not confused. State shapes are 64-bit hashes, of which all bits
/// must be compared, even if the engine has only signed or floating-point numbers.
pub async fn state_shapes_are_distinct(factory: &dyn SnapshotFactory) {
    let case = SnapshotCase::new(factory).await;
    let signed = i64::MAX as u64;
    let shapes =
        [0, 1, (1 << 53) + 1, 1 << 53, signed - 1, signed, signed + 1, signed + 2, u64::MAX - 1, u64::MAX, 1 << 32];
    let keys = shapes.map(|state_shape| SnapshotKey { state_shape, ..case.key("a") });
    for (version, key) in (1..).zip(&keys) {
        assert_eq!(case.version(key, None).await, None, "{:#x} is confused with an earlier shape", key.state_shape);
        case.put(key, snapshot(version, key.state_shape)).await;
    }
    for (version, key) in (1..).zip(&keys) {
        case.expect(key, None, &snapshot(version, key.state_shape)).await;
    }
}

/// Tests that snapshots with different reducer versions are not confused, regardless of the size of the versions.
pub async fn reducer_versions_are_distinct(factory: &dyn SnapshotFactory) {
    let case = SnapshotCase::new(factory).await;
    let keys = [1, 10, 2, i32::MAX as u32, i32::MAX as u32 + 1, u32::MAX]
        .map(|reducer_version| SnapshotKey { reducer_version, ..case.key("a") });
    for (version, key) in (1..).zip(&keys) {
        assert_eq!(case.version(key, None).await, None, "{} is confused with another", key.reducer_version);
        case.put(key, snapshot(version, key.reducer_version)).await;
    }
    for (version, key) in (1..).zip(&keys) {
        case.expect(key, None, &snapshot(version, key.reducer_version)).await;
    }
}
