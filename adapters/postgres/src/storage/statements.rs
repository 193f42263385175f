use crate::schema::AggregateIdKind;

/// The time of an event in UTC, cut to milliseconds: what lists are ordered by. On a `timestamptz` itself,
/// `date_trunc` depends on the session's time zone, so that no index could have it.
const MILLIS: &str = "date_trunc('milliseconds', timestamp AT TIME ZONE 'UTC')";

/// The statements of one table. Casts keep the types of parameters and results the same whatever the columns are.
#[derive(Debug)]
pub(crate) struct Statements {
    pub(super) push: String,
    pub(super) force: String,
    pub(super) read: String,
    pub(super) read_reverse: String,
    pub(super) list: String,
    pub(super) list_after: String,
    pub(super) list_reverse: String,
    pub(super) list_reverse_after: String,
    /// Which of some keys are taken.
    pub(super) taken: String,
}

impl Statements {
    pub(crate) fn new(table: &str, kind: &AggregateIdKind) -> Self {
        let id = |parameter: &str| id_parameter(kind, parameter);
        let push = format!(
            "INSERT INTO {table} (aggregate_name, aggregate_id, version, type, data, metadata, timestamp)
             VALUES ($1::text, {}, $3::int8, $4::text, $5::jsonb, $6::jsonb, $7::timestamptz)",
            id("$2")
        );
        let read = |direction: &str| {
            format!(
                "SELECT version::int8, type::text, timestamp::timestamptz, data::jsonb, metadata::jsonb FROM {table}
                 WHERE aggregate_name = $1::text AND aggregate_id = {} AND version BETWEEN $3::int8 AND $4::int8
                 ORDER BY version {direction} LIMIT $5::int8",
                id("$2")
            )
        };
        // An output column called `aggregate_id` would be what `ORDER BY aggregate_id` means.
        let order = id_order(kind);
        let list = |after: &str, direction: &str| {
            format!(
                "SELECT aggregate_id::text AS listed_id, {MILLIS} AS listed_at FROM {table}
                 WHERE aggregate_name = $1::text AND version = 1
                 AND {MILLIS} BETWEEN $2::timestamp AND $3::timestamp {after}
                 ORDER BY {MILLIS} {direction}, {order} {direction} LIMIT $4::int8"
            )
        };
        let key = match kind {
            AggregateIdKind::Uuid => "$5::uuid",
            AggregateIdKind::Text { .. } | AggregateIdKind::Other { .. } => "$5::text",
        };
        Self {
            force: format!("{push} {ON_CONFLICT} RETURNING id::int8"),
            push: format!("{push} RETURNING id::int8"),
            read: read("ASC"),
            read_reverse: read("DESC"),
            list: list("", "ASC"),
            list_reverse: list("", "DESC"),
            // The comparison of pairs goes through the index: however many aggregates have one timestamp, none of
            // those before the page is looked at.
            list_after: list(&format!("AND ({MILLIS}, {order}) > ($2::timestamp, {key})"), "ASC"),
            list_reverse_after: list(&format!("AND ({MILLIS}, {order}) < ($3::timestamp, {key})"), "DESC"),
            taken: format!(
                "SELECT given.place FROM unnest($1::text[], {}, $3::int8[])
                    WITH ORDINALITY AS given (aggregate_name, aggregate_id, version, place)
                 WHERE EXISTS (SELECT 1 FROM {table} event WHERE event.aggregate_name = given.aggregate_name
                    AND event.aggregate_id = {} AND event.version = given.version)
                 ORDER BY given.place LIMIT 1",
                id_array(kind, "$2"),
                id_element(kind, "given.aggregate_id"),
            ),
        }
    }
}

pub(super) const ON_CONFLICT: &str = "ON CONFLICT (aggregate_name, aggregate_id, version) DO UPDATE
    SET type = EXCLUDED.type, data = EXCLUDED.data, metadata = EXCLUDED.metadata, timestamp = EXCLUDED.timestamp";

/// What the index for lists is made of.
pub(crate) fn initial_event_index_columns(kind: &AggregateIdKind) -> String {
    let id = match kind {
        AggregateIdKind::Uuid | AggregateIdKind::Text { .. } => format!(", {}", id_order(kind)),
        // What turns the id into text may depend on settings, which an index does not allow.
        AggregateIdKind::Other { .. } => String::new(),
    };
    format!("(aggregate_name, ({MILLIS}){id}) WHERE version = 1")
}

/// What orders ids as their text is ordered byte by byte: UUIDs do that of themselves.
fn id_order(kind: &AggregateIdKind) -> &'static str {
    match kind {
        AggregateIdKind::Uuid => "aggregate_id",
        AggregateIdKind::Text { .. } => "aggregate_id COLLATE \"C\"",
        AggregateIdKind::Other { .. } => "aggregate_id::text COLLATE \"C\"",
    }
}

pub(crate) fn id_parameter(kind: &AggregateIdKind, parameter: &str) -> String {
    match kind {
        AggregateIdKind::Uuid => format!("{parameter}::uuid"),
        AggregateIdKind::Text { .. } => format!("{parameter}::text"),
        AggregateIdKind::Other { name } => format!("{parameter}::text::{name}"),
    }
}

pub(super) fn id_array(kind: &AggregateIdKind, parameter: &str) -> String {
    match kind {
        AggregateIdKind::Uuid => format!("{parameter}::uuid[]"),
        AggregateIdKind::Text { .. } | AggregateIdKind::Other { .. } => format!("{parameter}::text[]"),
    }
}

pub(super) fn id_element(kind: &AggregateIdKind, element: &str) -> String {
    match kind {
        AggregateIdKind::Uuid | AggregateIdKind::Text { .. } => element.to_owned(),
        AggregateIdKind::Other { name } => format!("{element}::{name}"),
    }
}
