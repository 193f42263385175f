use std::any::Any;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use castore_core::log::EventLog;
use castore_core::storage::EventStorageAdapter;

use super::LogCapabilities;
use crate::storage::Capabilities;

/// Makes the event logs that the kit tests: what an adapter's author writes to use the kit.
#[async_trait]
pub trait LogFactory: Send + Sync {
    /// A new storage without any event, and its log, independent of all others. Tests run at the same time.
    async fn fresh(&self) -> FreshLog;

    /// What the storage can do: everything, unless said otherwise here. The same as for
    /// [`storage_conformance!`](crate::storage_conformance).
    fn capabilities(&self) -> Capabilities {
        Capabilities::full()
    }

    /// What the log can do: everything, unless said otherwise here.
    fn log_capabilities(&self) -> LogCapabilities {
        LogCapabilities::full()
    }
}

/// One way to a storage and to its log.
#[derive(Debug, Clone)]
pub struct LogHandle {
    /// Where events are pushed.
    pub storage: Arc<dyn EventStorageAdapter>,
    /// Where they are read.
    pub log: Arc<dyn EventLog>,
}

impl LogHandle {
    /// An adapter that is both.
    pub fn new(adapter: impl EventStorageAdapter + EventLog) -> Self {
        let adapter = Arc::new(adapter);
        Self { storage: adapter.clone(), log: adapter }
    }
}

type Open = dyn Fn() -> Pin<Box<dyn Future<Output = LogHandle> + Send>> + Send + Sync;

/// A log made for one test, with what keeps it alive.
pub struct FreshLog {
    // Before `kept`: the adapter closes its files before their directory is removed.
    handle: LogHandle,
    open: Option<Box<Open>>,
    kept: Vec<Box<dyn Any + Send + Sync>>,
}

impl FreshLog {
    /// A storage adapter that is also the log of its storage.
    pub fn new(adapter: impl EventStorageAdapter + EventLog) -> Self {
        Self::from_handle(LogHandle::new(adapter))
    }

    /// The same for a storage adapter and a log that are two.
    pub fn from_handle(handle: LogHandle) -> Self {
        Self { handle, open: None, kept: Vec::new() }
    }

    /// Keeps something until the test is over: a temporary directory, a guard that drops a table.
    #[must_use]
    pub fn keeping(mut self, guard: impl Any + Send + Sync) -> Self {
        self.kept.push(Box::new(guard));
        self
    }

    /// Says how another process would open the same storage, while the first handle is open: with connections of its
    /// own, and nothing shared but the storage. Without it the kit uses the first handle for both.
    #[must_use]
    pub fn another_handle<F, R>(mut self, open: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = LogHandle> + Send + 'static,
    {
        self.open = Some(Box::new(move || Box::pin(open())));
        self
    }

    pub(crate) fn handle(&self) -> &LogHandle {
        &self.handle
    }

    pub(crate) async fn another(&self) -> LogHandle {
        match &self.open {
            Some(open) => open().await,
            None => self.handle.clone(),
        }
    }
}

impl fmt::Debug for FreshLog {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("FreshLog")
            .field("handle", &self.handle)
            .field("other_handles", &self.open.is_some())
            .finish_non_exhaustive()
    }
}
