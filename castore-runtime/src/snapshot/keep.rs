use std::sync::Arc;

use castore_core::aggregate::Aggregate;
use castore_core::event_sourced::EventSourced;
use castore_core::future::BoxFuture;
use castore_core::snapshot::SnapshotAdapter;
use castore_core::storage::StorageId;
use castore_core::time::Timestamp;

use super::{InMemorySnapshotAdapter, SnapshotState};
use crate::snapshot::durable::Durable;

/// Where snapshots of event store `S` can be kept: in memory for any store; in a storage, if serde can write and read
/// the state.
#[diagnostic::on_unimplemented(
    message = "`{Self}` keeps no snapshots of event stores",
    label = "not a place for snapshots",
    note = "pass an `InMemorySnapshotAdapter`, or a storage that keeps snapshots: the in-memory, SQLite, Postgres or DynamoDB adapter"
)]
pub trait SnapshotsOf<S: EventSourced> {
    #[doc(hidden)]
    fn __keep(self) -> Arc<dyn KeepsSnapshots<S>>;

    /// How many events apart snapshots are taken, unless told otherwise.
    #[doc(hidden)]
    const EVERY: u64;
}

impl<S: EventSourced> SnapshotsOf<S> for InMemorySnapshotAdapter {
    const EVERY: u64 = 1;

    fn __keep(self) -> Arc<dyn KeepsSnapshots<S>> {
        Arc::new(self)
    }
}

impl<S: EventSourced + SnapshotState, A: SnapshotAdapter> SnapshotsOf<S> for A {
    const EVERY: u64 = 100;

    fn __keep(self) -> Arc<dyn KeepsSnapshots<S>> {
        Arc::new(Durable(self))
    }
}

/// The aggregate of a snapshot.
#[doc(hidden)]
pub struct SnapshotOwner<'a, S: EventSourced> {
    pub(crate) storage_id: &'a StorageId,
    /// The table, in storages that have several.
    pub(crate) table: &'a str,
    pub(crate) aggregate_id: &'a S::AggregateId,
    /// The same as text.
    pub(crate) id: &'a str,
}

/// A snapshot that was read, or is to be stored.
#[doc(hidden)]
pub struct StoredSnapshot<S: EventSourced> {
    pub(crate) aggregate: Aggregate<S>,
    /// When the last event in it happened.
    pub(crate) last_event: Timestamp,
    pub(crate) rewrites: u64,
}

/// A store of the snapshots of one event store. Failures only cost time: they are logged and not returned.
#[doc(hidden)]
pub trait KeepsSnapshots<S: EventSourced>: Send + Sync {
    fn latest<'a>(
        &'a self,
        owner: &'a SnapshotOwner<'a, S>,
        max_version: Option<u64>,
    ) -> BoxFuture<'a, Option<StoredSnapshot<S>>>;

    fn put<'a>(&'a self, owner: &'a SnapshotOwner<'a, S>, held: StoredSnapshot<S>, keep: usize) -> BoxFuture<'a, ()>;

    fn forget<'a>(&'a self, owner: &'a SnapshotOwner<'a, S>) -> BoxFuture<'a, ()>;
}
