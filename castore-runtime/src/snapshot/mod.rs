//! Snapshots: the state of an aggregate at a version, kept so that loading it reads only the events after it.

mod adapter;

pub use adapter::{Snapshot, SnapshotAdapter, SnapshotKey};
