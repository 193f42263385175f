use std::any::Any;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use castore_core::storage::EventStorageAdapter;

use super::Capabilities;

/// Makes the storages that the kit tests: what an adapter's author writes to use the kit.
#[async_trait]
pub trait StorageFactory: Send + Sync {
    /// A new storage without any event, independent of all others. Tests run at the same time.
    async fn fresh(&self) -> FreshStorage;

    /// What the storage can do: everything, unless said otherwise here.
    fn capabilities(&self) -> Capabilities {
        Capabilities::full()
    }
}

type Reopen = dyn Fn() -> Pin<Box<dyn Future<Output = Arc<dyn EventStorageAdapter>> + Send>> + Send + Sync;

/// A storage made for one test, with what keeps it alive.
pub struct FreshStorage {
    // Before `kept`: the adapter closes its files before their directory is removed.
    adapter: Option<Arc<dyn EventStorageAdapter>>,
    reopen: Option<Box<Reopen>>,
    kept: Vec<Box<dyn Any + Send + Sync>>,
}

impl FreshStorage {
    /// A storage that lives as long as its adapter.
    pub fn new(adapter: impl EventStorageAdapter) -> Self {
        Self::from_dyn(Arc::new(adapter))
    }

    /// The same for an adapter whose type is erased already.
    pub fn from_dyn(adapter: Arc<dyn EventStorageAdapter>) -> Self {
        Self { adapter: Some(adapter), reopen: None, kept: Vec::new() }
    }

    /// Keeps something until the test is over: a temporary directory, a guard that drops a table.
    #[must_use]
    pub fn keeping(mut self, guard: impl Any + Send + Sync) -> Self {
        self.kept.push(Box::new(guard));
        self
    }

    /// Says how the same storage is opened again, which makes it a durable one: the kit then tests that everything
    /// is still there. The first adapter is dropped before.
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

    /// Drops the adapter and opens the storage again; `None` if it cannot be.
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
