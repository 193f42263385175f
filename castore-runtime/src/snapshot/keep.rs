use std::sync::Arc;

use castore_core::aggregate::Aggregate;
use castore_core::event_sourced::EventSourced;
use castore_core::future::BoxFuture;
use castore_core::snapshot::SnapshotAdapter;
use castore_core::storage::StorageId;
use castore_core::time::Timestamp;

use super::{InMemorySnapshotAdapter, SnapshotState};
use crate::snapshot::durable::Durable;

/// A snapshot store for event store `S`. Snapshots of any event store can be kept in memory. Snapshots can be kept in a
/// storage only if serde can serialize and deserialize the state.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a snapshot store",
    label = "cannot store snapshots",
    note = "pass an `InMemorySnapshotAdapter`, or a storage adapter that stores snapshots: the in-memory, SQLite, Postgres or DynamoDB adapter"
)]
pub trait SnapshotsOf<S: EventSourced> {
    #[doc(hidden)]
    fn __keep(self) -> Arc<dyn KeepsSnapshots<S>>;

    /// The default number of events between snapshots.
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

/// The aggregate to which snapshots belong.
#[doc(hidden)]
pub struct SnapshotOwner<'a, S: EventSourced> {
    pub(crate) storage_id: &'a StorageId,
    /// The table in the storage, for storages with several tables.
    pub(crate) table: &'a str,
    pub(crate) aggregate_id: &'a S::AggregateId,
    /// The aggregate id as text.
    pub(crate) id: &'a str,
}

/// A snapshot with its decoded state, after it was read or before it is stored.
#[doc(hidden)]
pub struct StoredSnapshot<S: EventSourced> {
    pub(crate) aggregate: Aggregate<S>,
    /// The timestamp of the last event in the state.
    pub(crate) last_event: Timestamp,
    pub(crate) rewrites: u64,
}

/// A store for the snapshots of one event store. A failure only makes loads slower, so it is logged and not returned.
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
