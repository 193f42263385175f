//! Runs the kit against the reference adapter, and against adapters with deliberate faults.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::sync::Arc;

use castore_conformance::relay_storage::{FreshRelayStorage, RelayStorageFactory};
use castore_core::log::EventLog;
use castore_core::relay::RelayStorageAdapter;
use castore_runtime::in_memory::InMemoryEventStorageAdapter;

mod faulty;

struct InMemory;

#[castore_conformance::async_trait]
impl RelayStorageFactory for InMemory {
    async fn fresh(&self) -> FreshRelayStorage {
        let adapter = InMemoryEventStorageAdapter::new();
        let log_id = adapter.log_id().await.unwrap();
        FreshRelayStorage::new(adapter.clone()).kept_with(log_id).another_handle(move || {
            let adapter = adapter.clone();
            async move { Arc::new(adapter) as Arc<dyn RelayStorageAdapter> }
        })
    }
}

castore_conformance::relay_storage_conformance!(InMemory);
