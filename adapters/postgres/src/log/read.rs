use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;

use castore_core::log::{LogEntry, LogQuery};
use castore_core::storage::{RawEvent, StorageError};
use deadpool_postgres::Client;
use futures_core::Stream;
use serde_json::value::RawValue;
use tokio_postgres::{Row, RowStream};

use super::sql::Filter;
use crate::database::Database;
use crate::pipeline::in_order;
use crate::schema::Table;
use crate::statement::{Parameter, StatementMode};
use crate::storage::{AggregateIdText, JsonText, Moment, rejected};

/// The size in bytes above which a page ends.
const BYTES: usize = 16 << 20;

/// The events between two ids.
#[derive(Debug)]
pub(super) struct Events {
    pub(super) events: Vec<LogEntry>,
    /// Whether more events follow.
    pub(super) more: bool,
    /// The number of times that events of the log were replaced or removed.
    pub(super) rewrites: u64,
}

/// The error of a read.
pub(super) enum Failed {
    /// An error of the driver: the connection was lost, or the server rejected the statement.
    Driver(tokio_postgres::Error),
    Finally(StorageError),
}

impl From<tokio_postgres::Error> for Failed {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Driver(error)
    }
}

/// Reads the events between two ids, in one round trip.
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
    let start = async {
        let Some(filter) = filter.filter(|_| up_to > after) else {
            return Ok((rewrite_count(statements, client, table).await?, None));
        };
        let sql = filter.select(table);
        let statement = statements.prepare(client, &sql).await?;
        // The statement is prepared before the rows are requested, because the response to a later request would be
        // delayed until the caller has read all rows.
        if let Some(counts) = &table.rewrites {
            statements.prepare(client, &counts.all).await?;
        }
        // One event more than requested shows whether more follow.
        let limit = i64::try_from(query.limit).unwrap_or(i64::MAX).saturating_add(1);
        let (after, up_to) = (signed(after), signed(up_to));
        let mut parameters: Vec<&dyn Parameter> = vec![&after, &up_to, &limit];
        parameters.extend(filter.parameters());
        let rows = statement.stream(client, &parameters);
        let (rewrites, rows) = in_order(rewrite_count(statements, client, table), rows).await;
        Ok::<_, tokio_postgres::Error>((rewrites?, Some(rows?)))
    };
    let (rewrites, rows) = database.within(start).await.map_err(within)??;
    let mut page = Events { events: Vec::new(), more: false, rewrites };
    if let Some(rows) = rows {
        collect(rows, query.limit, &mut page).await?;
    }
    Ok(page)
}

async fn collect(rows: RowStream, limit: usize, page: &mut Events) -> Result<(), Failed> {
    let mut rows = pin!(rows);
    let (mut stores, mut bytes) = (Vec::new(), 0);
    while let Some(row) = poll_fn(|context| rows.as_mut().poll_next(context)).await {
        if page.events.len() == limit || bytes > BYTES {
            page.more = true;
            break;
        }
        let entry = entry(&row?, &mut stores, &mut bytes).map_err(Failed::Finally)?;
        page.events.push(entry);
    }
    Ok(())
}

/// Returns the number of rewrites of all aggregates; 0 if rewrites are not counted.
async fn rewrite_count(
    statements: StatementMode,
    client: &Client,
    table: &Table,
) -> Result<u64, tokio_postgres::Error> {
    let Some(counts) = &table.rewrites else { return Ok(0) };
    let count = statements.first(client, &counts.all, &[]).await?.map(|row| row.try_get::<_, i64>(0)).transpose()?;
    Ok(count.and_then(|count| u64::try_from(count).ok()).unwrap_or(0))
}

fn entry(row: &Row, stores: &mut Vec<Arc<str>>, bytes: &mut usize) -> Result<LogEntry, StorageError> {
    let damaged = |what: &str| StorageError::Corrupt {
        what: format!("the column {what} of the event with id {:?}", row.try_get::<_, i64>(0)),
    };
    let unsigned = |column: usize, what: &str| {
        row.try_get::<_, i64>(column).ok().and_then(|value| u64::try_from(value).ok()).ok_or_else(|| damaged(what))
    };
    let mut json = |column: usize, what: &str| {
        let text = row.try_get::<_, Option<JsonText<'_>>>(column).map_err(|_| damaged(what))?;
        let text = text.and_then(JsonText::get);
        *bytes += text.map_or(0, str::len);
        // Postgres always writes valid JSON.
        text.map(|text| RawValue::from_string(text.to_owned()).map_err(|_| damaged(what))).transpose()
    };
    let (payload, metadata) = (json(6, "data")?, json(7, "metadata")?);
    let event = RawEvent {
        aggregate_id: row.try_get::<_, AggregateIdText>(2).map_err(|_| damaged("aggregate_id"))?.0,
        version: unsigned(3, "version")?,
        event_type: row.try_get::<_, String>(4).map_err(|_| damaged("type"))?.into(),
        timestamp: row.try_get::<_, Moment>(5).ok().and_then(Moment::timestamp).ok_or_else(|| damaged("timestamp"))?,
        payload,
        metadata,
    };
    let store: &str = row.try_get(1).map_err(|_| damaged("aggregate_name"))?;
    // There are few event stores, and a page may have many events, so the events share the ids of their stores.
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
