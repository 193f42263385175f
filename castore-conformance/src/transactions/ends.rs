//! Tests of the end of a transaction: its events, and the rows that the caller inserts in the same transaction, are
//! stored together or not at all.

use castore_core::log::{LogFilter, LogQuery};
use tokio::sync::oneshot;

use super::case::TransactionCase;
use super::{KitEnd, KitPause, KitTransaction, TransactionFactory};
use crate::log::case::{MANY, position, read_to};
use crate::storage::case::POKEMONS;

/// Tests that a commit stores both the events and the rows of the caller.
pub async fn a_commit_stores_events_and_rows(factory: &dyn TransactionFactory) {
    let case = TransactionCase::new(factory).await;
    let two = [case.event("b", 1), case.event("c", 1)];
    case.commit([case.pushing("one", [case.event("a", 1)]), case.pushing("two", two)]).await;
    case.expect_rows(["one", "two"]).await;
    for aggregate in ["a", "b", "c"] {
        case.expect(POKEMONS, aggregate, &[case.event(aggregate, 1)]).await;
    }
}

/// Tests that a rollback stores neither events nor rows.
pub async fn a_rollback_stores_nothing(factory: &dyn TransactionFactory) {
    let case = TransactionCase::new(factory).await;
    expect_nothing_after(&case, KitEnd::Rollback).await;
}

/// Tests that a transaction that is dropped without a commit or a rollback stores neither events nor rows.
pub async fn a_dropped_transaction_stores_nothing(factory: &dyn TransactionFactory) {
    let case = TransactionCase::new(factory).await;
    expect_nothing_after(&case, KitEnd::Drop).await;
}

async fn expect_nothing_after(case: &TransactionCase, end: KitEnd) {
    case.push(POKEMONS, case.event("a", 1)).await;
    let pushes = [case.pushing("one", [case.event("a", 2)]), case.pushing("two", [case.event("b", 1)])];
    for result in case.run(pushes, end).await {
        result.unwrap_or_else(|error| panic!("pushing in a transaction: {error}"));
    }
    case.expect_rows([]).await;
    case.expect(POKEMONS, "a", &[case.event("a", 1)]).await;
    case.expect(POKEMONS, "b", &[]).await;
    let after = position(case.push(POKEMONS, case.event("a", 2)).await);
    let entries = read_to(&case.log, after, 0, &LogQuery::new(LogFilter::all(), MANY)).await;
    let versions: Vec<_> = entries.iter().map(|entry| entry.event.version).collect();
    assert_eq!(versions, [1, 2], "the log reads nothing of the transaction");
}

/// Tests that before the commit, other readers do not see the events of a transaction.
pub async fn nothing_is_read_before_the_commit(factory: &dyn TransactionFactory) {
    let case = TransactionCase::new(factory).await;
    if !case.database.can_pause() {
        return;
    }
    let (reached, paused) = oneshot::channel();
    let (continued, resume) = oneshot::channel();
    let pushes = vec![case.pushing("one", [case.event("a", 1)])];
    let pause = Some(KitPause { reached, resume });
    let transaction = KitTransaction { pushes, reads: Vec::new(), pause, end: KitEnd::Commit };
    let database = case.database.clone();
    let running = tokio::spawn(async move { database.run(transaction).await });
    paused.await.expect("the transaction reaches its pause");
    case.expect_rows([]).await;
    case.expect(POKEMONS, "a", &[]).await;
    let page = case.log.read_after(0, &LogQuery::new(LogFilter::all(), MANY)).await.expect("reading the log");
    assert!(page.events.is_empty(), "the log reads {:?} before the commit", page.events);
    continued.send(()).expect("the transaction waits");
    let results = running.await.expect("no panic").expect("the commit");
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    case.expect_rows(["one"]).await;
    case.expect(POKEMONS, "a", &[case.event("a", 1)]).await;
}

/// Tests that after the commit, the log contains the events at the positions in the receipts of the pushes.
pub async fn the_log_reads_committed_events(factory: &dyn TransactionFactory) {
    let case = TransactionCase::new(factory).await;
    let group = [case.event("b", 1), case.event("a", 2)];
    let pushes = [case.pushing("one", [case.event("a", 1)]), case.pushing("two", group)];
    let receipts = case.run(pushes, KitEnd::Commit).await.map(|result| result.expect("a push in a transaction"));
    let receipts: Vec<_> = receipts.into_iter().flatten().map(position).collect();
    let last = *receipts.iter().max().expect("three receipts");
    let entries = read_to(&case.log, last, 0, &LogQuery::new(LogFilter::all(), MANY)).await;
    let mut read: Vec<_> =
        entries.iter().map(|entry| (entry.position, entry.event.aggregate_id.clone(), entry.event.version)).collect();
    read.sort();
    let mut expected =
        vec![(receipts[0], case.id("a"), 1), (receipts[1], case.id("b"), 1), (receipts[2], case.id("a"), 2)];
    expected.sort();
    assert_eq!(read, expected);
}
