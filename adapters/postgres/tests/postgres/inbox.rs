//! The inbox: the conformance test kit, and tests specific to Postgres.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use castore_conformance::async_trait;
use castore_conformance::channel::channels::{NotificationQueue, Trainer, TrainerEvent};
use castore_conformance::inbox::{
    FreshInbox, HandlerTransaction, InboxDatabase, InboxFactory, KitInboxError, TransactionEnd, effect,
};
use castore_conformance::storage::Capabilities;
use castore_core::channel::MessageChannel;
use castore_core::consumer::RetryPolicy;
use castore_core::event::EventDetail;
use castore_core::message::{AnyMessage, ChannelMessage, NotificationMessage};
use castore_core::time::Timestamp;
use castore_postgres::tokio_postgres::error::SqlState;
use castore_postgres::tokio_postgres::{Client, IsolationLevel};
use castore_postgres::{InboxError, PostgresInbox, SchemaError};
use castore_runtime::in_memory::InMemoryMessageQueueAdapter;

use crate::support::{Schema, connect, quote};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The identity of a message: event store, aggregate and version.
#[derive(Debug, Clone)]
pub(crate) struct MessageId(&'static str, String, Option<u64>);

impl AnyMessage for MessageId {
    fn event_store_id(&self) -> &'static str {
        self.0
    }

    fn aggregate_id(&self) -> String {
        self.1.clone()
    }

    fn version(&self) -> Option<u64> {
        self.2
    }

    fn event_type(&self) -> Option<&str> {
        None
    }
}

pub(crate) fn message(aggregate_id: &str, version: u64) -> MessageId {
    MessageId("STORE", aggregate_id.to_owned(), Some(version))
}

fn game_started(aggregate_id: &str) -> NotificationMessage<Trainer> {
    let event = EventDetail::new(
        aggregate_id.to_owned(),
        1,
        Timestamp::from_unix_millis(1_700_000_000_000).unwrap(),
        TrainerEvent::GameStarted { name: "Red".to_owned() },
    );
    NotificationMessage { event }
}

/// Returns a consumer whose table exists, in the schema of the test.
async fn consumer(schema: &Schema, name: &str) -> PostgresInbox {
    let handled = PostgresInbox::new(name).schema(&schema.name).unwrap();
    handled.create_table(&schema.client).await.unwrap();
    handled
}

/// Handles a message in a separate transaction and commits it.
async fn handle(handled: &PostgresInbox, client: &mut Client, message: &dyn AnyMessage) -> bool {
    let transaction = client.transaction().await.unwrap();
    let first = handled.first_time(&transaction, message).await.unwrap();
    transaction.commit().await.unwrap();
    first
}

/// Inboxes in separate schemas.
struct Postgres;

struct PostgresInboxDatabase(Schema);

#[async_trait]
impl InboxFactory for Postgres {
    async fn fresh(&self) -> FreshInbox {
        let schema = Schema::new().await;
        schema.run("CREATE TABLE effect (effect TEXT)").await;
        FreshInbox::new(PostgresInboxDatabase(schema))
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::full().max_version(i64::MAX as u64).without_nul_in_text().max_aggregate_id_len(2_400)
    }
}

impl PostgresInboxDatabase {
    fn inbox(&self, consumer: &str) -> PostgresInbox {
        PostgresInbox::new(consumer).schema(&self.0.name).unwrap()
    }

    /// Returns a connection that has the schema as its search path.
    async fn connect(&self) -> Client {
        let client = connect(self.0.url()).await;
        client.batch_execute(&format!("SET search_path TO {}", quote(&self.0.name))).await.unwrap();
        client
    }
}

fn converted(error: InboxError) -> KitInboxError {
    error.map_engine(std::io::Error::other)
}

#[async_trait]
impl InboxDatabase for PostgresInboxDatabase {
    async fn create_table(&self) {
        self.inbox("any").create_table(&self.connect().await).await.unwrap();
    }

    async fn handle(&self, handler: HandlerTransaction) -> Result<Vec<bool>, KitInboxError> {
        let inbox = self.inbox(&handler.consumer);
        let mut client = self.connect().await;
        let transaction = client.transaction().await.unwrap();
        let mut answers = Vec::new();
        for message in &handler.messages {
            let first = inbox.first_time(&transaction, &**message).await.map_err(converted)?;
            if first {
                transaction.execute("INSERT INTO effect VALUES ($1)", &[&effect(&**message)]).await.unwrap();
            }
            answers.push(first);
        }
        match handler.end {
            TransactionEnd::Commit => transaction.commit().await.unwrap(),
            TransactionEnd::Rollback => transaction.rollback().await.unwrap(),
        }
        Ok(answers)
    }

    async fn effects(&self) -> Vec<String> {
        let rows = self.connect().await.query("SELECT effect FROM effect", &[]).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }

    async fn forget_older_than(&self, consumer: &str, age: Duration) -> Result<u64, KitInboxError> {
        self.inbox(consumer).forget_older_than(&self.connect().await, age).await.map_err(converted)
    }

    async fn make_older(&self, age: Duration) {
        let update = format!(
            "UPDATE castore_handled_message SET handled_at = handled_at - {} * interval '1 microsecond'",
            age.as_micros()
        );
        self.connect().await.batch_execute(&update).await.unwrap();
    }
}

castore_conformance::inbox_conformance!(Postgres);

#[tokio::test]
async fn inbox_waits_for_the_other_transaction_of_a_message() {
    let schema = Schema::new().await;
    let handled = consumer(&schema, "mailer").await;
    for (version, commits) in [(1, true), (2, false)] {
        let mut client = connect(schema.url()).await;
        let transaction = client.transaction().await.unwrap();
        assert!(handled.first_time(&transaction, &message("a", version)).await.unwrap());

        let mut other = connect(schema.url()).await;
        let pid: i32 = other.query_one("SELECT pg_backend_pid()", &[]).await.unwrap().get(0);
        let waiting = tokio::spawn({
            let handled = handled.clone();
            async move { handle(&handled, &mut other, &message("a", version)).await }
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
async fn inbox_in_repeatable_read_can_fail_with_a_serialization_failure() {
    let schema = Schema::new().await;
    let handled = consumer(&schema, "mailer").await;
    let mut client = connect(schema.url()).await;
    let transaction = client.build_transaction().isolation_level(IsolationLevel::RepeatableRead).start().await.unwrap();
    transaction.batch_execute("SELECT 1").await.unwrap();
    assert!(handle(&handled, &mut connect(schema.url()).await, &message("a", 1)).await);
    match handled.first_time(&transaction, &message("a", 1)).await {
        Err(InboxError::Engine(error)) => {
            assert_eq!(error.code(), Some(&SqlState::T_R_SERIALIZATION_FAILURE))
        }
        other => panic!("not {other:?}"),
    }
}

#[tokio::test]
async fn inbox_rejects_keys_beyond_the_limits_of_postgres() {
    let schema = Schema::new().await;
    let handled = consumer(&schema, "mailer").await;
    let mut client = connect(schema.url()).await;
    // This text can hardly be compressed.
    let long: String = (0..10_000_u32).map(|n| char::from_u32(0x4e00 + n * 7919 % 20_000).unwrap()).collect();
    for message in [
        message("a\0s3cret", 1),
        MessageId("\0", "s3cret".to_owned(), None),
        message("s3cret", u64::MAX),
        message(&long, 1),
    ] {
        let transaction = client.transaction().await.unwrap();
        match handled.first_time(&transaction, &message).await {
            Err(error @ InboxError::Unsupported { .. }) => {
                let shown = format!("{error} {error:?}");
                assert!(shown.contains("cannot record") && !shown.contains("s3cret") && shown.len() < 300, "{shown}");
            }
            other => panic!("not {other:?}"),
        }
    }
    let nameless = PostgresInbox::new("a\0").schema(&schema.name).unwrap();
    let transaction = client.transaction().await.unwrap();
    let refused = nameless.first_time(&transaction, &message("a", 1)).await;
    assert!(matches!(refused, Err(InboxError::Unsupported { .. })), "{refused:?}");
    let refused = nameless.forget_older_than(&schema.client, DAY).await;
    assert!(matches!(refused, Err(InboxError::Unsupported { .. })), "{refused:?}");
}

#[tokio::test]
async fn inbox_finds_old_records_with_an_index() {
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
async fn inbox_table_is_created_once() {
    let schema = Schema::named("it's \"q\"").await;
    let handled = PostgresInbox::new("mailer").schema(&schema.name).unwrap().table("Who \"handled\" it?").unwrap();
    let mut client = connect(schema.url()).await;
    let transaction = client.transaction().await.unwrap();
    let missing = handled.first_time(&transaction, &message("a", 1)).await;
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
    // The transaction of a handler is open.
    let transaction = client.transaction().await.unwrap();
    assert!(handled.first_time(&transaction, &message("a", 1)).await.unwrap());
    schema.run("SET lock_timeout = '1ms'").await;
    handled.create_table(&schema.client).await.unwrap();
    transaction.commit().await.unwrap();
    assert!(!handle(&handled, &mut client, &message("a", 1)).await);
}

#[tokio::test]
async fn inbox_rejects_invalid_table_names() {
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
    // The connection can still be used. Without a schema, its search path applies.
    PostgresInbox::new("mailer").create_table(&schema.client).await.unwrap();
    assert_eq!(schema.value::<i64>("SELECT count(*) FROM castore_handled_message").await, 0);
}

/// The message is delivered again, as after a lost acknowledgement.
#[tokio::test]
async fn worker_that_fails_after_its_commit_has_its_effect_once() {
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
