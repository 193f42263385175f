//! The database file is deleted or replaced while it is open.

use std::fs;

use castore_core::error::error_chain;
use castore_core::storage::{EventStorageAdapter, GetEventsOptions, PushOptions, StorageError};
use castore_sqlite::{SqliteEventStorageAdapter, Synchronous};

use crate::support::{Place, STORE, event, grouped, place, push, versions};

async fn open(place: &Place, synchronous: Synchronous) -> SqliteEventStorageAdapter {
    SqliteEventStorageAdapter::builder(&place.path).synchronous(synchronous).open().await.unwrap()
}

fn assert_replaced<T: std::fmt::Debug>(result: Result<T, StorageError>) {
    let error = result.unwrap_err();
    assert!(matches!(error, StorageError::Engine(_)), "{error:?}");
    assert!(error_chain(&error).contains("deleted, moved or replaced"), "{error:?}");
}

/// Asserts that all writes and reads fail.
async fn assert_refuses_everything(adapter: &SqliteEventStorageAdapter) {
    assert_replaced(push(adapter, "a", 2).await);
    assert_replaced(push(adapter, "b", 1).await);
    let group = vec![grouped(adapter, "a", 2), grouped(adapter, "b", 1)];
    assert_replaced(adapter.push_event_group(group, PushOptions::default()).await);
    assert_replaced(adapter.push_event(STORE, event("a", 1), crate::support::FORCE).await);
    assert_replaced(adapter.get_events(STORE, "a", GetEventsOptions::default()).await);
}

#[tokio::test]
async fn nothing_is_acknowledged_after_the_file_was_deleted() {
    for synchronous in [Synchronous::Full, Synchronous::Normal] {
        let place = place();
        let adapter = open(&place, synchronous).await;
        push(&adapter, "a", 1).await.unwrap();
        fs::remove_file(&place.path).unwrap();
        assert_refuses_everything(&adapter).await;
        adapter.shutdown().await;
    }
}

#[tokio::test]
async fn nothing_is_acknowledged_after_a_backup_was_renamed_over_the_file() {
    for synchronous in [Synchronous::Full, Synchronous::Normal] {
        let place = place();
        let backup = place.folder.path().join("backup.db");
        let adapter = open(&place, synchronous).await;
        push(&adapter, "a", 1).await.unwrap();
        place.raw().execute("VACUUM INTO ?1", [backup.to_str().unwrap()]).unwrap();
        fs::rename(&backup, &place.path).unwrap();
        assert_refuses_everything(&adapter).await;
        adapter.shutdown().await;
    }
}

/// The restored file must be usable, and hold exactly what the backup held.
#[tokio::test]
async fn a_backup_is_whole_after_the_adapter_of_the_old_file_has_ended() {
    let place = place();
    let backup = place.folder.path().join("backup.db");
    let adapter = place.open().await;
    push(&adapter, "a", 1).await.unwrap();
    place.raw().execute("VACUUM INTO ?1", [backup.to_str().unwrap()]).unwrap();
    push(&adapter, "a", 2).await.unwrap();
    // The `-wal` and `-shm` of the old file are removed first, or SQLite would apply them to the backup.
    for suffix in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{suffix}", place.path.display()));
    }
    fs::rename(&backup, &place.path).unwrap();
    assert_replaced(push(&adapter, "a", 3).await);
    adapter.shutdown().await;
    let again = place.open().await;
    assert_eq!(versions(&again, "a").await, [1]);
    push(&again, "a", 2).await.unwrap();
}

#[tokio::test]
async fn nothing_is_acknowledged_after_the_write_ahead_log_was_deleted() {
    let place = place();
    let adapter = place.open().await;
    push(&adapter, "a", 1).await.unwrap();
    fs::remove_file(format!("{}-wal", place.path.display())).unwrap();
    assert_refuses_everything(&adapter).await;
}

/// Redirecting a link replaces the file at the path.
#[cfg(unix)]
#[tokio::test]
async fn nothing_is_acknowledged_after_a_link_to_the_file_has_changed() {
    let place = place();
    let (first, second) = (place.folder.path().join("first.db"), place.folder.path().join("second.db"));
    std::os::unix::fs::symlink(&first, &place.path).unwrap();
    let adapter = place.open().await;
    push(&adapter, "a", 1).await.unwrap();
    fs::copy(&first, &second).unwrap();
    fs::remove_file(&place.path).unwrap();
    std::os::unix::fs::symlink(&second, &place.path).unwrap();
    assert_refuses_everything(&adapter).await;
}

#[tokio::test]
async fn the_state_of_relays_is_refused_as_well() {
    use castore_core::log::EventLog;
    use castore_core::relay::{AcquireLease, RelayStorageAdapter};
    let place = place();
    let adapter = place.open().await;
    let log_id = adapter.log_id().await.unwrap();
    fs::remove_file(&place.path).unwrap();
    let lasts = std::time::Duration::from_secs(60);
    let request = AcquireLease { relay: "relay", owner: "owner", lasts, log_id: &log_id, first: 0 };
    assert_replaced(adapter.acquire(request).await);
}
