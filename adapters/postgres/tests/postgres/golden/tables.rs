//! The table, its constraints and its indexes.

use std::collections::BTreeSet;

use castore_core::storage::EventStorageAdapter;
use castore_postgres::{AggregateIdColumn, IntegerSize};
use serde_json::Value;

use super::{golden, text, varchar_table};
use crate::support::{NO_FORCE, Schema, assert_conflict, grouped, push};

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
        // Every table has the indexes that the original package creates on its first table, and the index of this
        // crate.
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
async fn conflicts_are_recognized_whatever_the_table_is_called() {
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
        // The constraint is renamed while the adapter is in use.
        schema.run(&format!("ALTER TABLE {table} RENAME CONSTRAINT {constraint} TO {}", &constraint[1..])).await;
        assert_conflict(push(&adapter, "a", 1).await, "a", 1);
        assert_eq!(schema.value::<i64>(&format!("SELECT count(*) FROM {table}")).await, 1);
    }
}
