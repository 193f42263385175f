use std::path::Path;
use std::time::Duration;

use crate::options::{Location, OpenOptions, Synchronous};
use crate::{OpenError, SqliteEventStorageAdapter};

/// A builder for a [`SqliteEventStorageAdapter`] with non-default options.
#[derive(Debug, Clone)]
#[must_use = "nothing is opened before `open`"]
pub struct SqliteEventStorageAdapterBuilder(OpenOptions);

impl SqliteEventStorageAdapter {
    /// Opens a database file with the default options, or creates the file if it does not exist. See
    /// [`SqliteEventStorageAdapterBuilder::open`].
    ///
    /// # Errors
    /// All variants of [`OpenError`] except [`OpenError::InMemory`]. Some of the errors can occur
    /// after the file was created or migrated: see [`OpenError`].
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        Self::builder(path).open().await
    }

    /// Returns a builder for an adapter that opens a file with non-default options.
    pub fn builder(path: impl AsRef<Path>) -> SqliteEventStorageAdapterBuilder {
        SqliteEventStorageAdapterBuilder::new(Location::File(path.as_ref().to_owned()))
    }

    /// Opens a new, empty database in memory, which is dropped with the last clone of the adapter.
    ///
    /// All reads and writes share one connection. A read holds the connection until its visitor (a reducer, for
    /// example) has seen the last event, so a slow visitor delays all other reads and writes.
    ///
    /// # Errors
    /// [`OpenError::Thread`] and [`OpenError::Engine`].
    pub async fn open_in_memory() -> Result<Self, OpenError> {
        SqliteEventStorageAdapterBuilder::new(Location::Memory).open().await
    }
}

impl SqliteEventStorageAdapterBuilder {
    fn new(location: Location) -> Self {
        let (synchronous, busy_timeout, readers) = (Synchronous::default(), Duration::from_secs(5), 2);
        Self(OpenOptions { location, synchronous, busy_timeout, readers })
    }

    /// Sets the durability of a successful push. Defaults to [`Synchronous::Full`].
    pub fn synchronous(mut self, synchronous: Synchronous) -> Self {
        self.0.synchronous = synchronous;
        self
    }

    /// Sets the maximum time that a write waits while a projection, another adapter or another process writes. A write
    /// that waits longer fails. Defaults to 5 seconds.
    pub fn busy_timeout(mut self, busy_timeout: Duration) -> Self {
        self.0.busy_timeout = busy_timeout;
        self
    }

    /// Sets the number of reader threads. Each thread has its own connection, so this is also the maximum number of
    /// concurrent reads. Further reads wait for a free thread. Defaults to 2. The value 0 is treated as 1. A database
    /// in memory always has one reader thread.
    pub fn readers(mut self, readers: usize) -> Self {
        self.0.readers = readers.max(1);
        self
    }

    /// Opens the file, or creates it if it does not exist. The folder of the file must exist.
    ///
    /// If an earlier version of this crate wrote the file, its schema is migrated.
    ///
    /// # Errors
    /// All variants of [`OpenError`] except [`OpenError::InMemory`]. Some of the errors can occur
    /// after the file was created or migrated: see [`OpenError`].
    pub async fn open(self) -> Result<SqliteEventStorageAdapter, OpenError> {
        SqliteEventStorageAdapter::start(self.0).await
    }
}
