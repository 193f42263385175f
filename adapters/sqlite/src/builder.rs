use std::path::PathBuf;
use std::time::Duration;

use crate::{OpenError, SqliteEventStorageAdapter};

/// What a push that returned survives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Synchronous {
    /// A power failure: every commit is flushed to the disk.
    #[default]
    Full,
    /// The end of the process, also a violent one; but a power failure may take back the last pushes. The file
    /// stays sound. Many times faster for a single caller.
    Normal,
}

/// Where the events are.
#[derive(Debug, Clone)]
pub(crate) enum Location {
    File(PathBuf),
    Memory,
}

/// Opens a [`SqliteEventStorageAdapter`] with other than the default options.
#[derive(Debug, Clone)]
#[must_use = "nothing is opened before `open`"]
pub struct Builder {
    pub(crate) location: Location,
    pub(crate) synchronous: Synchronous,
    pub(crate) busy_timeout: Duration,
    pub(crate) readers: usize,
}

impl Builder {
    pub(crate) fn new(location: Location) -> Self {
        Self { location, synchronous: Synchronous::default(), busy_timeout: Duration::from_secs(5), readers: 2 }
    }

    /// What a push that returned survives. [`Synchronous::Full`] by default.
    pub fn synchronous(mut self, synchronous: Synchronous) -> Self {
        self.synchronous = synchronous;
        self
    }

    /// How long to wait while a projection, another adapter or another process writes. 5 seconds by default.
    pub fn busy_timeout(mut self, busy_timeout: Duration) -> Self {
        self.busy_timeout = busy_timeout;
        self
    }

    /// How many threads read, each with a connection of its own: so many reads make progress at a time, others wait.
    /// 2 by default, at least 1.
    ///
    /// A database in memory always has one.
    pub fn readers(mut self, readers: usize) -> Self {
        self.readers = readers.max(1);
        self
    }

    /// Opens the file; creates it if there is none, in a folder that exists.
    ///
    /// A file that an earlier version of this crate wrote is migrated.
    ///
    /// # Errors
    /// See the variants of [`OpenError`]. What cannot be opened is not changed.
    pub async fn open(self) -> Result<SqliteEventStorageAdapter, OpenError> {
        SqliteEventStorageAdapter::start(self).await
    }
}
