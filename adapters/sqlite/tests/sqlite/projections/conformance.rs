use std::collections::BTreeMap;
use std::sync::Arc;

use castore_conformance::async_trait;
use castore_conformance::read_model::{
    CountedEvent, ErasedStore, FreshReadModels, NAME, ReadModelDatabase, ReadModelFactory,
};
use castore_core::consumer::HandlerError;
use castore_core::log::{EventLog, LogId};
use castore_projection::engine::ReadModelRegistry;
use castore_sqlite::projection::{LiveReadModel, ReadModel, SqliteProjection, SqliteReadModels, Tables};
use rusqlite::{Connection, Transaction};

use super::support::counts;
use crate::support::{Place, place};

struct Counts<const VERSION: u32>;

impl<const VERSION: u32> ReadModel for Counts<VERSION> {
    const NAME: &'static str = NAME;
    const VERSION: u32 = VERSION;
    type Event = CountedEvent;
}

impl<const VERSION: u32> SqliteProjection for Counts<VERSION> {
    fn create(&self, transaction: &Transaction<'_>, tables: &Tables) -> rusqlite::Result<()> {
        let sql = format!("CREATE TABLE {tables} (aggregate TEXT PRIMARY KEY, events INTEGER NOT NULL)");
        transaction.execute_batch(&sql)
    }

    fn apply(&self, transaction: &Transaction<'_>, tables: &Tables, event: &CountedEvent) -> Result<(), HandlerError> {
        let sql = format!("INSERT INTO {tables} VALUES (?1, 1) ON CONFLICT DO UPDATE SET events = events + 1");
        transaction.prepare_cached(&sql)?.execute([&event.aggregate_id])?;
        event.outcome()
    }
}

struct SqliteDatabase {
    models: SqliteReadModels,
    place: Place,
}

#[async_trait]
impl ReadModelDatabase for SqliteDatabase {
    async fn open(&self, version: u32, log: &LogId) -> Box<dyn ErasedStore> {
        match version {
            1 => Box::new(self.models.__store(Counts::<1>, log).await.unwrap()),
            _ => Box::new(self.models.__store(Counts::<2>, log).await.unwrap()),
        }
    }

    async fn read(&self) -> BTreeMap<String, u64> {
        let path = self.place.path.clone();
        tokio::task::spawn_blocking(move || counts(&path)).await.unwrap()
    }

    fn live(&self, log: Arc<dyn EventLog>) -> LiveReadModel {
        self.models.live(NAME, log)
    }

    fn registry(&self) -> Arc<dyn ReadModelRegistry> {
        Arc::new(self.models.clone())
    }

    async fn drop_version(&self, version: u32) {
        assert!(self.models.drop_version(NAME, version).await.unwrap());
    }
}

struct Sqlite;

#[async_trait]
impl ReadModelFactory for Sqlite {
    async fn fresh(&self) -> FreshReadModels {
        let place = place();
        let models = SqliteReadModels::open(&place.path).await.unwrap();
        // The tests need no durability across power failures.
        Connection::open(&place.path).unwrap().pragma_update(None, "journal_mode", "WAL").unwrap();
        FreshReadModels::new(SqliteDatabase { models, place })
    }
}

castore_conformance::read_model_conformance!(Sqlite);
