//! The behaviors of event logs, by topic. Each function tests one behavior and panics if the log does not have it.
//!
//! [`log_conformance!`](crate::log_conformance) generates a test for each behavior. The tests push events through the
//! storage adapter of the log, so the adapter should pass [`storage_conformance!`](crate::storage_conformance) first.

mod capabilities;
pub(crate) mod case;
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
pub use list::{BEHAVIORS, Behavior};
