//! What every relay storage adapter must do, by topic: each function is one behaviour and panics where it is missed.
//!
//! [`relay_storage_conformance!`](crate::relay_storage_conformance) makes a test of each. Time is real here: leases
//! that must run out are short, those that must not are long.

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
pub use list::{BEHAVIOURS, Behaviour};
