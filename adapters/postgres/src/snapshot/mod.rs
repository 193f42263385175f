//! Snapshots of aggregates, in a separate table in the schema of the event table.

mod adapter;

pub(crate) use adapter::TABLES;
