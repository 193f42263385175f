//! Reads in a transaction of the caller.

use std::ops::ControlFlow;

use castore_core::storage::{EventStorageAdapter, EventVisitor, GetEventsOptions, StorageError};

use super::aggregate_id::AggregateId;
use super::group::FindDatabase;
use super::read::{EventQuery, damaged, event_of};
use super::within::{is_here, is_true, lost};
use crate::statement::{Prepared, Session};

/// Passes the events of an aggregate to `visit`, as the transaction sees them.
///
/// The read has no savepoint, so the transaction is lost if the server rejects the statement. Therefore a separate
/// statement first checks that the session uses the database of the adapter, and that the table is still the same.
pub(crate) async fn read_within(
    session: &impl Session,
    adapter: &dyn EventStorageAdapter,
    event_store_id: &str,
    aggregate_id: &str,
    options: GetEventsOptions,
    mut visit: EventVisitor,
    find_database: FindDatabase,
) -> Result<(), StorageError> {
    let elsewhere = || StorageError::read_elsewhere(event_store_id, adapter);
    let database = find_database(adapter).ok_or_else(elsewhere)?;
    if database.is_closed() {
        return Err(StorageError::ShutDown);
    }
    // If the definition of the table is not known yet, it is read in this session, so the session must use the right
    // database.
    if database.known_table().is_none() && !is_true(session, &database.identity.is_here).await? {
        return Err(elsewhere());
    }
    let table = database.table_within(session).await?;
    let Some(query) = EventQuery::new(&table, event_store_id, &options) else { return Ok(()) };
    let id = AggregateId::new(&table, aggregate_id)?;
    if !is_true(session, &is_here(database, &[&table])).await? {
        return Err(elsewhere());
    }
    let shown = id.text();
    let mut failed = Ok(());
    let mut visit_row = |row| match event_of(&row, &shown) {
        Ok(event) => visit(event),
        Err(column) => {
            failed = Err(damaged(column, event_store_id, &shown, &row));
            ControlFlow::Break(())
        }
    };
    let statement = Prepared::unnamed(query.sql);
    session.run(&statement, &query.parameters(&event_store_id, &id), &mut visit_row).await.map_err(lost)?;
    failed
}
