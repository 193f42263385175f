//! Snapshots, in a separate table: in the event table, they would appear in the stream.

mod adapter;
mod item;
mod key;

pub use adapter::DynamoDbSnapshotAdapter;
