use castore_core::storage::StorageError;

use crate::database::Database;
use crate::storage::{AggregateId, read_value};

/// Returns the number of times that events of an aggregate were replaced or removed, or `None` if rewrites are not
/// counted.
pub(crate) async fn rewrite_count(
    database: &Database,
    event_store_id: &str,
    aggregate_id: &str,
) -> Result<Option<u64>, StorageError> {
    let table = database.table().await?;
    let Some(counts) = &table.rewrites else { return Ok(None) };
    let Some(id) = AggregateId::new(&table, aggregate_id).ok().filter(|_| !event_store_id.contains('\0')) else {
        return Ok(Some(0));
    };
    let id = id.text();
    let count: i64 = read_value(database, &counts.of_aggregate, &[&event_store_id, &&*id]).await?;
    Ok(Some(u64::try_from(count).unwrap_or(0)))
}
