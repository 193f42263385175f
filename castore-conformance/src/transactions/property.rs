//! A property test with random concurrent transactions.

use std::sync::Arc;

use castore_core::log::{LogFilter, LogQuery};
use castore_core::storage::{PushReceipt, StorageError};
use proptest::prelude::{Strategy, any};
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use tokio::task::JoinSet;

use super::case::TransactionCase;
use super::{KitEnd, KitPush, KitTransaction, TransactionFactory};
use crate::log::case::{MANY, position, read_to};
use crate::storage::case::{ALL, NO_FORCE, POKEMONS, group};

const TASKS: usize = 8;
const TRANSACTIONS_PER_TASK: usize = 12;
const AGGREGATES: [&str; 4] = ["a", "b", "c", "d"];

/// Tests that after many tasks have run conflicting transactions, the rows, the stored events and the log agree. They
/// contain exactly what the committed transactions have reported as stored, and nothing of the transactions that were
/// rolled back or dropped.
pub async fn rows_events_and_log_agree(factory: &dyn TransactionFactory) {
    let case = Arc::new(TransactionCase::new(factory).await);
    let mut runner = TestRunner::default();
    let mut tasks = JoinSet::new();
    for task in 0..TASKS {
        let plan = proptest::collection::vec((any::<u8>(), any::<u8>(), any::<u8>()), TRANSACTIONS_PER_TASK)
            .new_tree(&mut runner)
            .expect("a plan of transactions")
            .current();
        let case = case.clone();
        tasks.spawn(async move {
            let mut committed = Vec::new();
            for (index, (first, second, end)) in plan.into_iter().enumerate() {
                committed.extend(transact(&case, &format!("{task}-{index}"), [first, second], end).await);
            }
            committed
        });
    }
    let mut rows: Vec<String> = Vec::new();
    let mut last = 0;
    for (row, receipt) in tasks.join_all().await.into_iter().flatten() {
        last = last.max(position(receipt));
        rows.push(row);
    }
    rows.sort();
    assert!(!rows.is_empty(), "no transaction was committed");

    let mut stored_rows = case.database.rows().await;
    stored_rows.sort();
    assert_eq!(stored_rows, rows, "the rows are those of the committed pushes");

    let mut events = Vec::new();
    for aggregate in AGGREGATES {
        for (index, event) in case.get(POKEMONS, aggregate, ALL).await.into_iter().enumerate() {
            assert_eq!(event.version, index as u64 + 1, "the versions of {aggregate:?} have no gaps");
            events.push(mark(event.metadata.as_deref()));
        }
    }
    events.sort();
    assert_eq!(events, rows, "the events are those of the committed pushes");

    let entries = read_to(&case.log, last, 0, &LogQuery::new(LogFilter::all(), MANY)).await;
    let mut logged: Vec<_> = entries.iter().map(|entry| mark(entry.event.metadata.as_deref())).collect();
    logged.sort();
    assert_eq!(logged, rows, "the log contains the events of the committed pushes");
}

/// Runs a transaction with two pushes. The version of each push follows the events that are stored before the
/// transaction starts, so a push fails if a concurrent transaction stores this version first. Returns the rows and the
/// receipts of the successful pushes if the transaction was committed.
async fn transact(case: &TransactionCase, name: &str, aggregates: [u8; 2], end: u8) -> Vec<(String, PushReceipt)> {
    let mut pushes = Vec::new();
    for (index, aggregate) in aggregates.into_iter().enumerate() {
        let aggregate = AGGREGATES[usize::from(aggregate) % AGGREGATES.len()];
        let version = case.get(POKEMONS, aggregate, ALL).await.len() as u64 + 1;
        let row = format!("{name}-{index}");
        let events = group(&case.adapter, vec![(POKEMONS, case.marked(aggregate, version, &row))]);
        pushes.push(KitPush { events, options: NO_FORCE, row });
    }
    let rows: Vec<_> = pushes.iter().map(|push| push.row.clone()).collect();
    let end = match end % 4 {
        0 => KitEnd::Rollback,
        1 => KitEnd::Drop,
        _ => KitEnd::Commit,
    };
    let results = match case.database.run(KitTransaction { pushes, reads: Vec::new(), pause: None, end }).await {
        Ok(results) => results,
        // Two transactions may be in a deadlock, so the database may abort one of them.
        Err(StorageError::TransactionLost(_)) => return Vec::new(),
        Err(error) => panic!("running a transaction: {error}"),
    };
    let mut committed = Vec::new();
    for (row, result) in rows.into_iter().zip(results) {
        match result {
            Ok(receipts) if end == KitEnd::Commit => {
                committed.extend(receipts.into_iter().map(|one| (row.clone(), one)))
            }
            Ok(_) | Err(StorageError::EventAlreadyExists(_) | StorageError::VersionGap(_)) => {}
            Err(error) => panic!("pushing in a transaction: {error}"),
        }
    }
    committed
}

/// Returns the mark that [`Case::marked`](crate::storage::case::Case::marked) has written to the metadata.
fn mark(metadata: Option<&serde_json::value::RawValue>) -> String {
    let metadata: serde_json::Value = serde_json::from_str(metadata.expect("marked events").get()).expect("JSON");
    metadata["by"].as_str().expect("a mark").to_owned()
}
