use std::sync::Arc;
use std::time::Duration;

use castore_conformance::deletion::{DeletionFactory, FreshDeletion};
use castore_conformance::log::{FreshLog, LogCapabilities, LogFactory, LogHandle};
use castore_conformance::relay_storage::{FreshRelayStorage, RelayStorageFactory};
use castore_conformance::rolling::{InProcessBroker, RollingFactory, World};
use castore_conformance::snapshot::{FreshSnapshots, SnapshotFactory};
use castore_conformance::storage::{Capabilities, FreshStorage, StorageFactory};
use castore_core::log::EventLog;
use castore_core::relay::RelayStorageAdapter;
use castore_core::snapshot::SnapshotAdapter;
use castore_core::storage::EventStorageAdapter;
use castore_sqlite::{SqliteEventStorageAdapter, SqliteEventStorageAdapterBuilder, Synchronous};
use tempfile::TempDir;

#[derive(Debug, Clone, Copy)]
enum Sqlite {
    File(Synchronous),
    Memory,
}

/// Uses a timeout for machines under load: while a disk is busy, a single flush can take seconds.
fn builder(folder: &TempDir, synchronous: Synchronous) -> SqliteEventStorageAdapterBuilder {
    let path = folder.path().join("events.db");
    SqliteEventStorageAdapter::builder(path).synchronous(synchronous).busy_timeout(Duration::from_secs(60))
}

#[castore_conformance::async_trait]
impl StorageFactory for Sqlite {
    async fn fresh(&self) -> FreshStorage {
        let synchronous = match *self {
            Self::File(synchronous) => synchronous,
            Self::Memory => return FreshStorage::new(SqliteEventStorageAdapter::open_in_memory().await.unwrap()),
        };
        let folder = tempfile::tempdir().unwrap();
        let builder = builder(&folder, synchronous);
        FreshStorage::new(builder.clone().open().await.unwrap()).keeping(folder).reopened_by(move || {
            let builder = builder.clone();
            async move { Arc::new(builder.open().await.unwrap()) as Arc<dyn EventStorageAdapter> }
        })
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::full().max_version(i64::MAX as u64)
    }
}

#[castore_conformance::async_trait]
impl LogFactory for Sqlite {
    async fn fresh(&self) -> FreshLog {
        let synchronous = match *self {
            Self::File(synchronous) => synchronous,
            Self::Memory => return FreshLog::new(SqliteEventStorageAdapter::open_in_memory().await.unwrap()),
        };
        let folder = tempfile::tempdir().unwrap();
        let builder = builder(&folder, synchronous);
        FreshLog::new(builder.clone().open().await.unwrap()).keeping(folder).another_handle(move || {
            let builder = builder.clone();
            async move { LogHandle::new(builder.open().await.unwrap()) }
        })
    }

    fn capabilities(&self) -> Capabilities {
        StorageFactory::capabilities(self)
    }

    fn log_capabilities(&self) -> LogCapabilities {
        LogCapabilities::full().without_wake_ups_across_handles()
    }
}

#[castore_conformance::async_trait]
impl RelayStorageFactory for Sqlite {
    async fn fresh(&self) -> FreshRelayStorage {
        let synchronous = match *self {
            Self::File(synchronous) => synchronous,
            Self::Memory => {
                let adapter = SqliteEventStorageAdapter::open_in_memory().await.unwrap();
                return FreshRelayStorage::new(adapter.clone()).kept_with(adapter.log_id().await.unwrap());
            }
        };
        let folder = tempfile::tempdir().unwrap();
        let builder = builder(&folder, synchronous);
        let adapter = builder.clone().open().await.unwrap();
        let log_id = adapter.log_id().await.unwrap();
        FreshRelayStorage::new(adapter).kept_with(log_id).keeping(folder).another_handle(move || {
            let builder = builder.clone();
            async move { Arc::new(builder.open().await.unwrap()) as Arc<dyn RelayStorageAdapter> }
        })
    }
}

#[castore_conformance::async_trait]
impl SnapshotFactory for Sqlite {
    async fn fresh(&self) -> FreshSnapshots {
        let synchronous = match *self {
            Self::File(synchronous) => synchronous,
            Self::Memory => return FreshSnapshots::new(SqliteEventStorageAdapter::open_in_memory().await.unwrap()),
        };
        let folder = tempfile::tempdir().unwrap();
        let builder = builder(&folder, synchronous);
        FreshSnapshots::new(builder.clone().open().await.unwrap()).keeping(folder).another_handle(move || {
            let builder = builder.clone();
            async move { Arc::new(builder.open().await.unwrap()) as Arc<dyn SnapshotAdapter> }
        })
    }

    fn capabilities(&self) -> Capabilities {
        StorageFactory::capabilities(self)
    }
}

#[castore_conformance::async_trait]
impl DeletionFactory for Sqlite {
    async fn fresh(&self) -> FreshDeletion {
        let synchronous = match *self {
            Self::File(synchronous) => synchronous,
            Self::Memory => return FreshDeletion::new(SqliteEventStorageAdapter::open_in_memory().await.unwrap()),
        };
        let folder = tempfile::tempdir().unwrap();
        let adapter = builder(&folder, synchronous).open().await.unwrap();
        FreshDeletion::new(adapter).map_log(|log| log.keeping(folder))
    }

    fn capabilities(&self) -> Capabilities {
        StorageFactory::capabilities(self)
    }
}

/// The pods of a simulated deployment. Each pod opens the file separately, like a process on the same machine.
struct Pods;

#[castore_conformance::async_trait]
impl RollingFactory for Pods {
    type Broker = InProcessBroker;

    async fn fresh(&self) -> World<InProcessBroker> {
        let folder = tempfile::tempdir().unwrap();
        let builder = builder(&folder, Synchronous::Normal);
        let open = move || {
            let builder = builder.clone();
            async move { builder.open().await.unwrap() }
        };
        World::new(InProcessBroker::default(), open).keeping(folder)
    }
}

castore_conformance::rolling_conformance!(Pods);
castore_conformance::storage_conformance!(mod full, Sqlite::File(Synchronous::Full));
castore_conformance::storage_conformance!(mod normal, Sqlite::File(Synchronous::Normal));
castore_conformance::storage_conformance!(mod memory, Sqlite::Memory);
castore_conformance::log_conformance!(mod log_full, Sqlite::File(Synchronous::Full));
castore_conformance::log_conformance!(mod log_normal, Sqlite::File(Synchronous::Normal));
castore_conformance::log_conformance!(mod log_memory, Sqlite::Memory);
castore_conformance::relay_storage_conformance!(mod relay_full, Sqlite::File(Synchronous::Full));
castore_conformance::relay_storage_conformance!(mod relay_memory, Sqlite::Memory);
castore_conformance::snapshot_conformance!(mod snapshots_full, Sqlite::File(Synchronous::Full));
castore_conformance::snapshot_conformance!(mod snapshots_memory, Sqlite::Memory);
castore_conformance::deletion_conformance!(mod deletion_full, Sqlite::File(Synchronous::Full));
castore_conformance::deletion_conformance!(mod deletion_normal, Sqlite::File(Synchronous::Normal));
castore_conformance::deletion_conformance!(mod deletion_memory, Sqlite::Memory);
