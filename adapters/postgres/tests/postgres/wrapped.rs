//! Wrappers around adapters, for example for recording or measuring.

use std::sync::Arc;

use castore_core::storage::{DelegatingStorageAdapter, EventStorageAdapter};
use castore_postgres::PostgresEventStorageAdapter;

use super::support::{A, B, C, NO_FORCE, Schema, grouped, versions};

#[derive(Debug)]
struct Wrapper(PostgresEventStorageAdapter);

impl DelegatingStorageAdapter for Wrapper {
    fn inner(&self) -> &dyn EventStorageAdapter {
        &self.0
    }
}

#[tokio::test]
async fn groups_through_wrappers_go_to_the_tables_that_they_wrap() {
    let schema = Schema::new().await;
    let one = schema.adapter().await;
    let other = schema.created(schema.builder().table("other")).await;
    let wrapped =
        |adapter: &PostgresEventStorageAdapter| -> Arc<dyn EventStorageAdapter> { Arc::new(Wrapper(adapter.clone())) };
    let of = |adapter: &Arc<dyn EventStorageAdapter>, id: &str| {
        let mut element = grouped(&one, id, 1);
        element.adapter = Arc::clone(adapter);
        element
    };
    let (wrapped_one, wrapped_other) = (wrapped(&one), wrapped(&other));
    let group = vec![of(&wrapped_one, A), of(&wrapped_one, B)];
    wrapped_one.push_event_group(group, NO_FORCE).await.unwrap();
    assert_eq!((versions(&one, A).await, versions(&one, B).await), (vec![1], vec![1]));
    let group = vec![of(&wrapped_other, A), of(&wrapped_one, C)];
    wrapped_other.push_event_group(group, NO_FORCE).await.unwrap();
    assert_eq!((versions(&other, A).await, versions(&one, C).await), (vec![1], vec![1]));
}
