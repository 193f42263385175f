//! Tests of versions. The events of a transaction count for later pushes in the same transaction, and for other pushes
//! after the commit.

use super::case::TransactionCase;
use super::{KitEnd, TransactionFactory};
use crate::storage::case::{ALLOW_GAP, FORCE, NO_FORCE, POKEMONS, expect_conflict, expect_gap};

/// Tests that a push can follow the events of earlier pushes in the same transaction.
pub async fn pushes_of_a_transaction_follow_each_other(factory: &dyn TransactionFactory) {
    let case = TransactionCase::new(factory).await;
    case.commit([1, 2, 3].map(|version| case.pushing(&format!("row {version}"), [case.event("a", version)]))).await;
    case.expect_rows(["row 1", "row 2", "row 3"]).await;
    case.expect(POKEMONS, "a", &[1, 2, 3].map(|version| case.event("a", version))).await;
}

/// Tests that after a rollback, the version that was rolled back is the next version again.
pub async fn a_version_is_free_after_a_rollback(factory: &dyn TransactionFactory) {
    let case = TransactionCase::new(factory).await;
    case.push(POKEMONS, case.event("a", 1)).await;
    let [rolled_back] = case.run([case.pushing("one", [case.event("a", 2)])], KitEnd::Rollback).await;
    assert!(rolled_back.is_ok(), "{rolled_back:?}");
    expect_gap(case.try_push(POKEMONS, case.event("a", 3)).await, POKEMONS, &case.id("a"), (2, 3));
    case.push(POKEMONS, case.marked("a", 2, "later")).await;
    case.expect(POKEMONS, "a", &[case.event("a", 1), case.marked("a", 2, "later")]).await;
}

/// Tests that after a commit, ordinary pushes can follow the events of the transaction.
pub async fn an_ordinary_push_follows_a_commit(factory: &dyn TransactionFactory) {
    let case = TransactionCase::new(factory).await;
    case.push(POKEMONS, case.event("a", 1)).await;
    case.commit([case.pushing("one", [case.event("a", 2)])]).await;
    expect_conflict(case.try_push(POKEMONS, case.event("a", 2)).await, POKEMONS, &case.id("a"), 2);
    case.push(POKEMONS, case.event("a", 3)).await;
    case.commit([case.pushing("two", [case.event("a", 4)])]).await;
    case.expect(POKEMONS, "a", &[1, 2, 3, 4].map(|version| case.event("a", version))).await;
}

/// Tests that the versions of a group may be in any order, as in an ordinary push.
pub async fn a_group_is_stored_in_any_order(factory: &dyn TransactionFactory) {
    let case = TransactionCase::new(factory).await;
    case.commit([case.pushing("one", [case.event("a", 3), case.event("a", 1), case.event("a", 2)])]).await;
    case.expect(POKEMONS, "a", &[1, 2, 3].map(|version| case.event("a", version))).await;
}

/// Tests that with `allow_gap`, a version does not have to follow the last version.
pub async fn gaps_can_be_allowed(factory: &dyn TransactionFactory) {
    let case = TransactionCase::new(factory).await;
    case.push(POKEMONS, case.event("a", 1)).await;
    case.commit([
        case.pushing_with(ALLOW_GAP, "one", [case.event("a", 5)]),
        case.pushing_with(NO_FORCE, "two", [case.event("a", 6)]),
    ])
    .await;
    case.push(POKEMONS, case.event("a", 7)).await;
    case.expect(POKEMONS, "a", &[1, 5, 6, 7].map(|version| case.event("a", version))).await;
}

/// Tests that a forced push replaces the event when the transaction is committed. If the transaction is rolled back,
/// nothing is replaced.
pub async fn a_replacement_takes_effect_with_the_commit(factory: &dyn TransactionFactory) {
    let case = TransactionCase::new(factory).await;
    case.push(POKEMONS, case.event("a", 1)).await;
    let replacing = |mark| case.pushing_with(FORCE, mark, [case.marked("a", 1, mark)]);
    let [rolled_back] = case.run([replacing("rolled back")], KitEnd::Rollback).await;
    assert!(rolled_back.is_ok(), "{rolled_back:?}");
    case.expect(POKEMONS, "a", &[case.event("a", 1)]).await;
    case.commit([replacing("committed")]).await;
    case.expect(POKEMONS, "a", &[case.marked("a", 1, "committed")]).await;
    case.expect_rows(["committed"]).await;
}
