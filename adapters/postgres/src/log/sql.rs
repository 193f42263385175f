use castore_core::log::LogQuery;

use crate::schema::{AggregateIdKind, Table};
use crate::statement::Parameter;
use crate::storage::{AggregateId, id_parameter};

/// The parameters of a page that depend on its filter. The driver sends the arrays without a copy.
#[derive(Debug, Default)]
pub(super) struct Filter<'a> {
    /// The stores whose events all match, or `None` if every event matches.
    stores: Option<Vec<&'a str>>,
    /// The matching pairs of store and event type, in two parallel arrays.
    typed_stores: Vec<&'a str>,
    types: Vec<&'a str>,
    aggregate: Option<(&'a str, AggregateId<'a>)>,
}

impl<'a> Filter<'a> {
    /// Creates the filter of a query. Returns `None` if no event can match.
    pub(super) fn new(table: &Table, query: &'a LogQuery) -> Option<Self> {
        let mut filter = Self::default();
        if let Some(stores) = query.filter.stores() {
            let mut whole = Vec::new();
            for (store, types) in stores.filter(|(store, _)| !store.contains('\0')) {
                if types.is_empty() {
                    whole.push(store);
                }
                for one in types.iter().filter(|one| !one.contains('\0')) {
                    filter.typed_stores.push(store);
                    filter.types.push(one);
                }
            }
            if whole.is_empty() && filter.types.is_empty() {
                return None;
            }
            filter.stores = Some(whole);
        }
        if let Some(one) = &query.aggregate {
            if one.event_store_id.contains('\0') {
                return None;
            }
            // An id that is not valid for the column is not in the table.
            filter.aggregate = Some((&one.event_store_id, AggregateId::new(table, &one.aggregate_id).ok()?));
        }
        Some(filter)
    }

    /// Returns whether the scan also reads events that do not match.
    pub(super) fn is_sparse(&self) -> bool {
        self.stores.is_some() && self.aggregate.is_none()
    }

    /// Returns the parameters that follow the bounds and the limit.
    pub(super) fn parameters(&self) -> Vec<&dyn Parameter> {
        let mut parameters: Vec<&dyn Parameter> = Vec::new();
        if let Some(stores) = &self.stores {
            parameters.push(stores);
            if !self.types.is_empty() {
                parameters.push(&self.typed_stores);
                parameters.push(&self.types);
            }
        }
        if let Some((store, aggregate)) = &self.aggregate {
            parameters.push(store);
            parameters.push(aggregate);
        }
        parameters
    }

    /// Returns the statement that selects the events whose id is greater than the first bound and at most the second.
    pub(super) fn select(&self, table: &Table) -> String {
        let id = match table.aggregate_id {
            AggregateIdKind::Uuid => "aggregate_id",
            AggregateIdKind::Text { .. } | AggregateIdKind::Other { .. } => "aggregate_id::text",
        };
        // The sum prevents the planner from scanning the log by id, so that it finds the events of one aggregate with
        // the index of its key.
        let order = if self.aggregate.is_some() { "(id + 0)" } else { "id" };
        let mut sql = format!(
            "SELECT id::int8 AS position, aggregate_name::text, {id}, version::int8, type::text,
                timestamp::timestamptz, data::jsonb, metadata::jsonb
             FROM {} WHERE {order} > $1::int8 AND {order} <= $2::int8",
            table.qualified
        );
        let mut next = 4;
        if self.stores.is_some() {
            // No index has this collation, so the server scans the log by id. With an index on names, it would read all
            // events of a store for every page.
            sql.push_str(&format!(" AND (aggregate_name COLLATE \"C\" = ANY (${next}::text[])"));
            next += 1;
            if !self.types.is_empty() {
                sql.push_str(&format!(
                    " OR (aggregate_name COLLATE \"C\", type COLLATE \"C\") IN (SELECT * FROM unnest(${next}::text[], ${}::text[]))",
                    next + 1
                ));
                next += 2;
            }
            sql.push(')');
        }
        if self.aggregate.is_some() {
            sql.push_str(&format!(
                " AND aggregate_name = ${next}::text AND aggregate_id = {}",
                id_parameter(&table.aggregate_id, &format!("${}", next + 1))
            ));
        }
        sql.push_str(&format!(" ORDER BY {order} LIMIT $3::int8"));
        sql
    }
}
