use castore::EventSourced;
use castore::postgres::{PostgresEventStorageAdapter, PostgresTransaction, PostgresTransactions};
use castore::prelude::*;
use castore::storage::ReadTransaction;

use super::{Ended, Plan, ROWS, counted, key, run, taken};
use crate::Arguments;
use crate::domain::{Counter, Note};

pub(crate) async fn run_postgres(arguments: &Arguments, storage: PostgresEventStorageAdapter) {
    let counters = EventStore::<Counter>::new(storage.clone());
    let notes = EventStore::<Note>::new(storage.clone());
    let rows = arguments.place.table(ROWS);
    run(arguments, async |plan: Plan| transact(&storage, &counters, &notes, &rows, plan).await).await;
}

async fn transact(
    storage: &PostgresEventStorageAdapter,
    counters: &EventStore<Counter>,
    notes: &EventStore<Note>,
    rows: &str,
    plan: Plan,
) -> Result<Vec<String>, Ended> {
    let mut transaction = storage.begin().await?;
    let mut keys = Vec::new();
    let version = next_version(counters, &plan.counter, &mut transaction).await?;
    if plan.conflicts && version > 1 {
        plan.expect_conflict(counters.push_event(counted(&plan.counter, 1)).within(&mut transaction).await);
    }
    counters.push_event(counted(&plan.counter, version)).within(&mut transaction).await?;
    keys.push(key::<Counter>(&plan.counter, version));
    insert(&transaction, rows, &keys[0]).await;
    if let Some(note) = &plan.note {
        let version = next_version(notes, note, &mut transaction).await?;
        keys.push(key::<Note>(note, version));
        // If the push conflicts, the transaction is rolled back, together with this row.
        insert(&transaction, rows, &keys[1]).await;
        notes.push_event(taken(note, version)).within(&mut transaction).await?;
        assert_eq!(next_version(notes, note, &mut transaction).await?, version + 1);
    }
    tokio::time::sleep(plan.pause).await;
    if plan.rolls_back {
        transaction.rollback().await?;
        return Err(Ended::RolledBack);
    }
    transaction.commit().await?;
    Ok(keys)
}

async fn insert(transaction: &PostgresTransaction, rows: &str, key: &str) {
    transaction.execute(&format!("INSERT INTO {rows} VALUES ($1)"), &[&key]).await.unwrap();
}

async fn next_version<S: EventSourced<AggregateId = String>>(
    store: &EventStore<S>,
    id: &str,
    transaction: &mut impl ReadTransaction<PostgresTransactions>,
) -> Result<u64, Ended> {
    let aggregate = store.get_aggregate(id).without_events().within(transaction).await?;
    Ok(aggregate.map_or(0, |aggregate| aggregate.version) + 1)
}
