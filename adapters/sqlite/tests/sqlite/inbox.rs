//! Messages that are delivered twice have their effect once, whoever handles them at the same time and whatever fails.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Barrier};
use std::time::Duration;

use castore_conformance::channel::channels::{NotificationQueue, Trainer, TrainerEvent};
use castore_core::channel::MessageChannel;
use castore_core::consumer::RetryPolicy;
use castore_core::event::EventDetail;
use castore_core::message::{AggregateExistsMessage, AnyMessage, ChannelMessage, NotificationMessage};
use castore_core::time::Timestamp;
use castore_runtime::in_memory::InMemoryMessageQueueAdapter;
use castore_sqlite::{InboxError, SqliteInbox};
use rusqlite::limits::Limit;
use rusqlite::{Connection, TransactionBehavior};

use crate::support::{Place, place};

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

/// A consumer whose table is there.
fn consumer(place: &Place, name: &str) -> SqliteInbox {
    let handled = SqliteInbox::new(name);
    handled.create_table(&connect(place)).unwrap();
    handled
}

/// As handlers have it, with all of them waiting for each other.
fn connect(place: &Place) -> Connection {
    let connection = place.raw();
    connection.busy_timeout(Duration::from_secs(60)).unwrap();
    connection
}

/// Asks in a transaction of its own, which is committed.
fn handle(handled: &SqliteInbox, connection: &mut Connection, message: &dyn AnyMessage) -> bool {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    let first = handled.first_time(&transaction, message).unwrap();
    transaction.commit().unwrap();
    first
}

#[test]
fn the_first_time_is_the_first_that_is_committed() {
    let place = place();
    let handled = consumer(&place, "mailer");
    let mut connection = connect(&place);
    let message = told("a", 1);

    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    assert!(handled.first_time(&transaction, &message).unwrap());
    assert!(!handled.first_time(&transaction, &message).unwrap(), "twice in one transaction");
    transaction.rollback().unwrap();

    assert!(handle(&handled, &mut connection, &message), "nothing was committed before");
    assert!(!handle(&handled, &mut connection, &message));
    assert!(!handle(&handled, &mut connect(&place), &message));
    assert!(handle(&handled, &mut connection, &told("a", 2)));
    assert!(handle(&handled, &mut connection, &told("b", 1)));
    assert!(handle(&handled, &mut connection, &Told("OTHER", "a".to_owned(), Some(1))));
}

#[test]
fn consumers_remember_on_their_own() {
    let place = place();
    let mut connection = connect(&place);
    let message = told("a", 1);
    let mailer = consumer(&place, "mailer");
    for name in ["Mailer", "mailer ", "", "a\0b", "a\0c", "it's; \"quoted\" \\ ü 🦀"] {
        let other = consumer(&place, name);
        assert_eq!(other.consumer(), name);
        assert!(handle(&other, &mut connection, &message), "{name:?}");
        assert!(!handle(&other, &mut connection, &message), "{name:?}");
    }
    assert!(handle(&mailer, &mut connection, &message));
    assert!(!handle(&mailer.clone(), &mut connection, &message));
}

#[test]
fn of_many_at_the_same_time_one_is_the_first() {
    const ROUNDS: u64 = 20;
    const HANDLERS: usize = 8;
    let place = place();
    let handled = consumer(&place, "mailer");
    connect(&place).execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE effect (version INTEGER)").unwrap();
    let start = Barrier::new(HANDLERS);
    let work = |handler: usize| {
        let mut connection = connect(&place);
        connection.pragma_update(None, "synchronous", "OFF").unwrap();
        let mut firsts = 0;
        for version in 1..=ROUNDS {
            start.wait();
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
            if handled.first_time(&transaction, &told("a", version)).unwrap() {
                transaction.execute("INSERT INTO effect VALUES (?1)", [i64::try_from(version).unwrap()]).unwrap();
                // Every third handler fails after it did its work.
                if handler.is_multiple_of(3) {
                    transaction.rollback().unwrap();
                    continue;
                }
                firsts += 1;
            }
            transaction.commit().unwrap();
        }
        firsts
    };
    let firsts: u64 = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..HANDLERS).map(|handler| scope.spawn(move || work(handler))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(firsts, ROUNDS);
    let effects: (i64, i64) = connect(&place)
        .query_row("SELECT count(*), count(DISTINCT version) FROM effect", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    assert_eq!(effects, (20, 20));
}

#[test]
fn who_cannot_wait_is_told_that_it_is_busy() {
    let place = place();
    let handled = consumer(&place, "mailer");
    let (mut holder, mut other) = (connect(&place), connect(&place));
    other.busy_timeout(Duration::ZERO).unwrap();
    let transaction = holder.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    assert!(handled.first_time(&transaction, &told("a", 1)).unwrap());
    let deferred = other.transaction().unwrap();
    let refused = handled.first_time(&deferred, &told("a", 1));
    assert!(matches!(refused, Err(InboxError::Busy(_))), "{refused:?}");
    transaction.commit().unwrap();
    assert!(!handled.first_time(&deferred, &told("a", 1)).unwrap());
}

#[test]
fn names_and_ids_may_be_any_text() {
    let place = place();
    let handled = consumer(&place, "mailer");
    let mut connection = connect(&place);
    let long = "ü".repeat(100_000);
    let ids =
        ["", " ", "a", "A", "a ", "a\0", "a\0b", "\0", "a'; --", "\"", "1", "01", "1.0", "ü", "u\u{308}", "🦀", &long];
    for first in [true, false] {
        for id in ids {
            for store in ["STORE", "store", "it's\"ü"] {
                let message = Told(store, id.to_owned(), Some(1));
                assert_eq!(handle(&handled, &mut connection, &message), first, "{store} {id:.20}");
            }
        }
    }
    assert!(handle(&handled, &mut connection, &told("a", u64::try_from(i64::MAX).unwrap())));
}

#[test]
fn what_sqlite_has_no_room_for_is_refused() {
    let place = place();
    let handled = consumer(&place, "mailer");
    let mut connection = connect(&place);
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, 10_000).unwrap();
    for message in [told("s3cret", u64::MAX), told(&"s3cret".repeat(5000), 1)] {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
        match handled.first_time(&transaction, &message) {
            Err(error @ InboxError::Unsupported { .. }) => {
                let shown = format!("{error} {error:?}");
                assert!(shown.contains("remember") && !shown.contains("s3cret"), "{shown}");
            }
            other => panic!("not {other:?}"),
        }
    }
}

#[test]
fn messages_of_all_kinds_are_told_apart_by_version() {
    let place = place();
    let handled = consumer(&place, "mailer");
    let mut connection = connect(&place);
    let event = game_started("ash");
    let exists = AggregateExistsMessage::<Trainer> {
        aggregate_id: "ash".to_owned(),
        initial_event_timestamp: event.event.timestamp,
    };
    assert!(handle(&handled, &mut connection, &event));
    assert!(handle(&handled, &mut connection, &exists), "it has no version");
    assert!(!handle(&handled, &mut connection, &exists));
    let mut rewritten = event;
    rewritten.event.payload = TrainerEvent::GameStarted { name: "Blue".to_owned() };
    assert!(!handle(&handled, &mut connection, &rewritten));
}

#[test]
fn what_is_old_is_forgotten() {
    let place = place();
    let (mailer, counter) = (consumer(&place, "mailer"), consumer(&place, "counter"));
    let mut connection = connect(&place);
    for handled in [&mailer, &counter] {
        for version in 1..=3 {
            assert!(handle(handled, &mut connection, &told("a", version)));
        }
    }
    connection
        .execute_batch(
            "UPDATE castore_handled_message
             SET handled_at = unixepoch() * 1000 - (4 - version) * 24 * 60 * 60 * 1000 - 60 * 1000",
        )
        .unwrap();
    assert_eq!(mailer.forget_older_than(&connection, Duration::MAX).unwrap(), 0);
    assert_eq!(mailer.forget_older_than(&connection, 2 * DAY).unwrap(), 2);
    assert_eq!(mailer.forget_older_than(&connection, 2 * DAY).unwrap(), 0);
    for version in 1..=3 {
        assert_eq!(handle(&mailer, &mut connection, &told("a", version)), version < 3, "{version}");
        assert!(!handle(&counter, &mut connection, &told("a", version)), "another consumer's");
    }
    assert_eq!(counter.forget_older_than(&connection, Duration::ZERO).unwrap(), 3);
}

#[test]
fn an_index_finds_what_is_old() {
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
fn the_table_has_the_name_that_it_is_given() {
    let place = place();
    for name in ["", "a\0", "sqlite_handled", "SQLITE_x"] {
        let refused = SqliteInbox::new("mailer").table(name).unwrap_err();
        assert!(refused.to_string().contains("cannot be the name of a table"), "{refused}");
    }
    let handled = SqliteInbox::new("mailer").table("Who \"handled\" it?").unwrap();
    let mut connection = connect(&place);
    let transaction = connection.transaction().unwrap();
    let missing = handled.first_time(&transaction, &told("a", 1));
    assert!(matches!(missing, Err(InboxError::MissingTable { .. })), "{missing:?}");
    drop(transaction);
    let missing = handled.forget_older_than(&connection, DAY);
    assert!(matches!(missing, Err(InboxError::MissingTable { .. })), "{missing:?}");
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| handled.create_table(&connect(&place)).unwrap());
        }
    });
    // While a handler is at work.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    assert!(handled.first_time(&transaction, &told("a", 1)).unwrap());
    handled.create_table(&place.raw()).unwrap();
    transaction.commit().unwrap();
    assert!(!handle(&handled, &mut connection, &told("a", 1)));
}

/// As when the acknowledgement is lost.
#[tokio::test]
async fn a_worker_that_fails_after_its_commit_has_its_effect_once() {
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
