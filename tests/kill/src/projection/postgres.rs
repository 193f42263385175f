use castore::HandlerError;
use castore::postgres::PostgresEventStorageAdapter;
use castore::postgres::projection::{PostgresProjection, ReadModel, Tables, Transaction};
use castore::postgres::tokio_postgres;

use super::{APPLIED, COUNTS, Counted, PACE, TOTALS, options};
use crate::Arguments;
use crate::domain::AppBusMessage;
use crate::folder::Lines;

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

impl<const VERSION: u32> PostgresProjection for Counts<VERSION> {
    const TABLES: &'static [&'static str] = &[COUNTS, TOTALS];

    async fn create(&self, transaction: &Transaction<'_>, tables: &Tables) -> Result<(), tokio_postgres::Error> {
        let (counts, totals) = (tables.table(COUNTS), tables.table(TOTALS));
        let more = if VERSION > 1 { ", doubled BIGINT NOT NULL DEFAULT 0" } else { "" };
        let create = format!(
            "CREATE TABLE {counts} (store TEXT, aggregate TEXT, events BIGINT NOT NULL, last_version BIGINT NOT NULL
                 {more}, PRIMARY KEY (store, aggregate));
             CREATE TABLE {totals} (events BIGINT NOT NULL);
             INSERT INTO {totals} VALUES (0)"
        );
        transaction.batch_execute(&create).await
    }

    async fn apply(
        &self,
        transaction: &Transaction<'_>,
        tables: &Tables,
        event: &AppBusMessage,
    ) -> Result<(), HandlerError> {
        let (counts, totals) = (tables.table(COUNTS), tables.table(TOTALS));
        let event = Counted::of(event);
        let select = format!("SELECT last_version FROM {counts} WHERE store = $1 AND aggregate = $2");
        let select = transaction.prepare_cached(&select).await?;
        let last = transaction.query_opt(&select, &[&event.store, &event.aggregate]).await?;
        event.check(last.map(|row| row.get::<_, i64>(0).unsigned_abs()))?;
        let count = format!(
            "INSERT INTO {counts} AS counts (store, aggregate, events, last_version) VALUES ($1, $2, 1, $3)
             ON CONFLICT (store, aggregate)
             DO UPDATE SET events = counts.events + 1, last_version = excluded.last_version"
        );
        let count = transaction.prepare_cached(&count).await?;
        transaction.execute(&count, &[&event.store, &event.aggregate, &event.version.cast_signed()]).await?;
        self.applied.append("applied");
        tokio::time::sleep(PACE).await;
        let total = transaction.prepare_cached(&format!("UPDATE {totals} SET events = events + 1")).await?;
        transaction.execute(&total, &[]).await?;
        Ok(())
    }
}

pub(crate) async fn run_postgres(arguments: &Arguments, version: u32, storage: PostgresEventStorageAdapter) {
    let read_models = storage.read_models();
    let applied = arguments.folder.append_to(&format!("{APPLIED}{}", arguments.name));
    let running = match version {
        1 => read_models.start(Counts::<1> { applied }, storage, options()).await,
        _ => read_models.start(Counts::<2> { applied }, storage, options()).await,
    };
    let stopped = running.unwrap().finished().await;
    panic!("the projection stopped: {stopped:?}");
}
