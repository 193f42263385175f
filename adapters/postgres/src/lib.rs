//! The Postgres event storage adapter of [castore](https://docs.rs/castore): events in the table of the original
//! package, beside it if need be.
//!
//! ```no_run
//! use castore_postgres::PostgresEventStorageAdapter;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let storage = PostgresEventStorageAdapter::connect("postgresql://app@localhost/shop").await?;
//! storage.create_event_table().await?;
//! // ... give clones of it to event stores ...
//!
//! // Another table of the same database, over the same connections: event groups may span both.
//! let archive =
//!     PostgresEventStorageAdapter::builder().table("archive").from_pool(storage.pool().clone()).await?;
//! archive.create_event_table().await?;
//! # Ok(())
//! # }
//! ```
//!
//! Postgres 15 or newer.
//!
//! # What it promises
//! * A push that returned is committed, and as durable as the server's `synchronous_commit` makes it.
//! * A push is one statement in one round trip (the first one on a connection also prepares it). So is a group,
//!   however many events, stores and tables of the database it spans: it is stored as a whole or not at all.
//! * A push whose version is taken is [`EventAlreadyExists`](castore_core::storage::EventAlreadyExists), recognised
//!   by the columns of the constraint and not by its name. Of a group, the error names the first event that lost.
//! * Groups that meet wait for each other. Should the server still find a deadlock, or a serialization failure, the
//!   push is tried again a few times: it was rolled back.
//! * A push that is dropped leaves no transaction open: the server does not hear of it, or finishes it.
//! * Reads see one state of the table, and are passed on as they arrive, without holding all of them. A visitor that
//!   stops early leaves the rest to be read and thrown away before the connection is used again.
//! * Errors show no payloads, nor what the server quotes of them.
//!
//! # Integers beyond 2^53
//! They are stored with all their digits, and read exactly by this library. The original package reads them as JavaScript
//! numbers, which silently become the nearest double. `EventStore::refuse_unsafe_integers` refuses such events when they are
//! pushed.
//!
//! # When the server goes away
//! A push that may have reached the server, and was not answered, is
//! [`StorageError::UnknownOutcome`](castore_core::storage::StorageError::UnknownOutcome): push the same version
//! again to know. If there was no connection to be had, or the server said that it took the push back (for its
//! statement time-out, say), it is [`StorageError::Engine`](castore_core::storage::StorageError::Engine): nothing
//! was written. Reads that find their connection dead use another.
//!
//! # The table
//! `event`, unless named otherwise, with the columns, the constraint and the types of the original package; rows that
//! either side writes read the same on the other. [`PostgresEventStorageAdapterBuilder`] has the original's options. A table that exists is used
//! as it is: ids of aggregates may be `UUID`, `VARCHAR`, `TEXT` or of any type that has a text form.
//!
//! * JSON is `jsonb`: the value comes back, not the text. The JSON `null` is stored as SQL NULL and comes back as no
//!   payload. NUL characters and halves of surrogate pairs are refused, as
//!   [`StorageError::Unsupported`](castore_core::storage::StorageError::Unsupported), like all that a column has no
//!   room for. Payloads other than objects are kept; the original does not read those that JavaScript takes for false.
//! * In a column of UUIDs, ids may be written in any way that Postgres reads, and come back in lower case. Other ids
//!   are refused, for reads too.
//! * Timestamps are written with milliseconds, and read and listed as such if others wrote them with microseconds: the
//!   original never ends listing a table with such.
//! * [`PushReceipt::position`](castore_core::storage::PushReceipt::position) is the column `id`. Later events have greater
//!   ones, but an event may become visible before one of a smaller id, whose transaction takes longer. Numbers are
//!   missing where pushes failed.
//!
//! # The event log
//! [`EventLog`](castore_core::log::EventLog) reads all events in the order of the column `id`. Ids are drawn before
//! their transactions are committed, so the log waits for transactions that write to the table: for those alone, also
//! when they are of other programs or prepared, and until they end. [`LogPage::blocked_by`] says who they are. It needs
//! nothing but `SELECT` on the table, and `SELECT` or `USAGE` on its sequence, on the primary server. The sequence must
//! not be cached (`CACHE 1`, as it is by default); ids must not be given by hand, nor the sequence be set back.
//!
//! Reading the log keeps one connection beside the pool's, and [`wake_ups`](castore_core::log::EventLog::wake_ups)
//! another one for `LISTEN`. Behind a proxy that pools transactions, `LISTEN` does not work: that is noticed, and
//! readers poll. Who pushes notifies others as [`PostgresEventStorageAdapterBuilder::notify`] says.
//!
//! A forced push keeps the event's place: the log does not deliver it again, a reader from the beginning sees the new
//! content. That something was rewritten is counted by triggers, see
//! [`create_rewrite_trigger`](PostgresEventStorageAdapter::create_rewrite_trigger). Where they are missing, nothing
//! notices rewrites, and snapshots and caches of the aggregate are wrong until they are dropped.
//!
//! [`LogPage::blocked_by`]: castore_core::log::LogPage::blocked_by
//!
//! # Relays, snapshots, read models
//! The adapter also keeps the state of relays
//! ([`RelayStorageAdapter`](castore_core::relay::RelayStorageAdapter)) and snapshots
//! ([`SnapshotAdapter`](castore_core::snapshot::SnapshotAdapter)), in tables of the event table's schema:
//! `castore_relay` and `castore_parked`, which all event tables of the schema share (a relay's name is one within the
//! schema), and `castore_snapshot_<event table>`. They are created when they are first needed. Read models are in the
//! module [`projection`].
//!
//! # Messages that are delivered twice
//! [`PostgresInbox`] remembers what a worker or a listener has handled, in the transaction in which it does so.
//!
//! # Which database
//! An event group may span adapters of one database: those that find the same number of the cluster and of the
//! database at the same address and port. A server reached in two ways, say by a socket and by a network, counts as
//! two, to be safe; adapters with the same pool never do.
//!
//! # Behind PgBouncer
//! The adapter prepares its statements once per connection. Behind PgBouncer, use the session mode, or version 1.21 or later
//! with `max_prepared_statements` greater than 0. Earlier versions in transaction mode give each transaction another session
//! of the server, which does not know the statements: pushes and reads then fail with `prepared statement "s1" does not
//! exist` (SQLSTATE 26000) or `already exists` (42P05), and the error names PgBouncer as the cause. Nothing is written by a
//! push that fails so.
//!
//! * PgBouncer must ignore the start-up parameter `options` (`ignore_startup_parameters = options`), or the
//!   adapter must be built with [`statement_timeout(None)`](PostgresEventStorageAdapterBuilder::statement_timeout).
//! * In transaction mode `LISTEN` does not work: readers of the log in other processes poll. See [the event
//!   log](#the-event-log).
//! * Settings and locks of a session are used only while tables are created, on a connection that is closed afterwards:
//!   create tables past PgBouncer.
//!
//! # TLS
//! With the feature `rustls` (ring, and the certificates that the operating system trusts), or with any connector:
//! see [`PostgresEventStorageAdapterBuilder::connect_with`].
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod adapter;
mod builder;
mod connection;
mod database;
mod errors;
mod inbox;
mod log;
mod pipeline;
pub mod projection;
mod relay;
mod schema;
mod snapshot;
mod storage;
mod wake;

pub use adapter::PostgresEventStorageAdapter;
pub use builder::PostgresEventStorageAdapterBuilder;
pub use castore_core::inbox::InvalidName;
pub use deadpool_postgres;
pub use errors::{ConnectError, PostgresError, SchemaError};
pub use inbox::{InboxError, PostgresInbox};
pub use schema::{AggregateIdColumn, IntegerSize};
pub use tokio_postgres;
