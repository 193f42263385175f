use std::path::PathBuf;
use std::time::Duration;

/// The durability of a successful push.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Synchronous {
    /// A push survives a power failure: every commit is flushed to the disk.
    #[default]
    Full,
    /// A push survives the end of the process, including a crash, but a power failure may undo the last pushes. The
    /// file stays consistent. For a single caller, pushes are many times faster than with `Full`.
    Normal,
}

/// The location of a database.
#[derive(Debug, Clone)]
pub(crate) enum Location {
    File(PathBuf),
    Memory,
}

/// The options for opening an adapter.
#[derive(Debug, Clone)]
pub(crate) struct OpenOptions {
    pub(crate) location: Location,
    pub(crate) synchronous: Synchronous,
    pub(crate) busy_timeout: Duration,
    pub(crate) readers: usize,
}
