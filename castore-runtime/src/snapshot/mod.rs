//! Snapshots: stored states of aggregates. With a snapshot, loading an aggregate reads only the later events.

mod durable;
mod in_memory;
mod keep;
mod snapshots;

pub use durable::SnapshotState;
pub use in_memory::InMemorySnapshotAdapter;
pub use keep::SnapshotsOf;
pub(crate) use keep::{KeepsSnapshots, SnapshotOwner, StoredSnapshot};
pub use snapshots::Snapshots;
