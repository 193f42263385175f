use std::sync::Arc;

use castore_conformance::log::{FreshLog, LogCapabilities, LogFactory, LogHandle};
use castore_conformance::storage::{Capabilities, FreshStorage, StorageFactory};
use castore_runtime::storage::EventStorageAdapter;
use castore_sqlite::{SqliteEventStorageAdapter, Synchronous};

#[derive(Debug, Clone, Copy)]
enum Sqlite {
    File(Synchronous),
    Memory,
}

#[castore_conformance::async_trait]
impl StorageFactory for Sqlite {
    async fn fresh(&self) -> FreshStorage {
        let synchronous = match *self {
            Self::File(synchronous) => synchronous,
            Self::Memory => return FreshStorage::new(SqliteEventStorageAdapter::open_in_memory().await.unwrap()),
        };
        let folder = tempfile::tempdir().unwrap();
        let builder = SqliteEventStorageAdapter::builder(folder.path().join("events.db")).synchronous(synchronous);
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
        let builder = SqliteEventStorageAdapter::builder(folder.path().join("events.db")).synchronous(synchronous);
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

castore_conformance::storage_conformance!(mod full, Sqlite::File(Synchronous::Full));
castore_conformance::storage_conformance!(mod normal, Sqlite::File(Synchronous::Normal));
castore_conformance::storage_conformance!(mod memory, Sqlite::Memory);
castore_conformance::log_conformance!(mod log_full, Sqlite::File(Synchronous::Full));
castore_conformance::log_conformance!(mod log_normal, Sqlite::File(Synchronous::Normal));
castore_conformance::log_conformance!(mod log_memory, Sqlite::Memory);
