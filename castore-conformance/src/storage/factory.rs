use std::any::Any;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use castore_core::storage::EventStorageAdapter;

use super::Capabilities;

/// A factory of the storages to test, implemented by the author of an adapter.
#[async_trait]
pub trait StorageFactory: Send + Sync {
    /// Creates a new, empty storage. Tests run concurrently, so the storage must be independent of all others.
    async fn fresh(&self) -> FreshStorage;

    /// Returns the capabilities of the storage. Defaults to [`Capabilities::full`].
    fn capabilities(&self) -> Capabilities {
        Capabilities::full()
    }
}

type Reopen = dyn Fn() -> Pin<Box<dyn Future<Output = Arc<dyn EventStorageAdapter>> + Send>> + Send + Sync;

/// A storage for one test, together with the resources that it needs.
pub struct FreshStorage {
    // Declared before `kept`, so that the adapter closes its files before their directory is removed.
    adapter: Option<Arc<dyn EventStorageAdapter>>,
    reopen: Option<Box<Reopen>>,
    kept: Vec<Box<dyn Any + Send + Sync>>,
}

impl FreshStorage {
    /// Creates a `FreshStorage` from an adapter. If the adapter does not keep the storage alive, add a guard with
    /// [`keeping`](Self::keeping).
    pub fn new(adapter: impl EventStorageAdapter) -> Self {
        Self::from_dyn(Arc::new(adapter))
    }

    /// Creates a `FreshStorage` from an adapter whose type is already erased.
    pub fn from_dyn(adapter: Arc<dyn EventStorageAdapter>) -> Self {
        Self { adapter: Some(adapter), reopen: None, kept: Vec::new() }
    }

    /// Adds a guard that is kept until the end of the test, for example a temporary directory, or a guard that drops a
    /// table.
    #[must_use]
    pub fn keeping(mut self, guard: impl Any + Send + Sync) -> Self {
        self.kept.push(Box::new(guard));
        self
    }

    /// Declares the storage as durable, and sets a function that opens the storage again. The kit then tests that the
    /// reopened storage still has all data. The kit drops the first adapter before it calls `reopen`.
    #[must_use]
    pub fn reopened_by<F, R>(mut self, reopen: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = Arc<dyn EventStorageAdapter>> + Send + 'static,
    {
        self.reopen = Some(Box::new(move || Box::pin(reopen())));
        self
    }

    pub(crate) fn adapter(&self) -> Arc<dyn EventStorageAdapter> {
        self.adapter.clone().expect("the storage is open")
    }

    /// Drops the adapter and opens the storage again. Returns `None` if the storage is not durable.
    pub(crate) async fn reopen(&mut self) -> Option<Arc<dyn EventStorageAdapter>> {
        let reopen = self.reopen.as_ref()?;
        self.adapter = None;
        self.adapter = Some(reopen().await);
        self.adapter.clone()
    }
}

impl fmt::Debug for FreshStorage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("FreshStorage")
            .field("adapter", &self.adapter)
            .field("durable", &self.reopen.is_some())
            .finish_non_exhaustive()
    }
}
