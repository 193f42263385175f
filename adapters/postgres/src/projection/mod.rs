//! Read models in Postgres, which are built from the events of an event log.
//!
//! ```
//! use castore_postgres::projection::{PostgresProjection, ReadModel, Tables, Transaction};
//! use castore_postgres::tokio_postgres;
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
//! impl<E: Logged> PostgresProjection for EventCounts<E> {
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
//! With a pool of [sqlx](crate#sqlx), implement the trait `SqlxProjection` of the module `sqlx_0_8` or `sqlx_0_9`
//! instead. The methods of that trait get the `PgConnection` of the transaction:
//!
//! ```
//! # #[cfg(feature = "sqlx-0_9")]
//! # mod example {
//! # use castore_core::consumer::HandlerError;
//! # use castore_core::log::Logged;
//! # use castore_postgres::sqlx_09 as sqlx;
//! use castore_postgres::projection::sqlx_0_9::SqlxProjection;
//! use castore_postgres::projection::{ReadModel, Tables};
//! use sqlx::{AssertSqlSafe, Executor, PgConnection};
//!
//! # struct EventCounts<E>(std::marker::PhantomData<fn() -> E>);
//! # impl<E: Logged> ReadModel for EventCounts<E> {
//! #     const NAME: &'static str = "event_counts";
//! #     const VERSION: u32 = 1;
//! #     type Event = E;
//! # }
//! impl<E: Logged> SqlxProjection for EventCounts<E> {
//!     async fn create(&self, connection: &mut PgConnection, tables: &Tables) -> Result<(), sqlx::Error> {
//!         let sql =
//!             format!("CREATE TABLE {tables} (count BIGINT NOT NULL); INSERT INTO {tables} VALUES (0)");
//!         connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await?;
//!         Ok(())
//!     }
//!
//!     async fn apply(
//!         &self,
//!         connection: &mut PgConnection,
//!         tables: &Tables,
//!         _: &E,
//!     ) -> Result<(), HandlerError> {
//!         let sql = format!("UPDATE {tables} SET count = count + 1");
//!         sqlx::query(AssertSqlSafe(sql)).execute(connection).await?;
//!         Ok(())
//!     }
//! }
//! # }
//! ```
//!
//! # Guarantees
//! * Each event is applied exactly once, even if a process is killed: the checkpoint moves in the transaction of the
//!   handler. Any number of processes may run the same projection.
//! * Events of an aggregate are applied in order. If an event fails permanently or in every attempt, its aggregate can
//!   be parked (see [`OnFailure`]). The projection then skips the events of the aggregate until a retry, which begins
//!   at the failed event.
//! * A new version of a read model is built while readers still use the old version. When the new version has caught
//!   up, it replaces the old one. Readers query the view that has the name of the table, in the schema of the events
//!   ([`PostgresEventStorageAdapterBuilder::schema`](crate::PostgresEventStorageAdapterBuilder::schema)) or in the
//!   schema that was set with [`PostgresReadModels::schema`]. Readers never see a partly built version, except for the
//!   first version, which is in use from the start. When a version takes over, the views are dropped and created again,
//!   and the privileges on them are granted again. The old version stays up to date only while a process still runs it.
//! * A takeover waits for current readers, and new readers wait for the takeover: at most two seconds for each view.
//!   With several views, the takeover releases its locks before the server would report a deadlock to a reader, and
//!   tries again. After ten failed attempts, one attempt waits longer: a reader of several views in one transaction
//!   might then get a deadlock error, and can try again.
//! * If the database fails (a lost connection, a missing privilege, a full disk, a timeout, a deadlock), the projection
//!   waits and retries. This does not count as a handler failure, and no aggregate is parked.
//!
//! A handler must not push events through the pool that the projection uses: the push would not be part of the
//! projection's transaction. If the pool has no other connection, the push would also wait for that transaction. In the
//! task that runs the handler, such a push fails immediately.
//!
//! Side effects outside the database (emails, calls to other services) do not belong in a projection: a new version
//! would repeat them for the whole history. Publish the events with a relay, and perform the side effects in a listener
//! or a worker.

mod administration;
mod any_projection;
mod apply;
mod handler;
mod outage;
mod parked;
mod postgres_projection;
mod read_models;
mod rebuild;
mod registry;
mod requests;
mod site;
#[cfg(any(feature = "sqlx-0_8", feature = "sqlx-0_9"))]
mod sqlx;
mod store;
mod swap;
mod tables;
mod views;

pub use castore_projection::{
    LiveReadModel, OnFailure, ParkedProjectionAggregate, ProjectionError, ProjectionOptions, ProjectionState,
    ProjectionStatus, ReadModel, RunningProjection, WaitForError,
};
pub use deadpool_postgres::Transaction;

pub(crate) use self::handler::refuse_push;
pub use self::postgres_projection::PostgresProjection;
pub use self::read_models::PostgresReadModels;
pub(crate) use self::registry::create as create_registry;
#[cfg(feature = "sqlx-0_8")]
#[cfg_attr(docsrs, doc(cfg(feature = "sqlx-0_8")))]
pub use self::sqlx::sqlx_0_8;
#[cfg(feature = "sqlx-0_9")]
#[cfg_attr(docsrs, doc(cfg(feature = "sqlx-0_9")))]
pub use self::sqlx::sqlx_0_9;
pub use self::tables::Tables;
