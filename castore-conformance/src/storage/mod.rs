//! What every event storage adapter must do, by topic: each function is one behaviour and panics where it is missed.
//!
//! [`storage_conformance!`](crate::storage_conformance) makes a test of each. Behaviours ask the [`StorageFactory`] for a fresh
//! storage, so that they can run at the same time and in any order.

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
pub use list::{BEHAVIOURS, Behaviour};
