//! The event table: names, columns, privileges, creation.

use std::time::Duration;

use castore_core::log::EventLog;
use castore_core::storage::{EventStorageAdapter, GetEventsOptions, ListAggregateIdsOptions, StorageError};
use castore_postgres::{AggregateIdColumn, ConnectError, IntegerSize, PostgresEventStorageAdapter, SchemaError};

use super::support::{
    A, B, FORCE, NO_FORCE, Schema, assert_conflict, grouped, push, push_anywhere, quote, url, versions, with,
};

/// The statement with which the original package creates its table, without any addition of this crate.
const ORIGINAL: &str = "CREATE TABLE event (
    id BIGSERIAL PRIMARY KEY, aggregate_name VARCHAR(32) NOT NULL, aggregate_id UUID NOT NULL, version BIGINT NOT NULL,
    type VARCHAR(64) NOT NULL, data JSONB, metadata JSONB,
    timestamp TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP(3), UNIQUE (aggregate_name, aggregate_id, version))";

#[tokio::test]
async fn names_may_be_anything() {
    for (schema, table) in [
        ("Upper", "Events"),
        ("a\"quote", "b\"; DROP SCHEMA public; --"),
        ("ünï", "événement.日本"),
        ("select", "table"),
        ("s", "it's \\ %s $1"),
        ("s", "a_name_of_sixty_three_bytes_which_is_as_long_as_they_may_be_xxx"),
    ] {
        let schema = Schema::named(schema).await;
        let adapter = schema.created(schema.builder().table(table)).await;
        adapter.create_event_table().await.unwrap();
        assert_eq!(adapter.qualified_table().await.unwrap(), format!("{}.{}", quote(&schema.name), quote(table)));
        push(&adapter, A, 1).await.unwrap();
        assert_conflict(push(&adapter, A, 1).await, A, 1);
        let group = vec![grouped(&adapter, A, 2), grouped(&adapter, B, 1)];
        adapter.push_event_group(group.clone(), NO_FORCE).await.unwrap();
        assert_conflict(adapter.push_event_group(group, NO_FORCE).await, A, 2);
        assert_eq!(versions(&adapter, A).await, [1, 2]);
        assert_eq!(schema.value::<i64>(&format!("SELECT count(*) FROM {}", quote(table))).await, 3);
        adapter.drop_event_table().await.unwrap();
        adapter.drop_event_table().await.unwrap();
        let error = push(&adapter, A, 1).await.unwrap_err();
        assert!(castore_core::error::error_chain(&error).contains("does not exist"), "{error:?}");
    }
}

#[tokio::test]
async fn names_that_postgres_would_change_are_refused() {
    for table in ["", "a\0b", &"x".repeat(64)] {
        let error = PostgresEventStorageAdapter::builder().table(table).connect(&url()).await.unwrap_err();
        assert!(matches!(error, ConnectError::InvalidName(_)), "{error:?}");
    }
    let error = PostgresEventStorageAdapter::connect("postgresql://localhost/x?what=this").await.unwrap_err();
    assert!(matches!(error, ConnectError::InvalidUrl(_)), "{error:?}");
    let error = PostgresEventStorageAdapter::connect("host=/nowhere/at/all user=nobody").await.unwrap_err();
    assert!(matches!(error, ConnectError::Engine(_)), "{error:?}");
}

#[tokio::test]
async fn a_group_may_span_tables() {
    let schema = Schema::new().await;
    let one = schema.adapter().await;
    let text = schema.builder().table("other").aggregate_id_column(AggregateIdColumn::Text);
    let other = schema.created(text.clone()).await;
    let shared = text.from_pool(one.pool().clone()).await.unwrap();
    assert_eq!(one.storage_id(), other.storage_id());
    assert_eq!(one.storage_id(), shared.storage_id());
    assert_eq!(EventLog::event_storage_id(&other), Some(one.storage_id()));
    let group = |version: u64| {
        vec![
            grouped(&other, "text", version),
            grouped(&one, A, version),
            grouped(&shared, "text", version + 1),
            grouped(&one, B, version),
        ]
    };
    let stored = one.push_event_group(group(1), NO_FORCE).await.unwrap();
    let positions: Vec<_> = stored.iter().map(|stored| stored.position.unwrap()).collect();
    assert_eq!(positions, [1, 1, 2, 2]);
    assert_eq!((versions(&one, A).await, versions(&one, B).await), (vec![1], vec![1]));
    assert_eq!(versions(&other, "text").await, [1, 2]);
    // A conflict in either table rolls back both.
    push_anywhere(&one, B, 3).await.unwrap();
    assert_conflict(other.push_event_group(group(3), NO_FORCE).await, B, 3);
    assert_eq!((versions(&one, A).await, versions(&other, "text").await), (vec![1], vec![1, 2]));
    push_anywhere(&other, "text", 5).await.unwrap();
    assert_conflict(one.push_event_group(group(4), NO_FORCE).await, "text", 5);
    assert_eq!((versions(&one, A).await, versions(&other, "text").await), (vec![1], vec![1, 2, 5]));
}

#[tokio::test]
async fn a_group_over_databases_is_refused_before_anything_is_written() {
    let schema = Schema::new().await;
    let here = schema.adapter().await;
    let there = PostgresEventStorageAdapter::builder()
        .pool_size(1)
        .connect(&with(&url(), "dbname", "template1"))
        .await
        .unwrap();
    assert_ne!(here.storage_id(), there.storage_id());
    let mut elsewhere = grouped(&here, B, 1);
    elsewhere.adapter = std::sync::Arc::new(there);
    let error = here.push_event_group(vec![grouped(&here, A, 1), elsewhere], NO_FORCE).await.unwrap_err();
    assert!(matches!(error, StorageError::GroupSpansStorages { index: 1, .. }), "{error:?}");
    assert_eq!(versions(&here, A).await, Vec::<u64>::new());
}

#[tokio::test]
async fn a_table_of_the_original_is_used_and_completed() {
    let schema = Schema::new().await;
    schema.run(ORIGINAL).await;
    let adapter = schema.open(schema.builder()).await;
    // The adapter works before anything is added to the table.
    push(&adapter, A, 1).await.unwrap();
    assert_eq!(
        adapter.list_aggregate_ids("STORE", ListAggregateIdsOptions::default()).await.unwrap().aggregates.len(),
        1
    );
    let indexes = "SELECT string_agg(indexname, ' ' ORDER BY indexname) FROM pg_indexes
        WHERE schemaname = current_schema() AND tablename = 'event'";
    for _ in 0..2 {
        adapter.create_event_table().await.unwrap();
        assert_eq!(
            schema.value::<String>(indexes).await,
            "event_aggregate_name_aggregate_id_version_key event_pkey idx_event_initial_event"
        );
    }
    // This simulates the invalid index that an interrupted build leaves behind.
    schema.run("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'idx_event_initial_event'::regclass").await;
    adapter.create_event_table().await.unwrap();
    let valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'idx_event_initial_event'::regclass";
    assert!(schema.value::<bool>(valid).await);
    assert_eq!(versions(&adapter, A).await, [1]);
}

#[tokio::test]
async fn the_rights_of_a_writer_are_enough() {
    let schema = Schema::new().await;
    schema.run(ORIGINAL).await;
    let (name, role) = (quote(&schema.name), format!("castore_writer_{}", schema.name));
    schema
        .run(&format!(
            "CREATE ROLE {role} LOGIN; GRANT USAGE ON SCHEMA {name} TO {role};
             GRANT SELECT, INSERT, UPDATE ON event TO {role}; GRANT USAGE ON SEQUENCE event_id_seq TO {role}"
        ))
        .await;
    let adapter = schema.builder().connect(&with(schema.url(), "user", &role)).await.unwrap();
    push(&adapter, A, 1).await.unwrap();
    let group = vec![grouped(&adapter, A, 2), grouped(&adapter, B, 1)];
    adapter.push_event_group(group.clone(), NO_FORCE).await.unwrap();
    adapter.push_event_group(group, FORCE).await.unwrap();
    assert_eq!(versions(&adapter, A).await, [1, 2]);
    let error = adapter.create_event_table().await.unwrap_err();
    assert!(matches!(error, SchemaError::NotPermitted { .. }), "{error:?}");
    // After the owner has added the missing parts, there is nothing to do.
    schema.open(schema.builder()).await.create_event_table().await.unwrap();
    adapter.create_event_table().await.unwrap();
    let page = adapter.list_aggregate_ids("STORE", ListAggregateIdsOptions::default()).await.unwrap();
    assert_eq!(page.aggregates.len(), 2);
    adapter.close();
    schema.run(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).await;
}

#[tokio::test]
async fn any_number_of_processes_may_create_the_table_at_once() {
    let schema = Schema::new().await;
    for existing in [false, true] {
        if existing {
            schema.run(&format!("DROP TABLE event; {ORIGINAL}")).await;
        }
        let mut creating = Vec::new();
        for _ in 0..6 {
            let adapter = schema.open(schema.builder().pool_size(1)).await;
            creating.push(tokio::spawn(async move { adapter.create_event_table().await }));
        }
        for created in creating {
            created.await.unwrap().unwrap();
        }
        let adapter = schema.open(schema.builder()).await;
        push(&adapter, A, 1).await.unwrap();
    }
}

#[tokio::test]
async fn a_locked_table_is_not_waited_for_for_ever() {
    let schema = Schema::new().await;
    schema.run(ORIGINAL).await;
    let adapter = schema
        .open(schema.builder().lock_timeout(Duration::from_millis(100)).migration_timeout(Duration::from_millis(100)))
        .await;
    schema.run("BEGIN; LOCK TABLE event IN ROW EXCLUSIVE MODE").await;
    for result in [adapter.create_event_table().await, adapter.drop_event_table().await] {
        let error = result.unwrap_err();
        assert!(matches!(error, SchemaError::Locked { .. }), "{error:?}");
    }
    schema.run("ROLLBACK").await;
    schema.open(schema.builder()).await.create_event_table().await.unwrap();
}

#[tokio::test]
async fn a_table_for_something_else_is_left_alone() {
    let schema = Schema::new().await;
    schema.run("CREATE TABLE event (id BIGSERIAL, name TEXT)").await;
    let adapter = schema.open(schema.builder()).await;
    let error = adapter.create_event_table().await.unwrap_err();
    assert!(matches!(error, SchemaError::OtherTable(_)), "{error:?}");
    let expected = format!(
        "{}.\"event\" is not an event table (it has no column \"data\"); choose another with `PostgresEventStorageAdapterBuilder::table`",
        quote(&schema.name)
    );
    assert_eq!(error.to_string(), expected);
    schema
        .run(&format!("DROP TABLE event; {}", ORIGINAL.replace(", UNIQUE (aggregate_name, aggregate_id, version)", "")))
        .await;
    let error = push(&adapter, A, 1).await.unwrap_err();
    assert!(castore_core::error::error_chain(&error).contains("no unique constraint"), "{error:?}");
}

#[tokio::test]
async fn a_schema_must_exist() {
    let schema = Schema::new().await;
    let adapter = schema.open(schema.builder().schema("nowhere at all")).await;
    let error = adapter.create_event_table().await.unwrap_err();
    assert!(matches!(error, SchemaError::MissingSchema(_)), "{error:?}");
    let expected = "the schema of the table does not exist; create the schema first: \
        schema \"nowhere at all\" does not exist (SQLSTATE 3F000)";
    assert_eq!(castore_core::error::error_chain(&error), expected);
}

#[tokio::test]
async fn of_a_group_the_event_that_is_refused_is_named() {
    let schema = Schema::new().await;
    let adapter = schema.adapter().await;
    let group = |id: &str| vec![grouped(&adapter, A, 1), grouped(&adapter, id, 3)];
    let error = adapter.push_event_group(group("pikachu"), NO_FORCE).await.unwrap_err();
    assert!(matches!(error, StorageError::Unsupported { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("version 3 of aggregate \"pikachu\" of event store STORE: "), "{text}");
    let remedy = "; use UUIDs, or create the table with `PostgresEventStorageAdapterBuilder::aggregate_id_column(AggregateIdColumn::Text)`";
    assert!(text.ends_with(remedy), "{text}");
    // Only the server can detect these errors.
    let mut group = group(B);
    group[1].event.payload = Some(serde_json::value::to_raw_value("a\0b").unwrap());
    let error = adapter.push_event_group(group.clone(), NO_FORCE).await.unwrap_err().to_string();
    assert!(error.contains("one of the events of the group: "), "{error}");
    let error = adapter.push_event_group(group.split_off(1), NO_FORCE).await.unwrap_err().to_string();
    assert!(error.contains(&format!("version 3 of aggregate {B:?} of event store STORE: ")), "{error}");
    assert_eq!(versions(&adapter, A).await, Vec::<u64>::new());
}

#[tokio::test]
async fn columns_may_change_while_the_adapter_is_in_use() {
    let schema = Schema::new().await;
    let adapter = schema.adapter().await;
    push(&adapter, A, 1).await.unwrap();
    schema.run("ALTER TABLE event ALTER aggregate_id TYPE TEXT, ALTER type TYPE TEXT").await;
    // The first operation may fail because of the change. The definition of the table is then read again.
    let error = push(&adapter, B, 1).await.unwrap_err();
    assert!(matches!(error, StorageError::Engine(_)), "{error:?}");
    push(&adapter, B, 1).await.unwrap();
    push(&adapter, A, 2).await.unwrap();
    assert_eq!((versions(&adapter, A).await, versions(&adapter, B).await), (vec![1, 2], vec![1]));
    push(&adapter, "no uuid", 1).await.unwrap();
}

#[tokio::test]
async fn ids_may_be_of_other_types() {
    for (column, refused) in [
        // These ids are too long, not a member of the type, or shortened by a cast.
        ("CHAR(5)", vec!["too long", "a     b", "a "]),
        ("\"Short Id\"", vec!["too long"]),
        ("\"Cut Id\"", vec!["too long", "too  "]),
        ("\"One Of\"", vec!["c"]),
    ] {
        let schema = Schema::new().await;
        schema
            .run(
                "CREATE DOMAIN \"Short Id\" AS TEXT CHECK (length(VALUE) < 5);
                 CREATE DOMAIN \"Cut Id\" AS VARCHAR(3); CREATE TYPE \"One Of\" AS ENUM ('b', 'a', 'too')",
            )
            .await;
        schema.run(&ORIGINAL.replace("UUID", column)).await;
        let adapter = schema.created(schema.builder()).await;
        push(&adapter, "b", 1).await.unwrap();
        let group = vec![grouped(&adapter, "a", 1), grouped(&adapter, "b", 2)];
        adapter.push_event_group(group.clone(), NO_FORCE).await.unwrap();
        assert_conflict(adapter.push_event_group(group.clone(), NO_FORCE).await, "a", 1);
        let forced = adapter.push_event_group(group, FORCE).await.unwrap();
        assert_eq!(forced.iter().map(|stored| stored.position).collect::<Vec<_>>(), [Some(2), Some(3)], "{column}");
        assert_eq!(versions(&adapter, "b").await, [1, 2]);
        push(&adapter, "too", 1).await.unwrap();
        for id in refused {
            push(&adapter, id, 1).await.unwrap_err();
            adapter.push_event_group(vec![grouped(&adapter, id, 1)], NO_FORCE).await.unwrap_err();
            // A read finds no events, in particular none of another aggregate.
            let read = adapter.get_events("STORE", id, GetEventsOptions::default()).await.unwrap_or_default();
            assert!(read.is_empty(), "{column}: {id:?}");
        }
        let mut listed = String::new();
        let mut options = ListAggregateIdsOptions::default().limit(1);
        loop {
            let page = adapter.list_aggregate_ids("STORE", options).await.unwrap();
            listed.extend(page.aggregates.iter().map(|listed| listed.aggregate_id.as_str()));
            let Some(token) = page.next_page_token else { break };
            options = ListAggregateIdsOptions::default().page_token(token);
        }
        assert_eq!(listed, "abtoo", "{column}");
    }
}

#[tokio::test]
async fn a_new_table_holds_aggregate_ids_of_any_text() {
    let schema = Schema::new().await;
    let builder = || PostgresEventStorageAdapter::builder().schema(&schema.name).pool_size(2);
    let adapter = builder().connect(schema.url()).await.unwrap();
    adapter.create_event_table().await.unwrap();
    push(&adapter, "pikachu", 1).await.unwrap();
    push(&adapter, A, 1).await.unwrap();
    assert_eq!(versions(&adapter, "pikachu").await, [1]);
    // A table of the original package is used as it is.
    schema.run("DROP TABLE event CASCADE; DROP TABLE castore_rewrite_event").await;
    schema.run(ORIGINAL).await;
    let adapter = builder().connect(schema.url()).await.unwrap();
    adapter.create_event_table().await.unwrap();
    push(&adapter, A, 1).await.unwrap();
    assert!(matches!(push(&adapter, "pikachu", 1).await, Err(StorageError::Unsupported { .. })));
    let column = "SELECT data_type::text FROM information_schema.columns
        WHERE table_schema = current_schema() AND table_name = 'event' AND column_name = 'aggregate_id'";
    assert_eq!(schema.value::<String>(column).await, "uuid");
}

#[tokio::test]
async fn a_name_that_the_original_package_does_not_quote_is_explained() {
    let schema = Schema::named("shop").await;
    schema.run(&ORIGINAL.replace("TABLE event", "TABLE pokemonEvents")).await;
    let dotted = format!("{}.pokemonEvents", schema.name);
    let builder = PostgresEventStorageAdapter::builder;
    for (builder, hint) in [
        (
            builder().schema(&schema.name).table("pokemonEvents"),
            format!(".schema({:?}).table(\"pokemonevents\")", schema.name),
        ),
        (builder().table(&dotted), format!(".schema({:?}).table(\"pokemonevents\")", schema.name)),
    ] {
        let adapter = builder.pool_size(1).connect(schema.url()).await.unwrap();
        let text = castore_core::error::error_chain(&push(&adapter, A, 1).await.unwrap_err());
        assert!(text.contains(&hint) && !text.contains("create_event_table"), "{text}");
    }
    let adapter = builder().schema(&schema.name).table("Nothing").connect(schema.url()).await.unwrap();
    let text = castore_core::error::error_chain(&push(&adapter, A, 1).await.unwrap_err());
    assert!(text.contains("create it with `create_event_table`"), "{text}");
}

#[tokio::test]
async fn exhausted_ids_are_an_error_that_says_what_to_widen() {
    let schema = Schema::new().await;
    let adapter = schema.created(schema.builder().id_column(IntegerSize::Four)).await;
    push(&adapter, A, 1).await.unwrap();
    schema.run("SELECT setval('event_id_seq', 2147483647)").await;
    let group = adapter.push_event_group(vec![grouped(&adapter, A, 2), grouped(&adapter, B, 1)], NO_FORCE);
    for error in [push(&adapter, A, 2).await.map(drop).unwrap_err(), group.await.map(drop).unwrap_err()] {
        assert!(matches!(error, StorageError::Engine(_)), "{error:?}");
        let text = castore_core::error::error_chain(&error);
        assert!(text.contains("are exhausted: widen its column `id`"), "{text}");
    }
}

/// Simulates PgBouncer in transaction mode: the session of a connection has lost its prepared statements.
#[tokio::test]
async fn a_session_that_has_lost_its_statements_is_explained() {
    let schema = Schema::new().await;
    let adapter = schema.created(schema.builder().pool_size(1)).await;
    // The second push uses another statement than the first one.
    push(&adapter, A, 1).await.unwrap();
    push(&adapter, A, 2).await.unwrap();
    adapter.pool().get().await.unwrap().batch_execute("DEALLOCATE ALL").await.unwrap();
    let error = push(&adapter, A, 3).await.unwrap_err();
    assert!(matches!(error, StorageError::Engine(_)), "{error:?}");
    let text = castore_core::error::error_chain(&error);
    assert!(text.contains("26000") && text.contains("PgBouncer in transaction mode"), "{text}");
    assert_eq!(versions_in(&schema).await, 2, "nothing is written");
}

async fn versions_in(schema: &Schema) -> i64 {
    schema.value("SELECT count(*) FROM event").await
}
