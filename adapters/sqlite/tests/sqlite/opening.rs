use std::path::{Path, PathBuf};
use std::time::Duration;

use castore_core::storage::EventStorageAdapter;
use castore_sqlite::{OpenError, SqliteEventStorageAdapter};
use rusqlite::Connection;

use crate::support::{Place, place, push, push_anywhere, versions};

async fn refusal(path: impl AsRef<Path>) -> OpenError {
    SqliteEventStorageAdapter::open(path).await.unwrap_err()
}

/// Returns the content of the file and of the files beside it.
fn content(place: &Place) -> Vec<(PathBuf, Vec<u8>)> {
    let mut content: Vec<_> = std::fs::read_dir(place.folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .map(|path| (path.clone(), std::fs::read(path).unwrap()))
        .collect();
    content.sort();
    content
}

#[tokio::test]
async fn a_new_file_is_made() {
    let place = place();
    let adapter = place.open().await;
    push(&adapter, "a", 1).await.unwrap();
    adapter.shutdown().await;
    assert!(place.path.is_file());
    let header = std::fs::read(&place.path).unwrap();
    assert_eq!(&header[68..72], b"cast");
}

#[tokio::test]
async fn an_empty_file_is_taken() {
    let place = place();
    std::fs::write(&place.path, b"").unwrap();
    push(&place.open().await, "a", 1).await.unwrap();
}

#[tokio::test]
async fn an_empty_database_is_taken() {
    let place = place();
    place.raw().execute_batch("PRAGMA journal_mode = wal; VACUUM").unwrap();
    push(&place.open().await, "a", 1).await.unwrap();
}

#[tokio::test]
async fn odd_names_are_names_of_files() {
    let place = place();
    for name in [":memory:", "file:x?mode=memory", "a b%20#?.db", "ünï", "'\""] {
        let path = place.folder.path().join(name);
        let adapter = SqliteEventStorageAdapter::open(&path).await.unwrap();
        push(&adapter, "a", 1).await.unwrap();
        adapter.shutdown().await;
        assert!(path.is_file(), "{name}");
        let again = SqliteEventStorageAdapter::open(&path).await.unwrap();
        assert_eq!(versions(&again, "a").await, [1], "{name}");
    }
}

#[tokio::test]
async fn everything_is_there_after_opening_again() {
    let place = place();
    for version in 1..=3 {
        let adapter = place.open().await;
        push(&adapter, "a", version).await.unwrap();
        if version == 2 {
            adapter.shutdown().await;
        }
    }
    assert_eq!(versions(&place.open().await, "a").await, [1, 2, 3]);
}

#[tokio::test]
async fn a_missing_folder_is_refused() {
    let place = place();
    let path = place.folder.path().join("no").join("events.db");
    assert!(matches!(refusal(&path).await, OpenError::MissingFolder { path: found } if found == path));
    assert!(!place.folder.path().join("no").exists());
}

#[tokio::test]
async fn a_folder_that_takes_no_files_is_refused() {
    // No user, not even root, can create files in this folder.
    let path = Path::new("/proc/self/events.db");
    if path.parent().unwrap().is_dir() {
        let error = refusal(path).await;
        assert!(matches!(&error, OpenError::Engine { path: found, .. } if found == path), "{error:?}");
    }
}

#[tokio::test]
async fn an_empty_path_is_refused() {
    assert!(matches!(refusal("").await, OpenError::Engine { .. }));
}

#[tokio::test]
async fn a_folder_is_refused() {
    let place = place();
    let path = place.folder.path();
    assert!(matches!(refusal(path).await, OpenError::NotAFile { path: found } if found == path));
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused() {
    for text in ["some text\n".repeat(1000), "x".to_owned()] {
        let place = place();
        std::fs::write(&place.path, text).unwrap();
        let before = content(&place);
        let error = refusal(&place.path).await;
        assert!(matches!(&error, OpenError::NotADatabase { path } if *path == place.path), "{error:?}");
        assert_eq!(content(&place), before);
    }
}

#[tokio::test]
async fn a_database_of_another_program_is_refused() {
    for (sql, id) in [
        ("CREATE TABLE theirs (a)", 0),
        ("CREATE TABLE event (a)", 0),
        ("PRAGMA application_id = 7", 7),
        ("PRAGMA user_version = 1", 0),
        ("PRAGMA journal_mode = wal; CREATE TABLE theirs (a)", 0),
    ] {
        let place = place();
        place.raw().execute_batch(sql).unwrap();
        let before = content(&place);
        let error = refusal(&place.path).await;
        assert!(
            matches!(&error, OpenError::ForeignDatabase { path, application_id } if *path == place.path && *application_id == id),
            "{error:?}"
        );
        assert_eq!(content(&place), before, "{sql}");
    }
}

/// Everything that identifies the foreign database is still in the log beside the file, as after a crash. The log must
/// not be moved into the file.
#[tokio::test]
async fn a_log_of_another_program_is_left_alone() {
    let place = place();
    let theirs = place.raw();
    theirs.execute_batch("PRAGMA journal_mode = wal; CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1)").unwrap();
    let mut copy = place.path.clone().into_os_string();
    copy.push("-copy");
    for suffix in ["", "-wal"] {
        let name = |path: &std::ffi::OsStr| {
            let mut name = path.to_owned();
            name.push(suffix);
            name
        };
        std::fs::copy(name(place.path.as_os_str()), name(&copy)).unwrap();
    }
    let copy = PathBuf::from(copy);
    let before = std::fs::read(&copy).unwrap();
    assert!(matches!(refusal(&copy).await, OpenError::ForeignDatabase { .. }));
    assert_eq!(std::fs::read(&copy).unwrap(), before);
    let count = |connection: &Connection| connection.query_row("SELECT count(*) FROM theirs", [], |row| row.get(0));
    assert_eq!(count(&Connection::open(&copy).unwrap()), Ok(1));
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let place = place();
    place.open().await.shutdown().await;
    place.raw().execute_batch("PRAGMA user_version = 4").unwrap();
    let before = content(&place);
    let error = refusal(&place.path).await;
    assert!(
        matches!(&error, OpenError::NewerSchema { path, found: 4, supported: 3 } if *path == place.path),
        "{error:?}"
    );
    assert_eq!(content(&place), before);
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_refused() {
    let place = place();
    place.open().await.shutdown().await;
    let mut permissions = std::fs::metadata(&place.path).unwrap().permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(&place.path, permissions).unwrap();
    if std::fs::OpenOptions::new().append(true).open(&place.path).is_ok() {
        // Root can write to every file.
        return;
    }
    assert!(matches!(refusal(&place.path).await, OpenError::ReadOnly { path } if path == place.path));
}

#[tokio::test]
async fn a_locked_file_is_refused_after_the_timeout() {
    let place = place();
    let theirs = place.raw();
    theirs.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let error = SqliteEventStorageAdapter::builder(&place.path)
        .busy_timeout(std::time::Duration::from_millis(50))
        .open()
        .await
        .unwrap_err();
    assert!(matches!(&error, OpenError::Busy { path } if *path == place.path), "{error:?}");
    drop(theirs);
    place.open().await;
}

/// The migration ran when the file was created.
#[tokio::test]
async fn a_file_is_opened_while_another_handle_writes_to_it() {
    let place = place();
    place.open().await.shutdown().await;
    let raw = place.raw();
    raw.execute_batch("BEGIN IMMEDIATE").unwrap();
    let builder = SqliteEventStorageAdapter::builder(&place.path).busy_timeout(Duration::ZERO);
    let adapter = builder.open().await.unwrap();
    assert!(push(&adapter, "a", 1).await.is_err());
    raw.execute_batch("ROLLBACK").unwrap();
    push(&adapter, "a", 1).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn many_may_open_a_new_file_at_once() {
    for _ in 0..5 {
        let place = place();
        let openings: Vec<_> = (0..8)
            .map(|n| {
                let path = place.path.clone();
                tokio::spawn(async move {
                    let builder = SqliteEventStorageAdapter::builder(path).busy_timeout(Duration::from_secs(60));
                    let adapter = builder.open().await.unwrap();
                    // The tasks push their versions in any order.
                    push_anywhere(&adapter, "a", n + 1).await.unwrap();
                })
            })
            .collect();
        for opening in openings {
            opening.await.unwrap();
        }
        assert_eq!(versions(&place.open().await, "a").await.len(), 8);
    }
}

#[tokio::test]
async fn databases_in_memory_are_separate() {
    let one = SqliteEventStorageAdapter::open_in_memory().await.unwrap();
    let other = SqliteEventStorageAdapter::open_in_memory().await.unwrap();
    assert!(one.storage_id() != other.storage_id());
    assert!(one.storage_id() == one.clone().storage_id());
    push(&one, "a", 1).await.unwrap();
    assert!(versions(&other, "a").await.is_empty());
    assert_eq!(versions(&one.clone(), "a").await, [1]);
}
