//! Notifications between processes, with `LISTEN` and `NOTIFY`.

use std::time::Duration;

use castore_core::log::{EventLog, WakeUps};
use castore_core::storage::PushTransaction;
use tokio::time::timeout;

use crate::support::{A, B, NO_FORCE, Schema, connect, grouped, push};

const SOON: Duration = Duration::from_secs(20);

async fn listeners(schema: &Schema) -> i64 {
    schema
        .value(&format!(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = '{}' AND query ILIKE 'LISTEN%'",
            schema.name
        ))
        .await
}

async fn expect_listeners(schema: &Schema, expected: i64) {
    timeout(SOON, async {
        while listeners(schema).await != expected {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .unwrap_or_else(|_| panic!("there are never {expected} connections that listen"));
}

#[tokio::test]
async fn readers_share_a_connection_that_goes_with_them() {
    let schema = Schema::new().await;
    let adapter = schema.created(schema.builder().application_name(&schema.name)).await;
    let mut one = adapter.wake_ups().await;
    let two = adapter.clone().wake_ups().await;
    expect_listeners(&schema, 1).await;
    drop(two);
    let other = schema.adapter().await;
    // The first wake-up reports that the listener is connected.
    timeout(SOON, one.next()).await.unwrap();
    for version in 1..=3 {
        push(&other, A, version).await.unwrap();
        timeout(SOON, one.next()).await.unwrap();
    }
    assert_eq!(listeners(&schema).await, 1);
    drop(one);
    expect_listeners(&schema, 0).await;
}

#[tokio::test]
async fn a_lost_connection_is_made_again() {
    let schema = Schema::new().await;
    let adapter = schema.created(schema.builder().application_name(&schema.name)).await;
    let other = schema.adapter().await;
    let mut wake_ups = adapter.wake_ups().await;
    for version in 1..=3 {
        expect_listeners(&schema, 1).await;
        let ended: i64 = schema
            .value(&format!(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                 WHERE application_name = '{}' AND query ILIKE 'LISTEN%'",
                schema.name
            ))
            .await;
        assert_eq!(ended, 1);
        // The reader is woken whether the push happens before or after it starts to listen.
        while timeout(Duration::from_millis(1), wake_ups.next()).await.is_ok() {}
        push(&other, A, version).await.unwrap();
        timeout(SOON, wake_ups.next()).await.unwrap();
    }
}

#[tokio::test]
async fn who_shall_not_notify_does_not() {
    let schema = Schema::new().await;
    let adapter = schema.adapter().await;
    let silent = schema.open(schema.builder().notify(false)).await;
    let mut wake_ups = adapter.wake_ups().await;
    timeout(SOON, wake_ups.next()).await.unwrap();
    push(&silent, A, 1).await.unwrap();
    assert!(timeout(Duration::from_millis(300), wake_ups.next()).await.is_err());
    // The adapter's own readers need no notification, and readers of an adapter that was created from a pool cannot
    // receive notifications.
    let pooled = schema.builder().from_pool(silent.pool().clone()).await.unwrap();
    for adapter in [&silent, &pooled] {
        let mut wake_ups = adapter.wake_ups().await;
        while timeout(Duration::from_millis(50), wake_ups.next()).await.is_ok() {}
        let version = crate::support::versions(adapter, A).await.len() as u64 + 1;
        push(adapter, A, version).await.unwrap();
        timeout(SOON, wake_ups.next()).await.unwrap();
    }
}

/// Waits until all earlier wake-ups have arrived.
async fn settle(wake_ups: &mut WakeUps) {
    while timeout(Duration::from_millis(200), wake_ups.next()).await.is_ok() {}
}

async fn expect_none(wake_ups: &mut WakeUps) {
    assert!(timeout(Duration::from_millis(300), wake_ups.next()).await.is_err(), "the reader was woken");
}

/// A push in a transaction of the caller wakes the readers of all processes if the pushing adapter has `notify_within`.
/// The readers wake when the transaction is committed, and not before.
#[tokio::test]
async fn transactions_notify_if_the_option_is_set() {
    let schema = Schema::new().await;
    let silent = schema.created(schema.builder().notify(false)).await;
    let adapter = schema.open(schema.builder().notify(false).notify_within(true)).await;
    let elsewhere = schema.adapter().await;
    let (mut own, mut other) = (adapter.wake_ups().await, elsewhere.wake_ups().await);
    settle(&mut own).await;
    settle(&mut other).await;
    let mut client = connect(schema.url()).await;

    let mut transaction = client.transaction().await.unwrap();
    transaction.push_in_transaction(vec![grouped(&silent, A, 1)], NO_FORCE).await.unwrap();
    transaction.commit().await.unwrap();
    expect_none(&mut other).await;

    let mut transaction = client.transaction().await.unwrap();
    let group = vec![grouped(&adapter, A, 2), grouped(&adapter, A, 3)];
    transaction.push_in_transaction(group, NO_FORCE).await.unwrap();
    expect_none(&mut other).await;
    transaction.commit().await.unwrap();
    timeout(SOON, other.next()).await.unwrap();
    timeout(SOON, own.next()).await.unwrap();
    // One notification, although the transaction has two events.
    expect_none(&mut other).await;

    let mut transaction = client.transaction().await.unwrap();
    transaction.push_in_transaction(vec![grouped(&adapter, A, 4)], NO_FORCE).await.unwrap();
    transaction.rollback().await.unwrap();
    let mut transaction = client.transaction().await.unwrap();
    transaction.push_in_transaction(vec![grouped(&adapter, A, 1)], NO_FORCE).await.unwrap_err();
    transaction.commit().await.unwrap();
    expect_none(&mut other).await;

    let mut transaction = adapter.begin().await.unwrap();
    transaction.push_in_transaction(vec![grouped(&adapter, B, 1)], NO_FORCE).await.unwrap();
    transaction.commit().await.unwrap();
    timeout(SOON, other.next()).await.unwrap();
    timeout(SOON, own.next()).await.unwrap();
}
