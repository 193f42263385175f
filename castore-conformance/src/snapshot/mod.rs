//! The behaviors of snapshot adapters, by topic. Each function tests one behavior and panics if the adapter does not
//! have it.
//!
//! [`snapshot_conformance!`](crate::snapshot_conformance) generates a test for each behavior.

mod case;
mod factory;
mod list;

pub mod clean_up;
pub mod concurrency;
pub mod content;
pub mod hostile;
pub mod keys;
pub mod versions;

pub use factory::{FreshSnapshots, SnapshotFactory};
pub use list::{BEHAVIORS, Behavior};
