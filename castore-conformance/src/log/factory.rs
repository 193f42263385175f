use std::any::Any;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use castore_core::log::EventLog;
use castore_core::storage::EventStorageAdapter;

use super::LogCapabilities;
use crate::storage::Capabilities;

/// A factory of the event logs to test, implemented by the author of an adapter.
#[async_trait]
pub trait LogFactory: Send + Sync {
    /// Creates a new, empty storage and its log. Tests run concurrently, so the storage must be independent of all
    /// others.
    async fn fresh(&self) -> FreshLog;

    /// Returns the capabilities of the storage. They must be the same as for
    /// [`storage_conformance!`](crate::storage_conformance). Defaults to [`Capabilities::full`].
    fn capabilities(&self) -> Capabilities {
        Capabilities::full()
    }

    /// Returns the capabilities of the log. Defaults to [`LogCapabilities::full`].
    fn log_capabilities(&self) -> LogCapabilities {
        LogCapabilities::full()
    }
}

/// A handle to a storage and to its log.
#[derive(Debug, Clone)]
pub struct LogHandle {
    /// The storage to which events are pushed.
    pub storage: Arc<dyn EventStorageAdapter>,
    /// The log from which events are read.
    pub log: Arc<dyn EventLog>,
}

impl LogHandle {
    /// Creates a handle from an adapter that is both the storage and the log.
    pub fn new(adapter: impl EventStorageAdapter + EventLog) -> Self {
        let adapter = Arc::new(adapter);
        Self { storage: adapter.clone(), log: adapter }
    }
}

type Open = dyn Fn() -> Pin<Box<dyn Future<Output = LogHandle> + Send>> + Send + Sync;

/// A log for one test, together with the resources that it needs.
pub struct FreshLog {
    // Declared before `kept`, so that the adapter closes its files before their directory is removed.
    handle: LogHandle,
    open: Option<Box<Open>>,
    kept: Vec<Box<dyn Any + Send + Sync>>,
}

impl FreshLog {
    /// Creates a `FreshLog` from an adapter that is both the storage and the log.
    pub fn new(adapter: impl EventStorageAdapter + EventLog) -> Self {
        Self::from_handle(LogHandle::new(adapter))
    }

    /// Creates a `FreshLog` from a storage adapter and a log that are separate types.
    pub fn from_handle(handle: LogHandle) -> Self {
        Self { handle, open: None, kept: Vec::new() }
    }

    /// Adds a guard that is kept until the end of the test, for example a temporary directory, or a guard that drops a
    /// table.
    #[must_use]
    pub fn keeping(mut self, guard: impl Any + Send + Sync) -> Self {
        self.kept.push(Box::new(guard));
        self
    }

    /// Sets a function that opens the same storage again while the first handle is open, as another process would do.
    /// The two handles must share only the stored data, and no connections. Without this function, the kit uses the
    /// first handle twice.
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
