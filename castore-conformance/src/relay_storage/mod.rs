//! The behaviors of relay storage adapters, by topic. Each function tests one behavior and panics if the adapter does
//! not have it.
//!
//! [`relay_storage_conformance!`](crate::relay_storage_conformance) generates a test for each behavior. The tests use
//! the real clock: leases that must expire are short, and all other leases are long.

mod case;
mod factory;
mod list;

pub mod atomicity;
pub mod concurrency;
pub mod dropping;
pub mod fencing;
pub mod hostile;
pub mod lease;
pub mod parked;

pub use factory::{FreshRelayStorage, RelayStorageFactory};
pub use list::{BEHAVIORS, Behavior};
