//! The lookup of the reason why a failed push stored nothing.

use std::collections::HashMap;

use castore_core::storage::{EventAlreadyExists, RawEvent, StorageError, VersionGap, first_gap};

use super::aggregate_id::AggregateId;
use super::check::Row;
use super::parts::{Columns, Part};
use super::read_rows;
use crate::database::Database;
use crate::driver::{self, DriverError};
use crate::errors::PostgresError;
use crate::statement::Parameter;

/// The event that prevented a push, identified by its index in the group.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The version is taken, by a stored event or by an earlier event of the group.
    Taken { index: usize },
    /// The version is not the next one of the aggregate.
    Gap { index: usize, expected: u64 },
}

impl Refusal {
    pub(super) fn index(&self) -> usize {
        match self {
            Self::Taken { index } | Self::Gap { index, .. } => *index,
        }
    }

    pub(super) fn error(&self, event_store_id: &str, event: &RawEvent) -> StorageError {
        let (store, aggregate) = (event_store_id, event.aggregate_id.as_str());
        match self {
            Self::Taken { .. } => EventAlreadyExists::new(store, aggregate, event.version).into(),
            Self::Gap { expected, .. } => VersionGap::new(store, aggregate, *expected, event.version).into(),
        }
    }
}

/// A source of the stored events: a connection of the pool, or a transaction of the caller.
pub(super) trait Lookup: Sync {
    fn rows(
        &self,
        sql: &str,
        parameters: &[&dyn Parameter],
    ) -> impl Future<Output = Result<Vec<driver::Row>, StorageError>> + Send;
}

impl Lookup for Database {
    async fn rows(&self, sql: &str, parameters: &[&dyn Parameter]) -> Result<Vec<driver::Row>, StorageError> {
        read_rows(self, sql, parameters).await
    }
}

/// Returns the first event whose version is taken, or else an event whose version leaves a gap. Returns `None` if all
/// events could be stored now.
pub(super) async fn refusal(
    stored: &impl Lookup,
    parts: &[Part<'_>],
    rows: &[Row<'_>],
) -> Result<Option<Refusal>, StorageError> {
    let mut first = None;
    for part in parts {
        let taken = [taken(stored, part, rows).await?, twice(part, rows)];
        first = taken.into_iter().chain([first]).flatten().min();
    }
    if let Some(index) = first {
        return Ok(Some(Refusal::Taken { index }));
    }
    for part in parts {
        let gap = gap(stored, part, rows).await?;
        if gap.is_some() {
            return Ok(gap);
        }
    }
    Ok(None)
}

/// Returns the first event whose version is taken by a stored event.
async fn taken(stored: &impl Lookup, part: &Part<'_>, rows: &[Row<'_>]) -> Result<Option<usize>, StorageError> {
    let columns = Columns::new(rows, &part.members);
    let parameters: [&dyn Parameter; 3] = [&columns.aggregate_names, &columns.aggregate_ids, &columns.versions];
    let found = stored.rows(&part.table.statements.taken, &parameters).await?;
    let place = found.first().map(|row| row.try_get::<i64>(0)).transpose().map_err(failed)?;
    Ok(place.and_then(|place| part.members.get(usize::try_from(place - 1).ok()?).copied()))
}

/// Returns the first event whose version is taken by an earlier event of the group.
fn twice(part: &Part<'_>, rows: &[Row<'_>]) -> Option<usize> {
    let mut seen = HashMap::new();
    let mut members = part.members.iter().copied();
    members.find(|index| rows.get(*index).is_some_and(|row| seen.insert(row.key(), ()).is_some()))
}

/// Returns an event whose version is not the next one of its aggregate.
async fn gap(stored: &impl Lookup, part: &Part<'_>, rows: &[Row<'_>]) -> Result<Option<Refusal>, StorageError> {
    let mut names: Vec<&str> = Vec::new();
    let mut ids: Vec<AggregateId<'_>> = Vec::new();
    // The versions of each aggregate and their indexes in the group.
    let mut versions: Vec<Vec<(u64, usize)>> = Vec::new();
    let mut places = HashMap::new();
    for index in &part.members {
        let Some(row) = rows.get(*index) else { continue };
        let place = *places.entry((row.aggregate_name, row.aggregate_id.clone())).or_insert_with(|| {
            names.push(row.aggregate_name);
            ids.push(row.aggregate_id.clone());
            versions.push(Vec::new());
            versions.len() - 1
        });
        if let (Some(versions), Ok(version)) = (versions.get_mut(place), u64::try_from(row.version)) {
            versions.push((version, *index));
        }
    }
    let found = stored.rows(&part.table.statements.last_versions, &[&names, &ids]).await?;
    for (row, versions) in found.iter().zip(versions) {
        let last = u64::try_from(row.try_get::<i64>(0).map_err(failed)?).unwrap_or(0);
        let Some(gap) = first_gap(last, versions.iter().map(|(version, _)| *version)) else { continue };
        let index = versions.iter().find(|(version, _)| *version == gap.given).map(|(_, index)| *index);
        return Ok(index.map(|index| Refusal::Gap { index, expected: gap.expected }));
    }
    Ok(None)
}

fn failed(error: DriverError) -> StorageError {
    StorageError::engine(PostgresError::from(error))
}
