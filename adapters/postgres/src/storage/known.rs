use std::borrow::Cow;

use castore_core::storage::{AskedAt, GetEventsOptions, KnownVersions};

use super::aggregate_id::AggregateId;
use super::check::Row;
use crate::database::Database;
use crate::schema::{AggregateIdKind, Table};

/// The entry of one aggregate in the adapter's cache of last versions.
pub(super) struct Known<'a> {
    versions: &'a KnownVersions,
    event_store_id: &'a str,
    /// The id of the aggregate, or `None` if its versions are not cached.
    aggregate_id: Option<Cow<'a, str>>,
}

impl<'a> Known<'a> {
    pub(super) fn new(database: &'a Database, table: &Table, event_store_id: &'a str, id: &AggregateId<'a>) -> Self {
        let aggregate_id = match table.aggregate_id {
            AggregateIdKind::Uuid | AggregateIdKind::Text { .. } => Some(id.text()),
            // Several texts may be the same id, for example in a column of type `citext`.
            AggregateIdKind::Other { .. } => None,
        };
        Self { versions: &database.known_versions, event_store_id, aggregate_id }
    }

    pub(super) fn of_row(database: &'a Database, table: &Table, row: &Row<'a>) -> Self {
        Self::new(database, table, row.aggregate_name, &row.aggregate_id)
    }

    pub(super) fn now(&self) -> AskedAt {
        self.versions.now()
    }

    pub(super) fn is_next(&self, version: i64) -> Option<AskedAt> {
        let (id, version) = (self.aggregate_id.as_deref()?, u64::try_from(version).ok()?);
        self.versions.is_next(self.event_store_id, id, version)
    }

    pub(super) fn record(&self, asked_at: AskedAt, version: i64) {
        if let (Some(id), Ok(version)) = (self.aggregate_id.as_deref(), u64::try_from(version)) {
            self.versions.record(asked_at, self.event_store_id, id, version);
        }
    }

    pub(super) fn record_read(&self, asked_at: AskedAt, options: &GetEventsOptions, last: Option<u64>) {
        if let Some(id) = self.aggregate_id.as_deref() {
            self.versions.record_read(asked_at, self.event_store_id, id, options, last);
        }
    }

    pub(super) fn remove(&self) {
        if let Some(id) = self.aggregate_id.as_deref() {
            self.versions.remove(self.event_store_id, id);
        }
    }
}
