use std::collections::HashMap;
use std::sync::Arc;

use castore_core::storage::AskedAt;

use super::check::Row;
use super::known::Known;
use crate::database::Database;
use crate::schema::Table;

/// The entries of a group's aggregates in the caches of last versions.
pub(super) struct KnownGroup<'a> {
    /// One entry per event, because events of one aggregate may have different adapters.
    events: Vec<Known<'a>>,
    aggregates: Vec<Aggregate>,
}

/// The events of one aggregate in a group.
struct Aggregate {
    /// The index of an event.
    index: usize,
    first: i64,
    last: i64,
}

impl<'a> KnownGroup<'a> {
    pub(super) fn new(databases: &[&'a Database], tables: &[Arc<Table>], rows: &[Row<'a>]) -> Self {
        let mut events = Vec::with_capacity(rows.len());
        let mut aggregates: Vec<Aggregate> = Vec::new();
        let mut places = HashMap::new();
        for (index, ((database, table), row)) in databases.iter().zip(tables).zip(rows).enumerate() {
            events.push(Known::of_row(database, table, row));
            let key = (table.oid, row.aggregate_name, row.aggregate_id.clone());
            let place = *places.entry(key).or_insert(aggregates.len());
            match aggregates.get_mut(place) {
                Some(aggregate) => {
                    aggregate.first = aggregate.first.min(row.version);
                    aggregate.last = aggregate.last.max(row.version);
                }
                None => aggregates.push(Aggregate { index, first: row.version, last: row.version }),
            }
        }
        Self { events, aggregates }
    }

    /// Returns, for each aggregate, the moment at which its last version was requested from the storage. Returns `None`
    /// if the caches do not show, for every aggregate, that the lowest version in the group directly follows the last
    /// stored version.
    pub(super) fn follow(&self) -> Option<Vec<AskedAt>> {
        self.aggregates.iter().map(|aggregate| self.events.get(aggregate.index)?.is_next(aggregate.first)).collect()
    }

    /// Returns the current moment for each aggregate, by the clock of its adapter.
    pub(super) fn now(&self) -> Vec<AskedAt> {
        self.aggregates.iter().filter_map(|aggregate| Some(self.events.get(aggregate.index)?.now())).collect()
    }

    pub(super) fn record(&self, asked_at: &[AskedAt]) {
        for (aggregate, asked_at) in self.aggregates.iter().zip(asked_at) {
            if let Some(known) = self.events.get(aggregate.index) {
                known.record(*asked_at, aggregate.last);
            }
        }
    }

    pub(super) fn remove(&self) {
        self.events.iter().for_each(Known::remove);
    }
}
