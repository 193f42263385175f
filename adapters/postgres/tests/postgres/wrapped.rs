//! Wrappers around adapters, for example for recording or measuring.

use std::sync::Arc;

use castore_core::storage::{DelegatingStorageAdapter, EventStorageAdapter, StorageError};
use castore_postgres::PostgresEventStorageAdapter;

use super::support::{A, B, NO_FORCE, Schema, grouped, versions};

#[derive(Debug)]
struct Wrapper(PostgresEventStorageAdapter);

impl DelegatingStorageAdapter for Wrapper {
    fn inner(&self) -> &dyn EventStorageAdapter {
        &self.0
    }
}

#[tokio::test]
async fn groups_through_a_wrapper_go_to_the_table_that_it_wraps_or_nowhere() {
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
    // The table of the second event is unknown: the table of the first event would be a guess.
    let group = vec![of(&wrapped_other, A), of(&wrapped_one, A)];
    let error = wrapped_other.push_event_group(group, NO_FORCE).await.unwrap_err();
    assert!(matches!(error, StorageError::Unsupported { .. }), "{error:?}");
    assert_eq!(versions(&other, A).await, Vec::<u64>::new());
}
