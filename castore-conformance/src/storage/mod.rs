//! The behaviors of event storage adapters, by topic. Each function tests one behavior and panics if the adapter does
//! not have it.
//!
//! [`storage_conformance!`](crate::storage_conformance) generates a test for each behavior. Each test gets a fresh
//! storage from the [`StorageFactory`], so that the tests can run concurrently and in any order.

mod capabilities;
pub(crate) mod case;
pub(crate) mod compare;
mod factory;
mod list;
mod model;

pub mod cancellation;
pub mod concurrency;
pub mod concurrent_reads;
pub mod force;
pub mod gaps;
pub mod get_events;
pub mod groups;
pub mod hostile;
pub mod identity;
pub mod large;
pub mod listing;
pub mod paging;
pub mod property;
pub mod push;
pub mod tokens;
pub mod visit_events;

pub use capabilities::{AggregateIds, Capabilities};
pub use factory::{FreshStorage, StorageFactory};
pub use list::{BEHAVIORS, Behavior};
