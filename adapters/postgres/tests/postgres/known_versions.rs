//! Pushes that rely on cached last versions, while other programs change the table.

use std::time::Duration;

use castore_core::storage::{EventStorageAdapter, GetEventsOptions, StorageError};
use castore_postgres::AggregateIdColumn;

use super::support::{
    A, ALLOW_GAP, B, C, NO_FORCE, STORE, Schema, assert_conflict, connect, event, grouped, push, push_anywhere,
    versions,
};

/// Waits until all cached versions have expired.
async fn expire() {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(5)).await;
    tokio::time::resume();
}

#[track_caller]
fn assert_gap<T: std::fmt::Debug>(result: Result<T, StorageError>, expected: u64) {
    match result {
        Err(StorageError::VersionGap(gap)) => assert_eq!(gap.expected, expected),
        other => panic!("a gap was expected, not {other:?}"),
    }
}

/// A push that follows a push or a read is not checked for a gap, but only for 5 seconds.
#[tokio::test]
async fn a_gap_in_a_truncated_table_is_refused_after_5_seconds() {
    for known in [true, false] {
        let schema = Schema::new().await;
        let adapter = schema.adapter().await;
        for version in 1..=3 {
            push(&adapter, A, version).await.unwrap();
        }
        adapter.push_event_group(vec![grouped(&adapter, B, 1), grouped(&adapter, B, 2)], NO_FORCE).await.unwrap();
        schema
            .run(
                "INSERT INTO event (aggregate_name, aggregate_id, version, type, timestamp) VALUES
            ('STORE', 'cccccccc-cccc-4ccc-8ccc-cccccccccccc', 1, 'HAPPENED', now())",
            )
            .await;
        assert_eq!(versions(&adapter, C).await, [1]);
        if !known {
            expire().await;
        }
        schema.run("TRUNCATE event").await;
        let group = vec![grouped(&adapter, B, 4), grouped(&adapter, B, 3)];
        let group = adapter.push_event_group(group, NO_FORCE).await;
        let (pushed, read) = (push(&adapter, A, 4).await, push(&adapter, C, 2).await);
        if known {
            assert_eq!((group.unwrap().len(), pushed.is_ok(), read.is_ok()), (2, true, true));
        } else {
            assert_gap(group, 1);
            assert_gap(pushed, 1);
            assert_gap(read, 1);
            push(&adapter, A, 1).await.unwrap();
            assert_eq!(versions(&adapter, A).await, [1]);
        }
    }
}

/// In a stream of pushes, a push is checked again after 5 seconds, although each push follows a cached version.
#[tokio::test]
async fn pushes_that_are_known_do_not_extend_the_time_limit() {
    let schema = Schema::new().await;
    let adapter = schema.adapter().await;
    push(&adapter, A, 1).await.unwrap();
    push_anywhere(&schema.open(schema.builder()).await, A, 100).await.unwrap();
    push(&adapter, A, 2).await.unwrap();
    expire().await;
    assert_gap(push(&adapter, A, 3).await, 101);
}

#[tokio::test]
async fn events_that_another_adapter_stored_are_conflicts() {
    let schema = Schema::new().await;
    let (adapter, other) = (schema.adapter().await, schema.open(schema.builder()).await);
    push(&adapter, A, 1).await.unwrap();
    adapter.get_events(STORE, B, GetEventsOptions::default()).await.unwrap();
    for (id, next) in [(A, 2), (B, 1)] {
        push(&other, id, next).await.unwrap();
        push(&other, id, next + 1).await.unwrap();
        assert_conflict(push(&adapter, id, next).await, id, next);
        assert_conflict(push(&adapter, id, next + 1).await, id, next + 1);
        let group = vec![grouped(&adapter, id, next), grouped(&adapter, C, next - 1)];
        assert_conflict(adapter.push_event_group(group, NO_FORCE).await, id, next);
        push(&adapter, id, next + 2).await.unwrap();
        push(&adapter, id, next + 3).await.unwrap();
        assert_gap(push(&adapter, id, next + 5).await, next + 4);
    }
}

#[tokio::test]
async fn an_unknown_outcome_is_not_recorded() {
    let schema = Schema::new().await;
    let adapter = schema.created(schema.builder().application_name(&schema.name).notify(false)).await;
    // These pushes prepare the statements, because preparing them later would wait for the lock, too.
    for version in 1..=2 {
        push(&adapter, A, version).await.unwrap();
    }
    let locker = connect(schema.url()).await;
    locker.batch_execute(&format!("BEGIN; LOCK TABLE \"{}\".event IN EXCLUSIVE MODE", schema.name)).await.unwrap();
    let pushing = tokio::spawn({
        let adapter = adapter.clone();
        async move { push(&adapter, A, 3).await }
    });
    let pids = super::pushing::blocked(&schema, &schema.name, 1).await;
    schema.client.query_one("SELECT pg_terminate_backend($1)", &[&pids[0]]).await.unwrap();
    let error = pushing.await.unwrap().unwrap_err();
    assert!(matches!(error, StorageError::UnknownOutcome(_)), "{error:?}");
    locker.batch_execute("ROLLBACK").await.unwrap();
    schema.run("TRUNCATE event").await;
    assert_gap(push(&adapter, A, 3).await, 1);
}

/// All forms of a UUID are the same aggregate.
#[tokio::test]
async fn a_gap_is_found_whatever_form_of_the_uuid_is_used() {
    let schema = Schema::new().await;
    let adapter = schema.adapter().await;
    push(&adapter, A, 1).await.unwrap();
    push_anywhere(&adapter, &A.to_uppercase(), 10).await.unwrap();
    assert_gap(push(&adapter, A, 2).await, 11);
    let group = vec![grouped(&adapter, A, 11)];
    adapter.push_event_group(group, NO_FORCE).await.unwrap();
    adapter.push_event_group(vec![grouped(&adapter, &A.replace('-', ""), 20)], ALLOW_GAP).await.unwrap();
    assert_gap(push(&adapter, A, 12).await, 21);
}

/// Adapters of one pool have separate caches of last versions.
#[tokio::test]
async fn two_tables_do_not_share_versions() {
    let schema = Schema::new().await;
    let adapter = schema.adapter().await;
    let builder = schema.builder().table("other").aggregate_id_column(AggregateIdColumn::Text);
    let other = builder.from_pool(adapter.pool().clone()).await.unwrap();
    other.create_event_table().await.unwrap();
    push(&adapter, A, 1).await.unwrap();
    assert_gap(push(&other, A, 2).await, 1);
    let group = || vec![grouped(&adapter, A, 2), grouped(&other, A, 1)];
    adapter.push_event_group(group(), NO_FORCE).await.unwrap();
    assert_conflict(adapter.push_event_group(group(), NO_FORCE).await, A, 2);
    other.push_event(STORE, event(A, 7), ALLOW_GAP).await.unwrap();
    let gap = vec![grouped(&adapter, A, 3), grouped(&other, A, 2)];
    assert_gap(adapter.push_event_group(gap, NO_FORCE).await, 8);
    let group = vec![grouped(&adapter, A, 3), grouped(&other, A, 8)];
    adapter.push_event_group(group, NO_FORCE).await.unwrap();
    // The push of the group has recorded the last versions in the caches of both tables.
    assert_gap(push(&adapter, A, 5).await, 4);
    assert_gap(push(&other, A, 10).await, 9);
    push(&other, A, 9).await.unwrap();
}
