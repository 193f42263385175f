//! What a storage keeps for snapshots.

mod adapter;

pub use adapter::{Snapshot, SnapshotAdapter, SnapshotKey};
