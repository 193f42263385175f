//! Read models in SQLite, fed from an event log.
//!
//! ```
//! use castore_sqlite::projection::{SqliteProjection, Tables, Transaction};
//! use castore_sqlite::rusqlite;
//! use castore_core::log::Logged;
//! # use castore_core::consumer::HandlerError;
//!
//! struct EventCounts<E>(std::marker::PhantomData<fn() -> E>);
//!
//! impl<E: Logged> SqliteProjection for EventCounts<E> {
//!     const NAME: &'static str = "event_counts";
//!     const VERSION: u32 = 1;
//!     type Event = E; // `EventDetail<Pokemon>`, or the messages of a notification channel
//!
//!     fn create(&self, transaction: &Transaction<'_>, tables: &Tables) -> rusqlite::Result<()> {
//!         transaction.execute_batch(&format!("CREATE TABLE {tables} (count INTEGER NOT NULL); INSERT INTO {tables} VALUES (0)"))
//!     }
//!
//!     fn apply(&self, transaction: &Transaction<'_>, tables: &Tables, _: &E) -> Result<(), HandlerError> {
//!         transaction.prepare_cached(&format!("UPDATE {tables} SET count = count + 1"))?.execute([])?;
//!         Ok(())
//!     }
//! }
//! ```
//!
//! # What is promised
//! * Each event counts exactly once, whatever is killed: the checkpoint moves in the transaction of the handler. Any
//!   number of processes may run the same projection.
//! * Events of an aggregate are applied in order. A parked aggregate continues where it was parked.
//! * A new version is built beside the one in use, and takes over when it has caught up. Readers use the view that is
//!   named like the table, and never see a model half built, but for the first version, which is all there is.
//! * If the database is unavailable (locked, full, missing), the projection waits and retries. This does not count as a
//!   failure of the handler, and parks nothing.
//!
//! With [`Synchronous::Normal`](crate::Synchronous::Normal) for the events and the read model in another file, a power
//! failure can take back the last events but not what they did to the read model. New events then get the positions of
//! the lost ones, and the projection, which is past these, never applies them. Keep such a read model in the file of
//! the events, where both are taken back together, or use [`Synchronous::Full`](crate::Synchronous::Full). A log that
//! still ends before the checkpoint is refused at the start, with
//! [`LogTakenBack`](ProjectionError::LogTakenBack): the read model must then be built
//! anew, as a new version.
//!
//! A handler must not push events to the storage that its read model is in: the projection's transaction has the database
//! locked. Such a push fails at once.
//!
//! What happens outside of the database (mails, calls of other services) does not belong in a projection: a new version
//! would do it again for the whole history. Let a relay publish the events, and a listener or a worker do it.

mod apply;
mod handler;
mod read_models;
mod registry;
mod sqlite_projection;
mod store;
mod swap;
mod tables;
mod worker;

pub use castore_projection::{
    OnFailure, ParkedProjectionAggregate, ProjectionError, ProjectionOptions, ProjectionState, ProjectionStatus,
    RunningProjection, WaitForError,
};
/// What a projection writes through: the driver's transaction.
pub use rusqlite::Transaction;

pub(crate) use self::handler::{PushInHandler, is_running_on};
pub use self::read_models::SqliteReadModels;
pub use self::sqlite_projection::SqliteProjection;
pub use self::tables::Tables;
