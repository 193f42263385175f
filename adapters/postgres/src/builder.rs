use std::time::Duration;

use crate::PostgresEventStorageAdapter;
use crate::connection::PoolOptions;
use crate::errors::ConnectError;
use crate::schema::{AggregateIdColumn, EventTable, IntegerSize, Patience};

/// A builder for a [`PostgresEventStorageAdapter`] with custom options.
#[derive(Debug, Clone)]
#[must_use = "nothing is connected before `connect`"]
pub struct PostgresEventStorageAdapterBuilder {
    pub(crate) table: EventTable,
    pub(crate) pool: PoolOptions,
    pub(crate) patience: Patience,
    pub(crate) notify: bool,
    pub(crate) notify_within: bool,
    pub(crate) isolated: bool,
    pub(crate) transaction_pooling: bool,
}

impl PostgresEventStorageAdapter {
    /// Connects with the default options. See [`PostgresEventStorageAdapterBuilder::connect`].
    ///
    /// # Errors
    /// [`ConnectError::InvalidUrl`], [`ConnectError::Tls`] and [`ConnectError::Engine`].
    pub async fn connect(url: &str) -> Result<Self, ConnectError> {
        Self::builder().connect(url).await
    }

    /// Returns a builder for an adapter with custom options.
    pub fn builder() -> PostgresEventStorageAdapterBuilder {
        PostgresEventStorageAdapterBuilder::new()
    }
}

impl PostgresEventStorageAdapterBuilder {
    fn new() -> Self {
        Self {
            table: EventTable::default(),
            pool: PoolOptions::default(),
            patience: Patience::default(),
            notify: true,
            notify_within: false,
            isolated: false,
            transaction_pooling: false,
        }
    }

    /// Sets the schema of the event table: any name of at most 63 bytes. The schema must exist. Defaults to the schema
    /// in which Postgres finds the table along the `search_path` of the connection.
    ///
    /// The tables of relays and snapshots are in the same schema, and so are read models and the views that their
    /// readers query. Tenants share nothing if each has its own schema. See also [`isolated`](Self::isolated).
    pub fn schema(mut self, schema: impl Into<String>) -> Self {
        self.table.schema = Some(schema.into());
        self
    }

    /// Sets the name of the event table: any name of at most 63 bytes. Defaults to `event`.
    ///
    /// The name is quoted: it is case-sensitive, and a dot is part of the name. The original package does not quote
    /// table names. For a table that the original package calls `pokemonEvents`, write `.table("pokemonevents")`. For a
    /// table that it calls `shop.event`, write `.schema("shop").table("event")`.
    pub fn table(mut self, table: impl Into<String>) -> Self {
        self.table.name = table.into();
        self
    }

    /// Sets the type of the aggregate id column of a new table. Defaults to `TEXT`, which can store every id.
    ///
    /// The original package creates a column of type `UUID`. The column of an existing table is not changed.
    pub fn aggregate_id_column(mut self, column: AggregateIdColumn) -> Self {
        self.table.aggregate_id = column;
        self
    }

    /// Sets the maximum number of characters of event store ids in a new table. Defaults to 32.
    pub fn event_store_id_length(mut self, characters: u32) -> Self {
        self.table.aggregate_name_length = characters;
        self
    }

    /// Sets the maximum number of characters of event types in a new table. Defaults to 64.
    pub fn event_type_length(mut self, characters: u32) -> Self {
        self.table.type_length = characters;
        self
    }

    /// Sets the size of the column `id`, which contains the position of each event, in a new table. Defaults to
    /// `BIGSERIAL`.
    pub fn id_column(mut self, size: IntegerSize) -> Self {
        self.table.id = size;
        self
    }

    /// Sets the size of the column `version` in a new table. Defaults to `BIGINT`.
    pub fn version_column(mut self, size: IntegerSize) -> Self {
        self.table.version = size;
        self
    }

    /// Sets whether a new table gets the three indexes `idx_<table>_aggregate_name`, `_version` and `_aggregate_lookup`
    /// of the original package. Defaults to `true`. This crate does not use these indexes, and pushes are faster
    /// without them.
    pub fn original_indexes(mut self, create: bool) -> Self {
        self.table.original_indexes = create;
        self
    }

    /// Sets whether [`create_event_table`](PostgresEventStorageAdapter::create_event_table) also creates the triggers
    /// that count rewrites (see [`create_rewrite_trigger`](PostgresEventStorageAdapter::create_rewrite_trigger)).
    /// Defaults to `true`.
    pub fn rewrite_trigger(mut self, create: bool) -> Self {
        self.table.rewrite_trigger = create;
        self
    }

    /// Sets whether pushes notify log readers in other processes. Defaults to `true`.
    ///
    /// A separate, empty transaction sends the `NOTIFY` after a push, at most once every few milliseconds. Therefore
    /// pushes wait neither for the notification nor for each other. Readers also poll.
    pub fn notify(mut self, notify: bool) -> Self {
        self.notify = notify;
        self
    }

    /// Sets whether a push in a transaction of the caller also executes `NOTIFY` in this transaction, so that the
    /// commit wakes the log readers of all processes. Defaults to `false`: readers find the events when they poll,
    /// unless the program calls [`wake_readers`](PostgresEventStorageAdapter::wake_readers) after the commit.
    ///
    /// Use this option only in programs with few commits per second. While a transaction that notifies commits, it
    /// holds a lock on the whole database. Therefore all commits that notify wait for each other, including those of
    /// other programs. In a measurement with `fsync = on`, 8 clients committed 600 to 1,900 transactions per second
    /// with the option, and 4,000 without it. 32 clients committed 3,000 with the option, and 9,000 without it. In
    /// return, readers saw the events 1 to 7 milliseconds after the commit, instead of up to half a second. This also
    /// holds if another program commits the transaction.
    ///
    /// This option does not depend on [`notify`](Self::notify), which concerns pushes outside of transactions of the
    /// caller.
    pub fn notify_within(mut self, notify_within: bool) -> Self {
        self.notify_within = notify_within;
        self
    }

    /// Sets whether the schema counts as a separate storage. With `true`, event groups may span only event tables of
    /// the same schema, and a group that spans two schemas is rejected with
    /// [`GroupSpansStorages`](castore_core::storage::StorageError::GroupSpansStorages). A push in a transaction of the
    /// caller that already contains events of another isolated schema is rejected with
    /// [`TransactionSpansStorages`](castore_core::storage::StorageError::TransactionSpansStorages). Use this option if
    /// schemas belong to different tenants. Defaults to `false`: groups and transactions may span all tables of the
    /// database. A transaction that contains events of an isolated schema may also contain events of adapters without
    /// this option, but a group may not.
    ///
    /// If no [`schema`](Self::schema) is set, the first schema of the connection's `search_path` is the separate
    /// storage.
    pub fn isolated(mut self, isolated: bool) -> Self {
        self.isolated = isolated;
        self
    }

    /// Sets whether the connections go through a pooler in transaction mode, such as PgBouncer, which may run each
    /// transaction in another session of the server. Defaults to `false`: each connection is one session.
    ///
    /// With `true`, nothing depends on the session: statements have no names, so the server parses a statement each
    /// time that it is executed. The [`statement_timeout`](Self::statement_timeout) is not sent to the server; set it
    /// for the role, with `ALTER ROLE … SET statement_timeout`. Readers of the log do not listen for notifications, but
    /// poll. See [Behind PgBouncer](crate#behind-pgbouncer). Pools of [sqlx](crate#sqlx) need a direct connection or
    /// session mode.
    pub fn transaction_pooling(mut self, transaction_pooling: bool) -> Self {
        self.transaction_pooling = transaction_pooling;
        self
    }

    /// Sets the maximum number of connections. Defaults to 10. The value 0 is treated as 1.
    pub fn pool_size(mut self, connections: usize) -> Self {
        self.pool.size = connections;
        self
    }

    /// Sets the time limit for opening a connection, including the login. Defaults to 15 seconds, because the server
    /// starts a process for each connection, which can take seconds on a busy machine.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.pool.connect_timeout = timeout;
        self
    }

    /// Sets the time limit for waiting until a connection of the pool is free. Defaults to 30 seconds.
    ///
    /// Waiting is fair: a free connection goes to the request that has waited longest.
    pub fn acquire_timeout(mut self, timeout: Duration) -> Self {
        self.pool.acquire_timeout = timeout;
        self
    }

    /// Sets the time limit of the server for one statement; `None` means no limit. Defaults to 30 seconds.
    ///
    /// The limit is sent when connecting, as the start-up parameter `options` (which PgBouncer must be configured to
    /// ignore). For a pool that is passed to [`from_pool`](Self::from_pool), set the limit in the options of the pool.
    /// If the server has not responded 5 seconds after the limit, the connection is considered lost.
    pub fn statement_timeout(mut self, timeout: Option<Duration>) -> Self {
        self.pool.statement_timeout = timeout;
        self
    }

    /// Sets the maximum time that a schema change waits for transactions that use the table, for example when the table
    /// is dropped or when triggers are added to it. Transactions that start in the meantime wait as well. Defaults to 5
    /// seconds.
    pub fn lock_timeout(mut self, timeout: Duration) -> Self {
        self.patience.lock = timeout;
        self
    }

    /// Sets the maximum time that the creation of the table waits for other processes that create it, and that a
    /// concurrent index build waits for older transactions. These waits block no other transaction. Defaults to 10
    /// minutes.
    pub fn migration_timeout(mut self, timeout: Duration) -> Self {
        self.patience.migration = timeout;
        self
    }

    /// Sets the name that the server shows for this program, for example in `pg_stat_activity`. Defaults to the name in
    /// the connection string, if there is one.
    pub fn application_name(mut self, name: impl Into<String>) -> Self {
        self.pool.application_name = Some(name.into());
        self
    }
}
