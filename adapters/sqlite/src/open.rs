use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use castore_core::storage::StorageId;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::busy_handler;
use crate::errors::{OpenError, is_busy};
use crate::open_file::OpenFile;
use crate::options::{Location, OpenOptions, Synchronous};
use crate::schema::{self, Found};

/// The size in bytes of the smallest non-empty database: one page of the minimum page size.
const SMALLEST: u64 = 512;

/// The connections of one adapter.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) storage_id: StorageId,
    pub(crate) writer: Connection,
    /// The connections for reads. Empty for a database in memory, whose reads share the writer's connection: another
    /// connection would open a separate database.
    pub(crate) readers: Vec<Connection>,
    /// The file of the database, or `None` for a database in memory.
    pub(crate) file: Option<Arc<OpenFile>>,
}

/// Opens the connections of an adapter. Blocks the thread.
pub(crate) fn open(options: &OpenOptions) -> Result<Opened, OpenError> {
    match &options.location {
        Location::File(path) => open_file(path, options),
        Location::Memory => open_memory().map_err(|source| engine(Path::new(":memory:"), source)),
    }
}

fn open_memory() -> rusqlite::Result<Opened> {
    let mut writer = Connection::open_in_memory()?;
    schema::migrate(&mut writer)?;
    Ok(Opened { storage_id: StorageId::unique(), writer, readers: Vec::new(), file: None })
}

fn open_file(path: &Path, options: &OpenOptions) -> Result<Opened, OpenError> {
    // The path is made absolute, because SQLite does not treat the paths `:memory:` and `` as files.
    let path = &std::path::absolute(path)
        .map_err(|source| OpenError::Engine { path: path.to_owned(), source: source.into() })?;
    check_path(path)?;
    check_content(path)?;
    let mut writer = connect(path, options.busy_timeout)?;
    let file = file_at(path)?;
    if writer.is_readonly(rusqlite::MAIN_DB).map_err(|source| engine(path, source))? {
        return Err(OpenError::ReadOnly { path: path.clone() });
    }
    let keep_wal = |on| writer.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, on);
    // Until the file is known to be an event database, closing the connection must not move the write-ahead log of
    // another program into the file.
    keep_wal(true).map_err(|source| engine(path, source))?;
    let found = schema::inspect(&writer).map_err(|source| engine(path, source))?;
    accept(path, found)?;
    keep_wal(false).map_err(|source| engine(path, source))?;
    use_wal(path, &writer, options.busy_timeout)?;
    busy_handler::install(&mut writer).map_err(|source| engine(path, source))?;
    let found = busy_handler::with_timeout(options.busy_timeout, || schema::migrate(&mut writer));
    let found = found.map_err(|source| engine(path, source))?;
    accept(path, found)?;
    prepare_writer(&writer, options.synchronous).map_err(|source| engine(path, source))?;
    file.guard(&mut writer).map_err(|source| engine(path, source))?;
    let readers = (0..options.readers)
        .map(|_| {
            let reader = connect(path, options.busy_timeout)?;
            prepare_reader(&reader).map_err(|source| engine(path, source))?;
            Ok(reader)
        })
        .collect::<Result<_, OpenError>>()?;
    // This check makes sure that all connections have opened the same file.
    file.check().map_err(|source| OpenError::Engine { path: path.clone(), source: source.into() })?;
    let storage_id =
        storage_id_of(path).map_err(|source| OpenError::Engine { path: path.clone(), source: source.into() })?;
    Ok(Opened { storage_id, writer, readers, file: Some(file) })
}

/// Returns the id of the storage at a path. All symbolic links to a file lead to the same id.
pub(crate) fn storage_id_of(path: &Path) -> std::io::Result<StorageId> {
    // `Debug` escapes bytes that are not valid UTF-8, so different paths have different texts.
    Ok(StorageId::named(format!("sqlite {:?}", path.canonicalize()?)))
}

fn file_at(path: &Path) -> Result<Arc<OpenFile>, OpenError> {
    OpenFile::at(path).map_err(|source| OpenError::Engine { path: path.to_owned(), source: source.into() })
}

/// Opens a connection for read models, to the file of the events or to any other file.
pub(crate) fn open_read_models(path: &Path) -> Result<(Connection, Arc<OpenFile>), OpenError> {
    check_path(path)?;
    let mut connection = connect(path, busy_handler::DEFAULT_TIMEOUT)?;
    let file = file_at(path)?;
    if connection.is_readonly(rusqlite::MAIN_DB).map_err(|source| engine(path, source))? {
        return Err(OpenError::ReadOnly { path: path.to_owned() });
    }
    use_wal(path, &connection, busy_handler::DEFAULT_TIMEOUT)?;
    busy_handler::install(&mut connection).map_err(|source| engine(path, source))?;
    // A power failure may undo the last transactions. Each transaction contains its checkpoint, so the events of undone
    // transactions are applied again.
    connection.pragma_update(None, "synchronous", "NORMAL").map_err(|source| engine(path, source))?;
    file.guard(&mut connection).map_err(|source| engine(path, source))?;
    Ok((connection, file))
}

fn check_path(path: &Path) -> Result<(), OpenError> {
    match path.metadata() {
        Ok(found) if found.is_file() => Ok(()),
        Ok(_) => Err(OpenError::NotAFile { path: path.to_owned() }),
        Err(_) if path.parent().is_some_and(|folder| !folder.is_dir()) => {
            Err(OpenError::MissingFolder { path: path.to_owned() })
        }
        // SQLite reports the reason when it tries to open the file.
        Err(_) => Ok(()),
    }
}

/// Rejects a file that is clearly not an event database, without writing to it.
///
/// The file is opened as immutable, which takes no lock and creates no `-wal` and `-shm` files. The file must be read
/// through SQLite: if this process opened the file by other means, closing it would release all locks that the process
/// holds on the file.
fn check_content(path: &Path) -> Result<(), OpenError> {
    let beside = |suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name).exists()
    };
    let Ok(length) = path.metadata().map(|found| found.len()) else {
        return Ok(());
    };
    let unfinished = beside("-journal");
    // SQLite treats a file of one byte as empty.
    if (1..SMALLEST).contains(&length) && !unfinished {
        return Err(OpenError::NotADatabase { path: path.to_owned() });
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let Some(uri) = immutable_uri(path) else {
        return Ok(());
    };
    match Connection::open_with_flags(uri, flags).and_then(|connection| schema::inspect(&connection)) {
        // A rollback journal may hold the valid content. The content is checked again when the file is opened for
        // writing.
        _ if unfinished => Ok(()),
        Ok(found) => accept(path, found),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) => {
            Err(OpenError::NotADatabase { path: path.to_owned() })
        }
        // Another process may have been writing at this moment. The content is checked again when the file is opened
        // for writing.
        Err(_) => Ok(()),
    }
}

/// Returns the URI that opens the path as immutable, or `None` if the path cannot be written as a URI.
fn immutable_uri(path: &Path) -> Option<String> {
    let mut uri = String::from("file:");
    let bytes = path_bytes(path)?;
    if !bytes.starts_with(b"/") {
        uri.push('/');
    }
    for byte in bytes {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b':' => uri.push(char::from(byte)),
            _ => uri.push_str(&format!("%{byte:02x}")),
        }
    }
    uri.push_str("?immutable=1");
    Some(uri)
}

#[cfg(unix)]
fn path_bytes(path: &Path) -> Option<Vec<u8>> {
    use std::os::unix::ffi::OsStrExt;
    Some(path.as_os_str().as_bytes().to_vec())
}

#[cfg(not(unix))]
fn path_bytes(path: &Path) -> Option<Vec<u8>> {
    Some(path.to_str()?.replace('\\', "/").into_bytes())
}

fn connect(path: &Path, busy_timeout: Duration) -> Result<Connection, OpenError> {
    // Every connection is used by one thread at a time, so SQLite need not lock it.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(path, flags)
        .and_then(|connection| connection.busy_timeout(busy_timeout).map(|()| connection))
        .map_err(|source| engine(path, source))
}

/// Switches the file to a write-ahead log. Retries until the busy timeout expires, because SQLite may need exclusive
/// access for the switch, but does not wait for this access.
fn use_wal(path: &Path, connection: &Connection, busy_timeout: Duration) -> Result<(), OpenError> {
    let start = Instant::now();
    loop {
        match connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get::<_, String>(0)) {
            Ok(mode) if mode.eq_ignore_ascii_case("wal") => return Ok(()),
            Ok(mode) => {
                return Err(OpenError::Engine {
                    path: path.to_owned(),
                    source: format!("the file system does not support a write-ahead log (the journal mode is {mode})")
                        .into(),
                });
            }
            Err(error) if is_busy(&error) && start.elapsed() < busy_timeout => {
                thread::sleep(Duration::from_millis(5));
            }
            Err(error) => return Err(engine(path, error)),
        }
    }
}

fn prepare_writer(connection: &Connection, synchronous: Synchronous) -> rusqlite::Result<()> {
    let synchronous = match synchronous {
        Synchronous::Full => "FULL",
        Synchronous::Normal => "NORMAL",
    };
    connection.pragma_update(None, "synchronous", synchronous)?;
    // On macOS, only this setting flushes to the disk. It has no effect on other systems.
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "checkpoint_fullfsync", true)?;
    // The cache may use 8 MiB, which are allocated only when needed.
    connection.pragma_update(None, "cache_size", -8192)?;
    // This limit makes SQLite truncate the write-ahead log again after a peak.
    connection.pragma_update_and_check(None, "journal_size_limit", 64 << 20, |_| Ok(()))?;
    Ok(())
}

fn prepare_reader(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "query_only", true)?;
    // This statement reads the schema now instead of with the first query.
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
}

fn accept(path: &Path, found: Found) -> Result<(), OpenError> {
    let path = path.to_owned();
    match found {
        Found::Empty | Found::Ours { .. } => Ok(()),
        Found::Newer { version } => Err(OpenError::NewerSchema { path, found: version, supported: schema::VERSION }),
        Found::Foreign { application_id } => Err(OpenError::ForeignDatabase { path, application_id }),
    }
}

fn engine(path: &Path, source: rusqlite::Error) -> OpenError {
    let path = path.to_owned();
    match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => OpenError::Busy { path },
        Some(ErrorCode::NotADatabase) => OpenError::NotADatabase { path },
        Some(ErrorCode::ReadOnly) => OpenError::ReadOnly { path },
        _ => OpenError::Engine { path, source: source.into() },
    }
}
