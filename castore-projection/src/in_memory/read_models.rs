use std::any::Any;
use std::fmt;
use std::sync::Arc;

use castore_core::future::BoxFuture;
use castore_core::log::{EventLog, LogId};
use castore_core::storage::StorageError;
use castore_runtime::in_memory::InMemoryEventStorageAdapter;

use super::InMemoryProjection;
use super::state::{Kept, State, live};
use super::store::InMemoryStore;
use crate::engine::{self, ReadModelRegistry, ReadModelStore, ReadModelVersion, check_names};
use crate::{
    LiveReadModel, ParkedProjectionAggregate, ProjectionError, ProjectionOptions, ProjectionRequest, ProjectionStatus,
    RunningProjection, StartProjection,
};

/// A set of in-memory read models. Clones share the set.
///
/// The read models behave like read models in a database. Each event is applied exactly once. A new version is built
/// while readers still use the old version. The changes of a failed page are discarded. The read models exist only in
/// memory, so they are lost when the process ends.
#[derive(Clone, Default)]
pub struct InMemoryReadModels {
    state: Arc<State>,
    /// The storage that keeps the state, if any.
    storage: Option<InMemoryEventStorageAdapter>,
}

impl InMemoryReadModels {
    /// Creates an empty set of read models, for a log in another storage.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the set of read models that a storage keeps together with its events. All calls with clones of one
    /// adapter return the same set.
    pub fn in_storage(storage: &InMemoryEventStorageAdapter) -> Self {
        Self { state: storage.extension(), storage: Some(storage.clone()) }
    }

    /// Returns a future that starts a projection from the checkpoint of its version, or from the beginning of the log
    /// if the version is new. Await the future within a tokio runtime. The projection runs until it fails, it is shut
    /// down, or its last handle is dropped.
    ///
    /// # Errors
    /// [`ProjectionError::Setup`] if the name or the version is invalid, or if the same version was started with
    /// another model. [`ProjectionError::InvalidOption`] if an option is invalid. [`ProjectionError::OtherLog`] if the
    /// version was built from another log. [`ProjectionError::LogTakenBack`] or [`ProjectionError::LogReplaced`] if the
    /// log was restored or replaced. [`ProjectionError::Storage`] if the log cannot be read.
    pub fn start<P: InMemoryProjection>(
        &self,
        projection: P,
        log: impl EventLog,
        options: ProjectionOptions,
    ) -> StartProjection {
        let models = self.clone();
        StartProjection::new(async move { models.started(projection, log, options).await })
    }

    async fn started<P: InMemoryProjection>(
        &self,
        projection: P,
        log: impl EventLog,
        options: ProjectionOptions,
    ) -> Result<RunningProjection, ProjectionError> {
        let storage = |source| ProjectionError::Storage { projection: P::NAME.to_owned(), source };
        let log_id = log.log_id().await.map_err(storage)?;
        let own_log = match &self.storage {
            Some(storage_of_models) => Some(storage_of_models.log_id().await.map_err(storage)?),
            None => None,
        };
        let same_database = own_log.as_ref() == Some(&log_id);
        let version = self.register::<P>(&log_id)?;
        let filter = projection.filter();
        let store = self.store(projection);
        engine::start(store, version, log, log_id, same_database, filter, options).await
    }

    /// Opens the store of a version, and registers the version if it is new. This method is for the conformance kit.
    #[doc(hidden)]
    pub async fn __store<P: InMemoryProjection>(
        &self,
        projection: P,
        log_id: &LogId,
    ) -> Result<impl ReadModelStore + use<P>, ProjectionError> {
        self.register::<P>(log_id)?;
        Ok(self.store(projection))
    }

    pub(crate) fn store<P: InMemoryProjection>(&self, projection: P) -> InMemoryStore<P> {
        InMemoryStore::new(Arc::clone(&self.state), projection)
    }

    /// Adds the version if it is new, and returns its registry entry.
    pub(crate) fn register<P: InMemoryProjection>(&self, log_id: &LogId) -> Result<ReadModelVersion, ProjectionError> {
        let setup = |text: String| ProjectionError::Setup { projection: P::NAME.to_owned(), source: text.into() };
        check_names(P::NAME, P::VERSION, &[P::NAME], |_| None).map_err(setup)?;
        // The model is created outside of the lock, because `default` and `drop` of a model are user code.
        let empty: Arc<dyn Any + Send + Sync> = Arc::new(P::Model::default());
        let mut versions = self.state.lock();
        // The first version is in use immediately, since there is no other version.
        let is_first = live(&mut versions, P::NAME).is_none();
        let kept = versions
            .entry((P::NAME.to_owned(), P::VERSION))
            .or_insert_with(|| Kept::new(P::NAME, P::VERSION, log_id.clone(), is_first, Arc::clone(&empty)));
        if !kept.model.is::<P::Model>() {
            let text = format!("version {} was started with another type of model; raise the version", P::VERSION);
            return Err(setup(text));
        }
        Ok(kept.reported())
    }

    /// Returns the model of the version that readers use. Returns `None` if no version was started, or if the version
    /// in use has another model type than `P`.
    pub fn get<P: InMemoryProjection>(&self) -> Option<Arc<P::Model>> {
        let model = live(&mut self.state.lock(), P::NAME).map(|kept| Arc::clone(&kept.model));
        model?.downcast().ok()
    }

    /// Returns the status of all versions of all read models, sorted by name and version. The state is always
    /// [`NotRunning`](crate::ProjectionState::NotRunning). To get the state of a running projection, use its handle.
    ///
    /// # Errors
    /// [`StorageError`] if the end of the log cannot be read.
    pub async fn versions(&self, log: &impl EventLog) -> Result<Vec<ProjectionStatus>, StorageError> {
        let end = log.end().await?;
        Ok(self.state.lock().values().map(|kept| kept.reported().into_status(&end)).collect())
    }

    /// Returns a handle for the version of a read model that readers use. `log` must be the log from which the read
    /// model is built. See [`LiveReadModel`].
    pub fn live(&self, name: impl Into<String>, log: impl EventLog) -> LiveReadModel {
        engine::live(name, self.clone(), log)
    }

    /// Returns the parked aggregates of a version of a read model, sorted by position.
    pub fn parked(&self, name: &str, version: u32) -> Vec<ParkedProjectionAggregate> {
        let versions = self.state.lock();
        let kept = versions.get(&(name.to_owned(), version));
        let mut parked: Vec<_> = kept.into_iter().flat_map(|kept| kept.parked.values().cloned()).collect();
        parked.sort_by_key(|parked| parked.next_position);
        parked
    }

    /// Drops a version that readers do not use. A projection of that version stops. Returns whether the version
    /// existed.
    ///
    /// # Errors
    /// [`ProjectionError::Setup`] if readers use the version.
    pub fn drop_version(&self, name: &str, version: u32) -> Result<bool, ProjectionError> {
        let mut versions = self.state.lock();
        let key = (name.to_owned(), version);
        if versions.get(&key).is_some_and(|kept| kept.version.live) {
            return Err(engine::version_in_use(name, version));
        }
        let dropped = versions.remove(&key);
        drop(versions);
        // `dropped` is freed here, outside of the lock, because `drop` of the model is user code.
        Ok(dropped.is_some())
    }
}

impl ReadModelRegistry for InMemoryReadModels {
    fn versions(&self) -> BoxFuture<'_, Result<Vec<ReadModelVersion>, StorageError>> {
        let versions = self.state.lock().values().map(|kept| kept.reported()).collect();
        Box::pin(std::future::ready(Ok(versions)))
    }

    fn parked<'a>(
        &'a self,
        name: &'a str,
        version: u32,
    ) -> BoxFuture<'a, Result<Vec<ParkedProjectionAggregate>, StorageError>> {
        Box::pin(std::future::ready(Ok(self.parked(name, version))))
    }

    fn requests<'a>(
        &'a self,
        name: &'a str,
        version: u32,
    ) -> BoxFuture<'a, Result<Vec<ProjectionRequest>, StorageError>> {
        let versions = self.state.lock();
        let kept = versions.get(&(name.to_owned(), version));
        let requests = kept.into_iter().flat_map(|kept| kept.requests.iter().cloned()).collect();
        Box::pin(std::future::ready(Ok(requests)))
    }

    fn request<'a>(
        &'a self,
        name: &'a str,
        version: u32,
        request: ProjectionRequest,
    ) -> BoxFuture<'a, Result<bool, StorageError>> {
        let stored = self.state.lock().get_mut(&(name.to_owned(), version)).is_some_and(|kept| kept.ask(request));
        Box::pin(std::future::ready(Ok(stored)))
    }

    fn drop_version<'a>(&'a self, name: &'a str, version: u32) -> BoxFuture<'a, Result<bool, ProjectionError>> {
        Box::pin(std::future::ready(self.drop_version(name, version)))
    }
}

impl fmt::Debug for InMemoryReadModels {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let versions: Vec<_> = self.state.lock().keys().cloned().collect();
        formatter.debug_struct("InMemoryReadModels").field("versions", &versions).finish()
    }
}
