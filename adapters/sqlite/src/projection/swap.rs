use castore_core::log::LogId;
use castore_projection::engine::{DatabaseError, ReadModelVersion, Swapped};
use rusqlite::{Connection, Transaction};

use super::worker::{Site, begin};
use super::{SqliteProjection, Tables, registry};
use crate::busy_handler;

impl<P: SqliteProjection> Site<P> {
    /// Creates the registry and the tables of this version, unless they exist. Readers use the first version of a read
    /// model immediately, because there is no other version.
    pub(super) fn set_up(&mut self, log_id: &LogId) -> Result<ReadModelVersion, DatabaseError> {
        let (guard, left) = self.fair_lock.lock(busy_handler::DEFAULT_TIMEOUT);
        busy_handler::with_timeout(left, || registry::create(&self.connection))?;
        drop(guard);
        let (_guard, transaction) = begin(&self.fair_lock, &mut self.connection)?;
        if let Some(entry) = registry::find(&transaction, P::NAME, P::VERSION)? {
            return Ok(entry);
        }
        create_tables(&self.projection, &transaction, &self.tables)?;
        registry::insert(&transaction, Self::KEY, log_id, P::TABLES)?;
        if registry::live(&transaction, P::NAME)?.is_none() {
            make_live::<P>(&transaction, &self.tables, None)?;
        }
        let entry = registry::find(&transaction, P::NAME, P::VERSION)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
        transaction.commit()?;
        Ok(entry)
    }

    /// Switches readers to this version, if it has reached the position of the version in use.
    ///
    /// `position` is the checkpoint of this version, which has read the log up to `scanned_to`. If the checkpoint of
    /// the version in use is between these two positions, this version adopts that checkpoint. Unlike `scanned_to`, a
    /// checkpoint is always the position of an event that was read.
    pub(super) fn swap(&mut self, position: u64, scanned_to: u64) -> rusqlite::Result<Swapped> {
        let (_guard, transaction) = begin(&self.fair_lock, &mut self.connection)?;
        let before = registry::live(&transaction, P::NAME)?;
        if before.as_ref().is_some_and(|before| before.version > P::VERSION) {
            return Ok(Swapped::Superseded);
        }
        let at_least = before.as_ref().map_or(0, |before| before.position);
        let own = registry::find(&transaction, P::NAME, P::VERSION)?;
        if at_least > scanned_to || own.is_none_or(|own| own.position != position) {
            return Ok(Swapped::NotYet);
        }
        registry::advance(&transaction, Self::KEY, &position.max(at_least).into())?;
        make_live::<P>(&transaction, &self.tables, before.as_ref())?;
        let entry = registry::find(&transaction, P::NAME, P::VERSION)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
        transaction.commit()?;
        Ok(Swapped::Done(entry))
    }
}

/// Creates the tables of a version, and checks that they exist afterwards.
pub(super) fn create_tables<P: SqliteProjection>(
    projection: &P,
    transaction: &Transaction<'_>,
    tables: &Tables,
) -> Result<(), DatabaseError> {
    projection.create(transaction, tables)?;
    for (_, table) in tables.all() {
        if !is_table(transaction, &table)? {
            return Err(format!(
                "`create` did not create the table \"{table}\": use the names from its argument `tables`"
            )
            .into());
        }
    }
    Ok(())
}

fn is_table(connection: &Connection, name: &str) -> rusqlite::Result<bool> {
    connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1 COLLATE NOCASE)",
        [name],
        |row| row.get(0),
    )
}

/// Points the views at this version. The views are dropped and created again, because SQLite cannot change a view.
pub(super) fn make_live<P: SqliteProjection>(
    connection: &Connection,
    tables: &Tables,
    before: Option<&ReadModelVersion>,
) -> rusqlite::Result<()> {
    for view in before.iter().flat_map(|before| &before.tables) {
        connection.execute_batch(&format!("DROP VIEW IF EXISTS \"{view}\""))?;
    }
    for (view, table) in tables.all() {
        connection.execute_batch(&format!(
            "DROP VIEW IF EXISTS \"{view}\"; CREATE VIEW \"{view}\" AS SELECT * FROM \"{table}\""
        ))?;
        // SQLite reports the missing table of a view only when the view is read.
        connection.prepare(&format!("SELECT * FROM \"{view}\""))?;
    }
    registry::set_live(connection, Site::<P>::KEY)
}
