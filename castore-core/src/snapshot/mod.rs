//! The contract of snapshot adapters.

mod adapter;

pub use adapter::{Snapshot, SnapshotAdapter, SnapshotKey};
