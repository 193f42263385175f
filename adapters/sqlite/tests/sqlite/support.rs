use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use castore_core::storage::{
    EventStorageAdapter, GetEventsOptions, GroupedRawEvent, PushOptions, RawEvent, StorageError,
};
use castore_core::time::Timestamp;
use castore_sqlite::SqliteEventStorageAdapter;
use rusqlite::Connection;
use tempfile::TempDir;

pub(crate) const STORE: &str = "STORE";
pub(crate) const FORCE: PushOptions = PushOptions::new().force(true);
pub(crate) const ALLOW_GAP: PushOptions = PushOptions::new().allow_gap(true);

/// A folder that is deleted after the test, and a path in it.
pub(crate) struct Place {
    pub(crate) folder: TempDir,
    pub(crate) path: PathBuf,
}

pub(crate) fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.db");
    Place { folder, path }
}

impl Place {
    pub(crate) async fn open(&self) -> SqliteEventStorageAdapter {
        // Writers to one file wait for each other, on slow machines longer than the default timeout.
        let builder = SqliteEventStorageAdapter::builder(&self.path).busy_timeout(Duration::from_secs(60));
        builder.open().await.unwrap()
    }

    pub(crate) fn raw(&self) -> Connection {
        Connection::open(&self.path).unwrap()
    }
}

pub(crate) fn event(aggregate_id: &str, version: u64) -> RawEvent {
    RawEvent {
        aggregate_id: aggregate_id.to_owned(),
        version,
        event_type: "HAPPENED".into(),
        timestamp: Timestamp::from_unix_millis(1_700_000_000_000).unwrap(),
        payload: Some(serde_json::value::to_raw_value(&version).unwrap()),
        metadata: None,
    }
}

pub(crate) fn grouped(adapter: &SqliteEventStorageAdapter, aggregate_id: &str, version: u64) -> GroupedRawEvent {
    GroupedRawEvent::new(std::sync::Arc::new(adapter.clone()), STORE, event(aggregate_id, version))
}

pub(crate) async fn push(
    adapter: &SqliteEventStorageAdapter,
    aggregate_id: &str,
    version: u64,
) -> Result<u64, StorageError> {
    let stored = adapter.push_event(STORE, event(aggregate_id, version), PushOptions::default()).await?;
    Ok(stored.position.unwrap())
}

/// Pushes an event with any version that is not taken. The version may leave a gap.
pub(crate) async fn push_anywhere(
    adapter: &SqliteEventStorageAdapter,
    aggregate_id: &str,
    version: u64,
) -> Result<u64, StorageError> {
    let stored = adapter.push_event(STORE, event(aggregate_id, version), ALLOW_GAP).await?;
    Ok(stored.position.unwrap())
}

pub(crate) async fn versions(adapter: &SqliteEventStorageAdapter, aggregate_id: &str) -> Vec<u64> {
    adapter
        .get_events(STORE, aggregate_id, GetEventsOptions::default())
        .await
        .unwrap()
        .iter()
        .map(|event| event.version)
        .collect()
}

/// Asserts that the push was rejected because of a conflict with exactly this event.
#[track_caller]
pub(crate) fn assert_conflict<T: std::fmt::Debug>(result: Result<T, StorageError>, aggregate_id: &str, version: u64) {
    match result {
        Err(StorageError::EventAlreadyExists(conflict)) => {
            assert_eq!(
                (conflict.event_store_id.as_str(), conflict.aggregate_id.as_str(), conflict.version),
                (STORE, aggregate_id, version)
            );
        }
        other => panic!("a conflict was expected, not {other:?}"),
    }
}

/// Returns the number of transactions in the write-ahead log: each transaction ends with a frame that contains the
/// resulting file size.
pub(crate) fn transactions(path: &Path) -> usize {
    const HEADER: usize = 32;
    const FRAME: usize = 24 + 4096;
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    let log = std::fs::read(name).unwrap();
    log[HEADER..].chunks_exact(FRAME).filter(|frame| frame[4..8] != [0; 4]).count()
}

pub(crate) fn integrity(connection: &Connection) -> String {
    connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap()
}

/// Returns a command that runs only the test `test` of this test binary, in another process. The environment variables
/// control the process.
pub(crate) fn child(test: &str, variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    command
}
