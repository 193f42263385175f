//! Runs the kit against the reference adapter, and against adapters with deliberate faults.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use castore_conformance::storage::{FreshStorage, StorageFactory};
use castore_runtime::in_memory::InMemoryEventStorageAdapter;

mod bounded;
mod faulty;

struct InMemory;

#[castore_conformance::async_trait]
impl StorageFactory for InMemory {
    async fn fresh(&self) -> FreshStorage {
        FreshStorage::new(InMemoryEventStorageAdapter::new())
    }
}

castore_conformance::storage_conformance!(InMemory);

// The bounded adapter uses every waiver, so the kit also runs its branches for waived requirements.
castore_conformance::storage_conformance!(mod bounded_conformance, bounded::Bounded);
