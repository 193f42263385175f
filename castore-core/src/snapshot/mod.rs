//! The contract of snapshot adapters.

mod adapter;
mod key;

pub use adapter::{Snapshot, SnapshotAdapter};
pub use key::SnapshotKey;
