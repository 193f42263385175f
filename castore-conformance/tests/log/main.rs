//! Runs the kit against the log of the reference adapter, and against logs with deliberate faults.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use castore_conformance::log::{FreshLog, LogFactory, LogHandle};
use castore_runtime::in_memory::InMemoryEventStorageAdapter;

mod faulty;

struct InMemory;

#[castore_conformance::async_trait]
impl LogFactory for InMemory {
    async fn fresh(&self) -> FreshLog {
        let adapter = InMemoryEventStorageAdapter::new();
        FreshLog::new(adapter.clone()).another_handle(move || {
            let adapter = adapter.clone();
            async move { LogHandle::new(adapter) }
        })
    }
}

castore_conformance::log_conformance!(InMemory);
