//! Runs the kit against the reference adapter, against an adapter with limits, and against adapters with deliberate
//! faults.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::sync::Arc;

use castore_conformance::snapshot::{FreshSnapshots, SnapshotFactory};
use castore_conformance::storage::{AggregateIds, Capabilities};
use castore_core::snapshot::SnapshotAdapter;
use castore_runtime::in_memory::InMemoryEventStorageAdapter;

mod faulty;
mod json;

use json::JsonSnapshots;

struct InMemory;

#[castore_conformance::async_trait]
impl SnapshotFactory for InMemory {
    async fn fresh(&self) -> FreshSnapshots {
        fresh(InMemoryEventStorageAdapter::new())
    }
}

fn fresh<A: SnapshotAdapter + Clone>(adapter: A) -> FreshSnapshots {
    FreshSnapshots::new(adapter.clone()).another_handle(move || {
        let adapter = adapter.clone();
        async move { Arc::new(adapter) as Arc<dyn SnapshotAdapter> }
    })
}

castore_conformance::snapshot_conformance!(InMemory);

/// A factory of an adapter with limits. With this adapter, the kit also runs the branches for data that the adapter
/// rejects.
struct Bounded;

#[castore_conformance::async_trait]
impl SnapshotFactory for Bounded {
    async fn fresh(&self) -> FreshSnapshots {
        fresh(JsonSnapshots { bounded: true, ..JsonSnapshots::default() })
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::full()
            .aggregate_ids(AggregateIds::Uuid)
            .max_payload_len(json::MAX_STATE)
            .max_version(i64::MAX as u64)
            .without_nul_in_json()
    }
}

castore_conformance::snapshot_conformance!(mod bounded_conformance, Bounded);
