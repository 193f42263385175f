//! The detection of rewrites by any program.

use castore_core::storage::EventStorageAdapter;
use castore_postgres::SchemaError;

use super::{ORIGINAL, page};
use crate::support::{A, B, FORCE, STORE, Schema, event, push, quote, with};

#[tokio::test]
async fn whatever_rewrites_is_counted() {
    // These names must be quoted, also inside the trigger function.
    let schema = Schema::named("it's \"odd\" \\").await;
    let adapter = schema.created(schema.builder().table("ev'e\"nt\\$castore$")).await;
    let table = quote("ev'e\"nt\\$castore$");
    push(&adapter, A, 1).await.unwrap();
    push(&adapter, B, 1).await.unwrap();
    adapter.push_event(STORE, event(A, 2), FORCE).await.unwrap();
    let before = adapter.rewrite_count(STORE, A).await.unwrap().unwrap();
    assert_eq!(adapter.rewrite_count(STORE, &A.to_uppercase()).await.unwrap(), Some(before));
    let (mut of_a, mut of_all) = (before, page(&adapter, 0).await.rewrites);
    let of_b = adapter.rewrite_count(STORE, B).await.unwrap();
    for change in [
        format!("UPDATE {table} SET data = '1' WHERE aggregate_id = '{A}' AND version = 1"),
        format!("UPDATE {table} SET aggregate_id = gen_random_uuid() WHERE aggregate_id = '{A}' AND version = 1"),
        format!("DELETE FROM {table} WHERE aggregate_id = '{A}'"),
    ] {
        schema.run(&change).await;
        let now = (adapter.rewrite_count(STORE, A).await.unwrap().unwrap(), page(&adapter, 0).await.rewrites);
        assert!(now.0 > of_a && now.1 > of_all, "{change}: {now:?} after {:?}", (of_a, of_all));
        (of_a, of_all) = now;
    }
    assert_eq!(adapter.rewrite_count(STORE, B).await.unwrap(), of_b);
    schema.run(&format!("TRUNCATE {table}")).await;
    assert!(adapter.rewrite_count(STORE, B).await.unwrap() > of_b);
    assert!(page(&adapter, 0).await.rewrites > of_all);
    adapter.drop_event_table().await.unwrap();
    let left = "SELECT count(*) FROM pg_class WHERE relnamespace = quote_ident(current_schema())::regnamespace";
    assert_eq!(schema.value::<i64>(left).await, 0);
}

#[tokio::test]
async fn an_original_table_counts_rewrites_once_enabled() {
    let schema = Schema::new().await;
    schema.run(ORIGINAL).await;
    let adapter = schema.open(schema.builder().rewrite_trigger(false)).await;
    push(&adapter, A, 1).await.unwrap();
    adapter.create_event_table().await.unwrap();
    assert_eq!(adapter.rewrite_count(STORE, A).await.unwrap(), None);
    assert_eq!(page(&adapter, 0).await.rewrites, 0);
    for _ in 0..2 {
        adapter.create_rewrite_trigger().await.unwrap();
    }
    let before = adapter.rewrite_count(STORE, A).await.unwrap().unwrap();
    // A writer needs no privileges on the counts.
    let (name, role) = (quote(&schema.name), format!("castore_rewriter_{}", schema.name));
    schema
        .run(&format!(
            "CREATE ROLE {role} LOGIN; GRANT USAGE ON SCHEMA {name} TO {role};
             GRANT SELECT, INSERT, UPDATE ON event TO {role}; GRANT USAGE ON SEQUENCE event_id_seq TO {role}"
        ))
        .await;
    let writer = schema.builder().connect(&with(schema.url(), "user", &role)).await.unwrap();
    assert_eq!(writer.rewrite_count(STORE, A).await.unwrap(), None);
    writer.push_event(STORE, event(A, 1), FORCE).await.unwrap();
    assert!(adapter.rewrite_count(STORE, A).await.unwrap().unwrap() > before);
    let error = writer.create_rewrite_trigger().await.unwrap_err();
    assert!(matches!(error, SchemaError::NotPermitted { .. }), "{error:?}");
    // Rewrites without a trigger are unknown, so every aggregate counts as rewritten.
    let before = adapter.rewrite_count(STORE, B).await.unwrap();
    schema.run("DROP TRIGGER castore_rewrite_delete ON event").await;
    let again = schema.open(schema.builder()).await;
    assert_eq!(again.rewrite_count(STORE, B).await.unwrap(), None);
    again.create_event_table().await.unwrap();
    assert!(again.rewrite_count(STORE, B).await.unwrap() > before);
    writer.close();
    schema.run(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).await;
}
