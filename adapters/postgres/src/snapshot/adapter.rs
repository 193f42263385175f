use async_trait::async_trait;
use castore_core::snapshot::{Snapshot, SnapshotAdapter, SnapshotKey};
use castore_core::storage::StorageError;
use castore_core::time::Timestamp;
use serde_json::value::RawValue;

use crate::PostgresEventStorageAdapter;
use crate::driver::{PostgresPool, Row};
use crate::schema::SideTables;
use crate::storage::{check_names, read_side_rows, transact};

pub(crate) const TABLES: SideTables = SideTables { what: "the table of snapshots", create };

/// The maximum size of a state in bytes. The server rejects messages of one gigabyte or more.
const MAX_BYTES: usize = 1_000_000_000;

/// Returns the statement that creates the snapshot table. `state_shape` is a 64-bit hash, stored as the signed integer
/// with the same bits. States are stored as text, which preserves numbers. Times are milliseconds since 1970.
fn create(_schema: &str, snapshots: &str) -> String {
    format!(
        "CREATE TABLE IF NOT EXISTS {snapshots} (
            event_store_id TEXT NOT NULL,
            aggregate_id TEXT NOT NULL,
            version BIGINT NOT NULL,
            state_shape BIGINT NOT NULL,
            reducer_version BIGINT NOT NULL,
            rewrites BIGINT NOT NULL,
            event_timestamp BIGINT NOT NULL,
            state TEXT NOT NULL,
            PRIMARY KEY (event_store_id, aggregate_id, version, state_shape, reducer_version)
        );"
    )
}

/// Stores snapshots in the table `castore_snapshot_<event table>`, in the schema of the event table. (If this name is
/// too long for Postgres, its end is replaced by a hash.) The table is created when a snapshot is first stored or
/// deleted, or earlier by [`create_snapshot_table`](PostgresEventStorageAdapter::create_snapshot_table). Each event
/// table has its own snapshot table, so if each tenant has its own event table, tenants never see each other's
/// snapshots.
#[async_trait]
impl<P: PostgresPool> SnapshotAdapter for PostgresEventStorageAdapter<P> {
    async fn latest_snapshot(
        &self,
        key: &SnapshotKey,
        max_version: Option<u64>,
    ) -> Result<Option<Snapshot>, StorageError> {
        if check_names(&[key.event_store_id, &key.aggregate_id]).is_err() {
            return Ok(None);
        }
        let database = self.database();
        let sql = format!(
            "SELECT version, rewrites, event_timestamp, state FROM {}
             WHERE event_store_id = $1 AND aggregate_id = $2 AND state_shape = $3 AND reducer_version = $4
             AND version <= $5 ORDER BY version DESC LIMIT 1",
            database.table().await?.snapshots
        );
        let (shape, reducer) = (key.state_shape.cast_signed(), i64::from(key.reducer_version));
        let max_version = signed(max_version.unwrap_or(u64::MAX));
        let rows =
            read_side_rows(database, &sql, &[&key.event_store_id, &key.aggregate_id, &shape, &reducer, &max_version])
                .await?;
        let Some(row) = rows.first() else { return Ok(None) };
        snapshot_of(row).map(Some).ok_or_else(|| StorageError::Corrupt {
            what: format!("a snapshot of aggregate {} of event store {}", key.aggregate_id, key.event_store_id),
        })
    }

    async fn put_snapshot(&self, key: &SnapshotKey, snapshot: Snapshot, keep: usize) -> Result<(), StorageError> {
        check_names(&[key.event_store_id, &key.aggregate_id])?;
        if snapshot.state.get().len() > MAX_BYTES {
            return Err(StorageError::Unsupported { what: "a snapshot of one gigabyte or more".to_owned() });
        }
        let database = self.database();
        let snapshots = &database.table().await?.snapshots;
        // The `DELETE` does not see the new row, which is one of the `keep` rows.
        let sql = format!(
            "WITH put AS (
                INSERT INTO {snapshots} (event_store_id, aggregate_id, version, state_shape,
                    reducer_version, rewrites, event_timestamp, state)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                ON CONFLICT (event_store_id, aggregate_id, version, state_shape, reducer_version) DO UPDATE SET
                    rewrites = EXCLUDED.rewrites, event_timestamp = EXCLUDED.event_timestamp, state = EXCLUDED.state)
             DELETE FROM {snapshots} WHERE (version, state_shape, reducer_version) IN (
                SELECT version, state_shape, reducer_version FROM (
                    SELECT version, state_shape, reducer_version, row_number() OVER (ORDER BY version DESC) AS place
                    FROM {snapshots} WHERE event_store_id = $1 AND aggregate_id = $2
                    AND (version, state_shape, reducer_version) <> ($3::int8, $4::int8, $5::int8)
                ) other WHERE place + CASE WHEN version <= $3::int8 THEN 1 ELSE 0 END > $9::int8)
             AND event_store_id = $1 AND aggregate_id = $2"
        );
        let keep = i64::try_from(keep).unwrap_or(i64::MAX);
        let (shape, reducer) = (key.state_shape.cast_signed(), i64::from(key.reducer_version));
        let version = i64::try_from(snapshot.version)
            .map_err(|_| StorageError::Unsupported { what: format!("version {}", snapshot.version) })?;
        let rewrites = signed(snapshot.rewrites);
        let (event_timestamp, state) = (snapshot.event_timestamp.unix_millis(), snapshot.state.get());
        transact(
            database,
            TABLES,
            &sql,
            &[
                &key.event_store_id,
                &key.aggregate_id,
                &version,
                &shape,
                &reducer,
                &rewrites,
                &event_timestamp,
                &state,
                &keep,
            ],
        )
        .await
        .map(drop)
    }

    async fn delete_snapshots(&self, event_store_id: &str, aggregate_id: &str) -> Result<(), StorageError> {
        if check_names(&[event_store_id, aggregate_id]).is_err() {
            return Ok(());
        }
        let database = self.database();
        let sql = format!(
            "DELETE FROM {} WHERE event_store_id = $1 AND aggregate_id = $2",
            database.table().await?.snapshots
        );
        transact(database, TABLES, &sql, &[&event_store_id, &aggregate_id]).await.map(drop)
    }
}

/// Decodes a snapshot. Returns `None` if a column has a value that this crate does not write.
fn snapshot_of(row: &Row) -> Option<Snapshot> {
    Some(Snapshot {
        version: u64::try_from(row.try_get::<i64>(0).ok()?).ok()?,
        rewrites: u64::try_from(row.try_get::<i64>(1).ok()?).ok()?,
        event_timestamp: Timestamp::from_unix_millis(row.try_get(2).ok()?)?,
        state: RawValue::from_string(row.try_get(3).ok()?).ok()?,
    })
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
