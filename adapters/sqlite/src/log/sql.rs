use castore_core::log::LogQuery;
use rusqlite::types::Value;

/// The columns of an event in the log. They begin with the columns of a read of one aggregate, in the same order.
const COLUMNS: &str = "version, type, timestamp, payload, metadata, position, event_store_id, aggregate_id";

/// Returns the SQL and the parameters of a query for the events whose position is greater than `after` and at most
/// `until`.
pub(super) fn select(query: &LogQuery, after: i64, until: i64, limit: i64) -> (String, Vec<Value>) {
    let mut sql = format!("SELECT {COLUMNS} FROM event WHERE ");
    let mut parameters = vec![Value::Integer(after), Value::Integer(until), Value::Integer(limit)];
    match &query.aggregate {
        // The unary plus keeps SQLite from scanning the whole log by position for one aggregate.
        Some(one) => {
            sql.push_str("event_store_id = ?4 AND aggregate_id = ?5 AND +position > ?1 AND +position <= ?2");
            parameters.push(one.event_store_id.clone().into());
            parameters.push(one.aggregate_id.clone().into());
        }
        None => sql.push_str("position > ?1 AND position <= ?2"),
    }
    if let Some(stores) = query.filter.stores() {
        sql.push_str(" AND (0");
        for (store, types) in stores {
            parameters.push(store.to_owned().into());
            sql.push_str(&format!(" OR (event_store_id = ?{}", parameters.len()));
            if !types.is_empty() {
                sql.push_str(" AND type IN (");
                for (at, one) in types.iter().enumerate() {
                    parameters.push(one.clone().into());
                    sql.push_str(&format!("{}?{}", if at > 0 { ", " } else { "" }, parameters.len()));
                }
                sql.push(')');
            }
            sql.push(')');
        }
        sql.push(')');
    }
    sql.push_str(if query.aggregate.is_some() {
        " ORDER BY +position LIMIT ?3"
    } else {
        " ORDER BY position LIMIT ?3"
    });
    (sql, parameters)
}

#[cfg(test)]
mod tests {
    use castore_core::log::{LogFilter, LogQuery};
    use rusqlite::{Connection, params_from_iter};

    use super::select;
    use crate::schema;

    fn plan(query: &LogQuery) -> String {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::migrate(&mut connection).unwrap();
        let (sql, parameters) = select(query, 0, 1, 1);
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let rows = statement.query_map(params_from_iter(parameters), |row| row.get::<_, String>(3)).unwrap();
        rows.collect::<Result<Vec<_>, _>>().unwrap().join("; ")
    }

    #[test]
    fn the_log_is_read_by_position_and_an_aggregate_by_its_index() {
        let by_position = "SEARCH event USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)";
        assert_eq!(plan(&LogQuery::new(LogFilter::all(), 1)), by_position);
        let stores = LogFilter::none().event_store_id("A").event_store_id("B");
        assert_eq!(plan(&LogQuery::new(stores.clone(), 1)), by_position);
        let one = plan(&LogQuery::new(stores, 1).aggregate("A", "a"));
        assert!(
            one.starts_with("SEARCH event USING INDEX sqlite_autoindex_event_1 (event_store_id=? AND aggregate_id=?)"),
            "{one}"
        );
    }
}
