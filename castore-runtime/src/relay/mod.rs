//! What a relay keeps: its lease, its checkpoint, and the aggregates whose messages cannot be published. The relay
//! itself is the crate `castore-relay`.

mod adapter;
mod parked;

pub use adapter::{AcquireLease, Acquired, Committed, Lease, RelayCheckpoint, RelayCommit, RelayStorageAdapter};
pub use parked::ParkedAggregate;
