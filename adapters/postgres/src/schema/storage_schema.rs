use async_trait::async_trait;
use castore_core::storage::{StorageError, StorageSchema};

use crate::driver::{DriverError, PostgresPool};
use crate::schema::PostgresSchemaSql;
use crate::statement::{Session, query_once};
use crate::{PostgresError, PostgresEventStorageAdapter};

/// The tables of this crate in the schema of the adapter, for the commands `schema print` and `schema apply`. If the
/// adapter has no [`schema`](crate::PostgresEventStorageAdapterBuilder::schema), the tables are in the first schema of
/// the connection's `search_path`.
#[async_trait]
impl<P: PostgresPool> StorageSchema for PostgresEventStorageAdapter<P> {
    async fn sql(&self) -> Result<String, StorageError> {
        Ok(self.tables_sql().await?.create())
    }

    async fn apply(&self) -> Result<(), StorageError> {
        let sql = self.tables_sql().await?;
        // This call builds missing indexes of a large table without blocking its writers.
        self.create_event_table().await.map_err(StorageError::engine)?;
        let client = self.database().pool.get().await.map_err(StorageError::engine)?;
        client.batch(&sql.create()).await.map_err(failed)
    }
}

impl<P: PostgresPool> PostgresEventStorageAdapter<P> {
    async fn tables_sql(&self) -> Result<PostgresSchemaSql, StorageError> {
        let options = self.options();
        if options.table.schema.is_some() {
            return options.schema_sql().map_err(StorageError::engine);
        }
        let client = self.database().pool.get().await.map_err(StorageError::engine)?;
        let found = query_once(&client, "SELECT current_schema()::text", &[]).await.map_err(failed)?;
        let schema: Option<String> = match found.first() {
            Some(row) => row.try_get(0).map_err(failed)?,
            None => None,
        };
        let schema = schema.ok_or_else(|| {
            StorageError::engine("no schema of the search path exists; set an existing schema with `schema`")
        })?;
        options.clone().schema(schema).schema_sql().map_err(StorageError::engine)
    }
}

fn failed(error: DriverError) -> StorageError {
    StorageError::engine(PostgresError::from(error))
}
