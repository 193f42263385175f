//! Messages that are delivered twice have their effect once, whoever handles them at the same time and whatever fails.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use castore_conformance::channel::channels::{NotificationQueue, Trainer, TrainerEvent};
use castore_core::channel::MessageChannel;
use castore_core::consumer::RetryPolicy;
use castore_core::event::EventDetail;
use castore_core::message::{AggregateExistsMessage, AnyMessage, ChannelMessage, NotificationMessage};
use castore_core::time::Timestamp;
use castore_postgres::tokio_postgres::error::SqlState;
use castore_postgres::tokio_postgres::{Client, IsolationLevel};
use castore_postgres::{InboxError, PostgresInbox, SchemaError};
use castore_runtime::in_memory::InMemoryMessageQueueAdapter;

use crate::support::{Schema, connect};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A message, as far as it is remembered.
#[derive(Debug, Clone)]
struct Told(&'static str, String, Option<u64>);

impl AnyMessage for Told {
    fn event_store_id(&self) -> &'static str {
        self.0
    }

    fn aggregate_id(&self) -> String {
        self.1.clone()
    }

    fn version(&self) -> Option<u64> {
        self.2
    }

    fn event_type(&self) -> Option<&'static str> {
        None
    }
}

fn told(aggregate_id: &str, version: u64) -> Told {
    Told("STORE", aggregate_id.to_owned(), Some(version))
}

fn game_started(aggregate_id: &str) -> NotificationMessage<Trainer> {
    let event = EventDetail {
        aggregate_id: aggregate_id.to_owned(),
        version: 1,
        timestamp: Timestamp::from_unix_millis(1_700_000_000_000).unwrap(),
        payload: TrainerEvent::GameStarted { name: "Red".to_owned() },
        metadata: None,
    };
    NotificationMessage { event }
}

/// A consumer whose table is there, in the schema of the test.
async fn consumer(schema: &Schema, name: &str) -> PostgresInbox {
    let handled = PostgresInbox::new(name).schema(&schema.name).unwrap();
    handled.create_table(&schema.client).await.unwrap();
    handled
}

/// Asks in a transaction of its own, which is committed.
async fn handle(handled: &PostgresInbox, client: &mut Client, message: &dyn AnyMessage) -> bool {
    let transaction = client.transaction().await.unwrap();
    let first = handled.first_time(&transaction, message).await.unwrap();
    transaction.commit().await.unwrap();
    first
}

#[tokio::test]
async fn the_first_time_is_the_first_that_is_committed() {
    let schema = Schema::new().await;
    let handled = consumer(&schema, "mailer").await;
    let mut client = connect(schema.url()).await;
    let message = told("a", 1);

    let transaction = client.transaction().await.unwrap();
    assert!(handled.first_time(&transaction, &message).await.unwrap());
    assert!(!handled.first_time(&transaction, &message).await.unwrap(), "twice in one transaction");
    transaction.rollback().await.unwrap();

    assert!(handle(&handled, &mut client, &message).await, "nothing was committed before");
    assert!(!handle(&handled, &mut client, &message).await);
    assert!(handle(&handled, &mut client, &told("a", 2)).await);
    assert!(handle(&handled, &mut client, &told("b", 1)).await);
    assert!(handle(&handled, &mut client, &Told("OTHER", "a".to_owned(), Some(1))).await);
}

#[tokio::test]
async fn consumers_remember_on_their_own() {
    let schema = Schema::new().await;
    let mut client = connect(schema.url()).await;
    let message = told("a", 1);
    let mailer = consumer(&schema, "mailer").await;
    for name in ["Mailer", "mailer ", "", "it's; \"quoted\" \\ ü 🦀"] {
        let other = consumer(&schema, name).await;
        assert_eq!(other.consumer(), name);
        assert!(handle(&other, &mut client, &message).await, "{name:?}");
        assert!(!handle(&other, &mut client, &message).await, "{name:?}");
    }
    assert!(handle(&mailer, &mut client, &message).await);
    assert!(!handle(&mailer.clone(), &mut client, &message).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_at_the_same_time_one_is_the_first() {
    const ROUNDS: u64 = 20;
    const HANDLERS: u64 = 12;
    let schema = Schema::new().await;
    let handled = consumer(&schema, "mailer").await;
    schema.run("CREATE TABLE effect (version BIGINT)").await;
    let start = Arc::new(tokio::sync::Barrier::new(usize::try_from(HANDLERS).unwrap()));
    let mut tasks = Vec::new();
    for handler in 0..HANDLERS {
        let (handled, start, effect) = (handled.clone(), start.clone(), format!("\"{}\".effect", schema.name));
        let mut client = connect(schema.url()).await;
        tasks.push(tokio::spawn(async move {
            let mut firsts = 0;
            for version in 1..=ROUNDS {
                start.wait().await;
                let transaction = client.transaction().await.unwrap();
                if handled.first_time(&transaction, &told("a", version)).await.unwrap() {
                    let insert = format!("INSERT INTO {effect} VALUES ({version})");
                    transaction.batch_execute(&insert).await.unwrap();
                    // Every third handler fails after it did its work.
                    if handler.is_multiple_of(3) {
                        transaction.rollback().await.unwrap();
                        continue;
                    }
                    firsts += 1;
                }
                transaction.commit().await.unwrap();
            }
            firsts
        }));
    }
    let mut firsts = 0;
    for task in tasks {
        firsts += task.await.unwrap();
    }
    assert_eq!(firsts, ROUNDS);
    assert_eq!(schema.value::<i64>("SELECT count(*) FROM effect").await, 20);
    assert_eq!(schema.value::<i64>("SELECT count(DISTINCT version) FROM effect").await, 20);
}

#[tokio::test]
async fn who_asks_meanwhile_waits_for_the_other_transaction() {
    let schema = Schema::new().await;
    let handled = consumer(&schema, "mailer").await;
    for (version, commits) in [(1, true), (2, false)] {
        let mut client = connect(schema.url()).await;
        let transaction = client.transaction().await.unwrap();
        assert!(handled.first_time(&transaction, &told("a", version)).await.unwrap());

        let mut other = connect(schema.url()).await;
        let pid: i32 = other.query_one("SELECT pg_backend_pid()", &[]).await.unwrap().get(0);
        let waiting = tokio::spawn({
            let handled = handled.clone();
            async move { handle(&handled, &mut other, &told("a", version)).await }
        });
        while !schema.value::<bool>(&format!("SELECT cardinality(pg_blocking_pids({pid})) > 0")).await {
            assert!(!waiting.is_finished());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        if commits {
            transaction.commit().await.unwrap();
        } else {
            transaction.rollback().await.unwrap();
        }
        assert_eq!(waiting.await.unwrap(), !commits);
    }
}

#[tokio::test]
async fn a_transaction_that_saw_too_little_is_told_so() {
    let schema = Schema::new().await;
    let handled = consumer(&schema, "mailer").await;
    let mut client = connect(schema.url()).await;
    let transaction = client.build_transaction().isolation_level(IsolationLevel::RepeatableRead).start().await.unwrap();
    transaction.batch_execute("SELECT 1").await.unwrap();
    assert!(handle(&handled, &mut connect(schema.url()).await, &told("a", 1)).await);
    match handled.first_time(&transaction, &told("a", 1)).await {
        Err(InboxError::Engine(error)) => {
            assert_eq!(error.code(), Some(&SqlState::T_R_SERIALIZATION_FAILURE))
        }
        other => panic!("not {other:?}"),
    }
}

#[tokio::test]
async fn names_and_ids_may_be_any_text() {
    let schema = Schema::new().await;
    let handled = consumer(&schema, "mailer").await;
    let mut client = connect(schema.url()).await;
    let long = "ü".repeat(1200);
    let ids =
        ["", " ", "a", "A", "a ", "a'; --", "\"", "\\", "$1", "%", "1", "01", "ü", "u\u{308}", "\u{1}", "🦀", &long];
    for first in [true, false] {
        for id in ids {
            for store in ["STORE", "store", "it's\"ü"] {
                let message = Told(store, id.to_owned(), Some(1));
                assert_eq!(handle(&handled, &mut client, &message).await, first, "{message:?}");
            }
        }
    }
    assert!(handle(&handled, &mut client, &told("a", u64::try_from(i64::MAX).unwrap())).await);
}

#[tokio::test]
async fn what_postgres_has_no_room_for_is_refused() {
    let schema = Schema::new().await;
    let handled = consumer(&schema, "mailer").await;
    let mut client = connect(schema.url()).await;
    // Hardly to be compressed.
    let long: String = (0..10_000_u32).map(|n| char::from_u32(0x4e00 + n * 7919 % 20_000).unwrap()).collect();
    for message in
        [told("a\0s3cret", 1), Told("\0", "s3cret".to_owned(), None), told("s3cret", u64::MAX), told(&long, 1)]
    {
        let transaction = client.transaction().await.unwrap();
        match handled.first_time(&transaction, &message).await {
            Err(error @ InboxError::Unsupported { .. }) => {
                let shown = format!("{error} {error:?}");
                assert!(shown.contains("remember") && !shown.contains("s3cret") && shown.len() < 300, "{shown}");
            }
            other => panic!("not {other:?}"),
        }
    }
    let nameless = PostgresInbox::new("a\0").schema(&schema.name).unwrap();
    let transaction = client.transaction().await.unwrap();
    let refused = nameless.first_time(&transaction, &told("a", 1)).await;
    assert!(matches!(refused, Err(InboxError::Unsupported { .. })), "{refused:?}");
    let refused = nameless.forget_older_than(&schema.client, DAY).await;
    assert!(matches!(refused, Err(InboxError::Unsupported { .. })), "{refused:?}");
}

#[tokio::test]
async fn messages_of_all_kinds_are_told_apart_by_version() {
    let schema = Schema::new().await;
    let handled = consumer(&schema, "mailer").await;
    let mut client = connect(schema.url()).await;
    let event = game_started("ash");
    let exists = AggregateExistsMessage::<Trainer> {
        aggregate_id: "ash".to_owned(),
        initial_event_timestamp: event.event.timestamp,
    };
    assert!(handle(&handled, &mut client, &event).await);
    assert!(handle(&handled, &mut client, &exists).await, "it has no version");
    assert!(!handle(&handled, &mut client, &exists).await);
    let mut rewritten = event;
    rewritten.event.payload = TrainerEvent::GameStarted { name: "Blue".to_owned() };
    assert!(!handle(&handled, &mut client, &rewritten).await);
}

#[tokio::test]
async fn what_is_old_is_forgotten() {
    let schema = Schema::new().await;
    let (mailer, counter) = (consumer(&schema, "mailer").await, consumer(&schema, "counter").await);
    let mut client = connect(schema.url()).await;
    for handled in [&mailer, &counter] {
        for version in 1..=3 {
            assert!(handle(handled, &mut client, &told("a", version)).await);
        }
    }
    schema
        .run("UPDATE castore_handled_message SET handled_at = now() - (4 - version) * interval '1 day' - interval '1 min'")
        .await;
    assert_eq!(mailer.forget_older_than(&client, Duration::MAX).await.unwrap(), 0);
    assert_eq!(mailer.forget_older_than(&client, 2 * DAY).await.unwrap(), 2);
    assert_eq!(mailer.forget_older_than(&client, 2 * DAY).await.unwrap(), 0);
    for version in 1..=3 {
        assert_eq!(handle(&mailer, &mut client, &told("a", version)).await, version < 3, "{version}");
        assert!(!handle(&counter, &mut client, &told("a", version)).await, "another consumer's");
    }
    assert_eq!(counter.forget_older_than(&client, Duration::ZERO).await.unwrap(), 3);
}

#[tokio::test]
async fn an_index_finds_what_is_old() {
    let schema = Schema::new().await;
    let handled = consumer(&schema, "mailer").await;
    schema
        .run(
            "INSERT INTO castore_handled_message
             SELECT 'mailer', 'STORE', n::text, 1, now() - n * interval '1 min' FROM generate_series(1, 20000) n;
             ANALYZE castore_handled_message",
        )
        .await;
    assert_eq!(handled.forget_older_than(&schema.client, Duration::from_secs(19_900 * 60)).await.unwrap(), 101);
    schema.run("SELECT pg_stat_force_next_flush()").await;
    let searched = "SELECT idx_scan FROM pg_stat_user_indexes
         WHERE schemaname = current_schema AND indexrelname = 'idx_castore_handled_message_handled_at'";
    assert_eq!(schema.value::<i64>(searched).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_table_is_created_once() {
    let schema = Schema::named("it's \"q\"").await;
    let handled = PostgresInbox::new("mailer").schema(&schema.name).unwrap().table("Who \"handled\" it?").unwrap();
    let mut client = connect(schema.url()).await;
    let transaction = client.transaction().await.unwrap();
    let missing = handled.first_time(&transaction, &told("a", 1)).await;
    assert!(matches!(missing, Err(InboxError::MissingTable { .. })), "{missing:?}");
    transaction.rollback().await.unwrap();

    let mut tasks = Vec::new();
    for _ in 0..8 {
        let (handled, client) = (handled.clone(), connect(schema.url()).await);
        tasks.push(tokio::spawn(async move {
            client.batch_execute("SET lock_timeout = '7s'").await.unwrap();
            handled.create_table(&client).await.unwrap();
            let lock_timeout: String = client.query_one("SHOW lock_timeout", &[]).await.unwrap().get(0);
            assert_eq!(lock_timeout, "7s");
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    // While a handler is at work.
    let transaction = client.transaction().await.unwrap();
    assert!(handled.first_time(&transaction, &told("a", 1)).await.unwrap());
    schema.run("SET lock_timeout = '1ms'").await;
    handled.create_table(&schema.client).await.unwrap();
    transaction.commit().await.unwrap();
    assert!(!handle(&handled, &mut client, &told("a", 1)).await);
}

#[tokio::test]
async fn tables_that_cannot_be_are_refused() {
    let schema = Schema::new().await;
    for name in ["", "a\0", &"x".repeat(64)] {
        assert!(PostgresInbox::new("mailer").schema(name).is_err());
        assert!(PostgresInbox::new("mailer").table(name).is_err());
    }
    let nowhere = PostgresInbox::new("mailer").schema(format!("{}_missing", schema.name)).unwrap();
    let created = nowhere.create_table(&schema.client).await;
    assert!(matches!(created, Err(SchemaError::MissingSchema(_))), "{created:?}");
    let forgotten = nowhere.forget_older_than(&schema.client, DAY).await;
    assert!(matches!(forgotten, Err(InboxError::MissingTable { .. })), "{forgotten:?}");
    // The connection is fit for use, and without a schema its search path counts.
    PostgresInbox::new("mailer").create_table(&schema.client).await.unwrap();
    assert_eq!(schema.value::<i64>("SELECT count(*) FROM castore_handled_message").await, 0);
}

/// As when the acknowledgement is lost.
#[tokio::test]
async fn a_worker_that_fails_after_its_commit_has_its_effect_once() {
    let schema = Schema::new().await;
    let handled = consumer(&schema, "mailer").await;
    schema.run("CREATE TABLE mail (trainer TEXT)").await;
    let pool = schema.adapter().await.pool().clone();
    let queue = NotificationQueue::new();
    let adapter = InMemoryMessageQueueAdapter::attach_to(&queue)
        .with_retry_policy(RetryPolicy::new(2, Duration::ZERO, 1.0).unwrap());
    let attempts = Arc::new(AtomicU32::new(0));
    adapter.worker({
        let (attempts, mail) = (attempts.clone(), format!("\"{}\".mail", schema.name));
        move |message, context| {
            let (handled, pool, attempts, mail) = (handled.clone(), pool.clone(), attempts.clone(), mail.clone());
            async move {
                attempts.fetch_add(1, Ordering::SeqCst);
                let mut client = pool.get().await?;
                let transaction = client.transaction().await?;
                if handled.first_time(&transaction, message.as_message()).await? {
                    let insert = format!("INSERT INTO {mail} VALUES ($1)");
                    transaction.execute(&insert, &[&message.as_message().aggregate_id()]).await?;
                    transaction.commit().await?;
                }
                if context.attempt < 3 { Err(std::io::Error::other("the broker is gone").into()) } else { Ok(()) }
            }
        }
    });
    let dead = Arc::new(AtomicU32::new(0));
    adapter.on_dead_letter({
        let dead = dead.clone();
        move |_| {
            dead.fetch_add(1, Ordering::SeqCst);
        }
    });
    queue.publish_messages(vec![game_started("ash"), game_started("misty")]).await.unwrap();
    adapter.idle().await;
    assert_eq!((attempts.load(Ordering::SeqCst), dead.load(Ordering::SeqCst)), (6, 0));
    let mails: Vec<String> = schema.value("SELECT array_agg(trainer ORDER BY trainer) FROM mail").await;
    assert_eq!(mails, ["ash", "misty"]);
    adapter.shutdown().await;
}
