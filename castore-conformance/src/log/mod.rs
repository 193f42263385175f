//! What every event log must do, by topic: each function is one behaviour and panics where it is missed.
//!
//! [`log_conformance!`](crate::log_conformance) makes a test of each. Events are pushed through the storage adapter
//! whose log it is, so an adapter passes [`storage_conformance!`](crate::storage_conformance) first.

mod capabilities;
mod case;
mod factory;
mod list;

pub mod cancellation;
pub mod concurrency;
pub mod end;
pub mod failures;
pub mod filters;
pub mod force;
pub mod groups;
pub mod hostile;
pub mod identity;
pub mod order;
pub mod paging;
pub mod property;
pub mod rewrites;
pub mod wake_ups;

pub use capabilities::LogCapabilities;
pub use factory::{FreshLog, LogFactory, LogHandle};
pub use list::{BEHAVIOURS, Behaviour};
