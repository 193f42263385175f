use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use castore_core::log::{EventLog, LogId};
use castore_core::storage::StorageError;
use castore_projection::LiveReadModel;
use castore_projection::engine::{ReadModelRegistry, ReadModelStore, ReadModelVersion};

use super::any_projection::{NativeProjection, Projection};
use super::registry::{self, Registry};
use super::site::Site;
use super::{
    ParkedProjectionAggregate, PostgresProjection, ProjectionError, ProjectionOptions, ProjectionStatus,
    RunningProjection, Tables,
};
use crate::PostgresEventStorageAdapter;
use crate::driver::{Client, DriverError, Pool, PostgresPool};
use crate::errors::{ConnectError, PostgresError, SchemaError};
use crate::log::{database_id, database_of};
use crate::schema::{Identifier, Patience, create_tables};
use crate::statement::{StatementMode, query_once};

/// The read models in one schema of a Postgres database, which may be the database of the events or another one. Clones
/// share the connection pool.
///
/// In the database of the events, read models are backed up and restored together with the events.
///
/// Readers query views in this schema. A view has the name of its read model, or one of the names in
/// [`PostgresProjection::TABLES`]: `SELECT … FROM shop.counts` if the schema is `shop`.
///
/// `P` is the type of the connection pool, as in [`PostgresEventStorageAdapter`]. The pool determines which trait its
/// projections implement: [`PostgresProjection`] for a pool of the native driver, or the `SqlxProjection` for the
/// pool's version of sqlx.
#[derive(Clone)]
pub struct PostgresReadModels<P = deadpool_postgres::Pool> {
    own_pool: P,
    pool: Pool,
    schema: Option<String>,
    statements: StatementMode,
}

impl<P: PostgresPool> PostgresEventStorageAdapter<P> {
    /// Returns the read models in the database of the events, over the same connections. The read models are in the
    /// schema that was set with
    /// [`PostgresEventStorageAdapterBuilder::schema`](crate::PostgresEventStorageAdapterBuilder::schema), or else in
    /// the first schema of the connections' search path.
    pub fn read_models(&self) -> PostgresReadModels<P> {
        let database = self.database();
        PostgresReadModels {
            own_pool: self.pool().clone(),
            pool: database.pool.clone(),
            schema: database.event_table.schema.clone(),
            statements: database.statements,
        }
    }
}

impl PostgresReadModels {
    /// Starts a projection at the checkpoint of its version, or at the beginning of the log if the version is new. The
    /// projection starts when the returned future is awaited, which requires a tokio runtime. The projection runs until
    /// it is shut down, its [`RunningProjection`] is dropped, or an error stops it.
    ///
    /// The projection uses one connection of the pool at a time. The tables of the registry (`castore_projection`,
    /// `castore_projection_parked`, `castore_projection_request`) are created if they are missing.
    ///
    /// # Errors
    /// The future returns all variants of [`ProjectionError`] except [`Handler`](ProjectionError::Handler) and
    /// [`Decode`](ProjectionError::Decode), which the methods of [`RunningProjection`] report.
    pub fn start<P: PostgresProjection>(
        &self,
        projection: P,
        log: impl EventLog,
        options: ProjectionOptions,
    ) -> castore_projection::StartProjection {
        let models = self.clone();
        castore_projection::StartProjection::new(
            async move { models.run(NativeProjection(projection), log, options).await },
        )
    }

    /// Opens the store of a version, for the conformance test kit.
    #[doc(hidden)]
    pub async fn __store<P: PostgresProjection>(
        &self,
        projection: P,
        log_id: &LogId,
    ) -> Result<impl ReadModelStore + use<P>, ProjectionError> {
        Ok(self.open_store(NativeProjection(projection), log_id).await?.0)
    }
}

impl<P: PostgresPool> PostgresReadModels<P> {
    /// Returns the read models in the first schema of the search path of the pool's connections.
    pub fn from_pool(pool: P) -> Self {
        Self { pool: pool.erased(), own_pool: pool, schema: None, statements: StatementMode::Prepared }
    }

    /// Returns the pool of the connections.
    pub fn pool(&self) -> &P {
        &self.own_pool
    }

    /// Sets whether the connections of the pool go through a pooler in transaction mode. Defaults to `false`, or to the
    /// option of the adapter that returned the read models. See
    /// [`transaction_pooling`](crate::PostgresEventStorageAdapterBuilder::transaction_pooling).
    #[must_use]
    pub fn transaction_pooling(self, transaction_pooling: bool) -> Self {
        Self { statements: StatementMode::of(transaction_pooling), ..self }
    }

    /// Sets the schema of the read models. The schema must exist.
    ///
    /// # Errors
    /// [`ConnectError::InvalidName`] if the name is not valid.
    pub fn schema(self, schema: impl Into<String>) -> Result<Self, ConnectError> {
        let schema = schema.into();
        Identifier::new("schema", &schema)?;
        Ok(Self { schema: Some(schema), ..self })
    }

    pub(super) async fn run<R: Projection>(
        &self,
        projection: R,
        log: impl EventLog,
        options: ProjectionOptions,
    ) -> Result<RunningProjection, ProjectionError> {
        let filter = projection.filter();
        let log_id = log.log_id().await.map_err(|source| {
            let projection = R::NAME.to_owned();
            ProjectionError::Storage { projection, source }
        })?;
        let (store, version, same_database) = self.open_store(projection, &log_id).await?;
        castore_projection::engine::start(store, version, log, log_id, same_database, filter, options).await
    }

    /// Opens the store of a version, and registers the version if it is new. The last item of the result states whether
    /// the log is in the same database.
    pub(super) async fn open_store<R: Projection>(
        &self,
        projection: R,
        log_id: &LogId,
    ) -> Result<(Site<R>, ReadModelVersion, bool), ProjectionError> {
        let setup = |source: Box<dyn std::error::Error + Send + Sync>| ProjectionError::Setup {
            projection: R::NAME.to_owned(),
            source,
        };
        let storage = |source| ProjectionError::Storage { projection: R::NAME.to_owned(), source };
        Tables::check(R::NAME, R::VERSION, R::TABLES).map_err(|error| setup(error.into()))?;
        let mut client = self.client().await.map_err(storage)?;
        let (schema, registry) = self.registry(&client).await.map_err(storage)?;
        if !registry.is_current(&client).await.map_err(engine).map_err(storage)? {
            create_registry(client, &schema).await.map_err(|error| setup(error.into()))?;
            client = self.client().await.map_err(storage)?;
        }
        let own_database = database_id(&client).await.map_err(engine).map_err(storage)?;
        drop(client);
        let tables = Tables::new(R::TABLES, R::VERSION, schema);
        let site = Site {
            pool: self.pool.clone(),
            registry: Arc::new(registry),
            projection,
            tables,
            refused_swaps: AtomicU32::new(0),
        };
        let version = site.set_up(log_id).await.map_err(|error| setup(error.into_source()))?;
        let same_database = own_database.is_some_and(|own| database_of(log_id) == Some(&*own));
        Ok((site, version, same_database))
    }

    /// Returns the status of each version of each read model in the schema, ordered by name and version. The positions
    /// are the stored checkpoints. The state is always [`NotRunning`](super::ProjectionState::NotRunning), even if a
    /// process runs the projection. The lag is the distance to the end of `log`.
    ///
    /// # Errors
    /// A [`StorageError`] if the database or the end of `log` cannot be read.
    pub async fn versions(&self, log: &impl EventLog) -> Result<Vec<ProjectionStatus>, StorageError> {
        let end = log.end().await?;
        Ok(ReadModelRegistry::versions(self).await?.into_iter().map(|version| version.into_status(&end)).collect())
    }

    /// Returns a handle for a read model, in the version that readers use. `log` is the log from which the read model
    /// is built. See [`LiveReadModel`].
    pub fn live(&self, name: impl Into<String>, log: impl EventLog) -> LiveReadModel {
        castore_projection::engine::live(name, self.clone(), log)
    }

    /// Returns the aggregates that are parked in a version of a read model, ordered by the position of their next
    /// event. [`RunningProjection::retry_parked`] applies their events.
    ///
    /// # Errors
    /// A [`StorageError`] if the database cannot be read.
    pub async fn parked(&self, name: &str, version: u32) -> Result<Vec<ParkedProjectionAggregate>, StorageError> {
        let Some((client, _, registry)) = self.existing().await? else { return Ok(Vec::new()) };
        registry.parked(&client, name, version).await.map_err(engine)
    }

    async fn client(&self) -> Result<Client, StorageError> {
        self.pool.get().await.map_err(StorageError::engine)
    }

    /// Returns the quoted schema and its registry.
    async fn registry(&self, client: &Client) -> Result<(Arc<str>, Registry), StorageError> {
        let schema = match &self.schema {
            Some(schema) => schema.clone(),
            None => {
                let rows = query_once(client, "SELECT current_schema()::text", &[]).await.map_err(engine)?;
                rows.first().and_then(|row| row.try_get(0).ok().flatten()).ok_or_else(|| {
                    StorageError::engine(PostgresError::text(
                        "no schema of the search path exists; set an existing schema with `schema`",
                    ))
                })?
            }
        };
        let schema: Arc<str> = Identifier::new("schema", &schema).map_err(StorageError::engine)?.quoted().into();
        let registry = Registry::new(&schema, self.statements);
        Ok((schema, registry))
    }

    /// Returns a connection, the quoted schema and its registry, or `None` if no read model exists yet.
    pub(super) async fn existing(&self) -> Result<Option<(Client, Arc<str>, Registry)>, StorageError> {
        let client = self.client().await?;
        let (schema, registry) = self.registry(&client).await?;
        if !registry.exists(&client).await.map_err(engine)? {
            return Ok(None);
        }
        if registry.is_current(&client).await.map_err(engine)? {
            return Ok(Some((client, schema, registry)));
        }
        create_registry(client, &schema).await.map_err(StorageError::engine)?;
        Ok(Some((self.client().await?, schema, registry)))
    }
}

impl<P> fmt::Debug for PostgresReadModels<P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PostgresReadModels").field("schema", &self.schema).finish_non_exhaustive()
    }
}

/// Creates the missing tables of the registry.
async fn create_registry(client: Client, schema: &str) -> Result<(), SchemaError> {
    create_tables(client, schema, &registry::create(schema), "the tables of read models", Patience::default()).await
}

pub(super) fn engine(error: DriverError) -> StorageError {
    StorageError::engine(PostgresError::from(error))
}
