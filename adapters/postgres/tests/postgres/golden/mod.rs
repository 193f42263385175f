//! Comparison with recordings of the original TypeScript package.

mod events;
mod lists;
mod odd_payloads;
mod tables;

use castore_core::storage::RawEvent;
use castore_postgres::{AggregateIdColumn, PostgresEventStorageAdapter};
use serde_json::{Value, json};

use super::support::Schema;

pub(super) fn golden() -> Value {
    serde_json::from_str(include_str!("../../../../../tests/golden/postgres.json")).unwrap()
}

pub(super) fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_else(|| panic!("no text {field} in {value}"))
}

/// Converts an event that the original package returned. If its timestamp was the time of the recording, the result has
/// a fixed timestamp.
pub(super) fn raw(event: &Value) -> RawEvent {
    let json = |field: &str| event.get(field).map(|value| serde_json::value::to_raw_value(value).unwrap());
    RawEvent {
        aggregate_id: text(event, "aggregateId").to_owned(),
        version: event["version"].as_u64().unwrap(),
        event_type: text(event, "type").to_owned().into(),
        timestamp: text(event, "timestamp").parse().unwrap_or_else(|_| "2024-06-01T00:00:00.123Z".parse().unwrap()),
        payload: json("payload"),
        metadata: json("metadata"),
    }
}

/// Returns the event in the format of the original package.
pub(super) fn shown(event: &RawEvent) -> Value {
    let mut shown = json!({
        "aggregateId": event.aggregate_id,
        "version": event.version,
        "type": event.event_type,
        "timestamp": event.timestamp,
    });
    for (field, json) in [("payload", &event.payload), ("metadata", &event.metadata)] {
        if let Some(json) = json {
            // The greatest number, in another notation: serde_json considers the written-out form out of range.
            let text = json.get().replace(&f64::MAX.to_string(), "1.7976931348623157e308");
            shown[field] = serde_json::from_str(&text).unwrap();
        }
    }
    shown
}

/// Asserts that the values are equal. Numbers with hundreds of digits may differ in the last bit.
pub(super) fn assert_same(found: &Value, recorded: &Value, what: &str) {
    fn same(one: &Value, other: &Value) -> bool {
        match (one, other) {
            (Value::Number(one), Value::Number(other)) => {
                let (one, other) = (one.as_f64().unwrap(), other.as_f64().unwrap());
                (one - other).abs() <= one.abs() * 4.0 * f64::EPSILON
            }
            (Value::Array(one), Value::Array(other)) => {
                one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
            }
            (Value::Object(one), Value::Object(other)) => {
                one.len() == other.len()
                    && one.iter().all(|(key, one)| other.get(key).is_some_and(|other| same(one, other)))
            }
            _ => one == other,
        }
    }
    assert!(same(found, recorded), "{what}: found {found}, recorded {recorded}");
}

pub(super) async fn rows(schema: &Schema, table: &str) -> Vec<Value> {
    let rows: String = schema
        .value(&format!(
            "SELECT coalesce(json_agg(json_build_object('id', id::text, 'aggregate_name', aggregate_name,
                'aggregate_id', aggregate_id::text, 'version', version::text, 'type', type, 'data', data::text,
                'metadata', metadata::text, 'timestamp', timestamp::text) ORDER BY id::text), '[]')::text FROM {table}"
        ))
        .await;
    serde_json::from_str(&rows).unwrap()
}

/// Asserts that the rows are equal, column by column, except for the time of the recording.
pub(super) fn assert_rows(found: &[Value], recorded: &Value) {
    let recorded = recorded.as_array().unwrap();
    assert_eq!(found.len(), recorded.len());
    for (found, recorded) in found.iter().zip(recorded) {
        for (column, value) in recorded.as_object().unwrap() {
            if !value.as_str().is_some_and(|text| text.starts_with("<now")) {
                assert_eq!(&found[column], value, "{column} of {recorded}");
            }
        }
    }
}

/// Inserts a row as the original package writes it.
pub(super) async fn insert(schema: &Schema, table: &str, store: &str, event: &Value) {
    let json = |field: &str| event.get(field).map(Value::to_string);
    let (data, metadata) = (json("payload"), json("metadata"));
    schema
        .client
        .execute(
            &format!(
                "INSERT INTO {table} (aggregate_name, aggregate_id, version, type, data, metadata, timestamp)
                 SELECT $1, aggregate_id, version, type, $2::text::jsonb, $3::text::jsonb, timestamp
                 FROM jsonb_populate_record(NULL::{table}, $4::text::jsonb)"
            ),
            &[
                &store,
                &data,
                &metadata,
                &json!({
                    "aggregate_id": event["aggregateId"],
                    "version": event["version"],
                    "type": event["type"],
                    "timestamp": event["timestamp"],
                })
                .to_string(),
            ],
        )
        .await
        .unwrap();
}

pub(super) async fn varchar_table(schema: &Schema, table: &str) -> PostgresEventStorageAdapter {
    schema.created(schema.builder().table(table).aggregate_id_column(AggregateIdColumn::Varchar(128))).await
}
