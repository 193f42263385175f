use std::any::Any;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use castore_core::log::LogId;
use castore_core::relay::RelayStorageAdapter;

/// A factory of the relay storages to test, implemented by the author of an adapter.
#[async_trait]
pub trait RelayStorageFactory: Send + Sync {
    /// Creates a new storage without relays. Tests run concurrently, so the storage must be independent of all others.
    async fn fresh(&self) -> FreshRelayStorage;
}

type Open = dyn Fn() -> Pin<Box<dyn Future<Output = Arc<dyn RelayStorageAdapter>> + Send>> + Send + Sync;

/// A relay storage for one test, together with the resources that it needs.
pub struct FreshRelayStorage {
    // Declared before `kept`, so that the adapter closes its files before their directory is removed.
    adapter: Arc<dyn RelayStorageAdapter>,
    open: Option<Box<Open>>,
    kept_with: Option<LogId>,
    kept: Vec<Box<dyn Any + Send + Sync>>,
}

impl FreshRelayStorage {
    /// Creates a `FreshRelayStorage` from an adapter. If the adapter does not keep the storage alive, add a guard with
    /// [`keeping`](Self::keeping).
    pub fn new(adapter: impl RelayStorageAdapter) -> Self {
        Self::from_dyn(Arc::new(adapter))
    }

    /// Creates a `FreshRelayStorage` from an adapter whose type is already erased.
    pub fn from_dyn(adapter: Arc<dyn RelayStorageAdapter>) -> Self {
        Self { adapter, open: None, kept_with: None, kept: Vec::new() }
    }

    /// Adds a guard that is kept until the end of the test, for example a temporary directory, or a guard that drops a
    /// table.
    #[must_use]
    pub fn keeping(mut self, guard: impl Any + Send + Sync) -> Self {
        self.kept.push(Box::new(guard));
        self
    }

    /// Sets a function that opens the same storage while the first handle is open, as another process would do. Without
    /// this function, the kit uses the first handle twice.
    #[must_use]
    pub fn another_handle<F, R>(mut self, open: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = Arc<dyn RelayStorageAdapter>> + Send + 'static,
    {
        self.open = Some(Box::new(move || Box::pin(open())));
        self
    }

    /// Sets the id of the only log that shares a database with the storage. Without this id, the kit checks only that
    /// `shares_database_with` returns the same result through every handle.
    #[must_use]
    pub fn kept_with(mut self, log_id: LogId) -> Self {
        self.kept_with = Some(log_id);
        self
    }

    pub(crate) fn adapter(&self) -> Arc<dyn RelayStorageAdapter> {
        self.adapter.clone()
    }

    pub(crate) fn log_id(&self) -> Option<&LogId> {
        self.kept_with.as_ref()
    }

    pub(crate) async fn another(&self) -> Arc<dyn RelayStorageAdapter> {
        match &self.open {
            Some(open) => open().await,
            None => self.adapter.clone(),
        }
    }
}

impl fmt::Debug for FreshRelayStorage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("FreshRelayStorage")
            .field("adapter", &self.adapter)
            .field("other_handles", &self.open.is_some())
            .field("kept_with", &self.kept_with)
            .finish_non_exhaustive()
    }
}
