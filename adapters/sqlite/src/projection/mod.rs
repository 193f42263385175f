//! Read models in SQLite, which are built from the events of an event log.
//!
//! ```
//! use castore_sqlite::projection::{ReadModel, SqliteProjection, Tables, Transaction};
//! use castore_sqlite::rusqlite;
//! use castore_core::log::Logged;
//! # use castore_core::consumer::HandlerError;
//!
//! struct EventCounts<E>(std::marker::PhantomData<fn() -> E>);
//!
//! impl<E: Logged> ReadModel for EventCounts<E> {
//!     const NAME: &'static str = "event_counts";
//!     const VERSION: u32 = 1;
//!     type Event = E; // `EventDetail<Pokemon>`, or the messages of a notification channel
//! }
//!
//! impl<E: Logged> SqliteProjection for EventCounts<E> {
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
//! # Guarantees
//! * Each event is applied exactly once to each version of a read model, even if a process is killed: the checkpoint
//!   moves in the transaction of the handler. Any number of processes may run the same projection.
//! * Events of an aggregate are applied in order. If an event fails permanently or in every attempt, its aggregate can
//!   be parked (see [`OnFailure`]). The projection then skips the events of the aggregate until a retry, which begins
//!   at the failed event.
//! * A new version of a read model is built while readers still use the old version. When the new version has caught
//!   up, it replaces the old one. Readers query the view that has the name of the table. They never see a partly built
//!   version, except for the first version, which is in use from the start.
//! * If the database is unavailable (locked or full, for example), the projection waits and retries. This does not
//!   count as a failure of the handler, and no aggregate is parked. If the database file was deleted or replaced, the
//!   projection stops.
//!
//! If the events use [`Synchronous::Normal`](crate::Synchronous::Normal) and the read model is in another file, a power
//! failure can undo the last events but keep their effect on the read model. New events then get the positions of the
//! lost events, and the projection, whose checkpoint is beyond these positions, never applies them. Keep such a read
//! model in the file of the events, where a power failure undoes both together, or use
//! [`Synchronous::Full`](crate::Synchronous::Full). If the log ends before the checkpoint when the projection starts,
//! the projection fails with [`LogTakenBack`](ProjectionError::LogTakenBack). The read model must then be rebuilt as a
//! new version.
//!
//! A handler must not push events to the storage that contains its read model, because the projection's transaction has
//! locked the database. On Unix, such a push fails immediately. On other systems, it fails when the busy timeout
//! expires.
//!
//! Effects outside of the database (emails, calls to other services) do not belong in a projection: a new version would
//! repeat them for the whole history. Let a relay publish the events, and perform the effect in a listener or a worker.

mod administration;
mod apply;
mod handler;
mod parked;
mod read_models;
mod rebuild;
mod registry;
mod requests;
mod sqlite_projection;
mod store;
mod swap;
mod tables;
mod worker;

pub use castore_projection::{
    LiveReadModel, OnFailure, ParkedProjectionAggregate, ProjectionError, ProjectionOptions, ProjectionState,
    ProjectionStatus, ReadModel, RunningProjection, WaitForError,
};
/// The driver's transaction, through which a projection writes.
pub use rusqlite::Transaction;

pub(crate) use self::handler::{PushInHandler, is_running_on};
pub use self::read_models::SqliteReadModels;
pub use self::sqlite_projection::SqliteProjection;
pub use self::tables::Tables;
