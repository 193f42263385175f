//! Failures of pushes.

use std::time::{Duration, Instant};

use castore_core::storage::{EventStorageAdapter, GetEventsOptions, ListAggregateIdsOptions, RawEvent, StorageError};
use castore_postgres::{ConnectError, PostgresError, PostgresEventStorageAdapter};

use super::support::{A, B, C, NO_FORCE, STORE, Schema, assert_conflict, connect, event, grouped, push, versions};

/// Waits until `statements` statements of `application` wait for a lock.
pub(crate) async fn blocked(schema: &Schema, application: &str, statements: i64) -> Vec<i32> {
    for _ in 0..6000 {
        let rows = schema
            .client
            .query(
                "SELECT pid FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'",
                &[&application],
            )
            .await
            .unwrap();
        if rows.len() as i64 == statements {
            return rows.iter().map(|row| row.get(0)).collect();
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("nothing waits for the lock");
}

#[tokio::test]
async fn a_server_that_goes_away_leaves_the_outcome_unknown_and_a_retry_is_safe() {
    let schema = Schema::new().await;
    // The pool has only one connection, so that the pushes below find their statements prepared on it. Notifications
    // are disabled, because they would also use this connection.
    let builder = schema.builder().application_name(&schema.name).pool_size(1).notify(false);
    let adapter = schema.created(builder).await;
    for group in [false, true] {
        let version = if group { 4 } else { 2 };
        push(&adapter, A, version - 1).await.unwrap();
        // The first push to an aggregate uses another statement than the next one.
        let (single, in_group) = if group { ("1", "2") } else { ("3", "4") };
        for version in 1..=2 {
            push(&adapter, &C.replace('c', single), version).await.unwrap();
            let event = grouped(&adapter, &C.replace('c', in_group), version);
            adapter.push_event_group(vec![event], NO_FORCE).await.unwrap();
        }
        let mut locker = connect(schema.url()).await;
        let transaction = locker.transaction().await.unwrap();
        let lock = format!("LOCK TABLE \"{}\".event IN EXCLUSIVE MODE", schema.name);
        transaction.batch_execute(&lock).await.unwrap();
        let pushing = tokio::spawn({
            let adapter = adapter.clone();
            async move {
                if group {
                    let group = vec![grouped(&adapter, A, version), grouped(&adapter, B, 1)];
                    adapter.push_event_group(group, NO_FORCE).await.map(drop)
                } else {
                    push(&adapter, A, version).await.map(drop)
                }
            }
        });
        let pids = blocked(&schema, &schema.name, 1).await;
        schema.client.query_one("SELECT pg_terminate_backend($1)", &[&pids[0]]).await.unwrap();
        let error = pushing.await.unwrap().unwrap_err();
        assert!(matches!(error, StorageError::UnknownOutcome(_)), "{error:?}");
        transaction.rollback().await.unwrap();
        // In this test, the push with the unknown outcome was not stored.
        assert_eq!(push(&adapter, A, version).await.map(drop).map_err(|error| error.to_string()), Ok(()));
        assert_conflict(push(&adapter, A, version).await, A, version);
    }
    assert_eq!((versions(&adapter, A).await, versions(&adapter, B).await), (vec![1, 2, 3, 4], vec![]));
}

#[tokio::test]
async fn connections_that_died_are_replaced() {
    let schema = Schema::new().await;
    let adapter = schema.created(schema.builder().application_name(&schema.name).pool_size(3)).await;
    for round in 1..=5 {
        push(&adapter, A, round).await.unwrap();
        let read = || adapter.get_events(STORE, A, GetEventsOptions::default());
        let _ = tokio::join!(read(), read(), read());
        let ended: i64 = schema
            .client
            .query_one(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = $1",
                &[&schema.name],
            )
            .await
            .unwrap()
            .get(0);
        assert!(ended > 0);
        // The read follows immediately, so the pool may not have noticed yet that the connection is closed.
        assert_eq!(read().await.unwrap().len(), round as usize);
    }
}

#[tokio::test]
async fn a_statement_time_out_takes_the_push_back() {
    let schema = Schema::new().await;
    let adapter = schema.adapter().await;
    push(&adapter, A, 1).await.unwrap();
    // This adapter is only used for pushes that must fail, because on a busy server other pushes may also exceed the
    // timeout.
    let timeout = Some(Duration::from_millis(150));
    let hasty = schema.open(schema.builder().statement_timeout(timeout).pool_size(1)).await;
    // These pushes fail with conflicts, but prepare the statements, so that the pushes below time out while the
    // statements run. It is harmless if the pushes here time out, too.
    let _ = push(&hasty, A, 1).await;
    let _ = hasty.push_event_group(vec![grouped(&hasty, A, 1)], NO_FORCE).await;
    schema.run("BEGIN; LOCK TABLE event IN EXCLUSIVE MODE").await;
    let error = push(&hasty, A, 2).await.unwrap_err();
    assert!(matches!(error, StorageError::Engine(_)), "{error:?}");
    let error = hasty.push_event_group(vec![grouped(&hasty, A, 2)], NO_FORCE).await.unwrap_err();
    assert!(matches!(error, StorageError::Engine(_)), "{error:?}");
    schema.run("ROLLBACK").await;
    assert_eq!(versions(&adapter, A).await, [1]);
    push(&adapter, A, 2).await.unwrap();
}

#[tokio::test]
async fn an_exhausted_pool_is_an_error_of_the_engine_in_time() {
    let schema = Schema::new().await;
    // Notifications are disabled, because a notification might hold the connection for longer than the timeout.
    let builder = schema.builder().pool_size(1).acquire_timeout(Duration::from_millis(100)).notify(false);
    let adapter = schema.created(builder).await;
    push(&adapter, A, 1).await.unwrap();
    let taken = adapter.pool().get().await.unwrap();
    let began = Instant::now();
    for error in [
        push(&adapter, A, 2).await.unwrap_err(),
        adapter.get_events(STORE, A, GetEventsOptions::default()).await.unwrap_err(),
        adapter.list_aggregate_ids(STORE, ListAggregateIdsOptions::default()).await.unwrap_err(),
    ] {
        assert!(matches!(error, StorageError::Engine(_)), "{error:?}");
        assert!(castore_core::error::error_chain(&error).contains("no connection of the pool was free"), "{error:?}");
    }
    // With the default timeouts, it would take three times 30 seconds.
    assert!(began.elapsed() < Duration::from_secs(60));
    drop(taken);
    push(&adapter, A, 2).await.unwrap();
    adapter.close();
    assert!(matches!(push(&adapter, A, 3).await, Err(StorageError::ShutDown)));
}

#[tokio::test]
async fn connecting_to_a_silent_server_fails_within_the_connect_timeout() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let builder = PostgresEventStorageAdapter::builder().connect_timeout(Duration::from_millis(200));
    let error = builder.connect(&format!("host=127.0.0.1 port={port} user=nobody")).await.unwrap_err();
    let text = "the server did not accept a connection within the `connect_timeout`";
    assert!(matches!(error, ConnectError::Engine(_)) && error.to_string() == text, "{error}");
}

/// One task requests the only connection repeatedly, without a pause: the other tasks still get the connection in
/// between.
#[tokio::test]
async fn waiting_for_a_connection_is_fair() {
    const OTHERS: u64 = 4;
    const PUSHES: u64 = 10;
    let schema = Schema::new().await;
    let adapter = schema.created(schema.builder().pool_size(1).notify(false)).await;
    let hog = tokio::spawn({
        let adapter = adapter.clone();
        async move {
            for version in 1.. {
                push(&adapter, A, version).await.unwrap();
            }
        }
    });
    // The task holds the connection now, and requests it again as soon as it has returned it.
    while versions(&adapter, A).await.is_empty() {}
    let before = versions(&adapter, A).await.len() as u64;
    let mut others = tokio::task::JoinSet::new();
    for n in 0..OTHERS {
        let adapter = adapter.clone();
        others.spawn(async move {
            for version in 1..=PUSHES {
                push(&adapter, &format!("{n}{}", &B[1..]), version).await.unwrap();
            }
        });
    }
    others.join_all().await;
    hog.abort();
    let pushed = versions(&adapter, A).await.len() as u64 - before;
    // Each push of another task waits for at most one push of this task. The additional pushes allow for the time until
    // the other tasks have started.
    assert!(pushed <= PUSHES + OTHERS + 2, "{pushed} pushes of one task beside {PUSHES} of each other one");
}

#[tokio::test]
async fn dropped_pushes_leave_no_transaction_open() {
    let schema = Schema::new().await;
    // The only connection must be free when the pushes are polled.
    let builder = schema.builder().application_name(&schema.name).pool_size(1).notify(false);
    let adapter = schema.created(builder).await;
    // The statement is prepared on the only connection, so the pushes that are dropped below were sent.
    adapter.push_event_group(vec![grouped(&adapter, A, 1)], NO_FORCE).await.unwrap();
    schema.run("BEGIN; LOCK TABLE event IN EXCLUSIVE MODE").await;
    for _ in 0..2 {
        let group = vec![grouped(&adapter, A, 2), grouped(&adapter, B, 1), grouped(&adapter, C, 1)];
        let pushed = adapter.push_event_group(group, NO_FORCE);
        tokio::time::timeout(Duration::from_millis(100), pushed).await.unwrap_err();
    }
    schema.run("ROLLBACK").await;
    // The server stored one of the two pushes, and the other one failed with a conflict.
    for _ in 0..500 {
        if versions(&adapter, C).await == [1] {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!((versions(&adapter, A).await, versions(&adapter, B).await), (vec![1, 2], vec![1]));
    let open: i64 = schema
        .client
        .query_one(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND state LIKE 'idle in transaction%'",
            &[&schema.name],
        )
        .await
        .unwrap()
        .get(0);
    assert_eq!(open, 0);
    for version in 3..9 {
        push(&adapter, A, version).await.unwrap();
    }
}

#[tokio::test]
async fn errors_show_no_payloads() {
    let schema = Schema::new().await;
    let adapter = schema.adapter().await;
    schema
        .run(
            "ALTER TABLE event ADD CHECK (data->>'secret' <> 'a-secret');
             CREATE UNIQUE INDEX once ON event ((data->>'unique'))",
        )
        .await;
    let pushed = |version: u64, json: &str| {
        let payload = serde_json::value::RawValue::from_string(json.to_owned()).unwrap();
        adapter.push_event(STORE, RawEvent { payload: Some(payload), ..event(A, version) }, NO_FORCE)
    };
    pushed(1, r#"{"unique":"a-secret"}"#).await.unwrap();
    for refused in [r#"{"secret":"a-secret"}"#, r#"{"unique":"a-secret"}"#, r#"["a-secret\u0000"]"#] {
        let error = pushed(2, refused).await.unwrap_err();
        // A violation of another constraint is not a version conflict.
        assert!(!matches!(error, StorageError::EventAlreadyExists(_)), "{error:?}");
        let mut shown = format!("{error} {error:?}");
        let mut source = std::error::Error::source(&error);
        while let Some(error) = source {
            shown.push_str(&format!("{error} {error:?}"));
            source = error.source();
        }
        assert!(!shown.contains("a-secret"), "{shown}");
        if let StorageError::Engine(engine) = &error {
            let engine = engine.downcast_ref::<PostgresError>().unwrap();
            assert!(engine.code().unwrap().code().starts_with("23"), "{engine}");
            assert!(engine.driver().unwrap().as_db_error().unwrap().detail().is_some());
        }
    }
    assert_eq!(versions(&adapter, A).await, [1]);
}

#[tokio::test]
async fn what_a_trigger_keeps_back_is_not_taken_for_stored() {
    let schema = Schema::new().await;
    let adapter = schema.adapter().await;
    schema
        .run(
            "CREATE FUNCTION keep_back() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
             CREATE TRIGGER keep_back BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION keep_back()",
        )
        .await;
    assert!(matches!(push(&adapter, A, 1).await, Err(StorageError::Engine(_))));
    let group = vec![grouped(&adapter, A, 1)];
    assert!(matches!(adapter.push_event_group(group, NO_FORCE).await, Err(StorageError::Engine(_))));
}
