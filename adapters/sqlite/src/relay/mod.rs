//! What relays keep, in the file of the events: checkpoint, lease and parked aggregates change in one transaction.

mod adapter;
mod lease;
mod parked;
