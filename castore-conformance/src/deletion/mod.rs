//! The behaviors of storages that can delete aggregates, by topic. Each function tests one behavior and panics if the
//! storage does not have it.
//!
//! [`deletion_conformance!`](crate::deletion_conformance) generates a test for each behavior. The tests use the storage
//! adapter and the log of the storage, so these should pass [`storage_conformance!`](crate::storage_conformance) and
//! [`log_conformance!`](crate::log_conformance) first.

pub(crate) mod case;
mod factory;
mod list;

pub mod concurrency;
pub mod events;
pub mod log;
pub mod new_life;
pub mod snapshots;

pub use factory::{DeletionFactory, FreshDeletion};
pub use list::{BEHAVIORS, Behavior};
