use castore_core::storage::{AggregateIdsPage, LastEvaluatedKey, ListedAggregate, PageToken, StorageError};
use castore_core::time::Timestamp;
use rusqlite::types::Type;
use rusqlite::{Connection, Params, Row};

use super::events::saturated;
use crate::errors::read_error;

/// The query for the first page of aggregates. The index `event_initial` contains all columns of the query, so SQLite
/// does not read the table.
const FORWARD: &str = "SELECT aggregate_id, timestamp FROM event
     WHERE event_store_id = ?1 AND version = 1 AND timestamp BETWEEN ?2 AND ?3
     ORDER BY timestamp, aggregate_id LIMIT ?4";

const REVERSE: &str = "SELECT aggregate_id, timestamp FROM event
     WHERE event_store_id = ?1 AND version = 1 AND timestamp BETWEEN ?2 AND ?3
     ORDER BY timestamp DESC, aggregate_id DESC LIMIT ?4";

/// The query for a later page of aggregates. The comparison of pairs also uses the index, so that SQLite scans no
/// aggregate before the page, even if many aggregates have the same timestamp.
const FORWARD_AFTER: &str = "SELECT aggregate_id, timestamp FROM event
     WHERE event_store_id = ?1 AND version = 1 AND timestamp <= ?3 AND (timestamp, aggregate_id) > (?2, ?5)
     ORDER BY timestamp, aggregate_id LIMIT ?4";

const REVERSE_AFTER: &str = "SELECT aggregate_id, timestamp FROM event
     WHERE event_store_id = ?1 AND version = 1 AND timestamp >= ?2 AND (timestamp, aggregate_id) < (?3, ?5)
     ORDER BY timestamp DESC, aggregate_id DESC LIMIT ?4";

/// Returns one page of the aggregates of an event store for the resolved options.
pub(crate) fn list_aggregate_ids(
    connection: &Connection,
    event_store_id: &str,
    asked: PageToken,
) -> Result<AggregateIdsPage, StorageError> {
    if asked.limit == Some(0) {
        return Ok(AggregateIdsPage::default());
    }
    let reverse = asked.reverse.unwrap_or(false);
    let mut first = asked.initial_event_after.map_or(i64::MIN, Timestamp::unix_millis);
    let mut last = asked.initial_event_before.map_or(i64::MAX, Timestamp::unix_millis);
    // A key outside of the bounds is ignored, because it does not narrow the bounds.
    let key = asked.last_evaluated_key.as_ref().and_then(|key| {
        let ended = key.initial_event_timestamp.unix_millis();
        if reverse && ended <= last {
            last = ended;
        } else if !reverse && ended >= first {
            first = ended;
        } else {
            return None;
        }
        Some(key.aggregate_id.as_str())
    });
    // The statement requests one aggregate more than the limit, to find out whether more aggregates follow.
    let limit = saturated(asked.limit.map(|limit| limit.saturating_add(1)));
    let mut aggregates = match (reverse, key) {
        (false, None) => query(connection, FORWARD, (event_store_id, first, last, limit)),
        (true, None) => query(connection, REVERSE, (event_store_id, first, last, limit)),
        (false, Some(key)) => query(connection, FORWARD_AFTER, (event_store_id, first, last, limit, key)),
        (true, Some(key)) => query(connection, REVERSE_AFTER, (event_store_id, first, last, limit, key)),
    }?;
    let mut next_page_token = None;
    if let Some(limit) = asked.limit.and_then(|limit| usize::try_from(limit).ok())
        && aggregates.len() > limit
    {
        aggregates.truncate(limit);
        next_page_token = aggregates.last().map(|last| {
            asked.next(LastEvaluatedKey {
                aggregate_id: last.aggregate_id.clone(),
                initial_event_timestamp: last.initial_event_timestamp,
            })
        });
    }
    Ok(AggregateIdsPage::new(aggregates).next_page_token(next_page_token))
}

fn query(connection: &Connection, sql: &str, parameters: impl Params) -> Result<Vec<ListedAggregate>, StorageError> {
    let mut statement = connection.prepare_cached(sql).map_err(read_error)?;
    let aggregates = statement.query_map(parameters, listed).map_err(read_error)?;
    aggregates
        .map(|aggregate| {
            aggregate.map_err(|error| match error {
                rusqlite::Error::SqliteFailure(..) => read_error(error),
                _ => StorageError::Corrupt { what: "the id or the timestamp of an aggregate".to_owned() },
            })
        })
        .collect()
}

fn listed(row: &Row<'_>) -> rusqlite::Result<ListedAggregate> {
    let millis = row.get(1)?;
    let initial_event_timestamp = Timestamp::from_unix_millis(millis)
        .ok_or_else(|| rusqlite::Error::InvalidColumnType(1, "timestamp".to_owned(), Type::Integer))?;
    Ok(ListedAggregate::new(row.get::<_, String>(0)?, initial_event_timestamp))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema;

    #[test]
    fn pages_are_read_from_the_index_alone() {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::migrate(&mut connection).unwrap();
        for (sql, bounds) in [
            (FORWARD, "timestamp>? AND timestamp<?"),
            (REVERSE, "timestamp>? AND timestamp<?"),
            (FORWARD_AFTER, "(timestamp,aggregate_id)>(?,?) AND timestamp<?"),
            (REVERSE_AFTER, "timestamp>? AND (timestamp,aggregate_id)<(?,?)"),
        ] {
            let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let mut rows = statement.raw_query();
            let mut plan = Vec::<String>::new();
            while let Some(row) = rows.next().unwrap() {
                plan.push(row.get(3).unwrap());
            }
            assert_eq!(
                plan,
                [format!("SEARCH event USING COVERING INDEX event_initial (event_store_id=? AND {bounds})")],
            );
        }
    }
}
