//! Snapshots: the state of an aggregate at a version, kept so that loading it reads only the events after it.

mod durable;
mod in_memory;
mod keep;
mod snapshots;

pub use durable::SnapshotState;
pub use in_memory::InMemorySnapshotAdapter;
pub use keep::SnapshotsOf;
pub(crate) use keep::{KeepsSnapshots, SnapshotOwner, StoredSnapshot};
pub use snapshots::Snapshots;
