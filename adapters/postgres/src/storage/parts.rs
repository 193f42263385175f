//! The events of a group by table, as the parameters of a statement.

use std::collections::HashMap;
use std::sync::Arc;

use super::aggregate_id::AggregateId;
use super::check::Row;
use super::insert_group::GROUP_PARAMETERS;
use super::values::{Json, Moment};
use crate::schema::Table;
use crate::statement::Parameter;

/// The events of a group that belong to one table, as indexes into the group.
pub(super) struct Part<'a> {
    pub(super) table: &'a Table,
    pub(super) members: Vec<usize>,
}

/// Splits a group by table, in an order that is the same for all groups. If a forced group contains several events with
/// the same key, the last of these events is stored.
pub(super) fn parts<'a>(tables: &'a [Arc<Table>], rows: &[Row<'_>], force: bool) -> Vec<Part<'a>> {
    let mut parts: Vec<Part<'a>> = Vec::new();
    for (index, table) in tables.iter().enumerate() {
        match parts.iter_mut().find(|part| part.table.oid == table.oid) {
            Some(part) => part.members.push(index),
            None => parts.push(Part { table, members: vec![index] }),
        }
    }
    parts.sort_by_key(|part| part.table.oid);
    if force {
        for part in &mut parts {
            let last: HashMap<_, usize> =
                part.members.iter().filter_map(|index| Some((rows.get(*index)?.key(), *index))).collect();
            part.members.retain(|index| rows.get(*index).is_some_and(|row| last.get(&row.key()) == Some(index)));
        }
    }
    parts
}

/// The events of a part, as one array per column.
pub(super) struct Columns<'a> {
    pub(super) aggregate_names: Vec<&'a str>,
    pub(super) aggregate_ids: Vec<AggregateId<'a>>,
    pub(super) versions: Vec<i64>,
    types: Vec<&'a str>,
    data: Vec<Option<Json<'a>>>,
    metadata: Vec<Option<Json<'a>>>,
    timestamps: Vec<Moment>,
}

impl<'a> Columns<'a> {
    pub(super) fn new(rows: &[Row<'a>], members: &[usize]) -> Self {
        let rows = || members.iter().filter_map(|index| rows.get(*index));
        Self {
            aggregate_names: rows().map(|row| row.aggregate_name).collect(),
            aggregate_ids: rows().map(|row| row.aggregate_id.clone()).collect(),
            versions: rows().map(|row| row.version).collect(),
            types: rows().map(|row| row.event_type).collect(),
            data: rows().map(|row| row.data).collect(),
            metadata: rows().map(|row| row.metadata).collect(),
            timestamps: rows().map(|row| row.timestamp).collect(),
        }
    }

    pub(super) fn parameters(&self) -> [&dyn Parameter; GROUP_PARAMETERS] {
        [
            &self.aggregate_names,
            &self.aggregate_ids,
            &self.versions,
            &self.types,
            &self.data,
            &self.metadata,
            &self.timestamps,
        ]
    }
}

/// Returns whether the versions of each aggregate follow one another within the group, in any order. This function may
/// not detect a version that occurs twice, but the unique constraint then rejects the group.
pub(super) fn is_contiguous(part: &Part<'_>, rows: &[Row<'_>]) -> bool {
    let mut aggregates = HashMap::new();
    for row in part.members.iter().filter_map(|index| rows.get(*index)) {
        let (first, last, count) =
            aggregates.entry((row.aggregate_name, &row.aggregate_id)).or_insert((row.version, row.version, 0_i64));
        *first = row.version.min(*first);
        *last = row.version.max(*last);
        *count += 1;
    }
    aggregates.into_values().all(|(first, last, count)| last.checked_sub(first).is_some_and(|more| more < count))
}
