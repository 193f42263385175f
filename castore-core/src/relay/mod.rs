//! The stored state of relays: leases, checkpoints and parked aggregates.

mod adapter;
mod parked;

pub use adapter::{
    AcquireLease, CommitOutcome, Lease, LeaseOutcome, RelayCheckpoint, RelayCommit, RelayStorageAdapter,
};
pub use parked::ParkedAggregate;
