//! Read models in Postgres, fed from an event log.
//!
//! ```
//! use castore_postgres::projection::{PostgresProjection, Tables, Transaction};
//! use castore_postgres::tokio_postgres;
//! use castore_core::log::Logged;
//! # use castore_core::consumer::HandlerError;
//!
//! struct EventCounts<E>(std::marker::PhantomData<fn() -> E>);
//!
//! impl<E: Logged> PostgresProjection for EventCounts<E> {
//!     const NAME: &'static str = "event_counts";
//!     const VERSION: u32 = 1;
//!     type Event = E; // `EventDetail<Pokemon>`, or the messages of a notification channel
//!
//!     async fn create(&self, transaction: &Transaction<'_>, tables: &Tables) -> Result<(), tokio_postgres::Error> {
//!         transaction
//!             .batch_execute(&format!("CREATE TABLE {tables} (count BIGINT NOT NULL); INSERT INTO {tables} VALUES (0)"))
//!             .await
//!     }
//!
//!     async fn apply(&self, transaction: &Transaction<'_>, tables: &Tables, _: &E) -> Result<(), HandlerError> {
//!         let update = transaction.prepare_cached(&format!("UPDATE {tables} SET count = count + 1")).await?;
//!         transaction.execute(&update, &[]).await?;
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
//!   named like the table, in the schema of the events ([`PostgresEventStorageAdapterBuilder::schema`](crate::PostgresEventStorageAdapterBuilder::schema)) or the one that
//!   [`PostgresReadModels::schema`] names, and never see a model half built, but for the first version, which is all there is. The view
//!   is dropped and created; what was granted on it is granted again. The old version stays up to date only while its
//!   code runs.
//! * Taking over waits for readers, and those who come meanwhile wait for it: two seconds at most for each view. Where there
//!   are several views, it lets go before the server would take their readers for a deadlock, and tries again. Only if
//!   that was in vain ten times, one attempt is longer; a reader of several views in one transaction might then be told
//!   of a deadlock, and can try again.
//! * A database failure (no connection, no right, no room, a time-out, a deadlock) is waited out: it counts as nobody's
//!   fault, and parks nothing.
//!
//! A handler must not push events through the pool that the projection uses: the push is not part of its transaction, and
//! would wait for it if the pool has no other connection. Such a push fails at once.
//!
//! What happens outside of the database (mails, calls of other services) does not belong in a projection: a new version
//! would do it again for the whole history. Let a relay publish the events, and a listener or a worker do it.

mod apply;
mod handler;
mod outage;
mod postgres_projection;
mod read_models;
mod registry;
mod site;
mod store;
mod swap;
mod tables;
mod views;

pub use castore_projection::{
    OnFailure, ParkedProjectionAggregate, ProjectionError, ProjectionOptions, ProjectionState, ProjectionStatus,
    RunningProjection, WaitForError,
};
pub use deadpool_postgres::Transaction;

pub(crate) use self::handler::refuse_push;
pub use self::postgres_projection::PostgresProjection;
pub use self::read_models::PostgresReadModels;
pub use self::tables::Tables;
