//! The inbox: the conformance kit, and behavior that is specific to SQLite.

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
use castore_runtime::in_memory::InMemoryMessageQueueAdapter;
use castore_sqlite::{InboxError, SqliteInbox};
use rusqlite::limits::Limit;
use rusqlite::{Connection, TransactionBehavior};

use crate::support::{Place, place};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The identity of a message: event store, aggregate and version.
#[derive(Debug, Clone)]
struct MessageId(&'static str, String, Option<u64>);

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

fn message(aggregate_id: &str, version: u64) -> MessageId {
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

/// Returns an inbox whose table exists.
fn consumer(place: &Place, name: &str) -> SqliteInbox {
    let handled = SqliteInbox::new(name);
    handled.create_table(&connect(place)).unwrap();
    handled
}

/// Returns a connection with a long busy timeout.
fn connect(place: &Place) -> Connection {
    let connection = place.raw();
    connection.busy_timeout(Duration::from_secs(60)).unwrap();
    connection
}

/// Handles a message in a separate transaction, and commits it.
fn handle(handled: &SqliteInbox, connection: &mut Connection, message: &dyn AnyMessage) -> bool {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    let first = handled.first_time(&transaction, message).unwrap();
    transaction.commit().unwrap();
    first
}

/// Inboxes in separate files.
struct Sqlite;

struct SqliteInboxDatabase(Place);

#[async_trait]
impl InboxFactory for Sqlite {
    async fn fresh(&self) -> FreshInbox {
        let place = place();
        let connection = connect(&place);
        connection.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE effect (effect TEXT)").unwrap();
        FreshInbox::new(SqliteInboxDatabase(place))
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::full().max_version(i64::MAX as u64)
    }
}

impl SqliteInboxDatabase {
    /// Runs `work` with a new connection, on a thread that may block.
    async fn with_connection<R: Send + 'static>(&self, work: impl FnOnce(Connection) -> R + Send + 'static) -> R {
        let connection = connect(&self.0);
        connection.pragma_update(None, "synchronous", "OFF").unwrap();
        match tokio::task::spawn_blocking(move || work(connection)).await {
            Ok(result) => result,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
}

fn converted(error: InboxError) -> KitInboxError {
    error.map_engine(std::io::Error::other)
}

#[async_trait]
impl InboxDatabase for SqliteInboxDatabase {
    async fn create_table(&self) {
        self.with_connection(|connection| SqliteInbox::new("any").create_table(&connection)).await.unwrap();
    }

    async fn handle(&self, handler: HandlerTransaction) -> Result<Vec<bool>, KitInboxError> {
        self.with_connection(move |mut connection| {
            let inbox = SqliteInbox::new(handler.consumer);
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
            let mut answers = Vec::new();
            for message in &handler.messages {
                let first = inbox.first_time(&transaction, &**message).map_err(converted)?;
                if first {
                    transaction.execute("INSERT INTO effect VALUES (?1)", [effect(&**message)]).unwrap();
                }
                answers.push(first);
            }
            match handler.end {
                TransactionEnd::Commit => transaction.commit().unwrap(),
                TransactionEnd::Rollback => transaction.rollback().unwrap(),
            }
            Ok(answers)
        })
        .await
    }

    async fn effects(&self) -> Vec<String> {
        self.with_connection(|connection| {
            let mut select = connection.prepare("SELECT effect FROM effect").unwrap();
            select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
        })
        .await
    }

    async fn forget_older_than(&self, consumer: &str, age: Duration) -> Result<u64, KitInboxError> {
        let inbox = SqliteInbox::new(consumer);
        self.with_connection(move |connection| inbox.forget_older_than(&connection, age).map_err(converted)).await
    }

    async fn make_older(&self, age: Duration) {
        let age = i64::try_from(age.as_millis()).unwrap();
        let update = "UPDATE castore_handled_message SET handled_at = handled_at - ?1";
        self.with_connection(move |connection| connection.execute(update, [age])).await.unwrap();
    }
}

castore_conformance::inbox_conformance!(Sqlite);

#[test]
fn inbox_without_time_to_wait_is_busy() {
    let place = place();
    let handled = consumer(&place, "mailer");
    let (mut holder, mut other) = (connect(&place), connect(&place));
    other.busy_timeout(Duration::ZERO).unwrap();
    let transaction = holder.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    assert!(handled.first_time(&transaction, &message("a", 1)).unwrap());
    let deferred = other.transaction().unwrap();
    let refused = handled.first_time(&deferred, &message("a", 1));
    assert!(matches!(refused, Err(InboxError::Busy(_))), "{refused:?}");
    transaction.commit().unwrap();
    assert!(!handled.first_time(&deferred, &message("a", 1)).unwrap());
}

#[test]
fn inbox_rejects_keys_beyond_the_limits_of_sqlite() {
    let place = place();
    let handled = consumer(&place, "mailer");
    let mut connection = connect(&place);
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, 10_000).unwrap();
    for message in [message("s3cret", u64::MAX), message(&"s3cret".repeat(5000), 1)] {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
        match handled.first_time(&transaction, &message) {
            Err(error @ InboxError::Unsupported { .. }) => {
                let shown = format!("{error} {error:?}");
                assert!(shown.contains("cannot record") && !shown.contains("s3cret"), "{shown}");
            }
            other => panic!("not {other:?}"),
        }
    }
}

#[test]
fn inbox_finds_old_records_with_an_index() {
    let place = place();
    consumer(&place, "mailer");
    let plan: String = connect(&place)
        .query_row(
            "EXPLAIN QUERY PLAN DELETE FROM castore_handled_message
             WHERE consumer = 'mailer' AND handled_at < CAST(round(unixepoch('subsec') * 1000) AS INTEGER) - 5",
            [],
            |row| row.get("detail"),
        )
        .unwrap();
    assert!(plan.contains("idx_castore_handled_message_handled_at (consumer=? AND handled_at<?)"), "{plan}");
}

#[test]
fn inbox_table_has_the_given_name() {
    let place = place();
    for name in ["", "a\0", "sqlite_handled", "SQLITE_x"] {
        let refused = SqliteInbox::new("mailer").table(name).unwrap_err();
        assert!(refused.to_string().contains("invalid table name"), "{refused}");
    }
    let handled = SqliteInbox::new("mailer").table("Who \"handled\" it?").unwrap();
    let mut connection = connect(&place);
    let transaction = connection.transaction().unwrap();
    let missing = handled.first_time(&transaction, &message("a", 1));
    assert!(matches!(missing, Err(InboxError::MissingTable { .. })), "{missing:?}");
    drop(transaction);
    let missing = handled.forget_older_than(&connection, DAY);
    assert!(matches!(missing, Err(InboxError::MissingTable { .. })), "{missing:?}");
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| handled.create_table(&connect(&place)).unwrap());
        }
    });
    // The table is created again while the transaction of a handler is open.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    assert!(handled.first_time(&transaction, &message("a", 1)).unwrap());
    handled.create_table(&place.raw()).unwrap();
    transaction.commit().unwrap();
    assert!(!handle(&handled, &mut connection, &message("a", 1)));
}

/// The message is redelivered, as after a lost acknowledgement.
#[tokio::test]
async fn worker_that_fails_after_its_commit_has_its_effect_once() {
    let place = place();
    let handled = consumer(&place, "mailer");
    connect(&place).execute_batch("CREATE TABLE mail (trainer TEXT)").unwrap();
    let queue = NotificationQueue::new();
    let adapter = InMemoryMessageQueueAdapter::attach_to(&queue)
        .with_retry_policy(RetryPolicy::new(2, Duration::ZERO, 1.0).unwrap());
    let attempts = Arc::new(AtomicU32::new(0));
    adapter.worker({
        let (attempts, path) = (attempts.clone(), place.path.clone());
        move |message, context| {
            let (handled, path, attempts) = (handled.clone(), path.clone(), attempts.clone());
            async move {
                attempts.fetch_add(1, Ordering::SeqCst);
                tokio::task::spawn_blocking(move || {
                    let mut connection = Connection::open(path)?;
                    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
                    if handled.first_time(&transaction, message.as_message())? {
                        let trainer = message.as_message().aggregate_id();
                        transaction.execute("INSERT INTO mail VALUES (?1)", [trainer])?;
                        transaction.commit()?;
                    }
                    if context.attempt < 3 { Err(std::io::Error::other("the broker is gone").into()) } else { Ok(()) }
                })
                .await?
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
    let mails: String = connect(&place)
        .query_row("SELECT group_concat(trainer) FROM (SELECT trainer FROM mail ORDER BY 1)", [], |row| row.get(0))
        .unwrap();
    assert_eq!(mails, "ash,misty");
    adapter.shutdown().await;
}
