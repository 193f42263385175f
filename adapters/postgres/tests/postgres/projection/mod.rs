//! Read models: each event is applied exactly once, new versions take over, and failures are reported.

mod conformance;
mod failing;
mod kills;
mod logs;
mod misused;
mod rebuilding;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use castore_core::consumer::HandlerError;
use castore_core::event::DecodeEventError;
use castore_core::log::{LogEntry, Logged};
use castore_postgres::projection::{PostgresProjection, ReadModel, Tables, Transaction};
use castore_postgres::tokio_postgres;
use castore_projection::ProjectionOptions;
use tokio::sync::Notify;

use crate::support::{STORE, Schema};

pub(crate) const SOON: Duration = Duration::from_secs(20);

/// The parts of an event that these read models use.
pub(crate) struct Happened {
    aggregate_id: String,
    version: i64,
    event_type: String,
}

impl Logged for Happened {
    fn event_store_ids() -> Vec<&'static str> {
        vec![STORE]
    }

    fn from_log(entry: &LogEntry) -> Result<Self, DecodeEventError> {
        assert_ne!(&*entry.event.event_type, "UNREADABLE", "as types of users may do");
        Ok(Self {
            aggregate_id: entry.event.aggregate_id.clone(),
            version: i64::try_from(entry.event.version).unwrap(),
            event_type: entry.event.event_type.to_string(),
        })
    }
}

/// A read model that counts the events of each aggregate, and rejects events that are out of order or marked as poison.
#[derive(Default)]
pub(crate) struct Counts<const VERSION: u32> {
    pub(crate) healed: Arc<AtomicBool>,
    pub(crate) held: Arc<Held>,
}

/// The signals of a handler that receives an event of type `HELD` after `healed` was set. The handler reports that it
/// was entered, and waits until it is released.
#[derive(Default)]
pub(crate) struct Held {
    pub(crate) entered: Notify,
    pub(crate) released: Notify,
}

impl<const VERSION: u32> ReadModel for Counts<VERSION> {
    const NAME: &'static str = "counts";
    const VERSION: u32 = VERSION;
    type Event = Happened;
}

impl<const VERSION: u32> PostgresProjection for Counts<VERSION> {
    async fn create(&self, transaction: &Transaction<'_>, tables: &Tables) -> Result<(), tokio_postgres::Error> {
        // Each version has different columns.
        transaction
            .batch_execute(&format!(
                "CREATE TABLE {tables} (aggregate_id TEXT PRIMARY KEY, of_version_{VERSION} INT NOT NULL DEFAULT 0,
                    count BIGINT NOT NULL, last BIGINT NOT NULL)"
            ))
            .await
    }

    async fn apply(
        &self,
        transaction: &Transaction<'_>,
        tables: &Tables,
        event: &Happened,
    ) -> Result<(), HandlerError> {
        let healed = self.healed.load(Ordering::SeqCst);
        match event.event_type.as_str() {
            "POISON" | "HELD" if !healed => return Err(HandlerError::new("poison")),
            "HELD" => {
                self.held.entered.notify_one();
                self.held.released.notified().await;
            }
            "PARK" => return Err(HandlerError::park("park")),
            "SKIP" => return Err(HandlerError::skip("skip")),
            "STOP" => return Err(HandlerError::stop("stop")),
            "SLOW" => tokio::time::sleep(Duration::from_millis(20)).await,
            "PANIC" if !healed => panic!("as it was told"),
            "COMMIT" if !healed => transaction.batch_execute("COMMIT").await?,
            "SWALLOW" if !healed => {
                transaction.batch_execute("SELECT 1 / 0").await.unwrap_err();
                return Ok(());
            }
            "FAIL" if !healed => transaction.batch_execute("SELECT 1 / 0").await?,
            _ => {}
        }
        let sql = format!(
            "INSERT INTO {tables} AS counts (aggregate_id, count, last) VALUES ($1, 1, $2)
             ON CONFLICT (aggregate_id) DO UPDATE SET count = counts.count + 1, last = EXCLUDED.last
             WHERE counts.last = EXCLUDED.last - 1"
        );
        let statement = transaction.prepare_cached(&sql).await?;
        let rows = transaction.execute(&statement, &[&event.aggregate_id, &event.version]).await?;
        if rows == 1 { Ok(()) } else { Err(HandlerError::park("out of order, or twice")) }
    }
}

pub(crate) fn options() -> ProjectionOptions {
    ProjectionOptions::default()
        .batch_size(50)
        .poll_interval(Duration::from_millis(20))
        .attempts(2)
        .backoff(Duration::from_millis(5), Duration::from_secs(30))
}

/// Asserts that the read model has the same counts and last versions per aggregate as the store.
pub(crate) async fn expect_counts(schema: &Schema, view: &str) -> u64 {
    let read = async |sql: String| -> BTreeMap<String, (i64, i64)> {
        let rows = schema.client.query(&sql, &[]).await.unwrap();
        rows.iter().map(|row| (row.get(0), (row.get(1), row.get(2)))).collect()
    };
    let counted = read(format!("SELECT aggregate_id, count, last FROM {view}")).await;
    let stored = read(
        "SELECT aggregate_id::text, count(*), max(version) FROM event WHERE aggregate_name = 'STORE' GROUP BY 1"
            .to_owned(),
    )
    .await;
    assert_eq!(counted, stored);
    u64::try_from(stored.values().map(|(count, _)| count).sum::<i64>()).unwrap()
}
