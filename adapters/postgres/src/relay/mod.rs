//! The state of relays, in the schema of the event table: checkpoint, lease and parked aggregates change in one
//! statement.

mod adapter;
mod lease;
mod parked;
mod tables;

pub(crate) use tables::TABLES;
