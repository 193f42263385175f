use std::any::Any;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use castore_core::inbox::InvalidName;
use castore_core::storage::{
    AggregateIdsPage, EventStorageAdapter, EventVisitor, GetEventsOptions, GroupedRawEvent, ListAggregateIdsOptions,
    PageToken, PushOptions, PushReceipt, RawEvent, StorageError, StorageId, innermost,
};

use crate::builder::PostgresEventStorageAdapterBuilder;
use crate::database::Database;
use crate::driver::{Client, PostgresPool};
use crate::errors::SchemaError;
use crate::log::Scanner;
use crate::projection::refuse_push;
use crate::statement::StatementMode;
use crate::wake::Waker;
use crate::{log, schema, storage};

/// An event storage adapter that stores events in a table of a Postgres database. Clones are cheap and share the
/// connections and the caches.
///
/// The type parameter `P` is the type of the connection pool: `deadpool_postgres::Pool`, or the `PgPool` of a
/// [supported](PostgresPool) version of sqlx.
///
/// See the [crate](crate) documentation for the guarantees.
#[derive(Clone)]
pub struct PostgresEventStorageAdapter<P = deadpool_postgres::Pool> {
    core: Core,
    pool: P,
}

/// The parts of an adapter that do not depend on the type of its pool.
#[derive(Clone)]
pub(crate) struct Core {
    options: Arc<PostgresEventStorageAdapterBuilder>,
    database: Arc<Database>,
    scanner: Arc<Scanner>,
    waker: Arc<Waker>,
}

impl Core {
    pub(crate) fn database(&self) -> &Database {
        &self.database
    }

    pub(crate) fn wake_readers(&self) {
        self.waker.pushed();
    }

    /// Wakes the log readers after the commit of a transaction that this adapter has begun.
    pub(crate) fn committed(&self) {
        self.waker.committed();
    }
}

impl<P> PostgresEventStorageAdapter<P> {
    pub(crate) fn new(database: Database, pool: P, options: PostgresEventStorageAdapterBuilder) -> Self {
        let database = Arc::new(database);
        let scanner = Arc::new(Scanner::new(Arc::clone(&database)));
        let waker = Arc::new(Waker::new(Arc::clone(&database), options.notify));
        Self { core: Core { options: Arc::new(options), database, scanner, waker }, pool }
    }

    pub(crate) fn options(&self) -> &PostgresEventStorageAdapterBuilder {
        &self.core.options
    }

    pub(crate) fn database(&self) -> &Database {
        &self.core.database
    }

    pub(crate) fn scanner(&self) -> &Scanner {
        &self.core.scanner
    }

    pub(crate) fn waker(&self) -> &Waker {
        &self.core.waker
    }
}

impl<P: PostgresPool> PostgresEventStorageAdapter<P> {
    /// Returns the connection pool, for other work in the same database.
    pub fn pool(&self) -> &P {
        &self.pool
    }

    /// Creates an adapter for the event table of another schema, for example the schema of a tenant. The new adapter
    /// has the same options, and shares all connections with this adapter. This method sends nothing to the server.
    ///
    /// ```no_run
    /// # use castore_postgres::PostgresEventStorageAdapter;
    /// # async fn open(url: &str) -> Result<(), Box<dyn std::error::Error>> {
    /// let database = PostgresEventStorageAdapter::builder().isolated(true).connect(url).await?;
    /// let tenant = database.for_schema("tenant_7")?;
    /// tenant.create_event_table().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// [`close`](Self::close) of the new adapter closes only that adapter. To change other options as well, such as the
    /// name of the table, use [`PostgresEventStorageAdapterBuilder::sharing`].
    ///
    /// # Errors
    /// [`InvalidName`] if the name of the schema is empty, contains a NUL character, or is longer than 63 bytes.
    pub fn for_schema(&self, schema: impl Into<String>) -> Result<Self, InvalidName> {
        self.options().clone().schema(schema).sharing(self)
    }

    /// Returns the name of the event table for SQL, quoted and qualified with its schema. The first call reads the
    /// definition of the table, unless the adapter has already used the table.
    ///
    /// # Errors
    /// [`StorageError::Engine`] if the table does not exist, is not an event table, or the server is unavailable;
    /// [`StorageError::ShutDown`] if the pool is closed.
    pub async fn qualified_table(&self) -> Result<String, StorageError> {
        Ok(self.database().table().await?.qualified.clone())
    }

    /// Creates the event table, unless it exists.
    ///
    /// If this crate or the original TypeScript package has already created the table, only missing parts are added:
    /// the index for lists of aggregates, and the triggers that [count rewrites](Self::create_rewrite_trigger). The
    /// index is built without blocking writers (`CREATE INDEX CONCURRENTLY`), so that a large table can stay in use.
    /// The build waits for transactions that started earlier. Nothing else in an existing table is changed. If nothing
    /// is missing, the role needs only the privileges to read the catalog. Without the index, everything works, but
    /// listing aggregates is slow.
    ///
    /// Any number of processes may call this method at the same time. If the future is dropped, the server finishes or
    /// rolls back the current statement. Another call completes the work.
    ///
    /// # Errors
    /// See the variants of [`SchemaError`].
    pub async fn create_event_table(&self) -> Result<(), SchemaError> {
        let Database { event_table, patience, statements, .. } = self.database();
        let client = self.connection().await?;
        let result = match statements {
            StatementMode::Prepared => schema::create(client, event_table, *patience).await,
            StatementMode::Unnamed => schema::create_in_transactions(client, event_table, *patience).await,
        };
        self.database().forget_table();
        result
    }

    /// Creates the triggers that count rewrites. For each aggregate, the triggers count how often any program has
    /// replaced or removed events. When the count of an aggregate changes, event stores no longer use the earlier
    /// snapshots and cached states of the aggregate.
    ///
    /// [`create_event_table`](Self::create_event_table) also creates the triggers, unless
    /// [`rewrite_trigger`](crate::PostgresEventStorageAdapterBuilder::rewrite_trigger) disables them or the role is not
    /// permitted to create them. The role needs the privileges to create a table and a function in the schema, and to
    /// create triggers on the event table. Other roles need `SELECT` on the table `castore_rewrite_<event table>` to
    /// read the counts. Without the triggers, rewrites are not detected ([`EventStorageAdapter::rewrite_count`] returns
    /// `None`).
    ///
    /// # Errors
    /// See the variants of [`SchemaError`].
    pub async fn create_rewrite_trigger(&self) -> Result<(), SchemaError> {
        let Database { event_table, patience, statements, .. } = self.database();
        let client = self.connection().await?;
        let result = match statements {
            StatementMode::Prepared => schema::create_rewrite_counts(client, event_table, *patience).await,
            StatementMode::Unnamed => {
                schema::create_rewrite_counts_in_transaction(client, event_table, *patience).await
            }
        };
        self.database().forget_table();
        result
    }

    /// Creates the tables `castore_relay` and `castore_parked`, which store the state of relays, in the schema of the
    /// event table, unless they exist. The tables are also created on first use, if the role is permitted to create
    /// them.
    ///
    /// All adapters of a schema share these tables, even if their event tables differ, so the name of a relay must be
    /// unique within the schema. If each tenant has its own event table in one schema, their relays need different
    /// names.
    ///
    /// # Errors
    /// See the variants of [`SchemaError`].
    pub async fn create_relay_tables(&self) -> Result<(), SchemaError> {
        self.database().create_side_tables(crate::relay::TABLES).await
    }

    /// Creates the table `castore_snapshot_<event table>` in the schema of the event table, unless it exists. The table
    /// is also created on first use, if the role is permitted to create it. If the name is too long, its end is
    /// replaced by a hash.
    ///
    /// # Errors
    /// See the variants of [`SchemaError`].
    pub async fn create_snapshot_table(&self) -> Result<(), SchemaError> {
        self.database().create_side_tables(crate::snapshot::TABLES).await
    }

    /// Drops the event table with all events, its snapshots and its rewrite counts, if they exist. The state of relays
    /// and read models is kept.
    ///
    /// # Errors
    /// [`SchemaError::Locked`], [`SchemaError::NotPermitted`] and [`SchemaError::Engine`].
    pub async fn drop_event_table(&self) -> Result<(), SchemaError> {
        let result = schema::drop_table(
            self.connection().await?,
            &self.database().event_table,
            &self.database().requested,
            self.database().patience,
        )
        .await;
        self.database().forget_table();
        result
    }

    /// Wakes readers of the event log, such as relays, that wait for new events. Call this method after the commit of
    /// your own transaction in which events were pushed. Without the call, readers find these events when they poll.
    pub fn wake_readers(&self) {
        self.core.wake_readers();
    }

    /// Closes the pool: connections are closed as soon as they are idle. From then on, pushes and reads return
    /// [`StorageError::ShutDown`], in every adapter that uses this pool.
    ///
    /// If the adapter was created with [`for_schema`](Self::for_schema) or
    /// [`sharing`](PostgresEventStorageAdapterBuilder::sharing), `close` closes only this adapter and its clones. The
    /// pool stays open for the other adapters.
    pub fn close(&self) {
        self.database().close();
        self.scanner().close();
    }

    async fn connection(&self) -> Result<Client, SchemaError> {
        self.database().pool.get().await.map_err(SchemaError::Engine)
    }
}

impl<P> fmt::Debug for PostgresEventStorageAdapter<P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PostgresEventStorageAdapter")
            .field("table", &self.database().requested)
            .field("storage_id", &self.database().storage_id)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl<P: PostgresPool> EventStorageAdapter for PostgresEventStorageAdapter<P> {
    fn storage_id(&self) -> StorageId {
        self.database().storage_id.clone()
    }

    fn namespace(&self) -> &str {
        &self.database().requested
    }

    async fn get_events(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        options: GetEventsOptions,
    ) -> Result<Vec<RawEvent>, StorageError> {
        let events = storage::get_events(self.database(), event_store_id, aggregate_id, options).await?;
        tracing::trace!(event_store = event_store_id, aggregate_id, events = events.len(), "read events");
        Ok(events)
    }

    async fn visit_events(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        options: GetEventsOptions,
        mut visit: EventVisitor,
    ) -> Result<(), StorageError> {
        storage::visit_events(self.database(), event_store_id, aggregate_id, options, |event| Ok(visit(event))).await
    }

    async fn push_event(
        &self,
        event_store_id: &str,
        event: RawEvent,
        options: PushOptions,
    ) -> Result<PushReceipt, StorageError> {
        refuse_push(&self.database().pool)?;
        let result = storage::push_event(self.database(), event_store_id, &event, options).await;
        log_push(event_store_id, &event, result.as_ref().err());
        if result.is_ok() {
            self.core.wake_readers();
        }
        result
    }

    async fn push_event_group(
        &self,
        group: Vec<GroupedRawEvent>,
        options: PushOptions,
    ) -> Result<Vec<PushReceipt>, StorageError> {
        if group.is_empty() {
            return Ok(Vec::new());
        }
        refuse_push(&self.database().pool)?;
        let result = storage::push_event_group(self.database(), &group, options, database_of).await;
        for grouped in &group {
            log_push(grouped.event_store_id, &grouped.event, result.as_ref().err());
        }
        if result.is_ok() {
            // Each table has its own log readers, so each adapter wakes the readers of its table.
            for grouped in &group {
                own_adapter(&*grouped.adapter).unwrap_or(&self.core).wake_readers();
            }
        }
        result
    }

    async fn rewrite_count(&self, event_store_id: &str, aggregate_id: &str) -> Result<Option<u64>, StorageError> {
        log::rewrite_count(self.database(), event_store_id, aggregate_id).await
    }

    async fn list_aggregate_ids(
        &self,
        event_store_id: &str,
        options: ListAggregateIdsOptions,
    ) -> Result<AggregateIdsPage, StorageError> {
        storage::list_aggregate_ids(self.database(), event_store_id, PageToken::resolve(&options)?).await
    }
}

/// Returns the adapter inside of any wrappers, or `None` if that adapter is not of this crate.
pub(crate) fn own_adapter(adapter: &dyn EventStorageAdapter) -> Option<&Core> {
    fn with_pool<P: PostgresPool>(adapter: &dyn Any) -> Option<&Core> {
        adapter.downcast_ref::<PostgresEventStorageAdapter<P>>().map(|adapter| &adapter.core)
    }
    let adapter: &dyn Any = innermost(adapter);
    let found = with_pool::<deadpool_postgres::Pool>(adapter);
    #[cfg(feature = "sqlx-0_8")]
    let found = found.or_else(|| with_pool::<sqlx_08::PgPool>(adapter));
    #[cfg(feature = "sqlx-0_9")]
    let found = found.or_else(|| with_pool::<sqlx_09::PgPool>(adapter));
    found
}

pub(crate) fn database_of(adapter: &dyn EventStorageAdapter) -> Option<&Database> {
    own_adapter(adapter).map(Core::database)
}

fn log_push(event_store: &str, event: &RawEvent, error: Option<&StorageError>) {
    let (aggregate, version) = (&*event.aggregate_id, event.version);
    match error {
        None => tracing::debug!(event_store, aggregate_id = aggregate, version, "stored an event"),
        Some(error) => tracing::debug!(
            event_store,
            aggregate_id = aggregate,
            version,
            error = castore_core::error::error_chain(error),
            "could not store an event"
        ),
    }
}
