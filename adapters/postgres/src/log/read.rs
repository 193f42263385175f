use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use castore_core::log::{LogEntry, LogQuery};
use castore_core::storage::{RawEvent, StorageError};
use serde_json::value::RawValue;

use super::sql::Filter;
use crate::database::Database;
use crate::driver::{Client, DriverError, Row};
use crate::pipeline::in_order;
use crate::schema::Table;
use crate::statement::{Parameter, Session, StatementMode};
use crate::storage::{AggregateIdText, JsonText, Moment, rejected};

/// The size in bytes above which a page ends.
const BYTES: usize = 16 << 20;

/// The events between two ids.
#[derive(Debug)]
pub(super) struct Events {
    pub(super) events: Vec<LogEntry>,
    /// A flag that is `true` if more events follow.
    pub(super) more: bool,
    /// The number of times that events of the log were replaced or removed.
    pub(super) rewrites: u64,
}

/// The reason why a read failed.
pub(super) enum Failed {
    /// An error of the driver: the connection was lost, or the server rejected the statement.
    Driver(DriverError),
    Finally(StorageError),
}

impl From<DriverError> for Failed {
    fn from(error: DriverError) -> Self {
        Self::Driver(error)
    }
}

/// Reads the events between two ids, in one round trip if the driver can pipeline statements.
pub(super) async fn events(
    database: &Database,
    client: &Client,
    table: &Table,
    query: &LogQuery,
    filter: Option<&Filter<'_>>,
    (after, up_to): (u64, u64),
) -> Result<Events, Failed> {
    let statements = database.statements;
    let within = |late| Failed::Finally(StorageError::engine(late));
    let started = AtomicBool::new(false);
    let mut page = Page::new(query.limit);
    let read = async {
        let Some(filter) = filter.filter(|_| up_to > after) else {
            return rewrite_count(statements, client, table).await;
        };
        let sql = filter.select(table);
        let statement = statements.prepare(client, &sql).await?;
        // The next statement is prepared before the rows are requested, because the response to a later request would
        // be delayed until the caller has read all rows.
        if let Some(counts) = &table.rewrites {
            statements.prepare(client, &counts.all).await?;
        }
        // The statement requests one event more than the limit, to find out whether more events follow.
        let limit = i64::try_from(query.limit).unwrap_or(i64::MAX).saturating_add(1);
        let (after, up_to) = (signed(after), signed(up_to));
        let mut parameters: Vec<&dyn Parameter> = vec![&after, &up_to, &limit];
        parameters.extend(filter.parameters());
        let mut visit = |row| {
            started.store(true, Ordering::Relaxed);
            page.add(&row)
        };
        let rows = client.run(&statement, &parameters, &mut visit);
        let (rewrites, rows) = in_order(rewrite_count(statements, client, table), rows).await;
        rows.and(rewrites)
    };
    let rewrites = database.starts_within(&started, read).await.map_err(within)??;
    match page.failed {
        Some(error) => Err(Failed::Finally(error)),
        None => Ok(Events { events: page.events, more: page.more, rewrites }),
    }
}

/// The events of a page that have arrived.
struct Page {
    limit: usize,
    events: Vec<LogEntry>,
    /// The ids of the event stores of these events. The ids are shared, because a page may have many events of few
    /// event stores.
    stores: Vec<Arc<str>>,
    bytes: usize,
    more: bool,
    failed: Option<StorageError>,
}

impl Page {
    fn new(limit: usize) -> Self {
        Self { limit, events: Vec::new(), stores: Vec::new(), bytes: 0, more: false, failed: None }
    }

    fn add(&mut self, row: &Row) -> ControlFlow<()> {
        if self.events.len() == self.limit || self.bytes > BYTES {
            self.more = true;
            return ControlFlow::Break(());
        }
        match entry(row, &mut self.stores, &mut self.bytes) {
            Ok(entry) => self.events.push(entry),
            Err(error) => {
                self.failed = Some(error);
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    }
}

/// Returns the number of rewrites of all aggregates; 0 if rewrites are not counted.
async fn rewrite_count(statements: StatementMode, client: &Client, table: &Table) -> Result<u64, DriverError> {
    let Some(counts) = &table.rewrites else { return Ok(0) };
    let count = statements.first(client, &counts.all, &[]).await?.map(|row| row.try_get::<i64>(0)).transpose()?;
    Ok(count.and_then(|count| u64::try_from(count).ok()).unwrap_or(0))
}

fn entry(row: &Row, stores: &mut Vec<Arc<str>>, bytes: &mut usize) -> Result<LogEntry, StorageError> {
    let damaged = |what: &str| StorageError::Corrupt {
        what: format!("the column {what} of the event with id {:?}", row.try_get::<i64>(0)),
    };
    let unsigned = |column: usize, what: &str| {
        row.try_get::<i64>(column).ok().and_then(|value| u64::try_from(value).ok()).ok_or_else(|| damaged(what))
    };
    let mut json = |column: usize, what: &str| {
        let text = row.try_get::<Option<JsonText<'_>>>(column).map_err(|_| damaged(what))?;
        let text = text.and_then(JsonText::get);
        *bytes += text.map_or(0, str::len);
        // Postgres always writes valid JSON.
        text.map(|text| RawValue::from_string(text.to_owned()).map_err(|_| damaged(what))).transpose()
    };
    let (payload, metadata) = (json(6, "data")?, json(7, "metadata")?);
    let event = RawEvent {
        aggregate_id: row.try_get::<AggregateIdText>(2).map_err(|_| damaged("aggregate_id"))?.0,
        version: unsigned(3, "version")?,
        event_type: row.try_get::<String>(4).map_err(|_| damaged("type"))?.into(),
        timestamp: row.try_get::<Moment>(5).ok().and_then(Moment::timestamp).ok_or_else(|| damaged("timestamp"))?,
        payload,
        metadata,
    };
    let store: &str = row.try_get(1).map_err(|_| damaged("aggregate_name"))?;
    let known = stores.iter().find(|known| &***known == store).cloned();
    let event_store_id = known.unwrap_or_else(|| {
        let new: Arc<str> = Arc::from(store);
        stores.push(Arc::clone(&new));
        new
    });
    Ok(LogEntry::new(unsigned(0, "id")?, event_store_id, event))
}

/// Converts a failure that is not retried.
pub(super) fn storage_error(database: &Database, failed: Failed) -> StorageError {
    match failed {
        Failed::Driver(error) => rejected(database, error),
        Failed::Finally(error) => error,
    }
}

/// Converts a number to a signed integer. Numbers that are too large become the greatest integer, which is beyond every
/// position.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
