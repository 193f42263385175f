//! Snapshots, in a table of their own: in the events' table they would feed its stream.

mod adapter;
mod item;
mod key;

pub use adapter::DynamoDbSnapshotAdapter;
