//! The engine that runs projections, for all databases. This module is for authors of storages.
//!
//! The crate of a database implements [`ReadModelStore`], which consists of short transactions on the tables of the
//! read model and on a registry of versions and parked aggregates. [`start`] does everything else. It reads the log,
//! applies pages, and narrows a failure down to one event. It retries with a backoff, and then parks the aggregate or
//! stops. It switches readers to a new version, and carries out the requests of the handle and of other processes.
//!
//! # Exactly-once processing
//! The transaction that applies the events also moves the checkpoint, and only if the checkpoint is still at the
//! position that the engine expects. Therefore, any number of processes may run the same version: a process that is
//! late finds the checkpoint at another position ([`Applied::Moved`]), writes nothing, and continues from that
//! position.

mod decode;
mod driver;
mod log_check;
mod names;
mod page;
mod refusal;
mod registry;
mod requests;
mod retry;
mod start;
mod store;
#[cfg(test)]
mod tests;
mod version;

pub use self::decode::decode;
pub use self::names::{check_names, table_name};
pub use self::refusal::Rejection;
pub use self::registry::{ReadModelRegistry, live};
pub use self::start::start;
pub use self::store::{Applied, DatabaseError, ReadModelStore, Retried, StoreError, Swapped};
pub use self::version::{Checkpoint, ReadModelVersion, version_in_use};

pub(crate) use self::driver::{Command, Progress};
pub(crate) use self::log_check::is_same_log;
