mod identity;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use rusqlite::{Connection, ffi};

use self::identity::identity;

pub(crate) use self::identity::FileId;

/// The error of an operation on a database whose file was deleted, moved or replaced while the database was open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the database file, or its `-wal`, was deleted, moved or replaced while it was open; open the database again to use the file that is at the path now"
)]
pub(crate) struct FileReplaced;

/// The identity and the path of an open database file.
///
/// When another file replaces an open database file at its path, SQLite continues to use the old file. Events would
/// then be stored and acknowledged in a file that no other program can open anymore. Therefore this crate checks that
/// the path still leads to the opened file, before each commit and before each read of an adapter. The file system does
/// not reuse the inode of a file that is open.
///
/// Deleting the `-wal` file also loses events, so the checks include this file.
#[derive(Debug)]
pub(crate) struct OpenFile {
    path: PathBuf,
    file: FileId,
    wal: PathBuf,
    /// The identity of the `-wal` file. Empty until a check has found the file.
    wal_file: OnceLock<FileId>,
    /// Whether a check has failed. From then on, every check fails.
    replaced: AtomicBool,
}

impl OpenFile {
    /// Records the identity of the file at the path. Call this function after the first connection is open.
    pub(crate) fn at(path: &Path) -> std::io::Result<Arc<Self>> {
        // SQLite follows symbolic links, and creates the `-wal` beside the target of the links.
        let mut wal = path.canonicalize()?.into_os_string();
        wal.push("-wal");
        let file = identity(path)?;
        let (path, wal) = (path.to_owned(), PathBuf::from(wal));
        Ok(Arc::new(Self { path, file, wal, wal_file: OnceLock::new(), replaced: AtomicBool::new(false) }))
    }

    /// Returns the identity of the file.
    pub(crate) fn id(&self) -> FileId {
        self.file
    }

    /// Checks that the path still leads to the file that was opened, and that the file's `-wal` was not deleted or
    /// replaced.
    ///
    /// # Errors
    /// [`FileReplaced`] if one of the two files was replaced, or can no longer be accessed.
    pub(crate) fn check(&self) -> Result<(), FileReplaced> {
        if !self.replaced.load(Ordering::Relaxed) && self.is_in_place() {
            return Ok(());
        }
        if !self.replaced.swap(true, Ordering::Relaxed) {
            let file = self.path.display();
            tracing::error!(%file, "a database file was deleted, moved or replaced while it was open");
        }
        Err(FileReplaced)
    }

    fn is_in_place(&self) -> bool {
        identity(&self.path).is_ok_and(|found| found == self.file)
            && match identity(&self.wal) {
                Ok(found) => *self.wal_file.get_or_init(|| found) == found,
                // SQLite creates the `-wal` with the first transaction.
                Err(_) => self.wal_file.get().is_none(),
            }
    }

    /// Makes commits of a connection fail once the file has been replaced. SQLite then rolls the transaction back.
    pub(crate) fn guard(self: &Arc<Self>, connection: &mut Connection) -> rusqlite::Result<()> {
        let file = Arc::clone(self);
        connection.commit_hook(Some(move || file.check().is_err()))
    }
}

/// Returns whether the error is that of a commit that failed because the file was replaced. No other error has this
/// code, because this crate sets no other commit hook.
pub(crate) fn is_replaced(error: &rusqlite::Error) -> bool {
    matches!(
        error,
        rusqlite::Error::SqliteFailure(failure, _) if failure.extended_code == ffi::SQLITE_CONSTRAINT_COMMITHOOK
    )
}
