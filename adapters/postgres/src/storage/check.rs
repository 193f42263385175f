use castore_core::storage::{RawEvent, StorageError};

use super::aggregate_id::AggregateId;
use super::values::{Json, Moment};
use crate::schema::Table;

/// The maximum size of a `jsonb` value, in bytes.
const MAX_JSON_BYTES: usize = 0x0fff_ffff;

/// One event, as the values of its columns.
#[derive(Debug)]
pub(super) struct Row<'a> {
    pub(super) aggregate_name: &'a str,
    pub(super) aggregate_id: AggregateId<'a>,
    pub(super) version: i64,
    pub(super) event_type: &'a str,
    pub(super) data: Option<Json<'a>>,
    pub(super) metadata: Option<Json<'a>>,
    pub(super) timestamp: Moment,
}

impl<'a> Row<'a> {
    /// Converts an event to a row, and checks the limits of the columns. Postgres itself would silently remove trailing
    /// spaces from a text that is too long, and its errors do not contain the column of a value that is too large.
    pub(super) fn new(table: &Table, event_store_id: &'a str, event: &'a RawEvent) -> Result<Self, StorageError> {
        text("an event store id", "aggregate_name", table.aggregate_name_length, event_store_id, table)?;
        text("an event type", "type", table.type_length, &event.event_type, table)?;
        for (what, json) in [("a payload", &event.payload), ("metadata", &event.metadata)] {
            if json.as_ref().is_some_and(|json| json.get().len() > MAX_JSON_BYTES) {
                return Err(unsupported(format!("{what} of 256 MiB or more")));
            }
        }
        Ok(Self {
            aggregate_name: event_store_id,
            aggregate_id: AggregateId::new(table, &event.aggregate_id)?,
            version: i64::try_from(event.version).ok().filter(|version| *version <= table.max_version).ok_or_else(
                || unsupported(format!("version {}: the greatest version is {}", event.version, table.max_version)),
            )?,
            event_type: &event.event_type,
            data: Json::new(event.payload.as_deref()),
            metadata: Json::new(event.metadata.as_deref()),
            timestamp: Moment::new(event.timestamp)
                .ok_or_else(|| unsupported(format!("the timestamp {}", event.timestamp)))?,
        })
    }

    /// Returns the unique key of the event.
    pub(super) fn key(&self) -> (&'a str, AggregateId<'a>, i64) {
        (self.aggregate_name, self.aggregate_id.clone(), self.version)
    }
}

fn text(what: &str, column: &str, length: Option<usize>, text: &str, table: &Table) -> Result<(), StorageError> {
    if text.contains('\0') {
        return Err(unsupported(format!("{what} with a NUL character")));
    }
    match length {
        // Counting bytes is faster than counting characters, and a text that has few enough bytes also has few enough
        // characters.
        Some(length) if text.len() > length && text.chars().count() > length => Err(unsupported(format!(
            "{what} of more than {length} characters, the length of the column {column} of {}",
            table.qualified
        ))),
        _ => Ok(()),
    }
}

pub(super) fn unsupported(what: impl Into<String>) -> StorageError {
    StorageError::Unsupported { what: what.into() }
}
