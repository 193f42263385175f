//! Against what was recorded of the original package.

use std::collections::BTreeSet;

use castore_postgres::{AggregateIdColumn, IntegerSize, PostgresEventStorageAdapter};
use castore_runtime::storage::{
    EventStorageAdapter, GetEventsOptions, ListAggregateIdsOptions, RawEvent, StorageError,
};
use serde_json::{Value, json};

use super::support::{FORCE, NO_FORCE, STORE, Schema, assert_conflict, event, grouped, push};

fn golden() -> Value {
    serde_json::from_str(include_str!("../../../../tests/golden/postgres.json")).unwrap()
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_else(|| panic!("no text {field} in {value}"))
}

/// The event that the original answered with; where it took the time of the recording, another one.
fn raw(event: &Value) -> RawEvent {
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

/// The event in the form of the original.
fn shown(event: &RawEvent) -> Value {
    let mut shown = json!({
        "aggregateId": event.aggregate_id,
        "version": event.version,
        "type": event.event_type,
        "timestamp": event.timestamp,
    });
    for (field, json) in [("payload", &event.payload), ("metadata", &event.metadata)] {
        if let Some(json) = json {
            // The greatest number, written out: serde_json takes it for one that is too great.
            let text = json.get().replace(&f64::MAX.to_string(), "1.7976931348623157e308");
            shown[field] = serde_json::from_str(&text).unwrap();
        }
    }
    shown
}

/// The same value; numbers of hundreds of digits may be read with the last bit off.
fn assert_same(found: &Value, recorded: &Value, what: &str) {
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

async fn rows(schema: &Schema, table: &str) -> Vec<Value> {
    let rows: String = schema
        .value(&format!(
            "SELECT coalesce(json_agg(json_build_object('id', id::text, 'aggregate_name', aggregate_name,
                'aggregate_id', aggregate_id::text, 'version', version::text, 'type', type, 'data', data::text,
                'metadata', metadata::text, 'timestamp', timestamp::text) ORDER BY id::text), '[]')::text FROM {table}"
        ))
        .await;
    serde_json::from_str(&rows).unwrap()
}

/// Column by column; the time of the recording is not compared.
fn assert_rows(found: &[Value], recorded: &Value) {
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

/// A row as the original writes it.
async fn insert(schema: &Schema, table: &str, store: &str, event: &Value) {
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

async fn table_as_recorded(schema: &Schema, table: &str) -> Value {
    let found: String = schema
        .value(&format!(
            "SELECT json_build_object(
                'columns', (SELECT json_agg(json_build_object('column_name', column_name, 'data_type', data_type,
                        'len', character_maximum_length, 'is_nullable', is_nullable,
                        'column_default', column_default) ORDER BY ordinal_position)
                    FROM information_schema.columns
                    WHERE table_schema = current_schema() AND table_name = '{table}'),
                'constraints', (SELECT json_agg(json_build_object('conname', conname,
                        'def', pg_get_constraintdef(oid)) ORDER BY conname)
                    FROM pg_constraint WHERE conrelid = '{table}'::regclass),
                'indexes', (SELECT json_agg(json_build_object('indexname', indexname, 'indexdef', indexdef)
                        ORDER BY indexname)
                    FROM pg_indexes WHERE schemaname = current_schema() AND tablename = '{table}'))::text"
        ))
        .await;
    serde_json::from_str(&found.replace(&format!(" {}.", schema.name), " public.")).unwrap()
}

fn index_names(table: &Value) -> BTreeSet<String> {
    table["indexes"].as_array().unwrap().iter().map(|index| text(index, "indexname").to_owned()).collect()
}

#[tokio::test]
async fn the_tables_are_those_of_the_original() {
    let (schema, golden) = (Schema::new().await, golden());
    schema.created(schema.builder()).await;
    let varchar = schema.builder().table("event_varchar").aggregate_id_column(AggregateIdColumn::Varchar(128));
    schema.created(varchar).await;
    let small = schema
        .builder()
        .table("event_small")
        .id_column(IntegerSize::Four)
        .version_column(IntegerSize::Four)
        .event_store_id_length(10)
        .event_type_length(12)
        .aggregate_id_column(AggregateIdColumn::Varchar(16));
    schema.created(small).await;
    for (case, table) in
        [("default", "event"), ("secondTableVarchar128", "event_varchar"), ("aloneWithEveryOption", "event_small")]
    {
        let (found, recorded) = (table_as_recorded(&schema, table).await, &golden["ddl"][case]);
        assert_eq!(found["columns"], recorded["columns"], "{case}");
        assert_eq!(found["constraints"], recorded["constraints"], "{case}");
        // Every table has the indexes that the original gives to the first one, by its own name; and one of ours.
        let mut names: BTreeSet<_> = ["aggregate_lookup", "aggregate_name", "initial_event", "version"]
            .map(|of| format!("idx_{table}_{of}"))
            .into();
        names.extend(["aggregate_name_aggregate_id_version_key", "pkey"].map(|of| format!("{table}_{of}")));
        assert_eq!(index_names(&found), names, "{case}");
    }
    let (found, recorded) = (table_as_recorded(&schema, "event").await, &golden["ddl"]["default"]);
    for index in recorded["indexes"].as_array().unwrap() {
        assert!(found["indexes"].as_array().unwrap().contains(index), "{index}");
    }
}

#[tokio::test]
async fn rows_are_written_as_the_original_writes_them() {
    let (schema, golden) = (Schema::new().await, golden());
    schema.run("SET TimeZone = 'UTC'").await;
    let adapter = schema.adapter().await;
    let golden = &golden["push"];
    let recorded = |case: &str| raw(&golden[case]["ok"]["event"]);
    for case in ["withTimestamp", "withoutTimestamp", "noPayloadNoMetadata", "emptyMetadata"] {
        adapter.push_event("POKEMONS", recorded(case), NO_FORCE).await.unwrap();
    }
    assert_rows(&rows(&schema, "event").await, &golden["rows"]);

    for duplicate in ["duplicate", "duplicateWithOtherContent"] {
        let error = adapter.push_event("POKEMONS", recorded("withTimestamp"), NO_FORCE).await.unwrap_err();
        assert!(matches!(error, StorageError::EventAlreadyExists(_)), "{error:?}");
        assert_eq!(error.to_string(), text(&golden[duplicate]["error"], "message"));
    }
    adapter.push_event("TRAINERS", recorded("sameAggregateOtherStore"), NO_FORCE).await.unwrap();
    for case in ["forceOverExistingWithTimestamp", "forceOverExistingWithoutTimestampOrPayload", "forceOnNewVersion"] {
        adapter.push_event("POKEMONS", recorded(case), FORCE).await.unwrap();
    }
    // Also the numbers that failed and forced pushes use up are the same.
    assert_rows(&rows(&schema, "event").await, &golden["rowsAfterForceAndFailedInserts"]);

    adapter.push_event("POKEMONS", recorded("gapsAllowed"), NO_FORCE).await.unwrap();
    let lower = recorded("upperCaseUuidIsLowered");
    let upper = RawEvent { aggregate_id: lower.aggregate_id.to_uppercase(), ..lower.clone() };
    adapter.push_event("POKEMONS", upper.clone(), NO_FORCE).await.unwrap();
    for id in [&upper.aggregate_id, &lower.aggregate_id] {
        let read = adapter.get_events("POKEMONS", id, GetEventsOptions::default()).await.unwrap();
        assert_eq!(shown(&read[0]), shown(&lower));
    }
    for (refused, store) in [
        (RawEvent { aggregate_id: "pikachu-1".to_owned(), ..lower.clone() }, "POKEMONS"),
        (lower.clone(), "A_STORE_ID_OF_MORE_THAN_32_LETTERS"),
        (RawEvent { event_type: "T".repeat(65).into(), ..lower.clone() }, "POKEMONS"),
        // Postgres itself would cut the space off.
        (RawEvent { event_type: format!("{} ", "T".repeat(64)).into(), ..lower.clone() }, "POKEMONS"),
    ] {
        let error = adapter.push_event(store, RawEvent { version: 9, ..refused }, NO_FORCE).await.unwrap_err();
        assert!(matches!(error, StorageError::Unsupported { .. }), "{error:?}");
    }
    let error = adapter.get_events("POKEMONS", "pikachu-1", GetEventsOptions::default()).await.unwrap_err();
    assert!(error.to_string().contains("is of type uuid"), "{error}");
}

#[tokio::test]
async fn rows_that_the_original_wrote_are_read_as_it_reads_them() {
    let (schema, golden) = (Schema::new().await, golden());
    let adapter = schema.adapter().await;
    let recorded = golden["getEvents"]["fullShape"]["ok"]["events"].as_array().unwrap();
    for event in recorded {
        insert(&schema, "event", "POKEMONS", event).await;
    }
    let id = text(&recorded[0], "aggregateId");
    let mut compared = 0;
    for (case, asked) in golden["getEvents"].as_object().unwrap() {
        // What is not a number of events cannot be asked for here; 0 is a limit, which the original ignores.
        let (Some(options), Some(versions)) = (asked["options"].as_object(), asked["versions"].as_array()) else {
            continue;
        };
        if case.contains(":0") || case.contains('-') || options.contains_key("$undefined") {
            continue;
        }
        let number = |field: &str| options.get(field).map(|number| number.as_u64().unwrap());
        let options = GetEventsOptions {
            min_version: number("minVersion"),
            max_version: number("maxVersion"),
            limit: number("limit"),
            reverse: options.get("reverse") == Some(&json!(true)),
        };
        let read = adapter.get_events("POKEMONS", id, options).await.unwrap();
        let read: Vec<_> = read.iter().map(|event| json!(event.version)).collect();
        assert_eq!(&read, versions, "{case}");
        compared += 1;
    }
    assert_eq!(compared, 12, "of the cases that were recorded");
    let read = adapter.get_events("POKEMONS", id, GetEventsOptions::default()).await.unwrap();
    assert_eq!(&read.iter().map(shown).collect::<Vec<_>>(), recorded);
}

async fn varchar_table(schema: &Schema, table: &str) -> PostgresEventStorageAdapter {
    schema.created(schema.builder().table(table).aggregate_id_column(AggregateIdColumn::Varchar(128))).await
}

#[tokio::test]
async fn odd_payloads_go_both_ways() {
    let (schema, golden) = (Schema::new().await, golden());
    let ours = varchar_table(&schema, "ours").await;
    let theirs = varchar_table(&schema, "theirs").await;
    let mut compared = 0;
    for (case, recorded) in golden["oddPayloads"].as_object().unwrap() {
        let Some(event) = recorded.get("pushedAndReadBack") else { continue };
        let id = text(event, "aggregateId");
        // Ours, looked at with SQL. (The original stores `0` and `""`, and does not read them.)
        let falsy = case == "zeroPayload" || case == "emptyStringPayload";
        let mut pushed = raw(event);
        if falsy {
            pushed.payload =
                Some(serde_json::value::RawValue::from_string(text(&recorded["raw"], "data").to_owned()).unwrap());
        }
        ours.push_event(STORE, pushed, NO_FORCE).await.unwrap();
        let row = schema
            .client
            .query_one("SELECT data::text, metadata::text FROM ours WHERE aggregate_id = $1", &[&id])
            .await
            .unwrap();
        assert_eq!(row.get::<_, Option<&str>>(0), recorded["raw"]["data"].as_str(), "{case}");
        assert_eq!(row.get::<_, Option<&str>>(1), recorded["raw"]["metadata"].as_str(), "{case}");
        // Theirs, read by us.
        let bare = json!({"aggregateId": id, "version": event["version"], "type": event["type"],
            "timestamp": event["timestamp"]});
        insert(&schema, "theirs", STORE, &bare).await;
        schema
            .client
            .execute(
                "UPDATE theirs SET data = $2::text::jsonb, metadata = $3::text::jsonb WHERE aggregate_id = $1",
                &[&id, &recorded["raw"]["data"].as_str(), &recorded["raw"]["metadata"].as_str()],
            )
            .await
            .unwrap();
        for adapter in [&ours, &theirs] {
            let read = adapter.get_events(STORE, id, GetEventsOptions::default()).await.unwrap();
            let mut expected = event.clone();
            if falsy {
                expected["payload"] = serde_json::from_str(text(&recorded["raw"], "data")).unwrap();
            }
            assert_same(&shown(&read[0]), &expected, case);
        }
        compared += 1;
    }
    assert_eq!(compared, 21, "of the cases that were recorded");
    for refused in [r#"{"s":"a\u0000b"}"#, r#"{"s":"x\ud800y"}"#] {
        let payload = serde_json::value::RawValue::from_string(refused.to_owned()).unwrap();
        let event = RawEvent { payload: Some(payload), ..event("refused", 1) };
        let error = ours.push_event(STORE, event, NO_FORCE).await.unwrap_err();
        assert!(matches!(error, StorageError::Unsupported { .. }), "{error:?}");
    }
    // A JSON null in the table, which neither side writes, is no payload on either side.
    schema.run("UPDATE theirs SET data = 'null' WHERE aggregate_id = 'case-payload'").await;
    let read = theirs.get_events(STORE, "case-payload", GetEventsOptions::default()).await.unwrap();
    assert!(read[0].payload.is_none());
}

#[tokio::test]
async fn conflicts_are_recognised_whatever_the_table_is_called() {
    let (schema, golden) = (Schema::new().await, golden());
    for (table, recorded) in golden["duplicateDetection"].as_object().unwrap() {
        let adapter = varchar_table(&schema, table).await;
        let constraint: String = schema
            .value(&format!(
                "SELECT conname::text FROM pg_constraint WHERE conrelid = '{table}'::regclass AND contype = 'u'"
            ))
            .await;
        assert_eq!(constraint, text(recorded, "constraint"));
        push(&adapter, "a", 1).await.unwrap();
        assert_conflict(push(&adapter, "a", 1).await, "a", 1);
        let group = vec![grouped(&adapter, "b", 1), grouped(&adapter, "a", 1)];
        assert_conflict(adapter.push_event_group(group, NO_FORCE).await, "a", 1);
        // Renamed while the adapter is in use.
        schema.run(&format!("ALTER TABLE {table} RENAME CONSTRAINT {constraint} TO {}", &constraint[1..])).await;
        assert_conflict(push(&adapter, "a", 1).await, "a", 1);
        assert_eq!(schema.value::<i64>(&format!("SELECT count(*) FROM {table}")).await, 1);
    }
}

#[tokio::test]
async fn lists_are_those_of_the_original_where_it_is_right() {
    let (schema, golden) = (Schema::new().await, golden());
    let adapter = varchar_table(&schema, "event").await;
    for (id, year) in [("b", 2022), ("d", 2024), ("a", 2021), ("c", 2023)] {
        let event = json!({"aggregateId": id, "version": 1, "type": "T",
            "timestamp": format!("{year}-01-01T00:00:00.000Z")});
        insert(&schema, "event", "POKEMONS", &event).await;
    }
    let golden = &golden["listAggregateIds"];
    for case in [
        "none",
        "{\"limit\":2}",
        "{\"limit\":4}",
        "{\"limit\":5}",
        "{\"reverse\":true}",
        "{\"reverse\":true,\"limit\":3}",
        "{\"pageToken\":\"{}\"}",
        "limit 1: page 1",
        "limit 1: page 2, token only",
        "limit 1: page 2, limit repeated",
        "limit 1: page 3, limit repeated",
        "reverse limit 2: page 1",
        "reverse limit 2: page 2, token only",
    ] {
        let (options, recorded) = (&golden[case]["options"], &golden[case]["ok"]);
        let page = adapter
            .list_aggregate_ids(
                "POKEMONS",
                ListAggregateIdsOptions {
                    limit: options["limit"].as_u64(),
                    reverse: options["reverse"].as_bool(),
                    page_token: options["pageToken"].as_str().map(str::to_owned),
                    ..Default::default()
                },
            )
            .await
            .unwrap();
        let listed: Vec<_> = page
            .aggregates
            .iter()
            .map(|listed| {
                json!({"aggregateId": listed.aggregate_id, "initialEventTimestamp": listed.initial_event_timestamp})
            })
            .collect();
        assert_eq!(&json!(listed), &recorded["aggregateIds"], "{case}");
        // The original forgets what the token said when it makes the next one.
        if options["pageToken"].is_null() || options["limit"].is_u64() {
            assert_eq!(page.next_page_token.as_deref(), recorded["nextPageToken"].as_str(), "{case}");
        }
    }
}

#[tokio::test]
async fn groups_are_stored_as_the_original_stores_them() {
    let (schema, golden) = (Schema::new().await, golden());
    schema.run("SET TimeZone = 'UTC'").await;
    let adapter = schema.adapter().await;
    let golden = &golden["groups"];
    let group: Vec<_> = golden["commit"]["ok"]["eventGroup"]
        .as_array()
        .unwrap()
        .iter()
        .zip(["POKEMONS", "TRAINERS"])
        .map(|(recorded, event_store_id)| castore_runtime::storage::GroupedRawEvent {
            event_store_id,
            event: raw(&recorded["event"]),
            ..grouped(&adapter, "", 0)
        })
        .collect();
    adapter.push_event_group(group.clone(), NO_FORCE).await.unwrap();
    assert_rows(&rows(&schema, "event").await, &golden["rowsAfterCommit"]);
    let mut again = group;
    again[0].event.version = 2;
    let error = adapter.push_event_group(again, NO_FORCE).await.unwrap_err();
    assert_eq!(error.to_string(), text(&golden["rollback"]["error"], "message"));
    assert_rows(&rows(&schema, "event").await, &golden["rowsAfterCommit"]);
}
