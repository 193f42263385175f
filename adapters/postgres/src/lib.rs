//! The Postgres event storage adapter of [castore](https://docs.rs/castore). The adapter uses the table layout of the
//! original TypeScript package, and can share a table with that package. This page describes the guarantees and the
//! requirements of the adapter. The guide pages *Storages* and *Transactions* of castore show how to use it.
//!
//! ```no_run
//! use castore_postgres::PostgresEventStorageAdapter;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let storage = PostgresEventStorageAdapter::connect("postgresql://app@localhost/shop").await?;
//! storage.create_event_table().await?;
//! // ... pass clones of `storage` to event stores ...
//!
//! // Another table of the same database, over the same connections: event groups may span both.
//! let archive = PostgresEventStorageAdapter::builder().table("archive").sharing(&storage)?;
//! archive.create_event_table().await?;
//! # Ok(())
//! # }
//! ```
//!
//! The adapter requires Postgres 15 or newer.
//!
//! # Guarantees
//! * A push that succeeded is committed, and as durable as the server's `synchronous_commit` makes it.
//! * A push is one statement in one round trip (the first pushes on a connection also prepare their statements). A
//!   group is also one statement, however many events, stores and tables of the database it spans, so it is stored as a
//!   whole or not at all.
//! * A push with a taken version returns [`EventAlreadyExists`](castore_core::storage::EventAlreadyExists). The adapter
//!   recognizes the conflict by the columns of the violated constraint, not by the constraint's name. For a group, the
//!   error names the first event with a taken version.
//! * A push whose version does not follow the last version of its aggregate returns
//!   [`VersionGap`](castore_core::storage::VersionGap), unless the push options allow a gap. The statement itself
//!   checks this, without another round trip. If the adapter has read or stored the last version of an aggregate in the
//!   last 5 seconds, it skips the check for the next version. If another adapter or program removes events or leaves a
//!   gap during this time (for example, by truncating or restoring the table), the adapter can store an event whose
//!   version does not follow the last one.
//! * Concurrent groups of the same aggregates wait for each other. If the server nevertheless detects a deadlock or a
//!   serialization failure, it rolls the push back, and the adapter retries the push a few times.
//! * Dropping the future of a push leaves no transaction open: either the server never receives the push, or the server
//!   completes it.
//! * A read sees one consistent state of the table. Events are passed to the caller as they arrive, so a read never
//!   holds all of them in memory. If the caller stops early, the remaining rows are discarded before the connection is
//!   used again.
//! * Errors contain neither payloads nor values that the server quotes in its messages.
//!
//! # Integers beyond 2^53
//! Integers beyond 2^53 are stored with all their digits, and this library reads them exactly. The original package
//! reads them as JavaScript numbers, which are silently rounded to the nearest double. With
//! `EventStore::refuse_unsafe_integers`, pushes of such events are rejected.
//!
//! # Connection failures
//! * If a push may have reached the server but received no response, it returns
//!   [`StorageError::UnknownOutcome`](castore_core::storage::StorageError::UnknownOutcome). To find out whether the
//!   event was stored, push the same version again.
//! * If no connection was available, or the server reported that it rolled the push back (because of a statement
//!   timeout, for example), the push returns
//!   [`StorageError::Engine`](castore_core::storage::StorageError::Engine), and nothing was written.
//! * If a read finds its connection closed, it uses another one.
//!
//! # The table
//! The table has the columns, constraints and types of the original package, except the type of the column for
//! aggregate ids, which is `TEXT` by default. The name of the table defaults to `event`. Each of the two packages reads
//! the rows of the other package as the same events. [`PostgresEventStorageAdapterBuilder`] has the options of the
//! original package. The columns of an existing table are not changed: aggregate ids may be `UUID`, `VARCHAR`, `TEXT`
//! or any other type that has a text form.
//!
//! * JSON is stored as `jsonb`, which preserves the value, but not the text. The JSON `null` is stored as SQL NULL and
//!   is read as no payload. NUL characters and unpaired surrogates are rejected with
//!   [`StorageError::Unsupported`](castore_core::storage::StorageError::Unsupported), like all values that do not fit a
//!   column. A payload may be any JSON value, but the original package does not read payloads that are falsy in
//!   JavaScript, such as `0` or `""`.
//! * In a `UUID` column, ids may be written in any form that Postgres accepts, and are returned in lower case. Ids that
//!   are not UUIDs are rejected by pushes and by reads.
//! * Timestamps are written with milliseconds. Timestamps that other programs wrote with microseconds are read and
//!   listed with milliseconds. (The original package never finishes listing a table with such timestamps.)
//! * [`PushReceipt::position`](castore_core::storage::PushReceipt::position) is the column `id`. Failed pushes leave
//!   gaps. An event may become visible before an event with a smaller id, whose transaction takes longer. The event log
//!   (see below) solves this problem.
//!
//! For migrations, [`schema_sql`](PostgresEventStorageAdapterBuilder::schema_sql) returns the SQL of all tables of this
//! crate, and the `GRANT` statements for roles.
//!
//! # The event log
//! Relays and read models read the [`EventLog`](castore_core::log::EventLog), which contains all events of the table in
//! the order of the column `id`. Ids are assigned before transactions commit. Therefore the log waits for open
//! transactions that write to the table, including those of other programs and prepared transactions. It does not wait
//! for other transactions. [`LogPage::blocked_by`] lists the transactions for which the log waits.
//!
//! The log has these requirements:
//!
//! * The adapter is connected to the primary server, not to a replica.
//! * The role has `SELECT` on the table, and `SELECT` or `USAGE` on its sequence.
//! * The sequence of the column `id` has `CACHE 1`, which is the default. With a larger cache, a connection would
//!   reserve several ids at once and use some of them much later.
//! * Ids are not assigned manually, and the sequence is never reset to a lower value.
//!
//! The adapter uses one connection in addition to the pool. It checks how far the log can be read, and listens for
//! [`wake_ups`](castore_core::log::EventLog::wake_ups) with `LISTEN`. All adapters that were created with
//! [`for_schema`](PostgresEventStorageAdapter::for_schema) or [`sharing`](PostgresEventStorageAdapterBuilder::sharing)
//! share this connection. `LISTEN` does not work behind a proxy in transaction pooling mode. The adapter detects such a
//! proxy, and readers then poll. [`PostgresEventStorageAdapterBuilder::notify`] describes how pushes notify readers in
//! other processes.
//!
//! A forced push keeps the position of the event. Therefore the log does not deliver the event again, but a reader that
//! starts from the beginning sees the new content. Triggers count the rewrites of each aggregate (see
//! [`create_rewrite_trigger`](PostgresEventStorageAdapter::create_rewrite_trigger)). Without these triggers, the
//! adapter cannot detect that a snapshot, or an aggregate in the cache of a relay, is outdated. By default, event
//! stores then ignore snapshots.
//!
//! [`LogPage::blocked_by`]: castore_core::log::LogPage::blocked_by
//!
//! # Relays, snapshots, read models
//! The adapter also stores the state of relays ([`RelayStorageAdapter`](castore_core::relay::RelayStorageAdapter)) and
//! snapshots ([`SnapshotAdapter`](castore_core::snapshot::SnapshotAdapter)), in the schema of the event table. Relays
//! use the tables `castore_relay` and `castore_parked`, which all event tables of the schema share. Therefore the name
//! of a relay must be unique within the schema. Snapshots use the table `castore_snapshot_<event table>`. These tables
//! are created on first use. The module [`projection`] builds read models.
//!
//! # Inbox
//! [`PostgresInbox`] records the messages that a worker or a listener has handled. The record is written in the
//! transaction of the handler, so that a redelivered message takes effect only once.
//!
//! # Transactions of the caller
//! `store.push_event(event).within(&mut transaction)` pushes in a `tokio_postgres::Transaction`, a
//! `deadpool_postgres::Transaction` or a `Transaction` of [sqlx](#sqlx), on any connection to the database: a
//! connection of the [pool](PostgresEventStorageAdapter::pool), of another pool or driver, or a single connection. The
//! events are stored when the caller commits, with everything else that the transaction writes.
//!
//! * If a push is rejected, the transaction can continue, because each push begins with a savepoint. The savepoint and
//!   the events are sent in one round trip, or in two with sqlx. Each push is therefore a subtransaction, and Postgres
//!   keeps only 64 subtransactions per session in its fast cache. To push many events in a transaction, push them as a
//!   group.
//! * After [`TransactionLost`](castore_core::storage::StorageError::TransactionLost) (a serialization failure, a
//!   deadlock, a lost connection), nothing is stored. Roll back, and run the whole transaction again. The adapter
//!   retries nothing within the transaction. If the connection is lost during the caller's `commit`, the outcome is
//!   unknown. To find out, read the data that the transaction has written.
//! * `store.get_aggregate(id).within(&mut transaction)` and `store.get_events(id).within(&mut transaction)` also see
//!   the events that were pushed in the transaction. A read takes two round trips, because a separate statement first
//!   checks that the transaction uses the database of the events. If the server rejects a statement of the read, the
//!   transaction is lost.
//! * A transaction of another database is rejected with
//!   [`OtherStorage`](castore_core::storage::StorageError::OtherStorage), or
//!   [`ReadInOtherStorage`](castore_core::storage::StorageError::ReadInOtherStorage) for a read. The adapter compares
//!   three values: the oid of the database, the port of the server, and the oid of the table. Every role can read
//!   these values, and they are the same over every network route to the server.
//! * By default, readers of the log find the events of a committed transaction when they poll. To wake them
//!   immediately, call [`wake_readers`](PostgresEventStorageAdapter::wake_readers) after the commit, or begin the
//!   transaction with [`begin`](PostgresEventStorageAdapter::begin), whose commit wakes them. If another program
//!   commits the transaction, use [`notify_within`](PostgresEventStorageAdapterBuilder::notify_within): the transaction
//!   itself then notifies readers. However, all commits that notify wait for each other.
//! * While the transaction is open, readers of the log wait at its first event, and [`LogPage::blocked_by`] names the
//!   transaction. Therefore keep the transaction short.
//!
//! # Database identity
//! An event group may span adapters of one database. Two adapters use the same database if they share a pool, or if
//! they find the same system identifier and the same database oid at the same address and port. If two adapters reach
//! one server in two ways, for example through a socket and a network address, they count as adapters of two databases.
//! The address is necessary because a server and its physical copies have the same system identifier.
//!
//! # sqlx
//! With the feature `sqlx-0_8` or `sqlx-0_9`, the adapter also works with that version of [sqlx](https://docs.rs/sqlx).
//! Both features may be enabled. Version 0.9 needs Rust 1.94. To use TLS, enable the features of sqlx for it.
//!
//! ```no_run
//! # #[cfg(not(feature = "sqlx-0_9"))]
//! # fn main() {}
//! # #[cfg(feature = "sqlx-0_9")]
//! # mod example {
//! # use castore_postgres::sqlx_09 as sqlx;
//! use castore_postgres::PostgresEventStorageAdapter;
//! use sqlx::PgPool;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # pub async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let pool = PgPool::connect("postgresql://app@localhost/shop").await?;
//! let storage: PostgresEventStorageAdapter<PgPool> =
//!     PostgresEventStorageAdapter::builder().from_pool(pool).await?;
//! storage.create_event_table().await?;
//! # Ok(())
//! # }
//! # }
//! # #[cfg(feature = "sqlx-0_9")]
//! # fn main() { let _ = example::main; }
//! ```
//!
//! * **Storage.** An adapter of a `PgPool` does everything that an adapter of the native driver does: events and
//!   groups, the event log, relays, snapshots and read models ([`PostgresReadModels`](projection::PostgresReadModels)
//!   with a `SqlxProjection`). The guarantees are the same, and both drivers may share a table. A group may span
//!   adapters of both drivers.
//! * **Transactions.** A push accepts `&mut` a `Transaction<'_, Postgres>`, a `PgConnection` with an open transaction,
//!   or the transaction of [`begin`](PostgresEventStorageAdapter::begin), regardless of the driver of the adapter. A
//!   connection without a transaction is rejected. If a statement of the transaction has failed, the server rolls the
//!   transaction back, but sqlx's own `commit` returns `Ok`. The `commit` of a transaction that was begun with
//!   [`begin`](PostgresEventStorageAdapter::begin) returns an error in this case.
//! * **Inbox.** `first_time_with_sqlx` of [`PostgresInbox`] takes a transaction of sqlx.
//! * **Connections.** The log and `LISTEN` use one connection in addition to the pool, which is opened with the pool's
//!   connect options. If this connection cannot be opened, for example because the server permits no further
//!   connection, the log uses a connection that is taken out of the pool, and readers poll.
//! * **Speed.** sqlx sends one request at a time on a connection. A page of the log takes a few round trips more than
//!   with the native driver. One reason is that sqlx does not report when a connection was opened, so the log must
//!   check with another request that the server was not restarted. By default, a `PgPool` also tests each connection
//!   before it is used. `PgPoolOptions::test_before_acquire(false)` saves this round trip, and is safe for reads: a
//!   read that finds its connection closed uses another one.
//! * **Statement timeout.** The adapter does not change the timeout of the server. Set it in the pool's connect options
//!   (`PgConnectOptions::options`). The adapter itself waits for the response for the
//!   [`statement_timeout`](PostgresEventStorageAdapterBuilder::statement_timeout) of the builder plus 5 seconds.
//! * **PgBouncer.** Transactions of sqlx work behind PgBouncer in transaction mode, if it ignores the start-up
//!   parameter `extra_float_digits` or the connect options do not set it. Pools of sqlx need a direct connection or
//!   session mode: outside of a transaction, sqlx prepares and executes a statement in two steps, which PgBouncer may
//!   send to different sessions.
//!
//! # Behind PgBouncer
//! A pooler in transaction mode, such as PgBouncer with `pool_mode = transaction`, may run each transaction in another
//! session of the server. Build the adapter with
//! [`transaction_pooling(true)`](PostgresEventStorageAdapterBuilder::transaction_pooling). In session mode, no option
//! is needed.
//!
//! * By default, the adapter prepares its statements once per connection. If the pooler then uses another session of
//!   the server, a statement fails with `prepared statement "s1" does not exist` (SQLSTATE 26000) or `already exists`
//!   (42P05). The error names PgBouncer as the cause, and a push that fails in this way writes nothing. With the
//!   option, statements have no names. The faster alternative is a PgBouncer of version 1.21 or later, which can keep
//!   named statements itself (`max_prepared_statements`).
//! * `LISTEN` does not work in transaction mode. Therefore readers of the log poll to find the pushes of other
//!   processes. See [the event log](#the-event-log).
//! * With the option, the statement timeout is not sent to the server: set it with
//!   `ALTER ROLE … SET statement_timeout`. Without the option, the timeout is sent as the start-up parameter `options`,
//!   which PgBouncer must ignore (`ignore_startup_parameters = options`).
//! * [`create_event_table`](PostgresEventStorageAdapter::create_event_table) can create a new table over the pooler. It
//!   cannot add an index to an existing table, because building an index concurrently needs a session. Connect to the
//!   server directly for this.
//! * In the handlers of projections and in your own transactions, use `query_typed` and `execute_typed` instead of
//!   prepared statements.
//!
//! # TLS
//! Use the feature `rustls` (ring, and the certificates that the operating system trusts), or any other connector: see
//! [`PostgresEventStorageAdapterBuilder::connect_with`].
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod adapter;
mod builder;
mod connect;
mod connection;
mod database;
mod deletion;
mod driver;
mod errors;
mod inbox;
mod log;
mod pipeline;
pub mod projection;
mod relay;
mod schema;
mod snapshot;
mod statement;
mod storage;
mod transaction;
mod wake;

pub use adapter::PostgresEventStorageAdapter;
pub use builder::PostgresEventStorageAdapterBuilder;
pub use castore_core::inbox::InvalidName;
pub use deadpool_postgres;
pub use driver::PostgresPool;
#[cfg(any(feature = "sqlx-0_8", feature = "sqlx-0_9"))]
#[cfg_attr(docsrs, doc(cfg(any(feature = "sqlx-0_8", feature = "sqlx-0_9"))))]
pub use driver::sqlx::{SqlxConnection, SqlxTransaction};
pub use errors::{ConnectError, PostgresError, SchemaError};
pub use inbox::{InboxError, PostgresInbox};
pub use schema::{AggregateIdColumn, IntegerSize, PostgresSchemaSql};
#[cfg(feature = "sqlx-0_8")]
#[cfg_attr(docsrs, doc(cfg(feature = "sqlx-0_8")))]
pub use sqlx_08;
#[cfg(feature = "sqlx-0_9")]
#[cfg_attr(docsrs, doc(cfg(feature = "sqlx-0_9")))]
pub use sqlx_09;
pub use tokio_postgres;
pub use transaction::{PostgresTransaction, PostgresTransactions};
