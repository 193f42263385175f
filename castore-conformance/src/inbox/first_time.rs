//! Tests of recording a message for the first time.

use super::InboxFactory;
use super::TransactionEnd::{Commit, Rollback};
use super::case::{InboxCase, MAILER, message};

/// Tests that a message is new until a transaction that handles it is committed. In later transactions, the inbox
/// reports the message as already handled.
pub async fn the_first_commit_is_the_first_time(factory: &dyn InboxFactory) {
    let case = InboxCase::new(factory).await;
    assert!(case.handle(MAILER, message("a", 1)).await);
    for _ in 0..2 {
        assert!(!case.handle(MAILER, message("a", 1)).await, "it was handled before");
    }
    case.expect_effects(["POKEMONS/a/1"]).await;
}

/// Tests that a transaction that is rolled back leaves no record.
pub async fn a_rollback_leaves_no_record(factory: &dyn InboxFactory) {
    let case = InboxCase::new(factory).await;
    for _ in 0..2 {
        let first = case.handle_all(MAILER, [message("a", 1), message("a", 2)], Rollback).await;
        assert_eq!(first, [true, true], "nothing was committed before");
    }
    case.expect_effects([]).await;
    assert!(case.handle(MAILER, message("a", 2)).await);
    let first = case.handle_all(MAILER, [message("a", 1), message("a", 2)], Commit).await;
    assert_eq!(first, [true, false]);
    case.expect_effects(["POKEMONS/a/1", "POKEMONS/a/2"]).await;
}

/// Tests that if one transaction records the same message twice, only the first record reports the message as new.
pub async fn a_message_is_first_once_per_transaction(factory: &dyn InboxFactory) {
    let case = InboxCase::new(factory).await;
    for end in [Rollback, Commit] {
        let first = case.handle_all(MAILER, [message("a", 1), message("b", 1), message("a", 1)], end).await;
        assert_eq!(first, [true, true, false], "{end:?}");
    }
    case.expect_effects(["POKEMONS/a/1", "POKEMONS/b/1"]).await;
}

/// Tests that one transaction can handle many messages, some of which were handled before.
pub async fn many_messages_are_handled_in_one_transaction(factory: &dyn InboxFactory) {
    let case = InboxCase::new(factory).await;
    let first = case.handle_all(MAILER, (1..=200).step_by(3).map(|version| message("a", version)), Commit).await;
    assert_eq!(first, [true; 67]);
    let first = case.handle_all(MAILER, (1..=200).map(|version| message("a", version)), Commit).await;
    for (version, first) in (1..).zip(first) {
        assert_eq!(first, version % 3 != 1, "version {version}");
    }
    assert_eq!(case.database.effects().await.len(), 200);
}
