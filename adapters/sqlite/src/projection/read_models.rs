use std::path::{Path, PathBuf};
use std::sync::Arc;

use castore_core::log::{EventLog, LogId};
use castore_core::storage::StorageError;
use castore_projection::engine::{self, DatabaseError, ReadModelRegistry, ReadModelStore, ReadModelVersion};
use castore_projection::{LiveReadModel, StartProjection};
use rusqlite::{Connection, OptionalExtension};

use super::worker::{Site, Worker};
use super::{
    ParkedProjectionAggregate, ProjectionError, ProjectionOptions, ProjectionStatus, RunningProjection,
    SqliteProjection, Tables, parked, registry,
};
use crate::errors::{OpenError, read_error};
use crate::fair_lock::FairLock;
use crate::options::Location;
use crate::{SqliteEventStorageAdapter, open};

/// An SQLite database that stores read models: the file of the events, or any other file. Clones share the database.
///
/// In the file of the events, read models are backed up and restored together with the events. In a separate file, they
/// do not compete with pushes for the write lock. As with every SQLite database, the file must not be on a network
/// drive.
///
/// For the file of the events, use the adapter's method [`SqliteEventStorageAdapter::read_models`], so that a fair lock
/// serves pushes and projections in order. If you open the file by its path instead, projections poll until the file is
/// unlocked, about every millisecond or more often. They also poll while another adapter or process writes to the file.
#[derive(Debug, Clone)]
pub struct SqliteReadModels {
    path: Arc<Path>,
    /// The fair lock, which is shared with the adapter of the events if the adapter returned these read models.
    pub(super) fair_lock: Arc<FairLock>,
}

impl SqliteEventStorageAdapter {
    /// Returns the read models in the file of the events.
    ///
    /// # Errors
    /// [`OpenError::InMemory`] if the events are in memory, where other connections cannot access them;
    /// [`OpenError::Engine`] if the current folder no longer exists.
    pub fn read_models(&self) -> Result<SqliteReadModels, OpenError> {
        match self.location() {
            Location::File(path) => {
                let path = absolute(path)?;
                let fair_lock = Arc::clone(self.writer().fair_lock());
                Ok(SqliteReadModels { path: Arc::from(path), fair_lock })
            }
            Location::Memory => Err(OpenError::InMemory),
        }
    }
}

impl SqliteReadModels {
    /// Opens a database file, or creates the file in an existing folder. The file may be a database that contains other
    /// tables.
    ///
    /// # Errors
    /// All variants of [`OpenError`] except [`ForeignDatabase`](OpenError::ForeignDatabase),
    /// [`NewerSchema`](OpenError::NewerSchema) and [`InMemory`](OpenError::InMemory).
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        let path = path.as_ref().to_owned();
        let opened = tokio::task::spawn_blocking(move || {
            let path = absolute(&path)?;
            open::open_read_models(&path)?;
            Ok(Self { path: Arc::from(path), fair_lock: Arc::default() })
        });
        opened.await.unwrap_or_else(|error| Err(OpenError::Thread(std::io::Error::other(error))))
    }

    /// Starts a projection at the checkpoint of its version, or at the beginning of the log if the version is new. The
    /// projection starts when the returned future is awaited, which requires a tokio runtime. The projection runs until
    /// it is shut down, its [`RunningProjection`] is dropped, or an error stops it.
    ///
    /// # Errors
    /// The future returns all variants of [`ProjectionError`] except [`Handler`](ProjectionError::Handler) and
    /// [`Decode`](ProjectionError::Decode), which the methods of [`RunningProjection`] report.
    pub fn start<P: SqliteProjection>(
        &self,
        projection: P,
        log: impl EventLog,
        options: ProjectionOptions,
    ) -> StartProjection {
        let models = self.clone();
        StartProjection::new(async move { models.started(projection, log, options).await })
    }

    async fn started<P: SqliteProjection>(
        &self,
        projection: P,
        log: impl EventLog,
        options: ProjectionOptions,
    ) -> Result<RunningProjection, ProjectionError> {
        let filter = projection.filter();
        let log_id = log.log_id().await.map_err(|source| {
            let projection = P::NAME.to_owned();
            ProjectionError::Storage { projection, source }
        })?;
        let (store, version, same_database) = self.open_store(projection, &log_id).await?;
        engine::start(store, version, log, log_id, same_database, filter, options).await
    }

    /// Opens the store of a version, for the conformance kit.
    #[doc(hidden)]
    pub async fn __store<P: SqliteProjection>(
        &self,
        projection: P,
        log_id: &LogId,
    ) -> Result<impl ReadModelStore + use<P>, ProjectionError> {
        Ok(self.open_store(projection, log_id).await?.0)
    }

    /// Opens the store of a version, and registers the version if it is new. Also returns whether the log is in the
    /// same database.
    async fn open_store<P: SqliteProjection>(
        &self,
        projection: P,
        log_id: &LogId,
    ) -> Result<(Worker<P>, ReadModelVersion, bool), ProjectionError> {
        let setup = |source: Box<dyn std::error::Error + Send + Sync>| ProjectionError::Setup {
            projection: P::NAME.to_owned(),
            source,
        };
        let tables = Tables::new(P::NAME, P::VERSION, P::TABLES).map_err(|error| setup(error.into()))?;
        let path = Arc::clone(&self.path);
        let connect = move || open::open_read_models(&path);
        let connection = tokio::task::spawn_blocking(connect).await.map_err(|error| setup(error.into()))?;
        let (connection, file) = connection.map_err(|error| setup(error.into()))?;
        let site = Site { connection, file, projection, tables, fair_lock: Arc::clone(&self.fair_lock) };
        let worker = Worker::start(site).map_err(|error| setup(error.into()))?;
        let log_id = log_id.clone();
        let set_up = worker.call(move |site| {
            let version = site.set_up(&log_id)?;
            Ok::<_, DatabaseError>((version, site.own_log()?.is_some_and(|own| own == log_id)))
        });
        let (version, same_database) = set_up.await.map_err(|error| setup(error.into()))?.map_err(setup)?;
        Ok((worker, version, same_database))
    }

    /// Returns the status of each version of each read model in the database, ordered by name and version. The
    /// positions are the stored checkpoints, regardless of the process that runs a projection. The state is always
    /// [`NotRunning`](super::ProjectionState::NotRunning). The lag is the distance to the end of `log`.
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
        engine::live(name, self.clone(), log)
    }

    /// Returns the aggregates that are parked in a version of a read model, ordered by the position of their next
    /// event. [`RunningProjection::retry_parked`] applies their events.
    ///
    /// # Errors
    /// A [`StorageError`] if the database cannot be read.
    pub async fn parked(&self, name: &str, version: u32) -> Result<Vec<ParkedProjectionAggregate>, StorageError> {
        let name = name.to_owned();
        let parked = self.with(move |connection| parked::all(connection, &name, version).map_err(read_error)).await;
        Ok(parked?.unwrap_or_default())
    }

    /// Calls `act` with a new connection. Returns `None` if no read model was ever created in the database.
    pub(super) async fn with<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Connection) -> Result<T, StorageError> + Send + 'static,
    ) -> Result<Option<T>, StorageError> {
        let path = Arc::clone(&self.path);
        let done = tokio::task::spawn_blocking(move || {
            let (mut connection, _) = open::open_read_models(&path).map_err(StorageError::engine)?;
            if !registry::exists(&connection).map_err(read_error)? {
                return Ok(None);
            }
            // An earlier version of this crate may have created the registry without its newest column.
            registry::create(&connection).map_err(read_error)?;
            act(&mut connection).map(Some)
        });
        done.await.unwrap_or_else(|error| Err(StorageError::engine(error)))
    }
}

/// Converts a path to an absolute path, so that later changes of the current directory have no effect.
fn absolute(path: &Path) -> Result<PathBuf, OpenError> {
    std::path::absolute(path).map_err(|source| OpenError::Engine { path: path.to_owned(), source: source.into() })
}

impl<P: SqliteProjection> Site<P> {
    /// Returns the id of the log in the same database, if there is one.
    fn own_log(&self) -> rusqlite::Result<Option<LogId>> {
        let is_there: bool = self.connection.query_row(
            "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'castore_meta')",
            [],
            |row| row.get(0),
        )?;
        if !is_there {
            return Ok(None);
        }
        let id: Option<String> = self
            .connection
            .query_row("SELECT value FROM castore_meta WHERE name = 'log_id'", [], |row| row.get(0))
            .optional()?;
        Ok(id.map(|id| crate::log::id_of(&id)))
    }
}
