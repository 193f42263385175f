use std::sync::RwLock;
use std::time::Duration;

use deadpool_postgres::Pool;
use tokio_postgres::Socket;
use tokio_postgres::config::Config;
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};

use crate::PostgresEventStorageAdapter;
use crate::connection::{self, PoolOptions};
use crate::database::Database;
use crate::errors::{ConnectError, PostgresError, unreadable};
use crate::schema::{AggregateIdColumn, EventTable, IntegerSize, Patience};
use crate::wake::Listener;

/// Makes a [`PostgresEventStorageAdapter`] with other than the default options.
#[derive(Debug, Clone)]
#[must_use = "nothing is connected before `connect`"]
pub struct PostgresEventStorageAdapterBuilder {
    table: EventTable,
    pool: PoolOptions,
    patience: Patience,
    notify: bool,
}

impl PostgresEventStorageAdapter {
    /// Connects with the default options. See [`PostgresEventStorageAdapterBuilder::connect`].
    ///
    /// # Errors
    /// [`ConnectError::InvalidUrl`], [`ConnectError::Tls`] and [`ConnectError::Engine`].
    pub async fn connect(url: &str) -> Result<Self, ConnectError> {
        Self::builder().connect(url).await
    }

    /// Returns a builder, to connect with other options.
    pub fn builder() -> PostgresEventStorageAdapterBuilder {
        PostgresEventStorageAdapterBuilder::new()
    }
}

impl PostgresEventStorageAdapterBuilder {
    fn new() -> Self {
        Self { table: EventTable::default(), pool: PoolOptions::default(), patience: Patience::default(), notify: true }
    }

    /// The schema of the event table. By default, the one that Postgres finds the table in, along the `search_path`
    /// of the connection. Any name, of at most 63 bytes. The schema must exist.
    ///
    /// It is also where the tables of relays and snapshots are, and read models: readers query their views in this
    /// schema. Tenants with a schema each share nothing.
    pub fn schema(mut self, schema: impl Into<String>) -> Self {
        self.table.schema = Some(schema.into());
        self
    }

    /// The event table. Defaults to `event`. Any name, of at most 63 bytes.
    ///
    /// The name is quoted: capitals count, and a dot is part of the name. The original package does not quote the names of
    /// tables. For its `pokemonEvents`, write `.table("pokemonevents")`, and for its `shop.event`,
    /// `.schema("shop").table("event")`.
    pub fn table(mut self, table: impl Into<String>) -> Self {
        self.table.name = table.into();
        self
    }

    /// The type of the column of aggregate ids, when the table is created. Defaults to `TEXT`, which holds every id.
    ///
    /// The original package creates `UUID`. A table that exists is used as it is.
    pub fn aggregate_id_column(mut self, column: AggregateIdColumn) -> Self {
        self.table.aggregate_id = column;
        self
    }

    /// How many characters the id of an event store may have, when the table is created: 32 by default.
    pub fn event_store_id_length(mut self, characters: u32) -> Self {
        self.table.aggregate_name_length = characters;
        self
    }

    /// How many characters the name of an event type may have, when the table is created: 64 by default.
    pub fn event_type_length(mut self, characters: u32) -> Self {
        self.table.type_length = characters;
        self
    }

    /// The size of the column `id`, which numbers all events, when the table is created: `BIGSERIAL` by default.
    pub fn id_column(mut self, size: IntegerSize) -> Self {
        self.table.id = size;
        self
    }

    /// The size of the column `version`, when the table is created: `BIGINT` by default.
    pub fn version_column(mut self, size: IntegerSize) -> Self {
        self.table.version = size;
        self
    }

    /// Whether a new table gets the three indexes `idx_<table>_aggregate_name`, `_version` and `_aggregate_lookup` of
    /// the original package. It does by default. This crate makes no use of them: without them, pushes are faster.
    pub fn original_indexes(mut self, create: bool) -> Self {
        self.table.original_indexes = create;
        self
    }

    /// Whether [`create_event_table`](PostgresEventStorageAdapter::create_event_table) also creates the triggers that
    /// count rewrites, see [`create_rewrite_trigger`](PostgresEventStorageAdapter::create_rewrite_trigger). It does by
    /// default.
    pub fn rewrite_trigger(mut self, create: bool) -> Self {
        self.table.rewrite_trigger = create;
        self
    }

    /// Whether readers of the log in other processes are notified of pushes. They are by default: after a push, and
    /// not more often than every few milliseconds, an empty transaction of its own sends a `NOTIFY`, so that pushes
    /// neither wait for it nor for each other. Readers poll in any case.
    pub fn notify(mut self, notify: bool) -> Self {
        self.notify = notify;
        self
    }

    /// How many connections at most. 10 by default, at least 1.
    pub fn pool_size(mut self, connections: usize) -> Self {
        self.pool.size = connections;
        self
    }

    /// The time limit for opening a connection, login included. Defaults to 15 seconds: the server starts a process for
    /// each connection, which can take seconds on a busy machine.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.pool.connect_timeout = timeout;
        self
    }

    /// The time limit for waiting until a connection of the pool is free. Defaults to 30 seconds.
    ///
    /// Waiting is fair: a free connection goes to the request that has waited longest.
    pub fn acquire_timeout(mut self, timeout: Duration) -> Self {
        self.pool.acquire_timeout = timeout;
        self
    }

    /// How long the server may take for one statement; `None` is as long as it wants. 30 seconds by default.
    ///
    /// The server is told when connecting, by the start-up parameter `options` (which PgBouncer must be told to
    /// ignore; pools that are given to [`from_pool`](Self::from_pool) have to see to it themselves). A server that
    /// does not answer 5 seconds later is taken for gone.
    pub fn statement_timeout(mut self, timeout: Option<Duration>) -> Self {
        self.pool.statement_timeout = timeout;
        self
    }

    /// How long dropping the table waits for transactions that use it, which others then wait for, too. 5 seconds by
    /// default.
    pub fn lock_timeout(mut self, timeout: Duration) -> Self {
        self.patience.lock = timeout;
        self
    }

    /// How long creating the table waits for other processes that do so, and building an index beside writers for
    /// transactions that are older; nobody waits for it meanwhile. 10 minutes by default.
    pub fn migration_timeout(mut self, timeout: Duration) -> Self {
        self.patience.migration = timeout;
        self
    }

    /// What the server shows as the name of this program, in `pg_stat_activity` for one.
    pub fn application_name(mut self, name: impl Into<String>) -> Self {
        self.pool.application_name = Some(name.into());
        self
    }

    /// Connects to where a URL (`postgresql://user@host/database`) or a string of `key=value` says.
    ///
    /// With the feature `rustls`, the connection is encrypted as `sslmode` says (`prefer` by default), and the
    /// server's certificate must be one that the operating system trusts. Without it, it is not encrypted, and
    /// `sslmode=require` is an error: see [`connect_with`](Self::connect_with).
    ///
    /// The table is not looked at: see [`create_event_table`](PostgresEventStorageAdapter::create_event_table).
    ///
    /// # Errors
    /// [`ConnectError`], by its variants. Nothing was changed.
    pub async fn connect(self, url: &str) -> Result<PostgresEventStorageAdapter, ConnectError> {
        let config: Config = url.parse().map_err(|error| ConnectError::InvalidUrl(unreadable(&error)))?;
        #[cfg(feature = "rustls")]
        let tls = connection::rustls_connector()?;
        #[cfg(not(feature = "rustls"))]
        let tls = tokio_postgres::NoTls;
        self.connect_with(config, tls).await
    }

    /// Connects with a configuration of the driver, and any TLS that is made for it.
    ///
    /// # Errors
    /// [`ConnectError`], by its variants. Nothing was changed.
    pub async fn connect_with<T>(self, config: Config, tls: T) -> Result<PostgresEventStorageAdapter, ConnectError>
    where
        T: MakeTlsConnect<Socket> + Clone + Sync + Send + 'static,
        T::Stream: Sync + Send,
        T::TlsConnect: Sync + Send,
        <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
    {
        let listener = Listener::new(&config, tls.clone(), &self.pool);
        let pool = connection::pool(config, tls, &self.pool)?;
        self.with_pool(pool, Some(listener)).await
    }

    /// Uses a pool that exists: for adapters of several tables of one database, or to share connections with what
    /// else is done there. Its size and its time-outs are its own.
    ///
    /// Readers of the log are woken by pushes of this process only, and poll for those of others: a pool's connections
    /// do not pass notifications on.
    ///
    /// # Errors
    /// [`ConnectError::InvalidName`] and [`ConnectError::Engine`].
    pub async fn from_pool(self, pool: Pool) -> Result<PostgresEventStorageAdapter, ConnectError> {
        self.with_pool(pool, None).await
    }

    async fn with_pool(
        self,
        pool: Pool,
        listener: Option<Listener>,
    ) -> Result<PostgresEventStorageAdapter, ConnectError> {
        let requested = self.table.qualified()?;
        let client = pool.get().await.map_err(|error| ConnectError::Engine(PostgresError::from(error)))?;
        let storage_id =
            connection::storage_id(&client).await.map_err(|error| ConnectError::Engine(PostgresError::from(error)))?;
        drop(client);
        let database = Database {
            pool,
            storage_id,
            event_table: self.table,
            requested,
            patience: self.patience,
            statement_timeout: self.pool.statement_timeout,
            table: RwLock::new(None),
        };
        Ok(PostgresEventStorageAdapter::new(database, listener, self.notify))
    }
}
