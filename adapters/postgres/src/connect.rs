//! The ways to create an adapter with the options of its builder.

use std::sync::Arc;

use castore_core::future::BoxFuture;
use castore_core::inbox::InvalidName;
use tokio_postgres::Socket;
use tokio_postgres::config::Config;
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};

use crate::connection::{self, Identity, PoolOptions, Shared};
use crate::database::{Database, response_limit};
use crate::driver::{self, Connect, PostgresPool};
use crate::errors::{ConnectError, PostgresError, unreadable};
use crate::{PostgresEventStorageAdapter, PostgresEventStorageAdapterBuilder};

impl PostgresEventStorageAdapterBuilder {
    /// Connects to a URL (`postgresql://user@host/database`) or a `key=value` connection string.
    ///
    /// With the feature `rustls`, the connection is encrypted according to `sslmode` (default: `prefer`), and the
    /// operating system must trust the server's certificate. Without the feature, the connection is not encrypted, and
    /// `sslmode=require` is an error: see [`connect_with`](Self::connect_with).
    ///
    /// Connecting does not check the table: see
    /// [`create_event_table`](PostgresEventStorageAdapter::create_event_table).
    ///
    /// # Errors
    /// See the variants of [`ConnectError`]. Nothing was changed.
    pub async fn connect(self, url: &str) -> Result<PostgresEventStorageAdapter, ConnectError> {
        let config: Config = url.parse().map_err(|error| ConnectError::InvalidUrl(unreadable(&error)))?;
        #[cfg(feature = "rustls")]
        let tls = connection::rustls_connector()?;
        #[cfg(not(feature = "rustls"))]
        let tls = tokio_postgres::NoTls;
        self.connect_with(config, tls).await
    }

    /// Connects with a driver configuration and any TLS connector for it.
    ///
    /// # Errors
    /// See the variants of [`ConnectError`]. Nothing was changed.
    pub async fn connect_with<T>(self, config: Config, tls: T) -> Result<PostgresEventStorageAdapter, ConnectError>
    where
        T: MakeTlsConnect<Socket> + Clone + Sync + Send + 'static,
        T::Stream: Sync + Send,
        T::TlsConnect: Sync + Send,
        <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
    {
        let options = PoolOptions { start_up: !self.transaction_pooling, ..self.pool.clone() };
        // A pooler in transaction mode could hand the listening session over to another client.
        let connect = (!self.transaction_pooling).then(|| {
            let config = connection::configured(config.clone(), &options);
            driver::connect_with(config, tls.clone(), options.connect_timeout)
        });
        let pool = connection::pool(config, tls, &options)?;
        self.with_pool(pool, connect).await
    }

    /// Creates an adapter with an existing pool, to share connections with other code. The pool is a
    /// `deadpool_postgres::Pool`, or a `PgPool` of [sqlx](crate#sqlx). The options of this builder do not change the
    /// size and the timeouts of the pool.
    ///
    /// The adapter uses one additional connection to check how far the log can be read. With a pool of sqlx, this
    /// connection is opened with the connect options of the pool. It also listens for notifications, unless
    /// [`transaction_pooling`](Self::transaction_pooling) is set. With a `deadpool_postgres::Pool`, the additional
    /// connection is taken out of the pool, and the pool can open another one in its place. The connections of such a
    /// pool do not forward notifications. Therefore only pushes of this adapter wake log readers, and readers find
    /// pushes of other processes when they poll.
    ///
    /// For the adapters of further tables and schemas of the database, use [`sharing`](Self::sharing) or
    /// [`for_schema`](PostgresEventStorageAdapter::for_schema). These adapters share the additional connection, too.
    ///
    /// # Errors
    /// [`ConnectError::InvalidName`] if the name of the schema or of the table is empty, contains a NUL character, or
    /// is longer than 63 bytes; [`ConnectError::Engine`] if the server is unavailable or rejects the login or a query.
    pub fn from_pool<P: PostgresPool>(
        self,
        pool: P,
    ) -> BoxFuture<'static, Result<PostgresEventStorageAdapter<P>, ConnectError>> {
        // This is not an `async fn`, because for an unsupported pool the compiler would report the failing bound three
        // times.
        let connect = if self.transaction_pooling { None } else { driver::connect_like(&pool.erased()) };
        Box::pin(self.with_pool(pool, connect))
    }

    /// Creates an adapter over the connections of another adapter, for another table or schema of the same database.
    /// Nothing is sent to the server.
    ///
    /// All adapters that share connections use one pool, and together one connection in addition to the pool, which
    /// checks how far logs can be read, and listens for notifications. The options for connections are those of
    /// `adapter`: pool sizes, timeouts, [`statement_timeout`](Self::statement_timeout),
    /// [`application_name`](Self::application_name) and [`transaction_pooling`](Self::transaction_pooling). All other
    /// options are those of this builder.
    ///
    /// [`close`](PostgresEventStorageAdapter::close) of the new adapter does not close the pool.
    ///
    /// # Errors
    /// [`InvalidName`] if the name of the schema or of the table is not valid.
    pub fn sharing<P: PostgresPool>(
        self,
        adapter: &PostgresEventStorageAdapter<P>,
    ) -> Result<PostgresEventStorageAdapter<P>, InvalidName> {
        let theirs = adapter.options();
        let options = Self { pool: theirs.pool.clone(), transaction_pooling: theirs.transaction_pooling, ..self };
        let database = adapter.database();
        let (shared, identity) = (Arc::clone(&database.shared), Arc::clone(&database.identity));
        let database = Database::new(&options, shared, identity, false)?;
        Ok(PostgresEventStorageAdapter::new(database, adapter.pool().clone(), options))
    }

    async fn with_pool<P: PostgresPool>(
        self,
        own: P,
        connect: Option<Connect>,
    ) -> Result<PostgresEventStorageAdapter<P>, ConnectError> {
        // The names are checked before a connection is opened.
        self.table.qualified()?;
        let pool = own.erased();
        let client = pool.get().await.map_err(ConnectError::Engine)?;
        let identity = Identity::of(&client).await.map_err(|error| ConnectError::Engine(PostgresError::from(error)))?;
        drop(client);
        let shared = Shared::new(pool, connect, self.pool.statement_timeout.map(response_limit));
        let database = Database::new(&self, Arc::new(shared), Arc::new(identity), true)?;
        Ok(PostgresEventStorageAdapter::new(database, own, self))
    }
}
