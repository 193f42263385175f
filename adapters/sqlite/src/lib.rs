//! The SQLite event storage adapter of [castore](https://docs.rs/castore), which stores events in one file. The crate
//! includes SQLite itself. This page describes the guarantees of the adapter, and the rules for other programs that
//! access the file.
//!
//! ```
//! use castore_sqlite::SqliteEventStorageAdapter;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("events.db");
//! let storage = SqliteEventStorageAdapter::open(path).await?;
//! // ... give clones of `storage` to event stores ...
//! storage.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! The adapter is also the [`EventLog`](castore_core::log::EventLog) of its events, and stores the [state of
//! relays](castore_core::relay::RelayStorageAdapter) and [snapshots](castore_core::snapshot::SnapshotAdapter) in the
//! same file. The module [`projection`] builds read models. [`SqliteInbox`] records the messages that a worker or a
//! listener has handled. The record is written in the transaction of the handler, so that a message that is delivered
//! twice takes effect only once.
//!
//! # Guarantees
//! * A successful push to a file survives a crash of the process. With [`Synchronous::Full`] (the default), it also
//!   survives a power failure.
//! * Concurrent pushes share a transaction and its flush to the disk (fsync). A push that fails because of a conflict
//!   does not affect the other pushes. A group is stored as a whole or not at all.
//! * A push that would leave a gap in the versions of its aggregate returns
//!   [`VersionGap`](castore_core::storage::VersionGap), unless the push is forced or its options allow a gap. If the
//!   adapter has read or stored the last version of an aggregate in the last 5 seconds, it skips the check for the next
//!   version. If another adapter or program removes events or leaves a gap during this time, the adapter can store an
//!   event that leaves a gap.
//! * Reads never wait for writes, and writes never wait for reads, except [in
//!   memory](SqliteEventStorageAdapter::open_in_memory). A read that begins after a push has returned sees the pushed
//!   event.
//! * Reads and writes run on the adapter's threads, so they do not block the async runtime. There is one exception:
//!   with [`Synchronous::Normal`], and in memory, the pushing task may store one or two small events itself. This takes
//!   some tens of microseconds and waits neither for a flush nor for a lock.
//! * The order of [`PushReceipt::position`](castore_core::storage::PushReceipt::position) is the order of commits,
//!   across all writers and processes.
//! * [`EventLog`](castore_core::log::EventLog): SQLite executes one writing transaction at a time, so no event can
//!   appear before one that was already read. Therefore the log never waits for open transactions. Positions may have
//!   gaps. The log detects replaced and deleted events, including changes made with SQL.
//! * If another program has damaged a row (for example, if the payload is not JSON), readers of the log whose filter
//!   matches the row stop there. Their reads fail with
//!   [`StorageError::Corrupt`](castore_core::storage::StorageError::Corrupt), which names the position, until the row
//!   is repaired or deleted. The log never skips such a row silently.
//! * Any number of adapters, in any number of processes, may have the same file open. Adapters of one process that have
//!   opened the same file count as one storage, so an event group may span them.
//!
//! # Threads
//! One thread writes, and a few threads read (see [`SqliteEventStorageAdapterBuilder::readers`]). The threads end when
//! the last clone of the adapter is dropped, or when [`SqliteEventStorageAdapter::shutdown`] is called, which also
//! waits until they have ended.
//!
//! # The file
//! Events are in one table, `event`, with the columns `position`, `event_store_id`, `aggregate_id`, `version`, `type`,
//! `timestamp` (milliseconds since 1970), `payload` and `metadata` (JSON text). Other programs may read the table,
//! update rows and delete them. A program that inserts rows must let SQLite assign `position`, and must replace events
//! with `ON CONFLICT DO UPDATE`: `INSERT OR REPLACE` silently gives an event a new position. Tables whose names begin
//! with `castore_` belong to this crate.
//!
//! The `-wal` and `-shm` files beside the database file are part of the database, and must be moved together with it.
//! SQLite removes them when the last adapter, projection or other program closes the file.
//!
//! # Replacing the file
//! Shut down every adapter before you delete the file, move it, or restore a backup to its path.
//!
//! On Unix, a running adapter detects that its path leads to another file (by device and inode), or that the `-wal`
//! file was deleted or replaced. From then on, the adapter stores and reads nothing: each read and each commit fails
//! with [`StorageError::Engine`](castore_core::storage::StorageError::Engine), and projections stop. Open the database
//! again to continue with the new file. Connections that the program opens itself, as for [`SqliteInbox`], are not
//! checked.
//!
//! The adapter cannot detect that a backup is copied into the open file (`cp`). Such a copy damages the database.
//! Rename the backup to the path instead, or use the backup API of SQLite.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod adapter;
mod builder;
mod busy_handler;
mod deletion;
mod errors;
mod fair_lock;
mod inbox;
mod log;
mod open;
mod open_file;
mod options;
pub mod projection;
mod reader;
mod relay;
mod running;
mod schema;
mod snapshot;
mod transaction;
mod writer;

pub use adapter::SqliteEventStorageAdapter;
pub use builder::SqliteEventStorageAdapterBuilder;
pub use castore_core::inbox::InvalidName;
pub use errors::OpenError;
pub use inbox::{InboxError, SqliteInbox};
pub use options::Synchronous;
/// The SQLite driver, whose types appear in projections.
pub use rusqlite;
pub use transaction::{OpenTransaction, SqliteTransaction, SqliteTransactions};
