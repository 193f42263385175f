//! Transactions that the log waits for, their description, and tables that cannot be a log.

use std::time::{Duration, Instant};

use castore_core::log::EventLog;
use castore_core::storage::StorageError;
use tokio::time::{sleep, timeout};

use super::{ORIGINAL, all, page, positions};
use crate::support::{A, B, C, Schema, connect, push, quote, with};

/// A limit that is longer than any operation takes.
const SOON: Duration = Duration::from_secs(20);

fn insert(aggregate: &str, version: u64) -> String {
    format!(
        "INSERT INTO event (aggregate_name, aggregate_id, version, type) VALUES ('STORE', '{aggregate}', {version}, 'T')"
    )
}

#[tokio::test]
async fn the_log_waits_for_a_slow_writer_and_says_so() {
    let schema = Schema::new().await;
    let log = schema.adapter().await;
    push(&log, A, 1).await.unwrap();
    assert_eq!(positions(&page(&log, 0).await.events), [1]);
    let slow = connect(&with(schema.url(), "application_name", "night job")).await;
    slow.batch_execute(&format!("SET search_path TO {}; BEGIN; {}", quote(&schema.name), insert(B, 1))).await.unwrap();
    let last = push(&log, C, 1).await.unwrap();
    // The page is read without waiting for the writer, which is still active.
    let answer = timeout(SOON, page(&log, 0)).await.unwrap();
    assert_eq!((positions(&answer.events), answer.scanned_to, answer.more), (vec![1], 1, false));
    assert!(answer.blocked_by.is_some());
    // The log does not wait for ids beyond the query.
    assert_eq!(log.read_after(0, &all(1).up_to(1)).await.unwrap().blocked_by, None);
    sleep(Duration::from_millis(100)).await;
    let end = log.end().await.unwrap();
    assert_eq!((end.safe_position, end.last_position), (1, last));
    let blocked_time = end.blocked_time();
    assert!((Duration::from_millis(100)..SOON).contains(&blocked_time), "{blocked_time:?}");
    let words = end.blocked_by.unwrap().to_string();
    assert!(words.contains("\"night job\"") && words.contains("idle in transaction"), "{words}");
    assert_eq!(page(&log, 1).await.blocked_by.unwrap().to_string().split(',').next(), words.split(',').next());
    slow.batch_execute("COMMIT").await.unwrap();
    let answer = page(&log, 1).await;
    assert_eq!((positions(&answer.events), answer.blocked_by), (vec![2, 3], None));
    assert_eq!(log.end().await.unwrap().blocked_time(), Duration::ZERO);
}

#[tokio::test]
async fn the_log_waits_for_prepared_transactions_by_name() {
    let schema = Schema::new().await;
    let log = schema.adapter().await;
    let gid = format!("{} it's", schema.name);
    schema.run(&format!("BEGIN; {}", insert(A, 1))).await;
    push(&log, B, 1).await.unwrap();
    // This read makes the log observe the transaction before the transaction is prepared.
    assert!(page(&log, 0).await.events.is_empty());
    schema.run(&format!("PREPARE TRANSACTION '{}'", gid.replace('\'', "''"))).await;
    let start = Instant::now();
    loop {
        let answer = page(&log, 0).await;
        assert_eq!((answer.events.len(), answer.scanned_to), (0, 0));
        let words = answer.blocked_by.unwrap().to_string();
        // The blocking transactions are queried again after a moment.
        if words.contains(&format!("{gid:?}")) {
            break;
        }
        assert!(start.elapsed() < SOON, "{words}");
        sleep(Duration::from_millis(10)).await;
    }
    schema.run(&format!("COMMIT PREPARED '{}'", gid.replace('\'', "''"))).await;
    assert_eq!(positions(&page(&log, 0).await.events), [1, 2]);
}

#[tokio::test]
async fn only_writers_of_the_table_are_waited_for() {
    let schema = Schema::new().await;
    let log = schema.adapter().await;
    schema.run("CREATE TABLE elsewhere (id INT)").await;
    push(&log, A, 1).await.unwrap();
    let other = connect(schema.url()).await;
    other
        .batch_execute(&format!(
            "SET search_path TO {}; BEGIN; SELECT pg_current_xact_id(); INSERT INTO elsewhere VALUES (1);
             SELECT * FROM event FOR UPDATE; CREATE TEMP TABLE mine (id INT)",
            quote(&schema.name)
        ))
        .await
        .unwrap();
    push(&log, A, 2).await.unwrap();
    let answer = page(&log, 0).await;
    assert_eq!((positions(&answer.events), answer.blocked_by), (vec![1, 2], None));
    // The transaction of this writer began earlier, but allocates its first id only now.
    other.batch_execute(&insert(B, 1)).await.unwrap();
    push(&log, A, 3).await.unwrap();
    let answer = page(&log, 2).await;
    assert!(answer.events.is_empty() && answer.blocked_by.is_some(), "{answer:?}");
    other.batch_execute("ROLLBACK").await.unwrap();
    assert_eq!(positions(&page(&log, 2).await.events), [4]);
}

#[tokio::test]
async fn a_lost_connection_is_replaced() {
    let schema = Schema::new().await;
    let log = schema.open(schema.builder().pool_size(1).application_name(&schema.name)).await;
    log.create_event_table().await.unwrap();
    for version in 1..=5 {
        push(&log, A, version).await.unwrap();
        assert_eq!(page(&log, 0).await.events.len(), usize::try_from(version).unwrap());
        let ended = schema
            .value::<i64>(&format!(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = '{}'",
                schema.name
            ))
            .await;
        assert!(ended >= 1);
        // The page is read over a new connection, with a new horizon.
        assert_eq!(page(&log, 0).await.events.len(), usize::try_from(version).unwrap());
    }
}

#[tokio::test]
async fn tables_without_a_log_say_why() {
    for (change, words) in [
        ("ALTER SEQUENCE event_id_seq CACHE 20", "CACHE 1"),
        ("ALTER TABLE event ALTER id DROP DEFAULT", "has no sequence"),
        ("ALTER SEQUENCE event_id_seq INCREMENT -1 MINVALUE -10 START -1 RESTART -1", "does not only increase"),
    ] {
        let schema = Schema::new().await;
        schema.run(ORIGINAL).await;
        if change.contains("DROP DEFAULT") {
            schema.run("ALTER SEQUENCE event_id_seq OWNED BY NONE").await;
        }
        schema.run(change).await;
        let log = schema.open(schema.builder()).await;
        for result in
            [log.read_after(0, &all(1)).await.map(drop), log.end().await.map(drop), log.log_id().await.map(drop)]
        {
            let error = result.unwrap_err();
            assert!(castore_core::error::error_chain(&error).contains(words), "{error:?}");
        }
    }
}

#[tokio::test]
async fn the_log_may_be_read_by_those_who_may_draw_numbers() {
    let schema = Schema::new().await;
    schema.run(ORIGINAL).await;
    let (name, role) = (quote(&schema.name), format!("castore_drawer_{}", schema.name));
    schema
        .run(&format!(
            "CREATE ROLE {role} LOGIN; GRANT USAGE ON SCHEMA {name} TO {role}; GRANT SELECT ON event TO {role}"
        ))
        .await;
    let log = schema.builder().connect(&with(schema.url(), "user", &role)).await.unwrap();
    let error = log.read_after(0, &all(1)).await.unwrap_err();
    assert!(castore_core::error::error_chain(&error).contains("may not read its sequence"), "{error:?}");
    schema.run(&format!("GRANT USAGE ON SEQUENCE event_id_seq TO {role}")).await;
    assert_eq!(log.end().await.unwrap().last_position, 0);
    let writer = schema.open(schema.builder()).await;
    push(&writer, A, 1).await.unwrap();
    assert_eq!(positions(&page(&log, 0).await.events), [1]);
    log.close();
    schema.run(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).await;
}

#[tokio::test]
async fn a_recreated_table_is_another_log() {
    let schema = Schema::new().await;
    let log = schema.adapter().await;
    for version in 1..=3 {
        push(&log, A, version).await.unwrap();
    }
    assert_eq!(page(&log, 0).await.scanned_to, 3);
    let before = log.log_id().await.unwrap();
    let other = schema.open(schema.builder()).await;
    other.drop_event_table().await.unwrap();
    other.create_event_table().await.unwrap();
    push(&other, B, 1).await.unwrap();
    let end = log.end().await.unwrap();
    assert_eq!((end.safe_position, end.last_position), (1, 1));
    assert_ne!(log.log_id().await.unwrap(), before);
    assert_eq!(positions(&page(&log, 0).await.events), [1]);
    other.drop_event_table().await.unwrap();
    assert!(matches!(log.end().await, Err(StorageError::Engine(_))));
}

#[tokio::test]
async fn a_partition_may_be_written_to_by_its_own_name() {
    let schema = Schema::new().await;
    schema
        .run(
            "CREATE TABLE event (
                id BIGSERIAL, aggregate_name VARCHAR(32) NOT NULL, aggregate_id UUID NOT NULL, version BIGINT NOT NULL,
                type VARCHAR(64) NOT NULL, data JSONB, metadata JSONB, timestamp TIMESTAMPTZ NOT NULL DEFAULT now(),
                UNIQUE (aggregate_name, aggregate_id, version)) PARTITION BY LIST (aggregate_name);
             CREATE TABLE part PARTITION OF event FOR VALUES IN ('STORE')",
        )
        .await;
    let log = schema.open(schema.builder()).await;
    schema.run(&format!("BEGIN; {}", insert(A, 1).replace("event", "part"))).await;
    push(&log, B, 1).await.unwrap();
    assert!(page(&log, 0).await.events.is_empty());
    schema.run("COMMIT").await;
    assert_eq!(positions(&page(&log, 0).await.events), [1, 2]);
}
