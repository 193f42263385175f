//! Snapshots: stored states of aggregates. A load that starts from a snapshot does not have to read all events of the
//! aggregate.

mod durable;
mod in_memory;
mod keep;
mod snapshots;

pub use durable::SnapshotState;
pub use in_memory::InMemorySnapshotAdapter;
pub use keep::SnapshotsOf;
pub(crate) use keep::{KeepsSnapshots, SnapshotOwner, StoredSnapshot};
pub use snapshots::Snapshots;
