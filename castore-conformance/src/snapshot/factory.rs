use std::any::Any;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use castore_core::snapshot::SnapshotAdapter;

use crate::storage::Capabilities;

/// Makes the snapshot adapters that the kit tests: what an adapter's author writes to use the kit.
#[async_trait]
pub trait SnapshotFactory: Send + Sync {
    /// A new storage without any snapshot, independent of all others. Tests run at the same time.
    async fn fresh(&self) -> FreshSnapshots;

    /// What the storage can do: everything, unless said otherwise here. Of snapshots count the ids of aggregates, the
    /// greatest version, NUL and lone surrogates in JSON, wide numbers, and the length of payloads, which is that of
    /// states. States are kept by value, never by text.
    fn capabilities(&self) -> Capabilities {
        Capabilities::full()
    }
}

type Open = dyn Fn() -> Pin<Box<dyn Future<Output = Arc<dyn SnapshotAdapter>> + Send>> + Send + Sync;

/// A storage of snapshots made for one test, with what keeps it alive.
pub struct FreshSnapshots {
    // Before `kept`: the adapter closes its files before their directory is removed.
    adapter: Arc<dyn SnapshotAdapter>,
    open: Option<Box<Open>>,
    kept: Vec<Box<dyn Any + Send + Sync>>,
}

impl FreshSnapshots {
    /// A storage that lives as long as its adapter.
    pub fn new(adapter: impl SnapshotAdapter) -> Self {
        Self::from_dyn(Arc::new(adapter))
    }

    /// The same for an adapter whose type is erased already.
    pub fn from_dyn(adapter: Arc<dyn SnapshotAdapter>) -> Self {
        Self { adapter, open: None, kept: Vec::new() }
    }

    /// Keeps something until the test is over: a temporary directory, a guard that drops a table.
    #[must_use]
    pub fn keeping(mut self, guard: impl Any + Send + Sync) -> Self {
        self.kept.push(Box::new(guard));
        self
    }

    /// Says how another process would open the same storage, while the first handle is open. Without it the kit uses
    /// the first handle for both.
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
