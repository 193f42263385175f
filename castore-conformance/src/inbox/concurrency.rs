//! Tests of several handlers that handle the same messages concurrently.

use std::sync::Arc;

use castore_core::message::AnyMessage;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::InboxFactory;
use super::TransactionEnd::{Commit, Rollback};
use super::case::{InboxCase, MAILER, message, try_handle_all};

/// Tests that if several handlers handle one message concurrently, the message is new for exactly one handler that
/// commits, even if other handlers fail and roll back.
pub async fn one_of_many_handlers_is_the_first(factory: &dyn InboxFactory) {
    const ROUNDS: u64 = 20;
    const HANDLERS: usize = 8;
    let case = InboxCase::new(factory).await;
    let start = Arc::new(Barrier::new(HANDLERS));
    let mut handlers = JoinSet::new();
    for number in 0..HANDLERS {
        let (database, start) = (case.database.clone(), start.clone());
        handlers.spawn(async move {
            let mut firsts = 0;
            for version in 1..=ROUNDS {
                start.wait().await;
                let end = if number.is_multiple_of(3) { Rollback } else { Commit };
                let message = Arc::new(message("a", version)) as Arc<dyn AnyMessage>;
                let answers = try_handle_all(&database, MAILER, vec![message], end).await;
                let first = answers.unwrap_or_else(|error| panic!("handler {number}: {error}"))[0];
                firsts += u64::from(first && end == Commit);
            }
            firsts
        });
    }
    assert_eq!(handlers.join_all().await.iter().sum::<u64>(), ROUNDS, "each message has one first commit");
    let mut effects = case.database.effects().await;
    assert_eq!(effects.len() as u64, ROUNDS, "each message has its effect once");
    effects.sort();
    effects.dedup();
    assert_eq!(effects.len() as u64, ROUNDS, "each message has its own effect");
}

/// Tests that a message is new for each consumer, even if several consumers handle the message concurrently.
pub async fn consumers_do_not_disturb_each_other(factory: &dyn InboxFactory) {
    let case = InboxCase::new(factory).await;
    let mut handlers = JoinSet::new();
    for number in 0..8 {
        let database = case.database.clone();
        handlers.spawn(async move {
            let messages = (1..=10).map(|version| Arc::new(message("a", version)) as Arc<dyn AnyMessage>).collect();
            try_handle_all(&database, &format!("consumer{number}"), messages, Commit).await.expect("handling")
        });
    }
    for answers in handlers.join_all().await {
        assert_eq!(answers, [true; 10]);
    }
}
