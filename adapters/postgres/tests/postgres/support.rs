use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use castore_core::storage::{
    EventStorageAdapter, GetEventsOptions, GroupedRawEvent, PushOptions, RawEvent, StorageError,
};
use castore_core::time::Timestamp;
use castore_postgres::tokio_postgres::{Client, NoTls};
use castore_postgres::{AggregateIdColumn, PostgresEventStorageAdapter, PostgresEventStorageAdapterBuilder};

pub(crate) const STORE: &str = "STORE";
pub(crate) const FORCE: PushOptions = PushOptions::new().force(true);
pub(crate) const NO_FORCE: PushOptions = PushOptions::new();
pub(crate) const ALLOW_GAP: PushOptions = PushOptions::new().allow_gap(true);
pub(crate) const A: &str = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa";
pub(crate) const B: &str = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb";
pub(crate) const C: &str = "cccccccc-cccc-4ccc-8ccc-cccccccccccc";

/// Returns the URL of the server.
pub(crate) fn url() -> String {
    std::env::var("CASTORE_TEST_DATABASE_URL").expect(
        "these tests need a Postgres: run scripts/test, or export what `scripts/services start DIR` prints \
         (CASTORE_TEST_DATABASE_URL is not set)",
    )
}

/// The way in which adapters are connected to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Via {
    Direct,
    /// Through a PgBouncer in transaction mode.
    PgBouncer,
}

impl Via {
    /// Returns the connection string that leads to the same database as the direct connection string.
    fn url(self, direct: &str) -> String {
        if self == Self::Direct {
            return direct.to_owned();
        }
        let pgbouncer = std::env::var("CASTORE_TEST_PGBOUNCER_URL").expect(
            "these tests need a PgBouncer: run scripts/test, or export what `scripts/services start DIR postgres` prints \
             (CASTORE_TEST_PGBOUNCER_URL is not set)",
        );
        let config: castore_postgres::tokio_postgres::Config = direct.parse().unwrap();
        config.get_dbname().map_or_else(|| pgbouncer.clone(), |database| with(&pgbouncer, "dbname", database))
    }
}

/// Adds a parameter to a connection string, which is either a URL or a list of `key=value` pairs.
pub(crate) fn with(url: &str, parameter: &str, value: &str) -> String {
    if url.contains("://") {
        let separator = if url.contains('?') { '&' } else { '?' };
        let value: String = value.bytes().map(|byte| format!("%{byte:02x}")).collect();
        format!("{url}{separator}{parameter}={value}")
    } else {
        format!("{url} {parameter}='{value}'")
    }
}

/// Opens a separate connection, which the adapter does not use.
pub(crate) async fn connect(url: &str) -> Client {
    let (client, connection) = castore_postgres::tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// A schema that is dropped at the end of the test, and a connection that has this schema as its search path.
pub(crate) struct Schema {
    pub(crate) name: String,
    pub(crate) client: Client,
    url: String,
    via: Via,
}

impl Schema {
    pub(crate) async fn new() -> Self {
        Self::named("castore").await
    }

    /// Creates a schema in the database of the tests. The name of the schema begins with `name`, which may be any text.
    pub(crate) async fn named(name: &str) -> Self {
        Self::in_database(name, url()).await
    }

    pub(crate) async fn in_database(name: &str, url: String) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let nanos = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
        let name = format!("{name}_{nanos:x}_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let client = connect(&url).await;
        let quoted = quote(&name);
        client.batch_execute(&format!("CREATE SCHEMA {quoted}; SET search_path TO {quoted}")).await.unwrap();
        Self { name, client, url, via: Via::Direct }
    }

    /// Sets how adapters are connected. Other connections are always direct.
    pub(crate) fn via(mut self, via: Via) -> Self {
        self.via = via;
        self
    }

    /// Returns the connection string without a pooler.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Returns the connection string of adapters.
    pub(crate) fn adapter_url(&self) -> String {
        self.via.url(&self.url)
    }

    /// Returns a builder with few connections, since many tests run at once, and with time limits for a machine under
    /// load.
    pub(crate) fn builder(&self) -> PostgresEventStorageAdapterBuilder {
        PostgresEventStorageAdapter::builder()
            .transaction_pooling(self.via == Via::PgBouncer)
            .schema(&self.name)
            // The tables of the original package have this type, too.
            .aggregate_id_column(AggregateIdColumn::Uuid)
            .pool_size(4)
            .connect_timeout(Duration::from_secs(60))
            .acquire_timeout(Duration::from_secs(60))
    }

    pub(crate) async fn open(&self, builder: PostgresEventStorageAdapterBuilder) -> PostgresEventStorageAdapter {
        builder.connect(&self.adapter_url()).await.unwrap()
    }

    /// Creates the default table, and returns an adapter for it.
    pub(crate) async fn adapter(&self) -> PostgresEventStorageAdapter {
        self.created(self.builder()).await
    }

    pub(crate) async fn created(&self, builder: PostgresEventStorageAdapterBuilder) -> PostgresEventStorageAdapter {
        let adapter = self.open(builder).await;
        adapter.create_event_table().await.unwrap();
        adapter
    }

    /// Returns the single value of a query.
    pub(crate) async fn value<T>(&self, sql: &str) -> T
    where
        T: for<'a> castore_postgres::tokio_postgres::types::FromSql<'a>,
    {
        self.client.query_one(sql, &[]).await.unwrap().get(0)
    }

    pub(crate) async fn run(&self, sql: &str) {
        self.client.batch_execute(sql).await.unwrap();
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        let (url, name) = (self.url.clone(), quote(&self.name));
        // The test's runtime cannot be blocked here.
        let dropped = std::thread::spawn(move || {
            tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
                let client = connect(&url).await;
                client
                    .batch_execute(&format!(
                        "SET lock_timeout = '20s'; SET client_min_messages = warning; DROP SCHEMA {name} CASCADE"
                    ))
                    .await
            })
        });
        let result = dropped.join();
        if !std::thread::panicking() {
            result.unwrap().unwrap();
        }
    }
}

pub(crate) fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

pub(crate) fn event(aggregate_id: &str, version: u64) -> RawEvent {
    RawEvent {
        aggregate_id: aggregate_id.to_owned(),
        version,
        event_type: "HAPPENED".into(),
        timestamp: Timestamp::from_unix_millis(1_700_000_000_000).unwrap(),
        payload: Some(serde_json::value::to_raw_value(&version).unwrap()),
        metadata: None,
    }
}

pub(crate) fn grouped(adapter: &PostgresEventStorageAdapter, aggregate_id: &str, version: u64) -> GroupedRawEvent {
    GroupedRawEvent::new(Arc::new(adapter.clone()), STORE, event(aggregate_id, version))
}

pub(crate) async fn push(
    adapter: &PostgresEventStorageAdapter,
    aggregate_id: &str,
    version: u64,
) -> Result<u64, StorageError> {
    let stored = adapter.push_event(STORE, event(aggregate_id, version), NO_FORCE).await?;
    Ok(stored.position.unwrap())
}

/// Pushes an event with any version that is not taken. The version may leave a gap.
pub(crate) async fn push_anywhere(
    adapter: &PostgresEventStorageAdapter,
    aggregate_id: &str,
    version: u64,
) -> Result<u64, StorageError> {
    let stored = adapter.push_event(STORE, event(aggregate_id, version), ALLOW_GAP).await?;
    Ok(stored.position.unwrap())
}

pub(crate) async fn versions(adapter: &PostgresEventStorageAdapter, aggregate_id: &str) -> Vec<u64> {
    adapter
        .get_events(STORE, aggregate_id, GetEventsOptions::default())
        .await
        .unwrap()
        .iter()
        .map(|event| event.version)
        .collect()
}

/// Asserts that the push was rejected because of this event, and for no other reason.
#[track_caller]
pub(crate) fn assert_conflict<T: std::fmt::Debug>(result: Result<T, StorageError>, aggregate_id: &str, version: u64) {
    match result {
        Err(StorageError::EventAlreadyExists(conflict)) => {
            assert_eq!(
                (conflict.event_store_id.as_str(), conflict.aggregate_id.as_str(), conflict.version),
                (STORE, aggregate_id, version)
            );
        }
        other => panic!("a conflict was expected, not {other:?}"),
    }
}
