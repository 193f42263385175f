use std::any::Any;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use castore_core::snapshot::SnapshotAdapter;

use crate::storage::Capabilities;

/// A factory of the snapshot adapters to test, implemented by the author of an adapter.
#[async_trait]
pub trait SnapshotFactory: Send + Sync {
    /// Creates a new, empty storage. Tests run concurrently, so the storage must be independent of all others.
    async fn fresh(&self) -> FreshSnapshots;

    /// Returns the capabilities of the storage. Defaults to [`Capabilities::full`]. The tests of snapshots use only
    /// these capabilities: aggregate ids, the maximum version, NUL and lone surrogates in JSON, wide numbers, and the
    /// maximum length of payloads, which applies to states. States are always compared by value, never by text.
    fn capabilities(&self) -> Capabilities {
        Capabilities::full()
    }
}

type Open = dyn Fn() -> Pin<Box<dyn Future<Output = Arc<dyn SnapshotAdapter>> + Send>> + Send + Sync;

/// A snapshot storage for one test, together with the resources that it needs.
pub struct FreshSnapshots {
    // Declared before `kept`, so that the adapter closes its files before their directory is removed.
    adapter: Arc<dyn SnapshotAdapter>,
    open: Option<Box<Open>>,
    kept: Vec<Box<dyn Any + Send + Sync>>,
}

impl FreshSnapshots {
    /// Creates a `FreshSnapshots` from an adapter. If the adapter does not keep the storage alive, add a guard with
    /// [`keeping`](Self::keeping).
    pub fn new(adapter: impl SnapshotAdapter) -> Self {
        Self::from_dyn(Arc::new(adapter))
    }

    /// Creates a `FreshSnapshots` from an adapter whose type is already erased.
    pub fn from_dyn(adapter: Arc<dyn SnapshotAdapter>) -> Self {
        Self { adapter, open: None, kept: Vec::new() }
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
        R: Future<Output = Arc<dyn SnapshotAdapter>> + Send + 'static,
    {
        self.open = Some(Box::new(move || Box::pin(open())));
        self
    }

    pub(crate) fn adapter(&self) -> Arc<dyn SnapshotAdapter> {
        self.adapter.clone()
    }

    pub(crate) async fn another(&self) -> Arc<dyn SnapshotAdapter> {
        match &self.open {
            Some(open) => open().await,
            None => self.adapter.clone(),
        }
    }
}

impl fmt::Debug for FreshSnapshots {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("FreshSnapshots")
            .field("adapter", &self.adapter)
            .field("other_handles", &self.open.is_some())
            .finish_non_exhaustive()
    }
}
