//! What every snapshot adapter must do, by topic: each function is one behaviour and panics where it is missed.
//!
//! [`snapshot_conformance!`](crate::snapshot_conformance) makes a test of each.

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
pub use list::{BEHAVIOURS, Behaviour};
