use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use castore::log::EventLog;
use castore::postgres::PostgresEventStorageAdapter;
use castore::relay::RelayStorageAdapter;
use castore::sqlite::{SqliteEventStorageAdapter, Synchronous};
use castore::storage::EventStorageAdapter;

/// A storage of events, of their log, and of the state of relays.
pub trait Storage: EventStorageAdapter + EventLog + RelayStorageAdapter + Clone {}

impl<T: EventStorageAdapter + EventLog + RelayStorageAdapter + Clone> Storage for T {}

/// The location of the events.
#[derive(Debug, Clone)]
pub enum Place {
    /// In a file.
    Sqlite(PathBuf),
    /// In a schema of the database of the tests.
    Postgres(String),
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(formatter, "sqlite:{}", path.display()),
            Self::Postgres(schema) => write!(formatter, "postgres:{schema}"),
        }
    }
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("sqlite", path)) => Ok(Self::Sqlite(path.into())),
            Some(("postgres", schema)) => Ok(Self::Postgres(schema.to_owned())),
            _ => Err(format!("no place {text:?}")),
        }
    }
}

impl Place {
    /// Returns the qualified name of a table that is in the same database and schema as the events.
    pub fn table(&self, name: &str) -> String {
        match self {
            Self::Sqlite(_) => name.to_owned(),
            Self::Postgres(schema) => format!("{schema}.{name}"),
        }
    }

    /// Opens an SQLite file.
    pub async fn open_sqlite(path: &Path) -> SqliteEventStorageAdapter {
        // Commits survive a kill of the process even without fsync, because the operating system keeps the written
        // data. The timeout is long, because a paused process may hold the lock of the file for a while.
        let builder = SqliteEventStorageAdapter::builder(path).synchronous(Synchronous::Normal);
        builder.busy_timeout(Duration::from_secs(30)).open().await.unwrap()
    }

    /// Connects to a schema of the test database. The server shows the connections with this application name.
    pub async fn open_postgres(schema: &str, application: &str) -> PostgresEventStorageAdapter {
        let builder = PostgresEventStorageAdapter::builder().schema(schema).pool_size(6);
        let builder = builder.application_name(format!("{schema} {application}"));
        let builder = builder.connect_timeout(Duration::from_secs(30)).acquire_timeout(Duration::from_secs(60));
        builder.connect(&database_url()).await.unwrap()
    }
}

/// Returns the address of the Postgres server of the tests.
pub fn database_url() -> String {
    std::env::var("CASTORE_TEST_DATABASE_URL").expect(
        "these tests need a Postgres: run scripts/test, or export what `scripts/services start DIR` prints \
         (CASTORE_TEST_DATABASE_URL is not set)",
    )
}
