//! The state of relays, stored in the file of the events: the checkpoint, the lease and parked aggregates change in one
//! transaction.

mod adapter;
mod lease;
mod parked;
