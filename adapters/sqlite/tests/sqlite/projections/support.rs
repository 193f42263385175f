use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use castore_core::consumer::HandlerError;
use castore_core::error::error_chain;
use castore_core::event::{DecodeEventError, DecodeEventProblem};
use castore_core::log::{LogEntry, LogFilter, Logged};
use castore_projection::{OnFailure, ProjectionError, ProjectionOptions, ProjectionState};
use castore_sqlite::SqliteEventStorageAdapter;
use castore_sqlite::projection::{ReadModel, RunningProjection, SqliteProjection, SqliteReadModels, Tables};
use rusqlite::{Connection, Transaction};

use crate::support::STORE;

pub(crate) const SOON: Duration = Duration::from_secs(60);

/// An event as decoded by these tests.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) store: String,
    pub(crate) aggregate: String,
    pub(crate) version: u64,
}

impl Logged for Seen {
    fn event_store_ids() -> Vec<&'static str> {
        vec![STORE]
    }

    fn from_log(entry: &LogEntry) -> Result<Self, DecodeEventError> {
        if entry.event.aggregate_id == "undecodable" {
            return Err(DecodeEventError {
                event_store_id: Cow::Owned(entry.event_store_id.to_string()),
                aggregate_id: entry.event.aggregate_id.clone(),
                version: entry.event.version,
                event_type: entry.event.event_type.to_string(),
                problem: DecodeEventProblem::AggregateId,
            });
        }
        assert_ne!(entry.event.aggregate_id, "panicking", "a bug");
        let (store, aggregate) = (entry.event_store_id.to_string(), entry.event.aggregate_id.clone());
        Ok(Self { store, aggregate, version: entry.event.version })
    }
}

type Trouble = Arc<dyn Fn(&Transaction<'_>, &Seen) -> Result<(), HandlerError> + Send + Sync>;

/// A projection that counts the events of each aggregate and asserts their order.
#[derive(Clone)]
pub(crate) struct Counts<const V: u32 = 1> {
    trouble: Trouble,
    pub(crate) filter: LogFilter,
}

impl<const V: u32> Counts<V> {
    pub(crate) fn new() -> Self {
        Self::failing(|_| Ok(()))
    }

    /// Returns a projection that fails after it has counted.
    pub(crate) fn failing(trouble: impl Fn(&Seen) -> Result<(), HandlerError> + Send + Sync + 'static) -> Self {
        Self::doing(move |_, seen| trouble(seen))
    }

    pub(crate) fn doing(
        trouble: impl Fn(&Transaction<'_>, &Seen) -> Result<(), HandlerError> + Send + Sync + 'static,
    ) -> Self {
        Self { trouble: Arc::new(trouble), filter: LogFilter::of::<Seen>() }
    }
}

impl<const V: u32> ReadModel for Counts<V> {
    const NAME: &'static str = "counts";
    const VERSION: u32 = V;
    type Event = Seen;
}

impl<const V: u32> SqliteProjection for Counts<V> {
    fn filter(&self) -> LogFilter {
        self.filter.clone()
    }

    fn create(&self, transaction: &Transaction<'_>, tables: &Tables) -> rusqlite::Result<()> {
        // Each version has a different column.
        transaction.execute_batch(&format!(
            "CREATE TABLE {tables} (aggregate TEXT PRIMARY KEY, events INTEGER NOT NULL, added_in_{V} INTEGER)"
        ))
    }

    fn apply(&self, transaction: &Transaction<'_>, tables: &Tables, seen: &Seen) -> Result<(), HandlerError> {
        let sql = format!(
            "INSERT INTO {tables} VALUES (?1, 1, {V}) ON CONFLICT DO UPDATE SET events = events + 1 RETURNING events"
        );
        let key =
            if seen.store == STORE { seen.aggregate.clone() } else { format!("{}/{}", seen.store, seen.aggregate) };
        let count: i64 = transaction.prepare_cached(&sql)?.query_row([key], |row| row.get(0))?;
        if count as u64 != seen.version {
            return Err(HandlerError::park(format!("event {} is the {count}th", seen.version)));
        }
        (self.trouble)(transaction, seen)
    }
}

pub(crate) fn options() -> ProjectionOptions {
    ProjectionOptions::default()
        .poll_interval(Duration::from_millis(50))
        .backoff(Duration::from_millis(2), Duration::from_secs(30))
}

pub(crate) fn parking() -> ProjectionOptions {
    options().attempts(2).on_failure(OnFailure::ParkAggregate)
}

pub(crate) async fn start<P: SqliteProjection>(
    models: &SqliteReadModels,
    projection: P,
    log: &SqliteEventStorageAdapter,
) -> RunningProjection {
    models.start(projection, log.clone(), options()).await.unwrap()
}

/// Returns the counts that readers see.
pub(crate) fn counts(path: &Path) -> BTreeMap<String, u64> {
    let connection = Connection::open(path).unwrap();
    connection.busy_timeout(SOON).unwrap();
    let mut statement = connection.prepare("SELECT aggregate, events FROM counts").unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)? as u64))).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

/// Returns the expected counts.
pub(crate) fn stored(path: &Path) -> BTreeMap<String, u64> {
    let connection = Connection::open(path).unwrap();
    let mut statement = connection
        .prepare("SELECT aggregate_id, count(*) FROM event WHERE event_store_id = 'STORE' GROUP BY 1")
        .unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)? as u64))).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

pub(crate) fn map(counts: &[(&str, u64)]) -> BTreeMap<String, u64> {
    counts.iter().map(|(id, count)| ((*id).to_owned(), *count)).collect()
}

pub(crate) async fn stopped(running: &mut RunningProjection) -> Arc<ProjectionError> {
    let stopped = tokio::time::timeout(SOON, running.finished()).await.expect("it should stop");
    let state = running.status().await.unwrap().state;
    let error = stopped.expect_err("it should say why it stopped");
    assert_eq!(state, ProjectionState::Stopped { error: error_chain(&*error) });
    error
}
