//! Kills writers and processes of a read model. Two processes run each version of the read model at the same time, and
//! a second version is built while readers use the first version. Each event must be counted exactly once.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use castore::log::EventLog;
use castore::postgres::PostgresEventStorageAdapter;
use castore::postgres::tokio_postgres::Client;
use castore::sqlite::projection::SqliteReadModels;
use castore::sqlite::rusqlite::{Connection, OpenFlags};
use castore_kill_tests::{APPLIED, Arguments, COUNTS, Folder, Place, Role, STORES, Storage, TOTALS, Where};

use crate::fleet::Fleet;
use crate::places::{PostgresWorld, SqliteWorld, killed_writers_are_done};
use crate::seed::seed;
use crate::stored::PushReceipt;
use crate::until;

const RUNNERS: u64 = 2;

#[tokio::test]
async fn sqlite_beside_the_events() {
    let world = SqliteWorld::new().await;
    let read_model = InSqlite { path: world.path.clone() };
    let test = "projections::sqlite_beside_the_events";
    Count::new(test, world.storage.clone(), &world.folder, &world.place, read_model, Where::BesideEvents).go().await;
}

#[tokio::test]
async fn sqlite_elsewhere() {
    let world = SqliteWorld::new().await;
    let read_model = InSqlite { path: world.folder.read_models() };
    let test = "projections::sqlite_elsewhere";
    Count::new(test, world.storage.clone(), &world.folder, &world.place, read_model, Where::Elsewhere).go().await;
}

#[tokio::test]
async fn postgres() {
    let world = PostgresWorld::new().await;
    let read_model = InPostgres { storage: world.storage.clone(), client: world.connect().await };
    let test = "projections::postgres";
    Count::new(test, world.storage.clone(), &world.folder, &world.place, read_model, Where::BesideEvents).go().await;
}

/// The content of a read model in one snapshot.
#[derive(Debug, Default, PartialEq, Eq)]
struct Model {
    /// The number of events of each aggregate.
    counts: BTreeMap<(String, String), u64>,
    total: u64,
}

/// A reader of a read model.
trait ReadModel {
    /// Returns the content of a version, or the content that readers see if `version` is `None`. Returns `None` if the
    /// tables do not exist.
    async fn read(&self, version: Option<u32>) -> Option<Model>;

    /// Returns the version that readers see, if there is one.
    async fn live(&self, log: &impl EventLog) -> Option<u32>;
}

struct InSqlite {
    path: PathBuf,
}

impl ReadModel for InSqlite {
    async fn read(&self, version: Option<u32>) -> Option<Model> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(&self.path, flags).ok()?;
        connection.busy_timeout(Duration::from_secs(30)).unwrap();
        // One transaction reads a consistent snapshot.
        let transaction = connection.transaction().unwrap();
        let [counts, totals] = [COUNTS, TOTALS].map(|table| table_name(table, version));
        let is_there = "SELECT count(*) FROM sqlite_schema WHERE name IN (?1, ?2)";
        let there: i64 = transaction.query_row(is_there, [&counts, &totals], |row| row.get(0)).unwrap();
        if there < 2 {
            return None;
        }
        let total: i64 = transaction.query_row(&format!("SELECT events FROM {totals}"), [], |row| row.get(0)).unwrap();
        let mut statement =
            transaction.prepare(&format!("SELECT store, aggregate, events, last_version FROM {counts}")).unwrap();
        let rows = statement.query_map([], |row| {
            let (events, last): (i64, i64) = (row.get(2)?, row.get(3)?);
            assert_eq!(events, last, "an event was not counted exactly once");
            Ok(((row.get(0)?, row.get(1)?), events.unsigned_abs()))
        });
        let counts = rows.unwrap().collect::<Result<_, _>>().unwrap();
        Some(Model { counts, total: total.unsigned_abs() })
    }

    async fn live(&self, log: &impl EventLog) -> Option<u32> {
        let read_models = SqliteReadModels::open(&self.path).await.unwrap();
        let versions = read_models.versions(log).await.unwrap();
        versions.iter().find(|status| status.live).map(|status| status.version)
    }
}

struct InPostgres {
    storage: PostgresEventStorageAdapter,
    client: Client,
}

impl ReadModel for InPostgres {
    async fn read(&self, version: Option<u32>) -> Option<Model> {
        let [counts, totals] = [COUNTS, TOTALS].map(|table| table_name(table, version));
        let is_there = "SELECT to_regclass($1) IS NOT NULL AND to_regclass($2) IS NOT NULL";
        let is_there: bool = self.client.query_one(is_there, &[&counts, &totals]).await.unwrap().get(0);
        if !is_there {
            return None;
        }
        // One statement reads a consistent snapshot.
        let select = format!(
            "SELECT store, aggregate, counts.events, last_version, totals.events
             FROM {totals} totals LEFT JOIN {counts} counts ON TRUE"
        );
        let mut model = Model::default();
        for row in self.client.query(&select, &[]).await.unwrap() {
            model.total = row.get::<_, i64>(4).unsigned_abs();
            let Some(store) = row.get::<_, Option<String>>(0) else { continue };
            let (events, last): (i64, i64) = (row.get(2), row.get(3));
            assert_eq!(events, last, "an event was not counted exactly once");
            model.counts.insert((store, row.get(1)), events.unsigned_abs());
        }
        Some(model)
    }

    async fn live(&self, log: &impl EventLog) -> Option<u32> {
        let versions = self.storage.read_models().versions(log).await.unwrap();
        versions.iter().find(|status| status.live).map(|status| status.version)
    }
}

fn table_name(table: &str, version: Option<u32>) -> String {
    version.map_or_else(|| table.to_owned(), |version| format!("{table}_v{version}"))
}

struct Count<S, M> {
    test: &'static str,
    seed: u64,
    storage: S,
    read_model: M,
    place: Place,
    folder: Folder,
    beside: Where,
    fleet: Fleet,
    looks: usize,
}

impl<S: Storage, M: ReadModel> Count<S, M> {
    fn new(test: &'static str, storage: S, folder: &Folder, place: &Place, read_model: M, beside: Where) -> Self {
        let seed = seed(test);
        let (place, folder, fleet) = (place.clone(), folder.clone(), Fleet::new(seed));
        Self { test, seed, storage, read_model, place, folder, beside, fleet, looks: 0 }
    }

    fn launch(&mut self, role: Role, number: u64) {
        let (place, folder, seed) = (self.place.clone(), self.folder.clone(), self.seed * 10 + number);
        self.fleet.launch(Arguments { role, name: format!("{role}-{number}"), place, folder, seed });
    }

    async fn go(mut self) {
        let runner = |version| Role::Projection { version, place: self.beside };
        let (first, second) = (runner(1), runner(2));
        self.launch(Role::Writer, 0);
        (0..RUNNERS).for_each(|number| self.launch(first, number));
        self.sail(Duration::from_secs(3), 0, Some(1)).await;
        (0..RUNNERS).for_each(|number| self.launch(second, number));
        self.sail(Duration::from_secs(3), 0, Some(2)).await;
        // The second version has replaced the first version, but the processes of the first version continue.
        self.sail(Duration::from_secs(1), 8, Some(2)).await;
        self.fleet.calm();
        self.fleet.end(Role::Writer);
        killed_writers_are_done(&self.place, Role::Writer).await;
        let stored = PushReceipt::read(&self.storage).await;
        let expected = Model { total: stored.keys.len() as u64, counts: stored.counts() };
        let begun = Instant::now();
        for version in [None, Some(1), Some(2)] {
            until("the read model has counted all", async || {
                self.fleet.check();
                let Some(model) = self.read(version).await else { return Some("there is none".to_owned()) };
                (model != expected)
                    .then(|| format!("version {version:?} counts {}, not {}", model.total, expected.total))
            })
            .await;
        }
        let drained = begun.elapsed();
        // No further events are stored.
        for version in [None, Some(1), Some(2)] {
            assert_eq!(self.read(version).await.as_ref(), Some(&expected));
        }
        let rolled_back = self.folder.count_lines(APPLIED) as u64 - 2 * expected.total;
        println!(
            "{}: {} events, and {rolled_back} rolled back; {} kills ({} of read models), {} pauses, looked at {} times on the way; the rest in \
             {drained:?}",
            self.test, expected.total, self.fleet.kills, self.fleet.reader_kills, self.fleet.pauses, self.looks,
        );
        assert!(rolled_back > 0, "no kill came in the middle of a batch");
        assert!(expected.total > 100 && expected.counts.len() > 10, "the load was too small");
        let is_counted = |store: &str| expected.counts.keys().any(|(counted, _)| counted == store);
        assert!(STORES.iter().all(|store| is_counted(store)), "of all event stores");
    }

    /// Interrupts the processes until all of these conditions are met: `time` has passed, processes of read models were
    /// killed at least `kills` times, at least `kills / 2` interruptions hit a process that applied an event, and
    /// readers see the version `live`. If `kills` is not 0, also waits for a minimum load.
    async fn sail(&mut self, time: Duration, kills: usize, live: Option<u32>) {
        let begun = Instant::now();
        loop {
            self.fleet.trouble(None, begun.elapsed().saturating_sub(time));
            let is_load = self.look().await;
            let is_live = self.read_model.live(&self.storage).await;
            if begun.elapsed() >= time
                && self.fleet.reader_kills >= kills
                && self.fleet.caught_at_work >= kills / 2
                && is_live == live
                && (is_load || kills == 0)
            {
                return;
            }
            assert!(begun.elapsed() < time + crate::PATIENCE, "{}: {is_live:?} is live", self.test);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Checks that the counts are consistent at this moment. Returns whether they show the minimum load.
    async fn look(&mut self) -> bool {
        let Some(model) = self.read(None).await else { return false };
        self.looks += 1;
        model.total > 100 && model.counts.len() > 10
    }

    async fn read(&self, version: Option<u32>) -> Option<Model> {
        let model = self.read_model.read(version).await?;
        assert_eq!(model.counts.values().sum::<u64>(), model.total, "{}: version {version:?}", self.test);
        Some(model)
    }
}
