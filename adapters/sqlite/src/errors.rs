use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::{fmt, io};

use castore_core::storage::StorageError;
use rusqlite::{ErrorCode, ffi};

use crate::open_file::{FileReplaced, is_replaced};

/// An error that occurred while a database was being opened. A file that is rejected as
/// [`NotADatabase`](Self::NotADatabase), [`ForeignDatabase`](Self::ForeignDatabase) or
/// [`NewerSchema`](Self::NewerSchema) is not changed. Any other error can occur after the file was created, switched to
/// a write-ahead log, or migrated to the current schema.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The folder of the file does not exist.
    #[error("the folder of {} does not exist; create it first", path.display())]
    MissingFolder {
        /// The path of the file.
        path: PathBuf,
    },
    /// The path leads to a folder, a device or something else that is not a regular file.
    #[error("{} is not a file; use the path of a database file", path.display())]
    NotAFile {
        /// The path that was to be opened.
        path: PathBuf,
    },
    /// The file is not an SQLite database.
    #[error("{} is not an SQLite database; use another file", path.display())]
    NotADatabase {
        /// The path of the file.
        path: PathBuf,
    },
    /// The file is an SQLite database of another program.
    #[error(
        "{} is a database of another program (application id {application_id}); use a separate file for events",
        path.display()
    )]
    ForeignDatabase {
        /// The path of the file.
        path: PathBuf,
        /// The application id in the header of the file. Most programs leave it at 0.
        application_id: i32,
    },
    /// A later version of this crate wrote the file.
    #[error(
        "{} has schema version {found}, but this version of castore-sqlite supports versions up to {supported}; use a later version of castore-sqlite",
        path.display()
    )]
    NewerSchema {
        /// The path of the file.
        path: PathBuf,
        /// The schema version of the file.
        found: i64,
        /// The latest schema version that this version of the crate supports.
        supported: i64,
    },
    /// The file can be read, but not written.
    #[error("{} cannot be written; check the permissions of the file and its folder", path.display())]
    ReadOnly {
        /// The path of the file.
        path: PathBuf,
    },
    /// Another connection kept the database locked for longer than the busy timeout.
    #[error("{} was locked by another connection for longer than the busy timeout; try again", path.display())]
    Busy {
        /// The path of the file.
        path: PathBuf,
    },
    /// The events are in memory, so there is no file for read models.
    #[error("the events are in memory, so there is no file for read models; use `SqliteReadModels::open(path)`")]
    InMemory,
    /// A thread could not be started, or ended unexpectedly.
    #[error("cannot start a thread for the database")]
    Thread(#[source] io::Error),
    /// Any other error of SQLite or the file system.
    #[error("cannot open {}", path.display())]
    Engine {
        /// The path of the file.
        path: PathBuf,
        /// The error of SQLite or the file system.
        source: Box<dyn Error + Send + Sync>,
    },
}

/// An error of SQLite as the source of a [`StorageError`]. The error can be cloned, because every push in a transaction
/// that failed as a whole returns the same error.
#[derive(Debug, Clone)]
pub(crate) enum EngineError {
    Busy(Arc<rusqlite::Error>),
    Replaced(FileReplaced),
    Other(Arc<rusqlite::Error>),
}

impl fmt::Display for EngineError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy(_) => formatter.write_str("the database was locked for longer than the busy timeout; try again"),
            Self::Replaced(error) => error.fmt(formatter),
            Self::Other(error) => error.fmt(formatter),
        }
    }
}

// `Error` is not derived, because the derived source would be the `Arc`, which cannot be downcast to a
// `rusqlite::Error`.
impl Error for EngineError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Busy(error) => Some(&**error),
            Self::Replaced(error) => error.source(),
            Self::Other(error) => error.source(),
        }
    }
}

impl EngineError {
    pub(crate) fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Busy(error) | Self::Other(error) => error.sqlite_error_code(),
            Self::Replaced(_) => None,
        }
    }
}

impl From<rusqlite::Error> for EngineError {
    fn from(error: rusqlite::Error) -> Self {
        if is_busy(&error) {
            Self::Busy(Arc::new(error))
        } else if is_replaced(&error) {
            Self::Replaced(FileReplaced)
        } else {
            Self::Other(Arc::new(error))
        }
    }
}

/// Converts the error of a read.
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

/// Returns whether the error means that a transaction can no longer write, because another connection has written since
/// the transaction read the database.
pub(crate) fn is_outdated(error: &rusqlite::Error) -> bool {
    matches!(error, rusqlite::Error::SqliteFailure(failure, _) if failure.extended_code == ffi::SQLITE_BUSY_SNAPSHOT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_do_not_repeat_their_source() {
        let path = PathBuf::from("events.db");
        let busy = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
        let busy = EngineError::from(rusqlite::Error::SqliteFailure(busy, Some("code 5".to_owned())));
        assert!(busy.source().is_some_and(|source| source.is::<rusqlite::Error>()));
        let errors: [Box<dyn Error>; 3] = [
            Box::new(OpenError::Thread(io::Error::other("no memory"))),
            Box::new(OpenError::Engine { path, source: "disk on fire".into() }),
            Box::new(busy),
        ];
        for error in errors {
            let source = error.source().unwrap().to_string();
            assert!(!error.to_string().contains(&source), "{error}");
        }
    }
}
