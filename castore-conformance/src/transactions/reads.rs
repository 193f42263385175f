//! Tests of reads in a transaction.

use std::sync::Arc;

use castore_core::storage::{EventStorageAdapter, GetEventsOptions, RawEvent, StorageError};
use castore_runtime::in_memory::InMemoryEventStorageAdapter;
use tokio::sync::oneshot;

use super::case::TransactionCase;
use super::{KitEnd, KitPause, KitPush, KitRead, KitTransaction, TransactionFactory};
use crate::storage::case::{ALL, POKEMONS, TRAINERS, expect_conflict};

/// Runs the pushes, and then the reads of these aggregates, in one transaction. Returns the results of the reads.
async fn read<const N: usize>(
    case: &TransactionCase,
    pushes: Vec<KitPush>,
    reads: [(&'static str, &str, GetEventsOptions); N],
    end: KitEnd,
) -> [Result<Vec<RawEvent>, StorageError>; N] {
    let adapters = reads.map(|(store, aggregate, options)| (case.adapter.clone(), store, case.id(aggregate), options));
    read_with(case, pushes, adapters, end).await
}

async fn read_with<const N: usize>(
    case: &TransactionCase,
    pushes: Vec<KitPush>,
    reads: [(Arc<dyn EventStorageAdapter>, &'static str, String, GetEventsOptions); N],
    end: KitEnd,
) -> [Result<Vec<RawEvent>, StorageError>; N] {
    let (mut kit, mut results) = (Vec::new(), Vec::new());
    for (adapter, store, aggregate_id, options) in reads {
        let (read, result) = KitRead::new(adapter, store, aggregate_id, options);
        kit.push(read);
        results.push(result);
    }
    let transaction = KitTransaction { pushes, reads: kit, pause: None, end };
    case.database.run(transaction).await.unwrap_or_else(|error| panic!("running a transaction: {error}"));
    let mut all = Vec::new();
    for result in results {
        all.push(result.await.expect("the transaction runs its reads"));
    }
    all.try_into().expect("one result per read")
}

fn expect(case: &TransactionCase, read: Result<Vec<RawEvent>, StorageError>, expected: &[RawEvent]) {
    let read = read.unwrap_or_else(|error| panic!("reading in a transaction: {error}"));
    assert_eq!(case.seen_of(&read), case.seen_of(expected));
}

/// Tests that a read sees the stored events and the events that were pushed in its transaction, with all options. Also
/// tests that the storage and its caches do not contain the pushed events after a rollback.
pub async fn a_read_sees_the_events_of_its_transaction(factory: &dyn TransactionFactory) {
    let case = TransactionCase::new(factory).await;
    case.push(POKEMONS, case.event("a", 1)).await;
    case.push(TRAINERS, case.marked("a", 1, "trainer")).await;
    let events = [1, 2, 3].map(|version| case.event("a", version));
    for end in [KitEnd::Rollback, KitEnd::Commit] {
        let pushes = vec![
            case.pushing("one", [case.event("a", 2)]),
            case.pushing("two", [case.event("a", 3), case.event("b", 1)]),
        ];
        let options = |set: fn(&mut GetEventsOptions)| {
            let mut options = ALL;
            set(&mut options);
            options
        };
        let reads = [
            (POKEMONS, "a", ALL),
            (POKEMONS, "b", ALL),
            (TRAINERS, "a", ALL),
            (POKEMONS, "a", options(|options| options.min_version = Some(2))),
            (POKEMONS, "a", options(|options| options.max_version = Some(2))),
            (POKEMONS, "a", options(|options| (options.reverse, options.limit) = (true, Some(2)))),
            (POKEMONS, "a", options(|options| options.limit = Some(0))),
        ];
        let [a, b, trainer, from, to, reverse, none] = read(&case, pushes, reads, end).await;
        expect(&case, a, &events);
        expect(&case, b, &[case.event("b", 1)]);
        expect(&case, trainer, &[case.marked("a", 1, "trainer")]);
        expect(&case, from, &events[1..]);
        expect(&case, to, &events[..2]);
        expect(&case, reverse, &[case.event("a", 3), case.event("a", 2)]);
        expect(&case, none, &[]);
        if end == KitEnd::Rollback {
            case.expect(POKEMONS, "a", &events[..1]).await;
            let taken = case.try_push(POKEMONS, case.event("a", 1)).await;
            expect_conflict(taken, POKEMONS, &case.id("a"), 1);
        }
    }
    case.expect(POKEMONS, "a", &events).await;
}

/// Tests that a read of an aggregate without events returns no events.
pub async fn a_read_of_an_unknown_aggregate_is_empty(factory: &dyn TransactionFactory) {
    let case = TransactionCase::new(factory).await;
    let [before] = read(&case, Vec::new(), [(POKEMONS, "a", ALL)], KitEnd::Commit).await;
    expect(&case, before, &[]);
    let pushes = vec![case.pushing("one", [case.event("a", 1)])];
    let [unknown, other_store] =
        read(&case, pushes, [(POKEMONS, "b", ALL), (TRAINERS, "a", ALL)], KitEnd::Commit).await;
    expect(&case, unknown, &[]);
    expect(&case, other_store, &[]);
    case.expect_rows(["one"]).await;
}

/// Tests that a read after a rejected push sees what the transaction has stored.
pub async fn a_read_after_a_conflict_sees_the_transaction(factory: &dyn TransactionFactory) {
    let case = TransactionCase::new(factory).await;
    case.push(POKEMONS, case.event("a", 1)).await;
    let pushes = vec![
        case.pushing("one", [case.event("a", 2)]),
        case.pushing("conflict", [case.event("a", 3), case.marked("a", 1, "conflict")]),
    ];
    let [events] = read(&case, pushes, [(POKEMONS, "a", ALL)], KitEnd::Commit).await;
    expect(&case, events, &[case.event("a", 1), case.event("a", 2)]);
    case.expect_rows(["one"]).await;
}

/// Tests that a read does not see the events of another transaction before its commit.
pub async fn a_read_does_not_see_other_open_transactions(factory: &dyn TransactionFactory) {
    let case = TransactionCase::new(factory).await;
    if !case.database.can_pause() || !case.database.can_overlap() {
        return;
    }
    let (reached, paused) = oneshot::channel();
    let (continued, resume) = oneshot::channel();
    let transaction = KitTransaction {
        pushes: vec![case.pushing("other", [case.event("a", 1)])],
        reads: Vec::new(),
        pause: Some(KitPause { reached, resume }),
        end: KitEnd::Commit,
    };
    let database = case.database.clone();
    let running = tokio::spawn(async move { database.run(transaction).await });
    paused.await.expect("the transaction reaches its pause");
    let pushes = vec![case.pushing("one", [case.event("b", 1)])];
    let [other, own] = read(&case, pushes, [(POKEMONS, "a", ALL), (POKEMONS, "b", ALL)], KitEnd::Commit).await;
    expect(&case, other, &[]);
    expect(&case, own, &[case.event("b", 1)]);
    continued.send(()).expect("the transaction waits");
    let results = running.await.expect("no panic").expect("the commit");
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    let [committed] = read(&case, Vec::new(), [(POKEMONS, "a", ALL)], KitEnd::Commit).await;
    expect(&case, committed, &[case.event("a", 1)]);
}

/// Tests that a read is rejected if the event store uses another storage, and that the transaction can continue.
pub async fn reads_of_another_storage_are_rejected(factory: &dyn TransactionFactory) {
    let case = TransactionCase::new(factory).await;
    let elsewhere: Arc<dyn EventStorageAdapter> = Arc::new(InMemoryEventStorageAdapter::new());
    let pushes = vec![case.pushing("one", [case.event("a", 1)])];
    let reads = [(elsewhere, POKEMONS, case.id("a"), ALL), (case.adapter.clone(), POKEMONS, case.id("a"), ALL)];
    let [rejected, events] = read_with(&case, pushes, reads, KitEnd::Commit).await;
    match rejected {
        Err(StorageError::ReadInOtherStorage { event_store_id, .. }) => assert_eq!(event_store_id, POKEMONS),
        other => panic!("expected ReadInOtherStorage, got {other:?}"),
    }
    expect(&case, events, &[case.event("a", 1)]);
    case.expect_rows(["one"]).await;
    case.expect(POKEMONS, "a", &[case.event("a", 1)]).await;
}
