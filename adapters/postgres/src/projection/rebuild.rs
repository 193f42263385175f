use castore_core::log::LogId;
use castore_projection::ProjectionRequest;
use castore_projection::engine::{ReadModelVersion, StoreError, table_name};

use super::any_projection::Projection;
use super::apply::database;
use super::site::Site;
use super::swap::LOCK;
use super::tables::qualified;
use super::views::Views;
use crate::statement::Session;

impl<P: Projection> Site<P> {
    /// If a rebuild is requested, creates empty tables for this version again, and moves the checkpoint of the version
    /// to the beginning of the log.
    pub(super) async fn rebuild_version(&self, log_id: &LogId) -> Result<Option<ReadModelVersion>, StoreError> {
        let mut client = self.client().await?;
        let transaction = client.begin().await.map_err(database)?;
        let locked = self.registry.lock(&transaction, P::NAME, P::VERSION).await.map_err(database)?;
        let Some((entry, _)) = locked else { return Ok(None) };
        let requests = self.registry.requests(&transaction, P::NAME, P::VERSION).await.map_err(database)?;
        if !requests.contains(&ProjectionRequest::Rebuild) {
            // The rollback is explicit, because a dropped transaction keeps its locks until the connection's task runs.
            transaction.rollback().await.map_err(database)?;
            return Ok(Some(entry));
        }
        // If this version is not in use, no view depends on its tables.
        let views = match entry.live {
            true => Some(Views::of(&transaction, &self.tables, Some(&entry)).await.map_err(database)?),
            false => None,
        };
        let mut sql = format!("{LOCK};");
        sql.push_str(views.as_ref().map_or("", |views| &views.drop));
        // The program may now list tables other than those that it listed when it created this version.
        for table in entry.tables.iter().map(String::as_str).chain(P::TABLES.iter().copied()) {
            let table = qualified(self.tables.schema(), &table_name(table, P::VERSION));
            sql.push_str(&format!("DROP TABLE IF EXISTS {table};"));
        }
        transaction.batch(&sql).await.map_err(database)?;
        self.create_tables(&transaction).await?;
        self.registry.restart(&transaction, Self::KEY, log_id, P::TABLES).await.map_err(database)?;
        if let Some(views) = views {
            transaction.batch(&views.create).await.map_err(database)?;
        }
        let entry = self.registry.find(&transaction, P::NAME, P::VERSION).await.map_err(database)?;
        transaction.commit().await.map_err(database)?;
        Ok(entry)
    }
}
