//! Tests of deletions beside other callers.

use std::sync::Arc;

use castore_core::storage::{Deletion, StorageError};

use super::DeletionFactory;
use super::case::DeletionCase;
use crate::log::case::{all, read_on};
use crate::storage::case::{NO_FORCE, POKEMONS, TRAINERS};

/// Tests that a push of the next version beside a deletion is not lost: if the push succeeds, its event is stored, and
/// if the deletion succeeds, no event that it knows is.
pub async fn a_concurrent_push_is_not_lost(factory: &dyn DeletionFactory) {
    let case = DeletionCase::new(factory).await;
    for round in 0..20 {
        let aggregate = format!("aggregate {round}");
        case.history(POKEMONS, &aggregate, 2).await;
        let (adapter, event) = (case.adapter.clone(), case.event(&aggregate, 3));
        let push = tokio::spawn(async move { adapter.push_event(POKEMONS, event, NO_FORCE).await });
        if round % 2 == 0 {
            tokio::task::yield_now().await;
        }
        let deleted = case.try_delete(POKEMONS, &aggregate, 2).await;
        let pushed = push.await.expect("a push");
        let mut expected = match deleted {
            Deletion::Deleted { events } => {
                assert_eq!(events, 2, "the deletion knows two events");
                Vec::new()
            }
            Deletion::Changed { last_version } => {
                assert_eq!(last_version, 3, "the push has changed the aggregate");
                vec![1, 2]
            }
        };
        match pushed {
            Ok(_) => expected.push(3),
            Err(StorageError::VersionGap(gap)) => assert_eq!((gap.expected, gap.given), (1, 3)),
            Err(error) => panic!("pushing version 3 beside a deletion: {error:?}"),
        }
        assert_eq!(case.versions(POKEMONS, &aggregate).await, expected, "{deleted:?}");
    }
}

/// Tests that exactly one of several concurrent deletions of an aggregate deletes its events.
pub async fn only_one_of_many_deletions_deletes(factory: &dyn DeletionFactory) {
    let case = DeletionCase::new(factory).await;
    case.history(POKEMONS, "a", 5).await;
    let id = case.id("a");
    let deletions: Vec<_> = (0..4)
        .map(|_| {
            let (deletion, id) = (case.deletion.clone(), id.clone());
            tokio::spawn(async move { deletion.delete_aggregate(POKEMONS, &id, 5).await })
        })
        .collect();
    let mut outcomes = Vec::new();
    for deletion in deletions {
        outcomes.push(deletion.await.expect("a deletion").expect("a deletion"));
    }
    outcomes.sort_by_key(|outcome| matches!(outcome, Deletion::Changed { .. }));
    let nothing = Deletion::Changed { last_version: 0 };
    assert_eq!(outcomes, [Deletion::Deleted { events: 5 }, nothing, nothing, nothing]);
}

/// Tests that a reader of the log that runs beside pushes and deletions reads every event of the other aggregates
/// exactly once, in order.
pub async fn readers_beside_deletions_miss_nothing(factory: &dyn DeletionFactory) {
    let case = DeletionCase::new(factory).await;
    let count = 60;
    let log = Arc::clone(&case.log);
    let (sender, mut receiver) = tokio::sync::watch::channel(None);
    let reader = tokio::spawn(async move {
        let (mut at, mut read) = (0, Vec::new());
        loop {
            let end = *receiver.borrow_and_update();
            let (events, reached) = read_on(&log, end.unwrap_or(at), at, &all()).await;
            at = reached;
            read.extend(events);
            if end.is_some() {
                return read;
            }
            // The reader polls, as relays do.
            let _ = tokio::time::timeout(std::time::Duration::from_millis(1), receiver.changed()).await;
        }
    });
    let mut kept = Vec::new();
    for version in 1..=count {
        let aggregate = format!("deleted {version}");
        case.history(POKEMONS, &aggregate, 2).await;
        kept.push(case.logged(TRAINERS, case.event("kept", version)).await);
        case.delete(POKEMONS, &aggregate, 2).await;
    }
    sender.send_replace(Some(kept.last().map_or(0, |last| last.0)));
    let read = case.entries(&reader.await.expect("the reader"));
    let of_kept: Vec<_> = read.into_iter().filter(|(_, store, _)| store == TRAINERS).collect();
    assert_eq!(of_kept, kept);
}
