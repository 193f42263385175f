//! The SQLite event storage adapter of [castore](https://docs.rs/castore): events in one file, SQLite itself included.
//!
//! ```
//! use castore_sqlite::SqliteEventStorageAdapter;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("events.db");
//! let storage = SqliteEventStorageAdapter::open(path).await?;
//! // ... give clones of it to event stores ...
//! storage.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! The same object is the [`EventLog`](castore_core::log::EventLog) of those events, and keeps the
//! [state of relays](castore_core::relay::RelayStorageAdapter) and
//! [snapshots](castore_core::snapshot::SnapshotAdapter) in the same file. Read models are in [`projection`].
//! [`SqliteInbox`] remembers what a worker or a listener has handled, in the transaction in which it does so, for
//! messages that are delivered twice.
//!
//! # What it promises
//! * A push that returned is on disk, with [`Synchronous::Full`] (the default) also after a power failure.
//! * Pushes at the same time share a transaction and its fsync; a conflict fails only its own push. A group is
//!   stored as a whole or not at all.
//! * Reads never wait for writes, nor writes for reads, except [in memory](SqliteEventStorageAdapter::open_in_memory).
//!   A read that begins after a push returned sees it.
//! * Neither blocks the async runtime: they are done on the adapter's threads. With [`Synchronous::Normal`], and in
//!   memory, a push of one or two small events may be stored by the task that pushes. That takes it some tens of
//!   microseconds, in which it waits neither for a flush nor for a lock.
//! * The order of [`PushReceipt::position`](castore_core::storage::PushReceipt::position) is the order of commits, whoever
//!   wrote them.
//! * [`EventLog`](castore_core::log::EventLog): positions have gaps, but no event ever appears before one that was
//!   read, so the log never waits. Whoever replaces or deletes events, also by SQL, is noticed. A row that another
//!   program has damaged (a payload that is not JSON, say) stops the log there, for all whose filter it passes: [`StorageError::Corrupt`](castore_core::storage::StorageError::Corrupt) names its position, until it
//!   is mended or deleted. It is never skipped in silence.
//! * Any number of adapters, in any number of processes, may have the same file open. Adapters of one process on one
//!   file are one storage: event groups may span them.
//!
//! # Threads
//! One thread writes, a few read (see [`SqliteEventStorageAdapterBuilder::readers`]). They end when the last clone of the adapter is dropped,
//! or with [`SqliteEventStorageAdapter::shutdown`], which also waits for them.
//!
//! # The file
//! Events are in one table, `event`, with the columns `position`, `event_store_id`, `aggregate_id`, `version`, `type`,
//! `timestamp` (milliseconds since 1970), `payload` and `metadata` (JSON text). Other programs may read it, update rows
//! and delete them. Who inserts rows must leave `position` to SQLite, and not use `INSERT OR REPLACE`, which gives an
//! event a new position in silence: it is `ON CONFLICT DO UPDATE` that replaces. Tables whose names begin with
//! `castore_` are this crate's own.
//!
//! Beside the file live `-wal` and `-shm`: they belong to it and must be moved with it, unless the adapter was shut
//! down.
//!
//! # Replacing the file
//! Shut down every adapter before you delete the file, move it, or restore a backup to its path. On Unix, an adapter that is
//! still running notices that its path leads to another file (device and inode), or that the `-wal` is gone: it stores and
//! reads nothing from then on, each call fails with
//! [`StorageError::Engine`](castore_core::storage::StorageError::Engine), and projections stop. Open the database again to
//! continue with the new file. A backup whose bytes are copied into the open file (`cp`) cannot be noticed, and damages the
//! database: rename the backup to the path, or use the backup API of SQLite.
//! Connections that a program opens itself, as for [`SqliteInbox`], are not checked.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod adapter;
mod builder;
mod busy_handler;
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
mod schema;
mod snapshot;
mod writer;

pub use adapter::SqliteEventStorageAdapter;
pub use builder::SqliteEventStorageAdapterBuilder;
pub use castore_core::inbox::InvalidName;
pub use errors::OpenError;
pub use inbox::{InboxError, SqliteInbox};
pub use options::Synchronous;
/// The driver, whose types projections use.
pub use rusqlite;
