//! Tests of swaps: a new version of a read model takes over from the old version, so that readers use the new version.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use castore_projection::engine::{Applied, Retried, Swapped};

use super::ReadModelFactory;
use super::case::{ReadModelCase, Store, counts, event, events, page, retried};
use super::event::STORE;

/// Returns a store of version 1 at position 3, and a store of the new version 2.
async fn two_versions(case: &ReadModelCase) -> (Store, Store) {
    let old = case.open(1).await;
    old.apply_all(&events("aab"), 0, 3).await;
    (old, case.open(2).await)
}

/// Tests that readers do not see a new version before it takes over.
pub async fn a_new_version_is_built_unseen(factory: &dyn ReadModelFactory) {
    let case = ReadModelCase::new(factory).await;
    let (old, new) = two_versions(&case).await;
    assert_eq!((new.version().await.live, new.version().await.position), (false, 0));
    new.apply_all(&events("a"), 0, 1).await;
    case.expect_read("aab").await;
    assert!(old.version().await.live);
    old.expect_position(3).await;
}

/// Tests that during a swap, readers see exactly one version, either the old version or the new one.
pub async fn a_swap_is_atomic(factory: &dyn ReadModelFactory) {
    let case = ReadModelCase::new(factory).await;
    let (old, new) = two_versions(&case).await;
    new.apply_all(&events("aabbb"), 0, 5).await;
    let swapped = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..3)
        .map(|_| {
            let (database, swapped) = (case.database.clone(), swapped.clone());
            tokio::spawn(async move {
                let mut seen = Vec::new();
                loop {
                    let is_last = swapped.load(Ordering::SeqCst);
                    let read = database.read().await;
                    if seen.last() != Some(&read) {
                        seen.push(read);
                    }
                    if is_last {
                        return seen;
                    }
                    tokio::time::sleep(Duration::from_micros(200)).await;
                }
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(5)).await;
    let version = new.swap(5, 5).await;
    swapped.store(true, Ordering::SeqCst);
    assert_eq!((version.version, version.live, version.position), (2, true, 5));
    assert_eq!((old.version().await.live, new.version().await.live), (false, true));
    for reader in readers {
        let seen = reader.await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
        let (before, after) = (counts("aab"), counts("aabbb"));
        assert!(seen == [before, after.clone()] || seen == [after], "a reader saw {seen:?}");
    }
    case.expect_read("aabbb").await;
}

/// Tests that a version takes over only when it has read the log as far as the version in use. The checkpoint of the
/// new version then moves to the position of the old version, because the log contains no events for the new version
/// between the two positions.
pub async fn a_swap_waits_until_the_version_has_caught_up(factory: &dyn ReadModelFactory) {
    let case = ReadModelCase::new(factory).await;
    let (old, new) = two_versions(&case).await;
    new.apply_all(&events("aa"), 0, 2).await;
    assert!(matches!(new.try_swap(2, 2).await, Swapped::NotYet));
    assert_eq!((old.version().await.live, new.version().await.position), (true, 2));
    case.expect_read("aab").await;
    // The log was read up to 3, but contains no event for this version between 2 and 3.
    let version = new.swap(2, 3).await;
    assert_eq!((version.position, version.live), (3, true));
    new.expect_position(3).await;
    case.expect_read("aa").await;
}

/// Tests that a swap does nothing if the checkpoint is not at the given position. A different position means that
/// another process runs the same version.
pub async fn a_swap_is_fenced_by_the_checkpoint(factory: &dyn ReadModelFactory) {
    let case = ReadModelCase::new(factory).await;
    let (old, new) = two_versions(&case).await;
    new.apply_all(&events("aabb"), 0, 4).await;
    for position in [3, 5] {
        assert!(matches!(new.try_swap(position, 10).await, Swapped::NotYet), "position {position}");
    }
    assert!(old.version().await.live && !new.version().await.live);
    new.expect_position(4).await;
    case.expect_read("aab").await;
}

/// Tests that an older version does not take over from a newer version.
pub async fn an_older_version_is_superseded(factory: &dyn ReadModelFactory) {
    let case = ReadModelCase::new(factory).await;
    let (old, new) = two_versions(&case).await;
    new.apply_all(&events("aabb"), 0, 4).await;
    new.swap(4, 4).await;
    old.apply_all(&page([event("c", 4)]), 3, 4).await;
    assert!(matches!(old.try_swap(4, 100).await, Swapped::Superseded));
    assert_eq!((old.version().await.live, new.version().await.live), (false, true));
    case.expect_read("aabb").await;
}

/// Tests that the store of a dropped version reports that the version is gone, and writes nothing.
pub async fn a_dropped_version_is_gone(factory: &dyn ReadModelFactory) {
    let case = ReadModelCase::new(factory).await;
    let (old, new) = two_versions(&case).await;
    new.apply_all(&events("aab"), 0, 3).await;
    new.swap(3, 3).await;
    assert!(matches!(old.park("a", 4, 3, 4).await, Applied::Done(_)));
    case.database.drop_version(1).await;
    let page: Arc<[_]> = [event("b", 5)].into();
    assert!(matches!(old.apply(&page, 0..1, 4, 5).await, Applied::Gone));
    assert!(matches!(old.park("b", 5, 4, 5).await, Applied::Gone));
    assert!(retried(|| old.0.version()).await.is_none());
    assert!(matches!(retried(|| old.0.apply_parked(event("a", 4), 4)).await, Retried::Changed));
    assert_eq!(retried(|| old.0.find_parked(STORE, "a")).await, None);
    case.expect_read("aab").await;
    // If version 1 is opened again, it starts at the beginning like a new version.
    let old = case.open(1).await;
    assert_eq!((old.version().await.position, old.version().await.live), (0, false));
    case.expect_read("aab").await;
}
