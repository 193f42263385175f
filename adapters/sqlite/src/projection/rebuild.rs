use castore_core::log::LogId;
use castore_projection::ProjectionRequest;
use castore_projection::engine::{DatabaseError, ReadModelVersion, table_name};

use super::swap::{create_tables, make_live};
use super::worker::{Site, begin};
use super::{SqliteProjection, registry, requests};

/// Handling of the requests that other processes have stored for this version.
impl<P: SqliteProjection> Site<P> {
    /// If a rebuild is requested, creates empty tables for this version again, and moves the checkpoint of the version
    /// to the beginning of the log.
    pub(super) fn rebuild(&mut self, log_id: &LogId) -> Result<Option<ReadModelVersion>, DatabaseError> {
        let (_guard, transaction) = begin(&self.fair_lock, &mut self.connection)?;
        let Some(entry) = registry::find(&transaction, P::NAME, P::VERSION)? else { return Ok(None) };
        if !requests::all(&transaction, P::NAME, P::VERSION)?.contains(&ProjectionRequest::Rebuild) {
            return Ok(Some(entry));
        }
        // The program may now list tables other than those that it listed when it created this version.
        for table in entry.tables.iter().map(String::as_str).chain(P::TABLES.iter().copied()) {
            transaction.execute_batch(&format!("DROP TABLE IF EXISTS \"{}\"", table_name(table, P::VERSION)))?;
        }
        create_tables(&self.projection, &transaction, &self.tables)?;
        registry::restart(&transaction, Self::KEY, log_id, P::TABLES)?;
        if entry.live {
            make_live::<P>(&transaction, &self.tables, Some(&entry))?;
        }
        let entry = registry::find(&transaction, P::NAME, P::VERSION)?;
        transaction.commit()?;
        Ok(entry)
    }

    pub(super) fn close_request(&mut self, request: &ProjectionRequest) -> Result<(), DatabaseError> {
        let (_guard, transaction) = begin(&self.fair_lock, &mut self.connection)?;
        requests::remove(&transaction, Self::KEY, request)?;
        transaction.commit()?;
        Ok(())
    }
}
