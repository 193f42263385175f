macro_rules! sqlx_pool {
    () => {
        use std::time::Duration;

        use castore_core::storage::EventStorageAdapter;
        use castore_postgres::tokio_postgres::config::Host;
        use castore_postgres::{AggregateIdColumn, PostgresEventStorageAdapter, PostgresEventStorageAdapterBuilder};
        use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
        use sqlx::{Connection, Executor, PgConnection, PgPool};

        use crate::conformance::{DATABASES, database};
        use crate::support::{
            A, ALLOW_GAP, B, C, NO_FORCE, STORE, Schema, Via, assert_conflict, connect, event, quote, versions,
        };

        type Adapter = PostgresEventStorageAdapter<PgPool>;

        /// Returns the options for a connection string of the native driver.
        fn options(url: &str) -> PgConnectOptions {
            let config: castore_postgres::tokio_postgres::Config = url.parse().unwrap();
            // PgBouncer rejects this start-up parameter, unless it is configured to ignore it.
            let mut options = PgConnectOptions::new().extra_float_digits(None);
            options = match config.get_hosts().first() {
                Some(Host::Tcp(host)) => options.host(host),
                Some(Host::Unix(path)) => options.socket(path),
                None => options,
            };
            if let Some(port) = config.get_ports().first() {
                options = options.port(*port);
            }
            if let Some(user) = config.get_user() {
                options = options.username(user);
            }
            if let Some(password) = config.get_password() {
                options = options.password(str::from_utf8(password).unwrap());
            }
            if let Some(database) = config.get_dbname() {
                options = options.database(database);
            }
            options
        }

        fn pool(url: &str) -> PgPool {
            pool_of(url, 6)
        }

        fn pool_of(url: &str, size: u32) -> PgPool {
            PgPoolOptions::new()
                .max_connections(size)
                .acquire_timeout(Duration::from_secs(60))
                .test_before_acquire(false)
                .connect_lazy_with(options(url))
        }

        /// Opens a separate connection, which no adapter uses.
        async fn connection(url: &str) -> PgConnection {
            PgConnection::connect_with(&options(url)).await.unwrap()
        }

        async fn created(builder: PostgresEventStorageAdapterBuilder, url: &str) -> Adapter {
            let adapter = builder.from_pool(pool(url)).await.unwrap();
            adapter.create_event_table().await.unwrap();
            adapter
        }

        fn in_group(adapter: &Adapter, id: &str, version: u64) -> castore_core::storage::GroupedRawEvent {
            castore_core::storage::GroupedRawEvent::new(std::sync::Arc::new(adapter.clone()), STORE, event(id, version))
        }

        /// Returns the last version of an aggregate.
        async fn last(adapter: &Adapter, id: &str) -> u64 {
            let events = adapter.get_events(STORE, id, Default::default()).await.unwrap();
            events.last().map_or(0, |event| event.version)
        }
    };
}
