use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::task::Poll;
use std::time::Duration;

use castore_core::inbox::InvalidName;
use castore_core::storage::{KnownVersions, StorageError, StorageId};

use crate::builder::PostgresEventStorageAdapterBuilder;
use crate::connection::{Ability, Identity, Shared};
use crate::driver::{Beside, Client, Pool};
use crate::errors::{PostgresError, SchemaError};
use crate::schema::{EventTable, Patience, SideTables, Table, create_tables, describe};
use crate::statement::{Session, StatementMode, query_once};

/// The additional time to wait for a response of the server after the server's own statement timeout.
const GRACE: Duration = Duration::from_secs(5);

/// The pool and the event table of an adapter, shared by all clones.
pub(crate) struct Database {
    pub(crate) pool: Pool,
    pub(crate) shared: Arc<Shared>,
    pub(crate) identity: Arc<Identity>,
    pub(crate) storage_id: StorageId,
    /// The name of the schema, or `None` if the schema does not count as a separate storage.
    pub(crate) isolated: Option<String>,
    pub(crate) event_table: EventTable,
    /// The requested name of the table, quoted.
    pub(crate) requested: String,
    pub(crate) patience: Patience,
    pub(crate) statement_timeout: Option<Duration>,
    pub(crate) statements: StatementMode,
    /// Whether pushes in transactions of the caller notify log readers.
    pub(crate) notify_within: bool,
    /// The definition of the event table, which is read from the database on first use.
    pub(crate) table: RwLock<Option<Arc<Table>>>,
    /// The cached last versions of aggregates in the table.
    pub(crate) known_versions: KnownVersions,
    /// Whether the pool is closed together with the adapter.
    pub(crate) owns_pool: bool,
    pub(crate) is_closed: AtomicBool,
}

impl Database {
    pub(crate) fn new(
        options: &PostgresEventStorageAdapterBuilder,
        shared: Arc<Shared>,
        identity: Arc<Identity>,
        owns_pool: bool,
    ) -> Result<Self, InvalidName> {
        let schema = || options.table.schema.clone().unwrap_or_else(|| identity.current_schema.clone());
        let isolated = options.isolated.then(schema);
        let storage_id = isolated.as_deref().map_or_else(|| identity.storage_id.clone(), |one| identity.isolated(one));
        Ok(Self {
            pool: shared.pool().clone(),
            shared,
            identity,
            storage_id,
            isolated,
            requested: options.table.qualified()?,
            event_table: options.table.clone(),
            patience: options.patience,
            statement_timeout: options.pool.statement_timeout,
            statements: StatementMode::of(options.transaction_pooling),
            notify_within: options.notify_within,
            table: RwLock::new(None),
            known_versions: KnownVersions::new(),
            owns_pool,
            is_closed: AtomicBool::new(false),
        })
    }

    /// Returns whether the adapter or its pool is closed.
    pub(crate) fn is_closed(&self) -> bool {
        self.is_closed.load(Ordering::Relaxed) || self.pool.is_closed()
    }

    /// Closes the pool, or only this adapter if it shares the pool of another adapter.
    pub(crate) fn close(&self) {
        self.is_closed.store(true, Ordering::Relaxed);
        if self.owns_pool {
            self.pool.close();
        }
    }

    pub(crate) async fn client(&self) -> Result<Client, StorageError> {
        if self.is_closed() {
            return Err(StorageError::ShutDown);
        }
        self.pool.get().await.map_err(unavailable)
    }

    /// Returns the connection that is used in addition to the pool, after checking that it is open.
    pub(crate) async fn beside(&self) -> Result<Arc<Beside>, StorageError> {
        if self.is_closed() {
            return Err(StorageError::ShutDown);
        }
        self.shared.connection(Ability::Statements).await.map_err(unavailable)
    }

    /// Returns the definition of the event table, which is read from the database on first use.
    pub(crate) async fn table(&self) -> Result<Arc<Table>, StorageError> {
        if let Some(table) = self.known_table() {
            return Ok(table);
        }
        let client = self.client().await?;
        let found = self.within(describe(&client, &self.requested)).await.map_err(StorageError::engine)??;
        let table = match found {
            Some(table) => Arc::new(table),
            None => return Err(StorageError::engine(PostgresError::text(self.missing_table(&client).await))),
        };
        *self.table.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&table));
        Ok(table)
    }

    /// Returns the definition of the event table for a transaction of the caller. If the definition has not been read
    /// before, it is read in the session of the transaction, because this session may use the only connection of the
    /// pool.
    pub(crate) async fn table_within(&self, session: &impl Session) -> Result<Arc<Table>, StorageError> {
        if let Some(table) = self.known_table() {
            return Ok(table);
        }
        let found = describe(session, &self.requested).await?;
        let table =
            found.map(Arc::new).ok_or_else(|| StorageError::engine(PostgresError::text(missing(&self.requested))))?;
        *self.table.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&table));
        Ok(table)
    }

    /// Describes the missing table, and suggests an existing table that the caller may have meant. The original package
    /// does not quote names, so Postgres converts them to lower case and treats the part before a dot as the schema.
    async fn missing_table(&self, client: &Client) -> String {
        let EventTable { schema, name, .. } = &self.event_table;
        let (folded_schema, folded) = match name.split_once('.') {
            Some((schema, name)) => (Some(schema.to_lowercase()), name.to_lowercase()),
            None => (schema.as_ref().map(|schema| schema.to_lowercase()), name.to_lowercase()),
        };
        let meant = EventTable { schema: folded_schema, name: folded, ..self.event_table.clone() };
        let found = match meant.qualified() {
            Ok(qualified) if qualified != self.requested => {
                let sql = "SELECT to_regclass($1::text) IS NOT NULL";
                self.within(query_once(client, sql, &[&qualified])).await
            }
            _ => return missing(&self.requested),
        };
        // If the server does not respond, the error still contains the name of the requested table.
        if !found
            .is_ok_and(|rows| rows.is_ok_and(|rows| rows.first().is_some_and(|row| row.try_get(0).unwrap_or(false))))
        {
            return missing(&self.requested);
        }
        let schema = meant.schema.map(|schema| format!(".schema({schema:?})")).unwrap_or_default();
        format!(
            "the table {} does not exist, but a table exists under the name that the original package, which does not quote names, would use; to use that table, build the adapter with `{schema}.table({:?})`",
            self.requested, meant.name
        )
    }

    /// Returns the definition of the event table, if it has already been read from the database.
    pub(crate) fn known_table(&self) -> Option<Arc<Table>> {
        self.table.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Drops the cached definition of the table and the cached last versions, so that they are read from the database
    /// again.
    pub(crate) fn forget_table(&self) {
        *self.table.write().unwrap_or_else(PoisonError::into_inner) = None;
        self.known_versions.clear();
    }

    /// Creates tables of this crate beside the event table, if they are missing.
    pub(crate) async fn create_side_tables(&self, tables: SideTables) -> Result<(), SchemaError> {
        let table = self.table().await.map_err(|error| SchemaError::OtherTable(error.into()))?;
        let client = self.pool.get().await.map_err(SchemaError::Engine)?;
        create_tables(
            client,
            &table.schema,
            &(tables.create)(&table.schema, &table.snapshots),
            tables.what,
            self.patience,
        )
        .await
    }

    /// Runs a read. Returns an error if the read has neither ended nor set the flag `started` within the time limit of
    /// [`within`](Self::within).
    pub(crate) async fn starts_within<F: Future>(
        &self,
        started: &AtomicBool,
        read: F,
    ) -> Result<F::Output, PostgresError> {
        let mut read = pin!(read);
        // Resolves when the read ends or has started.
        let begun = poll_fn(|context| match read.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if started.load(Ordering::Relaxed) => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        });
        match self.within(begun).await? {
            Some(output) => Ok(output),
            None => Ok(read.await),
        }
    }

    /// Waits for a response for at most the statement timeout plus [`GRACE`], because the server may become unreachable
    /// without closing the connection.
    pub(crate) async fn within<F: Future>(&self, answer: F) -> Result<F::Output, PostgresError> {
        responds_within(self.statement_timeout.map(response_limit), answer).await
    }
}

/// Returns the time limit for a response of a server with the given statement timeout.
pub(crate) fn response_limit(statement_timeout: Duration) -> Duration {
    statement_timeout.saturating_add(GRACE)
}

pub(crate) async fn responds_within<F: Future>(limit: Option<Duration>, answer: F) -> Result<F::Output, PostgresError> {
    match limit {
        Some(limit) => tokio::time::timeout(limit, answer)
            .await
            .map_err(|_| PostgresError::text("the server did not respond in time")),
        None => Ok(answer.await),
    }
}

/// Converts the error of a pool.
fn unavailable(error: PostgresError) -> StorageError {
    if error.is_pool_closed() { StorageError::ShutDown } else { StorageError::engine(error) }
}

fn missing(table: &str) -> String {
    format!("the table {table} does not exist; create it with `create_event_table`")
}
