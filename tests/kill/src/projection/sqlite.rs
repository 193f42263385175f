use castore::HandlerError;
use castore::sqlite::SqliteEventStorageAdapter;
use castore::sqlite::projection::{ReadModel, SqliteProjection, SqliteReadModels, Tables};
use castore::sqlite::rusqlite::{self, OptionalExtension, Transaction};

use super::{APPLIED, COUNTS, Counted, PACE, TOTALS, options};
use crate::Arguments;
use crate::domain::AppBusMessage;
use crate::folder::Lines;
use crate::role::Where;

/// A projection whose second version has an additional column.
struct Counts<const VERSION: u32> {
    /// The file that records applied events, even if the transaction is rolled back later.
    applied: Lines,
}

impl<const VERSION: u32> ReadModel for Counts<VERSION> {
    const NAME: &'static str = COUNTS;
    const VERSION: u32 = VERSION;
    type Event = AppBusMessage;
}

impl<const VERSION: u32> SqliteProjection for Counts<VERSION> {
    const TABLES: &'static [&'static str] = &[COUNTS, TOTALS];

    fn create(&self, transaction: &Transaction<'_>, tables: &Tables) -> rusqlite::Result<()> {
        let (counts, totals) = (tables.table(COUNTS), tables.table(TOTALS));
        let more = if VERSION > 1 { ", doubled INTEGER NOT NULL DEFAULT 0" } else { "" };
        transaction.execute_batch(&format!(
            "CREATE TABLE {counts} (store TEXT, aggregate TEXT, events INTEGER NOT NULL, last_version INTEGER NOT NULL
                 {more}, PRIMARY KEY (store, aggregate));
             CREATE TABLE {totals} (events INTEGER NOT NULL);
             INSERT INTO {totals} VALUES (0)"
        ))
    }

    fn apply(&self, transaction: &Transaction<'_>, tables: &Tables, event: &AppBusMessage) -> Result<(), HandlerError> {
        let (counts, totals) = (tables.table(COUNTS), tables.table(TOTALS));
        let event = Counted::of(event);
        let last: Option<i64> = transaction
            .prepare_cached(&format!("SELECT last_version FROM {counts} WHERE store = ?1 AND aggregate = ?2"))?
            .query_row((event.store, &event.aggregate), |row| row.get(0))
            .optional()?;
        event.check(last.map(i64::unsigned_abs))?;
        transaction
            .prepare_cached(&format!(
                "INSERT INTO {counts} (store, aggregate, events, last_version) VALUES (?1, ?2, 1, ?3)
                 ON CONFLICT (store, aggregate) DO UPDATE SET events = events + 1, last_version = excluded.last_version"
            ))?
            .execute((event.store, &event.aggregate, event.version.cast_signed()))?;
        self.applied.append("applied");
        std::thread::sleep(PACE);
        transaction.prepare_cached(&format!("UPDATE {totals} SET events = events + 1"))?.execute([])?;
        Ok(())
    }
}

pub(crate) async fn run_sqlite(arguments: &Arguments, version: u32, place: Where, storage: SqliteEventStorageAdapter) {
    let read_models = match place {
        Where::BesideEvents => storage.read_models(),
        Where::Elsewhere => SqliteReadModels::open(arguments.folder.read_models()).await,
    };
    let read_models = read_models.unwrap();
    let applied = arguments.folder.append_to(&format!("{APPLIED}{}", arguments.name));
    let running = match version {
        1 => read_models.start(Counts::<1> { applied }, storage, options()).await,
        _ => read_models.start(Counts::<2> { applied }, storage, options()).await,
    };
    let stopped = running.unwrap().finished().await;
    panic!("the projection stopped: {stopped:?}");
}
