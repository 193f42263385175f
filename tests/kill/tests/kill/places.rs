//! Storages that are removed at the end of their test.

use std::path::PathBuf;

use castore::postgres::PostgresEventStorageAdapter;
use castore::postgres::tokio_postgres::{Client, NoTls};
use castore::sqlite::SqliteEventStorageAdapter;
use castore_kill_tests::{Folder, Place, Role, database_url};
use tempfile::TempDir;

use crate::until;

/// A folder for the shared files of the processes, with an SQLite file in it.
pub(crate) struct SqliteWorld {
    pub(crate) path: PathBuf,
    pub(crate) folder: Folder,
    pub(crate) place: Place,
    pub(crate) storage: SqliteEventStorageAdapter,
    _directory: TempDir,
}

impl SqliteWorld {
    pub(crate) async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("events.sqlite");
        let storage = Place::open_sqlite(&path).await;
        let folder = Folder::new(directory.path());
        Self { folder, place: Place::Sqlite(path.clone()), path, storage, _directory: directory }
    }
}

/// A folder for the shared files of the processes, and a schema in the test database.
pub(crate) struct PostgresWorld {
    pub(crate) folder: Folder,
    pub(crate) place: Place,
    pub(crate) storage: PostgresEventStorageAdapter,
    schema: String,
    _directory: TempDir,
}

impl PostgresWorld {
    pub(crate) async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let schema = format!("castore_kill_{}_{:08x}", std::process::id(), fastrand::u32(..));
        connect().await.batch_execute(&format!("CREATE SCHEMA {schema}")).await.unwrap();
        let storage = Place::open_postgres(&schema, "test").await;
        storage.create_event_table().await.unwrap();
        let (folder, place) = (Folder::new(directory.path()), Place::Postgres(schema.clone()));
        Self { folder, place, storage, schema, _directory: directory }
    }

    /// Opens a separate connection of the test to the schema.
    pub(crate) async fn connect(&self) -> Client {
        let client = connect().await;
        client.batch_execute(&format!("SET search_path TO {}", self.schema)).await.unwrap();
        client
    }
}

impl Drop for PostgresWorld {
    fn drop(&mut self) {
        let drop = format!("SET client_min_messages = warning; DROP SCHEMA {} CASCADE", self.schema);
        // `drop` cannot await a future of the test's runtime, so a separate thread runs the statement.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async { connect().await.batch_execute(&drop).await })
        });
        let dropped = dropped.join();
        if !std::thread::panicking() {
            dropped.unwrap().unwrap();
        }
    }
}

/// Waits until no requests of the killed processes of a role are pending. A Postgres server continues to execute the
/// requests of a killed process; a lock on an SQLite file ends with its process.
pub(crate) async fn killed_writers_are_done(place: &Place, role: Role) {
    let Place::Postgres(schema) = place else { return };
    let client = connect().await;
    let application = format!("{schema} {role}");
    until("the sessions of the killed writers end", async || {
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1";
        let sessions: i64 = client.query_one(sql, &[&application]).await.unwrap().get(0);
        (sessions > 0).then(|| format!("{sessions} sessions"))
    })
    .await;
}

async fn connect() -> Client {
    let (client, connection) = castore::postgres::tokio_postgres::connect(&database_url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}
