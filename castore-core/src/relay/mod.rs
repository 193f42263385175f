//! The state of relays in a storage: lease, checkpoint and parked aggregates.

mod adapter;
mod parked;

pub use adapter::{
    AcquireLease, CommitOutcome, Lease, LeaseOutcome, RelayCheckpoint, RelayCommit, RelayStorageAdapter,
};
pub use parked::ParkedAggregate;
