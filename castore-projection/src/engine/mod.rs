//! The engine that runs projections, for all databases. This module is for authors of storages.
//!
//! A database implements [`ReadModelStore`]: eight short transactions on the tables of the read model and on a registry
//! of versions and parked aggregates. [`start`] does everything else: it reads the log, applies pages, narrows a
//! failure down to one event, retries with a backoff, parks or stops, lets a new version take over, and serves the
//! handle.
//!
//! # Exactly-once processing
//! The checkpoint of a version moves in the transaction that applies the events, and only from the position at which
//! the engine believes it to be. Any number of processes may run the same version. A process that is late finds the
//! checkpoint at another position ([`Applied::Moved`]), has written nothing, and continues from there.

mod decode;
mod driver;
mod log_check;
mod names;
mod page;
mod refusal;
mod retry;
mod start;
mod store;
#[cfg(test)]
mod tests;
mod version;

pub use self::decode::decode;
pub use self::names::{check_names, table_name};
pub use self::refusal::Rejection;
pub use self::start::start;
pub use self::store::{Applied, DatabaseError, ReadModelStore, Retried, StoreError, Swapped};
pub use self::version::{Checkpoint, ReadModelVersion, version_in_use};

pub(crate) use self::driver::{Command, Progress};
pub(crate) use self::log_check::is_same_log;
