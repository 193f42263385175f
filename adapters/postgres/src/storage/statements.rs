use crate::schema::AggregateIdKind;

/// The timestamp of an event in UTC, truncated to milliseconds: the sort key of lists. On a `timestamptz`, `date_trunc`
/// depends on the session's time zone, so it could not be used in an index.
const MILLIS: &str = "date_trunc('milliseconds', timestamp AT TIME ZONE 'UTC')";

/// The statements for one table. Casts make the types of parameters and results independent of the column types.
#[derive(Debug)]
pub(crate) struct Statements {
    /// The statement that stores an event whose version is the next version of its aggregate. If the version is taken,
    /// the statement still tries to insert the event, so that the unique constraint reports the conflict. If the
    /// version leaves a gap, the statement returns no row.
    pub(super) push: String,
    /// The statement that stores an event whose version is not taken.
    pub(super) push_anywhere: String,
    pub(super) force: String,
    pub(super) read: String,
    pub(super) read_reverse: String,
    pub(super) list: String,
    pub(super) list_after: String,
    pub(super) list_reverse: String,
    pub(super) list_reverse_after: String,
    /// The query for the first of the given keys that is already stored.
    pub(super) taken: String,
    /// The query for the last version of each of the given aggregates, in their order.
    pub(super) last_versions: String,
}

impl Statements {
    pub(crate) fn new(table: &str, kind: &AggregateIdKind) -> Self {
        let id = |parameter: &str| id_parameter(kind, parameter);
        let insert =
            format!("INSERT INTO {table} (aggregate_name, aggregate_id, version, type, data, metadata, timestamp)");
        let values = format!("$1::text, {}, $3::int8, $4::text, $5::jsonb, $6::jsonb, $7::timestamptz", id("$2"));
        let push_anywhere = format!("{insert} VALUES ({values})");
        let push = format!(
            "{insert} SELECT {values} WHERE $3::int8 = 1 + {} OR EXISTS (
                SELECT 1 FROM {table} event WHERE event.aggregate_name = $1::text AND event.aggregate_id = {}
                AND event.version = $3::int8)",
            last_version(table, "$1::text", &id("$2")),
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
        // If an output column were called `aggregate_id`, `ORDER BY aggregate_id` would refer to it.
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
            force: format!("{push_anywhere} {ON_CONFLICT} RETURNING id::int8"),
            push_anywhere: format!("{push_anywhere} RETURNING id::int8"),
            push: format!("{push} RETURNING id::int8"),
            read: read("ASC"),
            read_reverse: read("DESC"),
            list: list("", "ASC"),
            list_reverse: list("", "DESC"),
            // The row comparison uses the index, so that no aggregate before the page is read, even if many have the
            // same timestamp.
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
            last_versions: format!(
                "SELECT {} FROM unnest($1::text[], {})
                    WITH ORDINALITY AS given (aggregate_name, aggregate_id, place) ORDER BY given.place",
                last_version(table, "given.aggregate_name", &id_element(kind, "given.aggregate_id")),
                id_array(kind, "$2"),
            ),
        }
    }
}

/// Returns the expression for the last version of an aggregate, or 0 if it has no events.
pub(super) fn last_version(table: &str, aggregate_name: &str, aggregate_id: &str) -> String {
    format!(
        "coalesce((SELECT event.version::int8 FROM {table} event WHERE event.aggregate_name = {aggregate_name}
            AND event.aggregate_id = {aggregate_id} ORDER BY event.version DESC LIMIT 1), 0)"
    )
}

pub(super) const ON_CONFLICT: &str = "ON CONFLICT (aggregate_name, aggregate_id, version) DO UPDATE
    SET type = EXCLUDED.type, data = EXCLUDED.data, metadata = EXCLUDED.metadata, timestamp = EXCLUDED.timestamp";

/// Returns the columns of the index for lists.
pub(crate) fn initial_event_index_columns(kind: &AggregateIdKind) -> String {
    let id = match kind {
        AggregateIdKind::Uuid | AggregateIdKind::Text { .. } => format!(", {}", id_order(kind)),
        // Converting the id to text may depend on settings, which an index does not allow.
        AggregateIdKind::Other { .. } => String::new(),
    };
    format!("(aggregate_name, ({MILLIS}){id}) WHERE version = 1")
}

/// Returns the expression that orders ids by the bytes of their text. UUIDs already have this order.
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
