use std::any::Any;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use castore_core::storage::{
    AggregateIdsPage, EventStorageAdapter, EventVisitor, GetEventsOptions, GroupedRawEvent, ListAggregateIdsOptions,
    PageToken, PushOptions, PushReceipt, RawEvent, StorageError, StorageId,
};
use deadpool_postgres::Pool;

use crate::database::Database;
use crate::errors::{PostgresError, SchemaError};
use crate::log::Scanner;
use crate::projection::refuse_push;
use crate::wake::{Listener, Waker};
use crate::{log, schema, storage};

/// Keeps events in a table of a Postgres database. Clones are cheap and share everything.
///
/// See the [crate](crate) for what it promises.
#[derive(Clone)]
pub struct PostgresEventStorageAdapter {
    database: Arc<Database>,
    scanner: Arc<Scanner>,
    waker: Arc<Waker>,
}

impl PostgresEventStorageAdapter {
    pub(crate) fn new(database: Database, listener: Option<Listener>, notify: bool) -> Self {
        let database = Arc::new(database);
        let scanner = Arc::new(Scanner::new(Arc::clone(&database)));
        let waker = Arc::new(Waker::new(Arc::clone(&database), listener, notify));
        Self { database, scanner, waker }
    }

    pub(crate) fn database(&self) -> &Database {
        &self.database
    }

    pub(crate) fn scanner(&self) -> &Scanner {
        &self.scanner
    }

    pub(crate) fn waker(&self) -> &Waker {
        &self.waker
    }

    /// The pool of connections, for what else is to be done in the database.
    pub fn pool(&self) -> &Pool {
        &self.database.pool
    }

    /// The name of the event table as SQL has it: in quotes, and with its schema once it is known, that is, when the
    /// adapter was given one or has used the table.
    ///
    /// # Errors
    /// [`StorageError::Engine`] if the table does not exist or the server cannot be asked.
    pub async fn qualified_table(&self) -> Result<String, StorageError> {
        Ok(self.database.table().await?.qualified.clone())
    }

    /// Creates the event table, unless there is one.
    ///
    /// A table that exists, made by this crate or by Castore's original package, is given the index that lists of
    /// aggregates are read from, if it lacks it. That index is built without locking writers out
    /// (`CREATE INDEX CONCURRENTLY`), so that it can be added to a large table in use; it waits for transactions that
    /// are older than itself. Nothing else of an existing table is changed, and if nothing is missing, no rights are
    /// needed but to look. Without the index everything works, and lists are slow.
    ///
    /// May be called by any number of processes at once. If the future is dropped, the server finishes or
    /// rolls back what it has begun. Calling again completes it.
    ///
    /// # Errors
    /// See the variants of [`SchemaError`].
    pub async fn create_event_table(&self) -> Result<(), SchemaError> {
        let result = schema::create(self.connection().await?, &self.database.event_table, self.database.patience).await;
        self.database.forget_table();
        result
    }

    /// Creates what counts rewrites: triggers on the event table that note, per aggregate, how often its events were
    /// replaced or removed, by any program. Snapshots and caches are dropped when that changes.
    ///
    /// [`create_event_table`](Self::create_event_table) does it too, unless told otherwise or not permitted. It needs
    /// the rights to create a table and a function in the schema, and triggers on the event table; other roles need
    /// `SELECT` on the table `castore_rewrite_<event table>` to see the counts. Without it, rewrites are not noticed
    /// ([`EventStorageAdapter::rewrite_count`] is `None`).
    ///
    /// # Errors
    /// See the variants of [`SchemaError`].
    pub async fn create_rewrite_trigger(&self) -> Result<(), SchemaError> {
        let result =
            schema::create_rewrite_counts(self.connection().await?, &self.database.event_table, self.database.patience)
                .await;
        self.database.forget_table();
        result
    }

    /// Creates the tables `castore_relay` and `castore_parked`, in which relays keep their state, in the schema of the
    /// event table, unless they are there. It is also done when they are first needed, by whoever may.
    ///
    /// All adapters of a schema share them, whatever their event tables are: names of relays are names within a schema.
    /// Relays of two tenants with a table each need two names.
    ///
    /// # Errors
    /// See the variants of [`SchemaError`].
    pub async fn create_relay_tables(&self) -> Result<(), SchemaError> {
        self.database.create_side_tables(crate::relay::TABLES).await
    }

    /// Creates the table `castore_snapshot_<event table>` in the schema of the event table, unless it is there. It is also
    /// done when it is first needed, by whoever may. (The end of a long name gives way to a hash of it.)
    ///
    /// # Errors
    /// See the variants of [`SchemaError`].
    pub async fn create_snapshot_table(&self) -> Result<(), SchemaError> {
        self.database.create_side_tables(crate::snapshot::TABLES).await
    }

    /// Drops the event table with all its events, if there is one, its snapshots and the counts of its rewrites. What
    /// relays and read models keep stays.
    ///
    /// # Errors
    /// [`SchemaError::Locked`], [`SchemaError::NotPermitted`] and [`SchemaError::Engine`].
    pub async fn drop_event_table(&self) -> Result<(), SchemaError> {
        let result = schema::drop_table(
            self.connection().await?,
            &self.database.event_table,
            &self.database.requested,
            self.database.patience,
        )
        .await;
        self.database.forget_table();
        result
    }

    /// Closes the pool: connections end as soon as they are not used any more, and from now on pushes and reads are
    /// [`StorageError::ShutDown`], with every adapter that has this pool.
    pub fn close(&self) {
        self.database.pool.close();
        self.scanner.close();
    }

    async fn connection(&self) -> Result<deadpool_postgres::Client, SchemaError> {
        self.database.pool.get().await.map_err(|error| SchemaError::Engine(PostgresError::from(error)))
    }
}

impl fmt::Debug for PostgresEventStorageAdapter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PostgresEventStorageAdapter")
            .field("table", &self.database.requested)
            .field("storage_id", &self.database.storage_id)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl EventStorageAdapter for PostgresEventStorageAdapter {
    fn storage_id(&self) -> StorageId {
        self.database.storage_id.clone()
    }

    fn namespace(&self) -> &str {
        &self.database.requested
    }

    async fn get_events(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        options: GetEventsOptions,
    ) -> Result<Vec<RawEvent>, StorageError> {
        let events = storage::get_events(&self.database, event_store_id, aggregate_id, options).await?;
        tracing::trace!(event_store = event_store_id, aggregate = aggregate_id, events = events.len(), "read events");
        Ok(events)
    }

    async fn visit_events(
        &self,
        event_store_id: &str,
        aggregate_id: &str,
        options: GetEventsOptions,
        mut visit: EventVisitor,
    ) -> Result<(), StorageError> {
        storage::visit_events(&self.database, event_store_id, aggregate_id, options, |event| Ok(visit(event))).await
    }

    async fn push_event(
        &self,
        event_store_id: &str,
        event: RawEvent,
        options: PushOptions,
    ) -> Result<PushReceipt, StorageError> {
        refuse_push(&self.database.pool)?;
        let result = storage::push_event(&self.database, event_store_id, &event, options).await;
        log_push(event_store_id, &event, result.as_ref().err());
        if result.is_ok() {
            self.waker.pushed();
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
        refuse_push(&self.database.pool)?;
        let result = storage::push_event_group(&self.database, &group, options, database_of).await;
        for grouped in &group {
            log_push(grouped.event_store_id, &grouped.event, result.as_ref().err());
        }
        if result.is_ok() {
            // Each adapter's own table has readers of its own.
            for grouped in &group {
                own_adapter(&*grouped.adapter).unwrap_or(self).waker.pushed();
            }
        }
        result
    }

    async fn rewrite_count(&self, event_store_id: &str, aggregate_id: &str) -> Result<Option<u64>, StorageError> {
        log::rewrite_count(&self.database, event_store_id, aggregate_id).await
    }

    async fn list_aggregate_ids(
        &self,
        event_store_id: &str,
        options: ListAggregateIdsOptions,
    ) -> Result<AggregateIdsPage, StorageError> {
        storage::list_aggregate_ids(&self.database, event_store_id, PageToken::resolve(&options)?).await
    }
}

/// Returns the adapter if it is one of this crate, and not a wrapper.
fn own_adapter(adapter: &dyn EventStorageAdapter) -> Option<&PostgresEventStorageAdapter> {
    let adapter: &dyn Any = adapter;
    adapter.downcast_ref()
}

fn database_of(adapter: &dyn EventStorageAdapter) -> Option<&Database> {
    own_adapter(adapter).map(PostgresEventStorageAdapter::database)
}

fn log_push(event_store: &str, event: &RawEvent, error: Option<&StorageError>) {
    let (aggregate, version) = (&*event.aggregate_id, event.version);
    match error {
        None => tracing::debug!(event_store, aggregate, version, "pushed an event"),
        Some(error) => tracing::debug!(
            event_store,
            aggregate,
            version,
            error = castore_core::error::error_chain(error),
            "could not push an event"
        ),
    }
}
