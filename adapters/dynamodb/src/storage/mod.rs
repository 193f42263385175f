//! The event storage adapter.

mod adapter;
mod builder;
mod events;
mod gaps;
mod group;
mod list;
mod page_key;
mod push;
mod rewrites;

pub use adapter::DynamoDbEventStorageAdapter;
pub use builder::DynamoDbEventStorageAdapterBuilder;
pub(crate) use group::{condition_failed, judge};
