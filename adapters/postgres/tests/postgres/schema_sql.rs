//! Tests of the SQL for migrations: it creates the same objects as the adapter, and the granted privileges are
//! sufficient.

use castore_core::log::{EventLog, LogFilter, LogQuery};
use castore_core::relay::RelayStorageAdapter;
use castore_core::snapshot::{Snapshot, SnapshotAdapter, SnapshotKey};
use castore_core::storage::{
    EventStorageAdapter, ListAggregateIdsOptions, PushTransaction, ReadTransaction, StorageSchema,
};
use castore_postgres::tokio_postgres::error::SqlState;
use castore_postgres::{
    AggregateIdColumn, IntegerSize, PostgresError, PostgresEventStorageAdapter, PostgresEventStorageAdapterBuilder,
    PostgresInbox, PostgresSchemaSql,
};

use super::inbox::message;
use super::projection::{Counts, SOON, expect_counts, options};
use super::replaced_log;
use super::support::{A, B, FORCE, NO_FORCE, STORE, Schema, connect, event, grouped, push, quote, versions, with};

fn sql_of(builder: &PostgresEventStorageAdapterBuilder) -> PostgresSchemaSql {
    builder.schema_sql().unwrap()
}

/// Returns the definitions of all tables, columns, constraints, indexes, functions and triggers of a schema, except
/// those of the read model `counts`.
async fn catalog(schema: &Schema) -> Vec<String> {
    const CATALOG: &str = "
        WITH tables AS (SELECT class.* FROM pg_class class WHERE class.relnamespace = $1::text::regnamespace
            AND class.relname NOT LIKE 'counts%')
        SELECT concat_ws(' ', 'relation', relname, relkind, reloptions::text) FROM tables
        UNION ALL SELECT concat_ws(' ', 'column', relname, attnum, attname, format_type(atttypid, atttypmod), attnotnull,
            attcollation::regcollation::text, pg_get_expr(adbin, adrelid)) FROM tables
            JOIN pg_attribute ON attrelid = tables.oid AND attnum > 0 AND relkind = 'r' AND NOT attisdropped
            LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        UNION ALL SELECT concat_ws(' ', 'constraint', relname, conname, pg_get_constraintdef(pg_constraint.oid))
            FROM tables JOIN pg_constraint ON conrelid = tables.oid
        UNION ALL SELECT concat_ws(' ', 'index', pg_get_indexdef(indexrelid), indisvalid)
            FROM tables JOIN pg_index ON indrelid = tables.oid
        UNION ALL SELECT concat_ws(' ', 'trigger', pg_get_triggerdef(pg_trigger.oid), tgenabled)
            FROM tables JOIN pg_trigger ON tgrelid = tables.oid AND NOT tgisinternal
        UNION ALL SELECT concat_ws(' ', 'function', pg_get_functiondef(oid)) FROM pg_proc
            WHERE pronamespace = $1::text::regnamespace
        UNION ALL SELECT concat_ws(' ', 'sequence', relname, pg_get_serial_sequence(format('%I.%I', $2::text, relname), 'id'))
            FROM tables WHERE relkind = 'r' AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = tables.oid AND attname = 'id')
        ORDER BY 1";
    let rows = schema.client.query(CATALOG, &[&quote(&schema.name), &schema.name]).await.unwrap();
    let (quoted, name) = (quote(&schema.name), &schema.name);
    rows.iter().map(|row| row.get::<_, String>(0).replace(&quoted, "SCHEMA").replace(name, "SCHEMA")).collect()
}

#[track_caller]
fn expect_same(found: &[String], expected: &[String]) {
    let (unexpected, missing): (Vec<_>, Vec<_>) = (
        found.iter().filter(|one| !expected.contains(one)).collect(),
        expected.iter().filter(|one| !found.contains(one)).collect(),
    );
    assert!(unexpected.is_empty() && missing.is_empty(), "unexpected: {unexpected:#?}, missing: {missing:#?}");
}

/// Creates everything with the methods of the adapter.
async fn migrate(schema: &Schema, builder: PostgresEventStorageAdapterBuilder) {
    let adapter = schema.created(builder).await;
    adapter.create_relay_tables().await.unwrap();
    adapter.create_snapshot_table().await.unwrap();
    let running = adapter.read_models().start(Counts::<1>::default(), adapter.clone(), options()).await.unwrap();
    running.shutdown().await.unwrap();
    let inbox = PostgresInbox::new("consumer").schema(&schema.name).unwrap();
    inbox.create_table(&schema.client).await.unwrap();
}

type Change = fn(PostgresEventStorageAdapterBuilder) -> PostgresEventStorageAdapterBuilder;

/// Combinations of options that change the tables.
const OPTIONS: [Change; 4] = [
    |builder| builder,
    |builder| builder.aggregate_id_column(AggregateIdColumn::Text).original_indexes(false),
    |builder| {
        builder
            .table("Ünusual \"events\" with a long name, $castore$ and '; DROP")
            .aggregate_id_column(AggregateIdColumn::Varchar(50))
            .event_store_id_length(40)
            .event_type_length(80)
    },
    |builder| builder.id_column(IntegerSize::Four).version_column(IntegerSize::Four).rewrite_trigger(false),
];

#[tokio::test]
async fn printed_schema_is_the_created_one() {
    for change in OPTIONS {
        let (printed, created) = (Schema::named("it's \\ \"odd\"").await, Schema::named("it's \\ \"odd\"").await);
        let sql = sql_of(&change(printed.builder()));
        printed.run(&sql.create()).await;
        migrate(&created, change(created.builder())).await;
        let expected = catalog(&created).await;
        expect_same(&catalog(&printed).await, &expected);
        assert!(expected.len() > 60, "{expected:#?}");

        // Executed again, the statements change nothing. If some objects are missing, the statements create them.
        let adapter = printed.open(change(printed.builder())).await;
        push(&adapter, A, 1).await.unwrap();
        let rewrites = adapter.rewrite_count(STORE, A).await.unwrap();
        printed.run(&format!("BEGIN; {} COMMIT", sql.create())).await;
        assert_eq!(adapter.rewrite_count(STORE, A).await.unwrap(), rewrites);
        printed.run(&format!("DROP TABLE castore_parked, castore_handled_message; {sql}")).await;
        expect_same(&catalog(&printed).await, &expected);
        // The adapter finds nothing to change.
        migrate(&printed, change(printed.builder())).await;
        assert_eq!(adapter.rewrite_count(STORE, A).await.unwrap(), rewrites);
        expect_same(&catalog(&printed).await, &expected);
    }
}

/// The commands `schema print` and `schema apply` use this trait.
#[tokio::test]
async fn applied_schema_is_the_created_one() {
    let (applied, created) = (Schema::new().await, Schema::new().await);
    migrate(&created, created.builder()).await;
    let adapter = applied.open(applied.builder()).await;
    for _ in 0..2 {
        adapter.apply().await.unwrap();
        expect_same(&catalog(&applied).await, &catalog(&created).await);
    }
    assert_eq!(adapter.sql().await.unwrap(), sql_of(&applied.builder()).create());
    // Without a schema, the search path of the connection decides.
    let url = with(applied.url(), "options", &format!("-c search_path={}", applied.name));
    let unqualified = PostgresEventStorageAdapter::connect(&url).await.unwrap();
    let sql = unqualified.sql().await.unwrap();
    assert!(sql.contains(&format!("{}.\"event\"", quote(&applied.name))), "{sql}");
}

/// Without a schema, the tables are in `public`. Names are checked.
#[test]
fn schema_sql_checks_names() {
    let builder = PostgresEventStorageAdapter::builder();
    let sql = sql_of(&builder);
    assert!(sql.create().contains("CREATE TABLE IF NOT EXISTS \"public\".\"event\" ("), "{sql}");
    assert!(sql.clone().inbox_table("inbox").unwrap().create().contains("\"public\".\"inbox\""), "{sql}");
    assert!(sql.grant_pushes_to("").is_err() && sql.grant_processing_to("a\0b").is_err());
    assert!(builder.clone().schema("").schema_sql().is_err() && builder.table("a\0b").schema_sql().is_err());
}

/// A role without privileges, which is dropped by [`Role::drop`].
struct Role<'a> {
    name: String,
    schema: &'a Schema,
}

impl<'a> Role<'a> {
    async fn create(schema: &'a Schema, what: &str) -> Self {
        let name = format!("{what} {}", schema.name);
        schema.run(&format!("CREATE ROLE {} LOGIN", quote(&name))).await;
        Self { name, schema }
    }

    async fn adapter(&self) -> PostgresEventStorageAdapter {
        let may_create = format!("SELECT has_schema_privilege('{}', '{}', 'CREATE')", self.name, self.schema.name);
        assert!(!self.schema.value::<bool>(&may_create).await);
        self.schema.builder().connect(&with(self.schema.url(), "user", &self.name)).await.unwrap()
    }

    async fn drop(self) {
        let role = quote(&self.name);
        self.schema.run(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).await;
    }
}

#[track_caller]
fn expect_denied<T>(result: Result<T, impl std::error::Error + 'static>) {
    let error = result.map(drop).expect_err("the role lacks the privilege");
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(error) = source {
        if error.downcast_ref::<PostgresError>().is_some_and(|e| e.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE)) {
            return;
        }
        source = error.source();
    }
    panic!("another error: {error:?}");
}

#[tokio::test]
async fn granted_privileges_are_enough_to_push_and_read() {
    let schema = Schema::named("grants").await;
    let sql = sql_of(&schema.builder());
    schema.run(&sql.create()).await;
    let role = Role::create(&schema, "pusher").await;
    schema.run(&sql.grant_pushes_to(&role.name).unwrap()).await;
    let adapter = role.adapter().await;
    adapter.create_event_table().await.unwrap();

    push(&adapter, A, 1).await.unwrap();
    adapter.push_event_group(vec![grouped(&adapter, A, 2), grouped(&adapter, B, 1)], NO_FORCE).await.unwrap();
    let mut transaction = adapter.begin().await.unwrap();
    transaction.push_in_transaction(vec![grouped(&adapter, A, 3)], NO_FORCE).await.unwrap();
    let ignore = Box::new(|_: castore_core::storage::RawEventRef<'_>| std::ops::ControlFlow::Continue(()));
    transaction.visit_in_transaction(&adapter, STORE, A, Default::default(), ignore).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(versions(&adapter, A).await, [1, 2, 3]);
    let listed = adapter.list_aggregate_ids(STORE, ListAggregateIdsOptions::default()).await.unwrap();
    assert_eq!(listed.aggregates.len(), 2);
    assert!(adapter.rewrite_count(STORE, A).await.unwrap().is_some());
    let page = adapter.read_after(0, &LogQuery::new(LogFilter::all(), 10)).await.unwrap();
    assert_eq!(page.events.len(), 4);
    let key = SnapshotKey { event_store_id: STORE, aggregate_id: A.to_owned(), state_shape: 1, reducer_version: 1 };
    let state = serde_json::value::to_raw_value("state").unwrap();
    let snapshot = Snapshot { version: 3, rewrites: 0, event_timestamp: event(A, 3).timestamp, state };
    adapter.put_snapshot(&key, snapshot, 1).await.unwrap();
    assert!(adapter.latest_snapshot(&key, None).await.unwrap().is_some());
    adapter.delete_snapshots(STORE, A).await.unwrap();

    expect_denied(adapter.push_event(STORE, event(A, 1), FORCE).await);
    expect_denied(adapter.checkpoint("relay").await);
    let client = connect(&with(schema.url(), "user", &role.name)).await;
    let event_table = adapter.qualified_table().await.unwrap();
    for denied in ["DELETE FROM", "TRUNCATE"] {
        let error = client.batch_execute(&format!("{denied} {event_table}")).await.unwrap_err();
        assert_eq!(error.code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE), "{denied}");
    }
    adapter.close();
    drop(client);
    role.drop().await;
}

#[tokio::test]
async fn granted_privileges_are_enough_for_relays_projections_and_inboxes() {
    let schema = Schema::named("grants").await;
    let sql = sql_of(&schema.builder());
    schema.run(&sql.create()).await;
    let owner = schema.open(schema.builder()).await;
    let role = Role::create(&schema, "worker").await;
    schema.run(&sql.grant_processing_to(&role.name).unwrap()).await;
    // The deployment starts each new version of a read model once.
    let models = owner.read_models();
    models.start(Counts::<1>::default(), owner.clone(), options()).await.unwrap().shutdown().await.unwrap();
    schema.run(&format!("GRANT SELECT, INSERT, UPDATE ON counts_v1 TO {}", quote(&role.name))).await;
    let adapter = role.adapter().await;

    let (relay, _listeners) = replaced_log::relay(&adapter).await.unwrap();
    let running = adapter.read_models().start(Counts::<1>::default(), adapter.clone(), options()).await.unwrap();
    let published = replaced_log::push(&owner, "TRAINERS", 1..=5, 1_000).await;
    let mut last = 0;
    for version in 1..=5 {
        last = push(&owner, B, version).await.unwrap();
    }
    relay.wait_for(published, SOON).await.unwrap();
    running.wait_for(last, SOON).await.unwrap();
    assert_eq!(expect_counts(&schema, "counts").await, 5);
    let parked = adapter.read_models().parked("counts", 1).await.unwrap();
    assert!(parked.is_empty(), "{parked:?}");
    relay.shutdown().await.unwrap();
    running.shutdown().await.unwrap();

    let inbox = PostgresInbox::new("consumer").schema(&schema.name).unwrap();
    let mut client = connect(&with(schema.url(), "user", &role.name)).await;
    inbox.create_table(&client).await.unwrap();
    for first in [true, false] {
        let transaction = client.transaction().await.unwrap();
        assert_eq!(inbox.first_time(&transaction, &message(A, 1)).await.unwrap(), first);
        transaction.commit().await.unwrap();
    }
    assert_eq!(inbox.forget_older_than(&client, std::time::Duration::ZERO).await.unwrap(), 1);

    expect_denied(push(&adapter, A, 1).await);
    adapter.close();
    drop(client);
    role.drop().await;
}
