use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use castore_core::storage::StorageError;
use rusqlite::ErrorCode;

/// Why a database could not be opened. It was not changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The folder of the file does not exist.
    #[error("the folder of {} does not exist; create it first", path.display())]
    MissingFolder {
        /// The file that was to be opened.
        path: PathBuf,
    },
    /// The path leads to a folder, a device or the like.
    #[error("{} is not a file", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// The file holds something else.
    #[error("{} is not an SQLite database", path.display())]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// The file is an SQLite database, of another program.
    #[error(
        "{} is a database of another program (application id {application_id}); give events a file of their own",
        path.display()
    )]
    ForeignDatabase {
        /// The file.
        path: PathBuf,
        /// What its header says; 0 is what most programs leave there.
        application_id: i32,
    },
    /// A later version of this crate wrote the file.
    #[error(
        "{} has schema version {found}, this version of castore-sqlite knows {supported}; use a later one",
        path.display()
    )]
    NewerSchema {
        /// The file.
        path: PathBuf,
        /// Its schema version.
        found: i64,
        /// The latest that this version of the crate knows.
        supported: i64,
    },
    /// The file may be read, but not written.
    #[error("{} cannot be written", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// Another process kept the database locked for as long as the busy timeout.
    #[error("{} is locked by another process", path.display())]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// Events in memory have no file that read models could be in.
    #[error("events in memory have no file for read models; use `SqliteReadModels::open(path)`")]
    InMemory,
    /// A thread could not be started.
    #[error("cannot start a thread for the database: {0}")]
    Thread(#[source] io::Error),
    /// Anything else, as SQLite or the file system says it.
    #[error("cannot open {}: {source}", path.display())]
    Engine {
        /// The file.
        path: PathBuf,
        /// What failed.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// One failure that every push of a transaction is told of.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum EngineError {
    #[error("somebody else kept the database locked for longer than the busy timeout")]
    Busy(#[source] Arc<rusqlite::Error>),
    #[error(transparent)]
    Other(Arc<rusqlite::Error>),
}

impl EngineError {
    pub(crate) fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Busy(error) | Self::Other(error) => error.sqlite_error_code(),
        }
    }
}

impl From<rusqlite::Error> for EngineError {
    fn from(error: rusqlite::Error) -> Self {
        if is_busy(&error) { Self::Busy(Arc::new(error)) } else { Self::Other(Arc::new(error)) }
    }
}

/// What a reader is told when SQLite fails.
pub(crate) fn read_error(error: rusqlite::Error) -> StorageError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            StorageError::Corrupt { what: format!("the database file ({error})") }
        }
        _ => StorageError::engine(EngineError::from(error)),
    }
}

pub(crate) fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}
