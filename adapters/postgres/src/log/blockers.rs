use castore_core::log::BlockedBy;
use tokio_postgres::types::FromSql;

use super::horizon::Holder;
use crate::driver::{DriverError, Row};
use crate::statement::{Session, query_once};

/// The query that describes sessions by their process ids, and prepared transactions by their virtual transaction ids.
/// The query reads only columns that every role may read.
const WHO: &str = "SELECT activity.pid, NULL::text, activity.usename::text, activity.application_name, activity.state,
        extract(epoch FROM clock_timestamp() - activity.xact_start)::float8
    FROM pg_stat_activity activity WHERE activity.pid = ANY ($1::int4[])
    UNION ALL
    SELECT NULL, lock.virtualtransaction, prepared.owner::text, prepared.gid, NULL,
        extract(epoch FROM clock_timestamp() - prepared.prepared)::float8
    FROM pg_locks lock JOIN pg_prepared_xacts prepared ON prepared.transaction = lock.transactionid
    WHERE lock.locktype = 'transactionid' AND lock.virtualtransaction = ANY ($2::text[])";

/// Describes the blocking transactions without a query.
pub(super) fn in_short(holders: &[Holder]) -> BlockedBy {
    BlockedBy::new(holders.iter().map(name).collect())
}

fn name(holder: &Holder) -> String {
    match holder.process {
        Some(process) => format!("a transaction of process {process}"),
        None => format!("the prepared transaction {}", holder.virtual_transaction),
    }
}

/// Describes the blocking transactions, as far as this role may see them.
pub(super) async fn in_words(client: &impl Session, holders: &[Holder]) -> Result<BlockedBy, DriverError> {
    let processes: Vec<i32> = holders.iter().filter_map(|holder| holder.process).collect();
    let prepared: Vec<&str> = holders
        .iter()
        .filter(|holder| holder.process.is_none())
        .map(|holder| holder.virtual_transaction.as_str())
        .collect();
    let rows = query_once(client, WHO, &[&processes, &prepared]).await?;
    let text = |row: &Row, column: usize| value::<String>(row, column).filter(|text| !text.is_empty());
    let words = |holder: &Holder| {
        let found = rows.iter().find(|row| match (value::<i32>(row, 0), value::<&str>(row, 1)) {
            (Some(process), _) => holder.process == Some(process),
            (None, transaction) => holder.process.is_none() && transaction == Some(holder.virtual_transaction.as_str()),
        });
        let Some(row) = found else { return name(holder) };
        let mut words = match holder.process {
            Some(process) => match text(row, 3) {
                Some(application) => format!("process {process} ({application:?}"),
                None => format!("process {process} ("),
            },
            None => format!("the prepared transaction {:?} (", text(row, 3).unwrap_or_default()),
        };
        let mut more = Vec::new();
        more.extend(text(row, 2).map(|role| format!("of {role}")));
        more.extend(text(row, 4));
        more.extend(value::<f64>(row, 5).map(|seconds| format!("for {:.1} s", seconds.max(0.0))));
        if !words.ends_with('(') && !more.is_empty() {
            words.push_str(", ");
        }
        format!("{words}{})", more.join(", "))
    };
    Ok(BlockedBy::new(holders.iter().map(words).collect()))
}

fn value<'a, T: FromSql<'a>>(row: &'a Row, column: usize) -> Option<T> {
    row.try_get::<Option<T>>(column).ok().flatten()
}
