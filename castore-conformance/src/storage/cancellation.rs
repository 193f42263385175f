//! Tests of futures that are dropped before completion, for example by a timeout or by `select!`.

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use castore_core::storage::ListAggregateIdsOptions;

use super::StorageFactory;
use super::case::{ALL, ALLOW_GAP, Case, NO_FORCE, POKEMONS, TRAINERS, group};
use super::concurrency::won;

const ROUNDS: u64 = 60;

/// Polls a future a few times and drops it. Returns the output if the future completes. Odd rounds sleep between the
/// polls, for adapters that work on other threads.
pub(crate) async fn poll_and_drop<T>(future: impl Future<Output = T>, round: u64) -> Option<T> {
    let mut future = Box::pin(future);
    for _ in 0..=(round / 2 % 4) {
        if let Poll::Ready(output) = poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await {
            return Some(output);
        }
        if round % 2 == 1 {
            tokio::time::sleep(Duration::from_micros(20 * (round % 16))).await;
        } else {
            tokio::task::yield_now().await;
        }
    }
    None
}

/// Tests that a dropped push stores its event completely or not at all. Pushing the same version again shows whether
/// the event was stored. If a dropped push completes late, it does not overwrite the new event.
pub async fn a_dropped_push_is_all_or_nothing(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    let mut expected = Vec::new();
    for round in 1..=ROUNDS {
        let dropped = case.marked("a", round, "dropped");
        let again = case.marked("a", round, "again");
        poll_and_drop(case.adapter.push_event(POKEMONS, dropped.clone(), NO_FORCE), round).await;
        expected.push(if won(case.try_push(POKEMONS, again.clone()).await) { again } else { dropped });
    }
    settle().await;
    case.expect(POKEMONS, "a", &expected).await;
}

/// Tests that a dropped group is stored completely or not at all, across aggregates and event stores.
pub async fn a_dropped_group_is_all_or_nothing(factory: &dyn StorageFactory) {
    const AGGREGATES: [(&str, &str); 4] = [(POKEMONS, "a"), (TRAINERS, "a"), (POKEMONS, "b"), (TRAINERS, "c")];
    let case = Case::new(factory).await;
    let mut marks = Vec::new();
    for round in 1..=ROUNDS {
        let events = |mark: &str| -> Vec<_> {
            AGGREGATES.iter().map(|(store, aggregate)| (*store, case.marked(aggregate, round, mark))).collect()
        };
        let dropped = group(&case.adapter, events("dropped"));
        poll_and_drop(case.adapter.push_event_group(dropped, NO_FORCE), round).await;
        // If only a part of the dropped group were stored, this push would fail, and the rest would be missing below.
        let again = case.try_group(events("again"), NO_FORCE).await;
        marks.push(if won(again) { "again" } else { "dropped" });
    }
    settle().await;
    for (store, aggregate) in AGGREGATES {
        let expected: Vec<_> = (1..).zip(&marks).map(|(version, mark)| case.marked(aggregate, version, mark)).collect();
        case.expect(store, aggregate, &expected).await;
    }
}

/// Tests that dropped pushes do not affect concurrent pushes, even if the engine would have stored them in one batch.
pub async fn a_dropped_push_does_not_disturb_others(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    for round in 1..=ROUNDS {
        let pushes: Vec<_> = ["kept1", "dropped", "kept2"]
            .map(|aggregate| (case.adapter.clone(), case.event(aggregate, round), aggregate == "dropped"))
            .into_iter()
            .map(|(adapter, event, drop)| {
                tokio::spawn(async move {
                    // A gap is allowed, because the dropped push of the previous round may not have been stored.
                    let options = if drop { ALLOW_GAP } else { NO_FORCE };
                    let push = adapter.push_event(POKEMONS, event, options);
                    if drop { poll_and_drop(push, round).await.unwrap_or(Ok(Default::default())) } else { push.await }
                })
            })
            .collect();
        for push in pushes {
            push.await.expect("a push task").expect("a push without a rival");
        }
    }
    for aggregate in ["kept1", "kept2"] {
        let expected: Vec<_> = (1..=ROUNDS).map(|version| case.event(aggregate, version)).collect();
        case.expect(POKEMONS, aggregate, &expected).await;
    }
}

/// Tests that after hundreds of dropped reads, the storage still works, because dropped reads leak neither locks nor
/// connections.
pub async fn dropped_reads_disturb_nothing(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    case.push_all(POKEMONS, (1..=20).map(|version| case.event("a", version))).await;
    let id = case.id("a");
    for round in 0..4 * ROUNDS {
        poll_and_drop(case.adapter.get_events(POKEMONS, &id, ALL), round).await;
        let visitor = Box::new(|_: castore_core::storage::RawEventRef<'_>| std::ops::ControlFlow::Continue(()));
        poll_and_drop(case.adapter.visit_events(POKEMONS, &id, ALL, visitor), round).await;
        let options = ListAggregateIdsOptions::default();
        poll_and_drop(case.adapter.list_aggregate_ids(POKEMONS, options), round).await;
    }
    case.push(POKEMONS, case.event("a", 21)).await;
    assert_eq!(case.seen(POKEMONS, "a").await.len(), 21);
    assert_eq!(case.list(POKEMONS, ListAggregateIdsOptions::default()).await.aggregates.len(), 1);
}

/// Waits for a short time, in which dropped pushes that are still in progress can complete.
async fn settle() {
    tokio::time::sleep(Duration::from_millis(50)).await;
}
