//! Snapshots, stored in the file of the events.

mod adapter;
mod statements;

pub(crate) use statements::delete;
