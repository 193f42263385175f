//! Tests of rejected pushes, after which the transaction can continue.

use std::sync::Arc;

use castore_core::storage::{EventStorageAdapter, StorageError};
use castore_runtime::in_memory::InMemoryEventStorageAdapter;

use super::case::TransactionCase;
use super::{KitEnd, KitPush, TransactionFactory};
use crate::storage::case::{NO_FORCE, POKEMONS, expect_conflict, expect_gap, group};

/// Tests that a push of a taken version is rejected and changes nothing. The transaction can continue.
pub async fn a_transaction_continues_after_a_conflict(factory: &dyn TransactionFactory) {
    let case = TransactionCase::new(factory).await;
    case.push(POKEMONS, case.event("a", 1)).await;
    let pushes = [
        case.pushing("before", [case.event("b", 1)]),
        case.pushing("conflict", [case.marked("a", 1, "conflict")]),
        case.pushing("after", [case.event("a", 2)]),
    ];
    let [before, conflict, after] = case.run(pushes, KitEnd::Commit).await;
    expect_conflict(conflict, POKEMONS, &case.id("a"), 1);
    assert!(before.is_ok() && after.is_ok(), "{before:?}, {after:?}");
    case.expect_rows(["after", "before"]).await;
    case.expect(POKEMONS, "a", &[case.event("a", 1), case.event("a", 2)]).await;
    case.expect(POKEMONS, "b", &[case.event("b", 1)]).await;
}

/// Tests that a push that leaves a gap is rejected and changes nothing. The transaction can continue.
pub async fn a_transaction_continues_after_a_gap(factory: &dyn TransactionFactory) {
    let case = TransactionCase::new(factory).await;
    case.push(POKEMONS, case.event("a", 1)).await;
    let pushes = [
        case.pushing("gap", [case.event("a", 3)]),
        case.pushing("first gap", [case.event("b", 2)]),
        case.pushing("next", [case.event("a", 2)]),
    ];
    let [gap, first_gap, next] = case.run(pushes, KitEnd::Commit).await;
    expect_gap(gap, POKEMONS, &case.id("a"), (2, 3));
    expect_gap(first_gap, POKEMONS, &case.id("b"), (1, 2));
    assert!(next.is_ok(), "{next:?}");
    case.expect_rows(["next"]).await;
    case.expect(POKEMONS, "a", &[case.event("a", 1), case.event("a", 2)]).await;
    case.expect(POKEMONS, "b", &[]).await;
}

/// Tests that if one event of a group is rejected, the whole group is rejected. The transaction can continue.
pub async fn a_group_with_a_conflict_leaves_nothing(factory: &dyn TransactionFactory) {
    let case = TransactionCase::new(factory).await;
    case.push(POKEMONS, case.event("b", 1)).await;
    let pushes = [
        case.pushing("conflict", [case.event("a", 1), case.marked("b", 1, "group"), case.event("c", 1)]),
        case.pushing("gap", [case.event("a", 1), case.event("c", 2)]),
        case.pushing("group", [case.event("c", 1), case.event("a", 1)]),
    ];
    let [conflict, gap, group] = case.run(pushes, KitEnd::Commit).await;
    expect_conflict(conflict, POKEMONS, &case.id("b"), 1);
    expect_gap(gap, POKEMONS, &case.id("c"), (1, 2));
    assert!(group.is_ok(), "{group:?}");
    case.expect_rows(["group"]).await;
    for aggregate in ["a", "b", "c"] {
        case.expect(POKEMONS, aggregate, &[case.event(aggregate, 1)]).await;
    }
}

/// Tests that a push of an event that an earlier push of the same transaction has stored is a conflict, too.
pub async fn an_event_of_the_same_transaction_is_a_conflict(factory: &dyn TransactionFactory) {
    let case = TransactionCase::new(factory).await;
    let pushes = [case.pushing("one", [case.event("a", 1)]), case.pushing("two", [case.marked("a", 1, "again")])];
    let [one, two] = case.run(pushes, KitEnd::Commit).await;
    assert!(one.is_ok(), "{one:?}");
    expect_conflict(two, POKEMONS, &case.id("a"), 1);
    case.expect_rows(["one"]).await;
    case.expect(POKEMONS, "a", &[case.event("a", 1)]).await;
}

/// Tests that an event whose event store uses another storage is rejected, together with its group.
pub async fn events_of_another_storage_are_rejected(factory: &dyn TransactionFactory) {
    let case = TransactionCase::new(factory).await;
    let elsewhere: Arc<dyn EventStorageAdapter> = Arc::new(InMemoryEventStorageAdapter::new());
    let mut events = group(&case.adapter, vec![(POKEMONS, case.event("a", 1))]);
    events.extend(group(&elsewhere, vec![(POKEMONS, case.event("b", 1))]));
    let pushes = [
        KitPush { events, options: NO_FORCE, row: "elsewhere".to_owned() },
        case.pushing("here", [case.event("c", 1)]),
    ];
    let [rejected, stored] = case.run(pushes, KitEnd::Commit).await;
    match rejected {
        Err(StorageError::OtherStorage { index: 1, event_store_id, .. }) => assert_eq!(event_store_id, POKEMONS),
        other => panic!("expected OtherStorage for event 1, got {other:?}"),
    }
    assert!(stored.is_ok(), "{stored:?}");
    case.expect_rows(["here"]).await;
    case.expect(POKEMONS, "a", &[]).await;
    case.expect(POKEMONS, "c", &[case.event("c", 1)]).await;
}
