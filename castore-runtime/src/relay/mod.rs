//! What a relay keeps: its lease, its checkpoint, and the aggregates whose messages cannot be published. The relay
//! itself is the crate `castore-relay`.

mod adapter;
mod in_memory;
mod parked;

pub use adapter::{
    AcquireLease, CommitOutcome, Lease, LeaseOutcome, RelayCheckpoint, RelayCommit, RelayStorageAdapter,
};
pub use in_memory::InMemoryRelayStorageAdapter;
pub use parked::ParkedAggregate;
