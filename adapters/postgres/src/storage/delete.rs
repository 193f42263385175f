use castore_core::storage::{Deletion, StorageError};
use tokio_postgres::error::SqlState;

use super::aggregate_id::AggregateId;
use super::check::unsupported;
use super::known::Known;
use super::outcome::rejected;
use super::statements::{id_parameter, last_version};
use super::transact::check_names;
use crate::database::Database;
use crate::driver::{Client, DriverError};
use crate::errors::{PostgresError, SchemaError};
use crate::schema::{Patience, Table};
use crate::statement::{Session, query_once};

/// Deletes an aggregate and its snapshots, in one transaction that locks the table against other writers.
///
/// The lock is necessary because a push in an open transaction is not visible to the deletion. Without the lock, the
/// event of this push could be stored after the deletion, although it follows a deleted event.
pub(crate) async fn delete_aggregate(
    database: &Database,
    event_store_id: &str,
    aggregate_id: &str,
    expected: u64,
) -> Result<Deletion, StorageError> {
    check_names(&[event_store_id])?;
    let table = database.table().await?;
    if table.rewrites.is_none() {
        return Err(unsupported(format!(
            "the deletion of events from the table {}, because it has no rewrite counts; create them with \
             `create_rewrite_trigger`",
            table.qualified
        )));
    }
    let id = AggregateId::new(&table, aggregate_id)?;
    let known = Known::new(database, &table, event_store_id, &id);
    known.remove();
    let aggregate = Aggregate { table: &table, event_store_id, id: &id, text: aggregate_id };
    let deletion = aggregate.delete(database, expected).await;
    // Until the commit, a concurrent read may have recorded the old version.
    known.remove();
    deletion
}

struct Aggregate<'a> {
    table: &'a Table,
    event_store_id: &'a str,
    id: &'a AggregateId<'a>,
    /// The id as the caller wrote it. Snapshots are stored with the id as it was written, which may be this one or the
    /// id as Postgres returns it.
    text: &'a str,
}

impl Aggregate<'_> {
    async fn delete(&self, database: &Database, expected: u64) -> Result<Deletion, StorageError> {
        // The connection is taken out of the pool: if the future is dropped, the connection is closed, and the server
        // rolls the transaction back.
        let client = database.client().await?.detach();
        let begin = format!(
            "BEGIN; {}; LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE",
            Patience::set_local(database.patience.lock),
            self.table.qualified
        );
        let within = database.within(client.batch(&begin)).await.map_err(StorageError::engine)?;
        within.map_err(|error| self.not_deleted(database, error))?;
        let deletion = database.within(self.delete_locked(&client, expected)).await.map_err(StorageError::engine)?;
        let deletion = deletion.map_err(|error| self.not_deleted(database, error))?;
        let committed = database.within(client.batch("COMMIT")).await;
        let unknown = |error: PostgresError| StorageError::UnknownOutcome(error.into());
        match committed.map_err(unknown)? {
            Ok(()) => Ok(deletion),
            Err(error) if error.server().is_some() => Err(rejected(database, error)),
            Err(error) => Err(unknown(error.into())),
        }
    }

    async fn delete_locked(&self, client: &Client, expected: u64) -> Result<Deletion, DriverError> {
        let Table { qualified, aggregate_id, snapshots, .. } = self.table;
        let id = id_parameter(aggregate_id, "$2");
        let sql = format!(
            "WITH last AS MATERIALIZED (SELECT {} AS version),
                deleted AS (DELETE FROM {qualified} WHERE aggregate_name = $1::text AND aggregate_id = {id}
                    AND (SELECT version FROM last) = $3::int8 RETURNING 1)
             SELECT (SELECT version FROM last), (SELECT count(*) FROM deleted), to_regclass($4::text) IS NOT NULL",
            last_version(qualified, "$1::text", &id),
        );
        let signed = i64::try_from(expected).unwrap_or(i64::MAX);
        let rows = query_once(client, &sql, &[&self.event_store_id, self.id, &signed, snapshots]).await?;
        let (last, events, has_snapshots) = match rows.first() {
            Some(row) => (row.try_get::<i64>(0)?, row.try_get::<i64>(1)?, row.try_get::<bool>(2)?),
            None => (0, 0, false),
        };
        if events == 0 {
            return Ok(Deletion::Changed { last_version: u64::try_from(last).unwrap_or(0) });
        }
        if has_snapshots {
            let sql = format!("DELETE FROM {snapshots} WHERE event_store_id = $1 AND aggregate_id IN ($2, $3)");
            query_once(client, &sql, &[&self.event_store_id, &self.text, &&*self.id.text()]).await?;
        }
        Ok(Deletion::Deleted { events: u64::try_from(events).unwrap_or(0) })
    }

    fn not_deleted(&self, database: &Database, error: DriverError) -> StorageError {
        if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) {
            return StorageError::engine(SchemaError::Locked { table: self.table.qualified.clone() });
        }
        rejected(database, error)
    }
}
