//! Storages that go with their test.

use castore::sqlite::SqliteEventStorageAdapter;
use castore_kill_tests::{Folder, Place};
use tempfile::TempDir;

/// A folder for what the processes share, and in it an SQLite file.
pub(crate) struct SqliteWorld {
    pub(crate) folder: Folder,
    pub(crate) place: Place,
    pub(crate) storage: SqliteEventStorageAdapter,
    _directory: TempDir,
}

impl SqliteWorld {
    pub(crate) async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("events.sqlite");
        let storage = Place::open_sqlite(&path).await;
        let folder = Folder::new(directory.path());
        Self { folder, place: Place::Sqlite(path), storage, _directory: directory }
    }
}
