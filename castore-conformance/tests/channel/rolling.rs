//! Rolling deployments without a broker and with the in-memory storage, and deployments with faults that the kit must
//! detect.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use castore_conformance::async_trait;
use castore_conformance::rolling::{InProcessBroker, RollingFactory, World, a_state_field_is_added, a_type_is_added};
use castore_core::consumer::FailureAction;
use castore_core::snapshot::{Snapshot, SnapshotAdapter, SnapshotKey};
use castore_core::storage::StorageError;
use castore_runtime::in_memory::InMemoryEventStorageAdapter;

struct InProcess;

#[async_trait]
impl RollingFactory for InProcess {
    type Broker = InProcessBroker;

    async fn fresh(&self) -> World<InProcessBroker> {
        World::in_memory(InProcessBroker::default())
    }
}

castore_conformance::rolling_conformance!(InProcess);

/// A factory of deployments whose workers acknowledge messages that they cannot decode.
struct Acknowledging;

#[async_trait]
impl RollingFactory for Acknowledging {
    type Broker = InProcessBroker;

    async fn fresh(&self) -> World<InProcessBroker> {
        let broker = InProcessBroker::default().undecodable_action(FailureAction::Skip);
        World::in_memory(broker).patience(Duration::from_secs(5))
    }
}

/// A faulty snapshot adapter, which finds snapshots regardless of the shape of the state.
#[derive(Debug)]
struct AnyShape(InMemoryEventStorageAdapter);

fn without_shape(key: &SnapshotKey) -> SnapshotKey {
    let mut key = key.clone();
    key.state_shape = 0;
    key
}

#[async_trait]
impl SnapshotAdapter for AnyShape {
    async fn latest_snapshot(&self, key: &SnapshotKey, max: Option<u64>) -> Result<Option<Snapshot>, StorageError> {
        self.0.latest_snapshot(&without_shape(key), max).await
    }

    async fn put_snapshot(&self, key: &SnapshotKey, snapshot: Snapshot, keep: usize) -> Result<(), StorageError> {
        self.0.put_snapshot(&without_shape(key), snapshot, keep).await
    }

    async fn delete_snapshots(&self, event_store_id: &str, aggregate_id: &str) -> Result<(), StorageError> {
        self.0.delete_snapshots(event_store_id, aggregate_id).await
    }
}

struct Shapeless;

#[async_trait]
impl RollingFactory for Shapeless {
    type Broker = InProcessBroker;

    async fn fresh(&self) -> World<InProcessBroker> {
        let world = World::in_memory(InProcessBroker::default());
        world.snapshots(AnyShape(InMemoryEventStorageAdapter::new())).patience(Duration::from_secs(5))
    }
}

fn failure(behavior: impl Future<Output = ()>) -> String {
    let run = AssertUnwindSafe(|| castore_conformance::__private::run(behavior));
    let panic = catch_unwind(run).expect_err("the behavior must fail");
    panic.downcast_ref::<String>().cloned().unwrap_or_default()
}

#[test]
fn lost_events_are_found() {
    let text = failure(a_type_is_added(&Acknowledging));
    assert!(text.contains("were not handled"), "{text}");
}

#[test]
fn snapshots_of_another_shape_are_found() {
    let text = failure(a_state_field_is_added(&Shapeless));
    assert!(text.contains("with a snapshot"), "{text}");
}
