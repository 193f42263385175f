use std::sync::Arc;

use castore_core::storage::{EventAlreadyExists, PushOptions, PushReceipt, RawEvent, StorageError};

use super::check::Row;
use super::known::Known;
use super::outcome::{ATTEMPTS, Failed, back_off, write};
use super::parts::parts;
use super::refusal::refusal;
use crate::database::Database;
use crate::errors::PostgresError;
use crate::schema::Table;

/// Stores one event, in one round trip.
pub(crate) async fn push_event(
    database: &Database,
    event_store_id: &str,
    event: &RawEvent,
    options: PushOptions,
) -> Result<PushReceipt, StorageError> {
    let table = database.table().await?;
    let row = Row::new(&table, event_store_id, event)?;
    let known = Known::of_row(database, &table, &row);
    if !options.refuses_gaps() {
        known.remove();
    }
    let result = store(database, &table, &row, event, options, &known).await;
    if result.is_err() || !options.refuses_gaps() {
        known.remove();
    }
    result
}

async fn store(
    database: &Database,
    table: &Arc<Table>,
    row: &Row<'_>,
    event: &RawEvent,
    options: PushOptions,
    known: &Known<'_>,
) -> Result<PushReceipt, StorageError> {
    let event_store_id = row.aggregate_name;
    let mut attempt = 0;
    loop {
        let next = if options.refuses_gaps() { known.is_next(row.version) } else { None };
        let asked_at = next.unwrap_or_else(|| known.now());
        let checked = options.refuses_gaps() && next.is_none();
        let sql = match options {
            options if options.force => &table.statements.force,
            _ if checked => &table.statements.push,
            _ => &table.statements.push_anywhere,
        };
        let result = write(
            database,
            &[table],
            sql,
            &[
                &row.aggregate_name,
                &row.aggregate_id,
                &row.version,
                &row.event_type,
                &row.data,
                &row.metadata,
                &row.timestamp,
            ],
        )
        .await;
        let rows = match result {
            Ok(rows) => rows,
            Err(Failed::Taken) => {
                return Err(StorageError::EventAlreadyExists(EventAlreadyExists::new(
                    event_store_id.to_owned(),
                    event.aggregate_id.clone(),
                    event.version,
                )));
            }
            Err(Failed::Again(_)) if attempt < ATTEMPTS => {
                attempt += 1;
                known.remove();
                back_off(attempt).await;
                continue;
            }
            Err(Failed::Again(error) | Failed::Finally(error)) => return Err(error),
        };
        if let Some(stored) = rows.first() {
            if options.refuses_gaps() {
                known.record(asked_at, row.version);
            }
            return Ok(PushReceipt::new(stored.try_get(0).ok().and_then(position)));
        }
        if !checked || attempt > ATTEMPTS {
            return Err(kept_back(&table.qualified));
        }
        let rows = std::slice::from_ref(row);
        let parts = parts(std::slice::from_ref(table), rows, false);
        if let Some(refusal) = refusal(database, &parts, rows).await? {
            return Err(refusal.error(event_store_id, event));
        }
        // The preceding version was stored in the meantime, or a trigger keeps the event from being stored.
        attempt += 1;
    }
}

pub(super) fn position(id: i64) -> Option<u64> {
    u64::try_from(id).ok()
}

/// Returns the error for an insert that succeeded without storing the row.
pub(super) fn kept_back(table: &str) -> StorageError {
    StorageError::engine(PostgresError::text(format!(
        "a trigger or a rule of table {table} has discarded events, so nothing was stored"
    )))
}
