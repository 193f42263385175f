//! Tests of finding a snapshot if an aggregate has several snapshots.

use castore_core::snapshot::Snapshot;

use super::SnapshotFactory;
use super::case::{SnapshotCase, snapshot};
use crate::storage::case::at;

/// Tests that the snapshot with the highest version is found, regardless of the order in which the snapshots were
/// stored.
pub async fn the_highest_version_is_found(factory: &dyn SnapshotFactory) {
    let case = SnapshotCase::new(factory).await;
    let key = case.key("a");
    // As text, 10 sorts before 9.
    for (version, highest) in [(9, 9), (10, 10), (2, 10), (100, 100), (11, 100)] {
        case.put(&key, snapshot(version, "one")).await;
        case.expect(&key, None, &snapshot(highest, "one")).await;
    }
    assert_eq!(case.versions(&key).await, [2, 9, 10, 11, 100]);
}

/// Tests that with `max_version`, the snapshot with the highest version up to and including `max_version` is found.
pub async fn max_version_is_inclusive(factory: &dyn SnapshotFactory) {
    let case = SnapshotCase::new(factory).await;
    let key = case.key("a");
    for version in [5, 10, 20] {
        case.put(&key, snapshot(version, "one")).await;
    }
    for (max_version, expected) in [
        (0, None),
        (4, None),
        (5, Some(5)),
        (6, Some(5)),
        (9, Some(5)),
        (10, Some(10)),
        (19, Some(10)),
        (20, Some(20)),
        (i64::MAX as u64, Some(20)),
        (u64::MAX, Some(20)),
    ] {
        assert_eq!(case.version(&key, Some(max_version)).await, expected, "up to {max_version}");
    }
}

/// Tests that a snapshot with the same key and version replaces the previous snapshot completely.
pub async fn the_same_version_is_replaced(factory: &dyn SnapshotFactory) {
    let case = SnapshotCase::new(factory).await;
    let key = case.key("a");
    case.put(&key, snapshot(5, "old")).await;
    case.put(&key, snapshot(4, "older")).await;
    let new = Snapshot { rewrites: 17, event_timestamp: at(123_456), ..snapshot(5, "new") };
    case.put(&key, new.clone()).await;
    case.expect(&key, None, &new).await;
    assert_eq!(case.versions(&key).await, [4, 5], "the snapshot is replaced, not added");
    // Even if the replacement was taken earlier, the snapshot that was stored last is kept.
    let earlier = Snapshot { rewrites: 0, event_timestamp: at(-5), ..snapshot(5, "earlier") };
    case.put(&key, earlier.clone()).await;
    case.expect(&key, None, &earlier).await;
}

/// Tests that large versions are stored and ordered correctly, or rejected without storing the snapshot.
pub async fn great_versions_are_kept_or_refused(factory: &dyn SnapshotFactory) {
    let case = SnapshotCase::new(factory).await;
    let key = case.key("a");
    let mut kept = Vec::new();
    for version in [u64::from(u32::MAX), 1 << 53, (1 << 53) + 1, i64::MAX as u64, i64::MAX as u64 + 1, u64::MAX] {
        match case.try_put(&key, snapshot(version, "great")).await {
            Ok(()) => kept.push(version),
            Err(castore_core::storage::StorageError::Unsupported { .. }) if version > case.capabilities.max_version => {
            }
            Err(error) => panic!("version {version}: {error:?}"),
        }
        assert_eq!(case.versions(&key).await, kept, "after version {version}");
    }
}
