use castore::EventSourced;
use castore::prelude::*;
use castore::sqlite::{SqliteEventStorageAdapter, SqliteTransaction};

use super::{Ended, Plan, ROWS, counted, key, run, taken};
use crate::Arguments;
use crate::domain::{Counter, Note};

pub(crate) async fn run_sqlite(arguments: &Arguments, storage: SqliteEventStorageAdapter) {
    let counters = EventStore::<Counter>::new(storage.clone());
    let notes = EventStore::<Note>::new(storage.clone());
    let transact = async |plan: Plan| {
        let (counters, notes) = (counters.clone(), notes.clone());
        storage.transaction(move |transaction| transact(transaction, &counters, &notes, &plan)).await
    };
    run(arguments, transact).await;
}

fn transact(
    transaction: &SqliteTransaction<'_>,
    counters: &EventStore<Counter>,
    notes: &EventStore<Note>,
    plan: &Plan,
) -> Result<Vec<String>, Ended> {
    let mut keys = Vec::new();
    let version = next_version(counters, &plan.counter, transaction)?;
    if plan.conflicts && version > 1 {
        plan.expect_conflict(counters.push_event(counted(&plan.counter, 1)).within_blocking(transaction));
    }
    counters.push_event(counted(&plan.counter, version)).within_blocking(transaction)?;
    keys.push(key::<Counter>(&plan.counter, version));
    insert(transaction, &keys[0]);
    if let Some(note) = &plan.note {
        let version = next_version(notes, note, transaction)?;
        keys.push(key::<Note>(note, version));
        insert(transaction, &keys[1]);
        notes.push_event(taken(note, version)).within_blocking(transaction)?;
        assert_eq!(next_version(notes, note, transaction)?, version + 1);
    }
    std::thread::sleep(plan.pause);
    if plan.rolls_back { Err(Ended::RolledBack) } else { Ok(keys) }
}

fn insert(transaction: &SqliteTransaction<'_>, key: &str) {
    transaction.execute(&format!("INSERT INTO {ROWS} VALUES (?1)"), [key]).unwrap();
}

fn next_version<S: EventSourced<AggregateId = String>>(
    store: &EventStore<S>,
    id: &str,
    transaction: &SqliteTransaction<'_>,
) -> Result<u64, Ended> {
    let aggregate = store.get_aggregate(id).without_events().within_blocking(transaction)?;
    Ok(aggregate.map_or(0, |aggregate| aggregate.version) + 1)
}
