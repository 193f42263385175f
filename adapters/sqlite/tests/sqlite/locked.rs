use std::time::{Duration, Instant};

use castore_core::storage::{EventStorageAdapter, PushOptions, StorageError};
use castore_sqlite::{SqliteEventStorageAdapter, Synchronous};

use crate::support::{grouped, place, push, versions};

/// Another connection writes for longer than the busy timeout: pushes fail, but only until this connection has
/// finished.
#[tokio::test]
async fn a_lock_held_for_too_long_is_an_error() {
    for synchronous in [Synchronous::Full, Synchronous::Normal] {
        let place = place();
        let adapter = SqliteEventStorageAdapter::builder(&place.path)
            .synchronous(synchronous)
            .busy_timeout(Duration::from_millis(50))
            .open()
            .await
            .unwrap();
        let raw = place.raw();
        raw.execute_batch("BEGIN IMMEDIATE").unwrap();
        let start = Instant::now();
        let single = push(&adapter, "a", 1).await;
        assert!(start.elapsed() >= Duration::from_millis(40));
        let text = "the storage engine failed: the database was locked for longer than the busy timeout; try again";
        assert!(
            matches!(&single, Err(error @ StorageError::Engine(_)) if castore_core::error::error_chain(error).starts_with(text)),
            "{single:?}"
        );
        let group = ["a", "b"].map(|id| grouped(&adapter, id, 1)).into();
        let group = adapter.push_event_group(group, PushOptions::default()).await;
        assert!(matches!(group, Err(StorageError::Engine(_))));
        // Reads are not affected.
        assert!(versions(&adapter, "a").await.is_empty());
        raw.execute_batch("ROLLBACK").unwrap();
        push(&adapter, "a", 1).await.unwrap();
    }
}

/// While a push waits for the lock of another connection, the runtime's only thread continues.
#[tokio::test]
async fn waiting_for_a_lock_does_not_block_the_runtime() {
    for synchronous in [Synchronous::Full, Synchronous::Normal] {
        let place = place();
        let adapter = SqliteEventStorageAdapter::builder(&place.path)
            .synchronous(synchronous)
            .busy_timeout(Duration::from_secs(60))
            .open()
            .await
            .unwrap();
        let raw = place.raw();
        raw.execute_batch("BEGIN IMMEDIATE").unwrap();
        let pushing = tokio::spawn({
            let adapter = adapter.clone();
            async move { push(&adapter, "a", 1).await }
        });
        let start = Instant::now();
        for _ in 0..20 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        // The push still waits for the lock.
        assert!(start.elapsed() < Duration::from_secs(30));
        assert!(!pushing.is_finished());
        raw.execute_batch("ROLLBACK").unwrap();
        pushing.await.unwrap().unwrap();
    }
}
