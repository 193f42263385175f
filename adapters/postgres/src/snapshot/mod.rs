//! Snapshots of aggregates, in a table of their own in the schema of the event table.

mod adapter;

pub(crate) use adapter::TABLES;
