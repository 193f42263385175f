//! Tests of creating the inbox's table.

use std::time::Duration;

use castore_core::inbox::InboxError;
use tokio::task::JoinSet;

use super::InboxFactory;
use super::case::{InboxCase, MAILER, message};

/// Tests that without the table, recording a message and deleting old records fail with
/// [`MissingTable`](InboxError::MissingTable).
pub async fn a_missing_table_is_reported(factory: &dyn InboxFactory) {
    let case = InboxCase::without_table(factory).await;
    let handled = case.try_handle(MAILER, message("a", 1)).await;
    assert!(matches!(handled, Err(InboxError::MissingTable { .. })), "{handled:?}");
    let deleted = case.database.forget_older_than(MAILER, Duration::from_secs(60)).await;
    assert!(matches!(deleted, Err(InboxError::MissingTable { .. })), "{deleted:?}");
    case.database.create_table().await;
    assert!(case.handle(MAILER, message("a", 1)).await);
}

/// Tests that several processes can create the table concurrently.
pub async fn the_table_is_created_by_many(factory: &dyn InboxFactory) {
    let case = InboxCase::without_table(factory).await;
    let mut tasks = JoinSet::new();
    for _ in 0..8 {
        let database = case.database.clone();
        tasks.spawn(async move { database.create_table().await });
    }
    tasks.join_all().await;
    assert!(case.handle(MAILER, message("a", 1)).await);
}

/// Tests that creating an existing table keeps its records.
pub async fn an_existing_table_is_kept(factory: &dyn InboxFactory) {
    let case = InboxCase::new(factory).await;
    assert!(case.handle(MAILER, message("a", 1)).await);
    case.database.create_table().await;
    assert!(!case.handle(MAILER, message("a", 1)).await);
}
