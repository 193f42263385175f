//! Runs the kit against the reference adapter, and against adapters with deliberate faults.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use castore_conformance::deletion::{DeletionFactory, FreshDeletion};
use castore_runtime::in_memory::InMemoryEventStorageAdapter;

mod faulty;

struct InMemory;

#[castore_conformance::async_trait]
impl DeletionFactory for InMemory {
    async fn fresh(&self) -> FreshDeletion {
        FreshDeletion::new(InMemoryEventStorageAdapter::new())
    }
}

castore_conformance::deletion_conformance!(InMemory);
