//! What a storage keeps for relays: the lease, the checkpoint and the parked aggregates of each.

mod adapter;
mod parked;

pub use adapter::{
    AcquireLease, CommitOutcome, Lease, LeaseOutcome, RelayCheckpoint, RelayCommit, RelayStorageAdapter,
};
pub use parked::ParkedAggregate;
