use super::statements::{ON_CONFLICT, id_array, id_element, last_version};
use crate::schema::Table;

/// The number of parameters per table in [`insert_group`].
pub(super) const GROUP_PARAMETERS: usize = 7;

/// The behavior of the statement if the version of an event is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OnTaken {
    /// The statement fails.
    Fail,
    /// The event is replaced.
    Replace,
    /// The event is not stored, but the other events are, and the statement returns fewer rows.
    Skip,
}

/// Returns the statement that stores a group, with an array per column and table. One statement is one transaction,
/// even if its caller is dropped.
///
/// Ids are allocated in the order of the group. The events are then inserted in the order of their keys, so that two
/// groups of the same aggregates wait for each other instead of causing a deadlock.
///
/// If `checked` is set, the statement stores nothing and returns no rows unless the first event of each aggregate
/// follows the last stored event of that aggregate. The caller must have checked that the other events follow the first
/// one. The statement also stores nothing and returns no rows if a `condition` is given and false.
pub(super) fn insert_group(tables: &[&Table], on_taken: OnTaken, checked: bool, condition: Option<&str>) -> String {
    let has_condition = checked || condition.is_some();
    let parameter = |table: usize, number: usize| format!("${}", table * GROUP_PARAMETERS + number);
    let insert = |(index, table): (usize, &&Table)| {
        let parameter = |number: usize| parameter(index, number);
        let (id, next_id) = match &table.next_id {
            Some(next_id) => ("id,", format!("{next_id} AS id,")),
            None => ("", String::new()),
        };
        // If ids cannot be allocated explicitly, the events must be inserted in the order of the group.
        let order = if id.is_empty() { "place" } else { "aggregate_name, given_id, version" };
        format!(
            "INSERT INTO {} ({id} aggregate_name, aggregate_id, version, type, data, metadata, timestamp)
             SELECT {id} aggregate_name, given_id, version, type, data, metadata, timestamp
             FROM (SELECT {next_id} place, aggregate_name, {} AS given_id, version, type, data, metadata, timestamp
                FROM unnest({}::text[], {}, {}::int8[], {}::text[], {}::jsonb[], {}::jsonb[], {}::timestamptz[])
                WITH ORDINALITY AS given (aggregate_name, aggregate_id, version, type, data, metadata, timestamp, place)
             ) numbered {}
             ORDER BY {order} {} RETURNING id::int8 AS id, aggregate_name::text AS aggregate_name,
                aggregate_id::text AS aggregate_id, version::int8 AS version",
            table.qualified,
            id_element(&table.aggregate_id, "given.aggregate_id"),
            parameter(1),
            id_array(&table.aggregate_id, &parameter(2)),
            parameter(3),
            parameter(4),
            parameter(5),
            parameter(6),
            parameter(7),
            if has_condition { "WHERE (SELECT fits FROM checked)" } else { "" },
            match on_taken {
                OnTaken::Fail => "",
                OnTaken::Replace => ON_CONFLICT,
                OnTaken::Skip => "ON CONFLICT (aggregate_name, aggregate_id, version) DO NOTHING",
            },
        )
    };
    let parts: Vec<String> = tables.iter().enumerate().map(insert).collect();
    let mut with: Vec<String> =
        parts.iter().enumerate().map(|(index, part)| format!("stored{index} AS ({part})")).collect();
    let mut conditions: Vec<String> = condition.map(str::to_owned).into_iter().collect();
    if checked {
        let fits = |(index, table): (usize, &&Table)| {
            format!(
                "NOT EXISTS (SELECT 1 FROM (
                    SELECT aggregate_name, aggregate_id, min(version) AS version FROM unnest({}::text[], {}, {}::int8[])
                        AS given (aggregate_name, aggregate_id, version) GROUP BY aggregate_name, aggregate_id) first
                 WHERE first.version <> 1 + {})",
                parameter(index, 1),
                id_array(&table.aggregate_id, &parameter(index, 2)),
                parameter(index, 3),
                last_version(
                    &table.qualified,
                    "first.aggregate_name",
                    &id_element(&table.aggregate_id, "first.aggregate_id")
                ),
            )
        };
        conditions.extend(tables.iter().enumerate().map(fits));
    }
    if has_condition {
        with.insert(0, format!("checked AS MATERIALIZED (SELECT {} AS fits)", conditions.join(" AND ")));
    }
    let all: Vec<String> = (0..parts.len())
        .map(|index| format!("SELECT {index}::int8, id, aggregate_name, aggregate_id, version FROM stored{index}"))
        .collect();
    format!("WITH {} {}", with.join(", "), all.join(" UNION ALL "))
}
