//! Tests with many concurrent writers.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use castore::command::{CommandBackoff, find_event_already_exists};
use castore::prelude::*;
use castore_core::storage::{EventStorageAdapter, RawEvent, StorageError};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::StorageFactory;
use super::case::{ALL, ALLOW_GAP, Case, FORCE, NO_FORCE, POKEMONS, TRAINERS, group};
use super::compare::Seen;
use super::push::expect_growing;

const WRITERS: u64 = 64;

/// Returns whether a push succeeded. Panics if the push failed for a reason other than a conflict.
pub(crate) fn won<T>(result: Result<T, StorageError>) -> bool {
    match result {
        Ok(_) => true,
        Err(StorageError::EventAlreadyExists(_)) => false,
        Err(error) => panic!("a push that loses a race must fail with EventAlreadyExists, not {error:?}"),
    }
}

/// Tests that if 64 writers push every version of one aggregate, exactly one push of each version succeeds, and all
/// others fail with a conflict. The stored event is the event of the successful push.
pub async fn each_version_has_one_winner(factory: &dyn StorageFactory) {
    const VERSIONS: u64 = 5;
    let case = Case::new(factory).await;
    let barrier = Arc::new(Barrier::new(WRITERS as usize));
    let mut tasks = JoinSet::new();
    for writer in 0..WRITERS {
        let (adapter, barrier) = (case.adapter.clone(), barrier.clone());
        let events: Vec<_> = (1..=VERSIONS).map(|version| case.marked("contended", version, writer)).collect();
        tasks.spawn(async move {
            let mut winners = Vec::new();
            for event in events {
                barrier.wait().await;
                if won(adapter.push_event(POKEMONS, event.clone(), NO_FORCE).await) {
                    winners.push(event);
                }
            }
            winners
        });
    }
    let mut winners = tasks.join_all().await.concat();
    winners.sort_by_key(|event| event.version);
    assert_eq!(
        winners.iter().map(|event| event.version).collect::<Vec<_>>(),
        (1..=VERSIONS).collect::<Vec<_>>(),
        "one winner per version"
    );
    case.expect(POKEMONS, "contended", &winners).await;
}

/// Tests that writers all succeed eventually, and overwrite no event, if each writer reads the current version, pushes
/// the next version, and retries on a conflict. Commands work in this way.
pub async fn optimistic_writers_lose_nothing(factory: &dyn StorageFactory) {
    const EACH: u64 = 8;
    const WRITERS: u64 = 8;
    let case = Case::new(factory).await;
    let mut tasks = JoinSet::new();
    for writer in 0..WRITERS {
        let (adapter, template) = (case.adapter.clone(), case.event("counter", 1));
        tasks.spawn(async move {
            for round in 0..EACH {
                loop {
                    let version = count(&adapter, &template.aggregate_id).await + 1;
                    let event = RawEvent {
                        version,
                        payload: Some(super::compare::json(format!("[{writer},{round}]"))),
                        ..template.clone()
                    };
                    if won(adapter.push_event(POKEMONS, event, NO_FORCE).await) {
                        break;
                    }
                }
            }
        });
    }
    tasks.join_all().await;
    let events = case.get(POKEMONS, "counter", ALL).await;
    assert_eq!(events.iter().map(|event| event.version).collect::<Vec<_>>(), (1..=WRITERS * EACH).collect::<Vec<_>>());
    let writes: Vec<(u64, u64)> = events
        .iter()
        .map(|event| serde_json::from_str(event.payload.as_deref().expect("a payload").get()).expect("a pair"))
        .collect();
    for writer in 0..WRITERS {
        let rounds: Vec<_> = writes.iter().filter(|(by, _)| *by == writer).map(|(_, round)| *round).collect();
        assert_eq!(rounds, (0..EACH).collect::<Vec<_>>(), "the writes of writer {writer}, in its order");
    }
}

/// Tests that if 50 commands on one aggregate start at the same time, at most 2 of them give up with the default
/// retries and pauses. All others push an event. For storages with [slow requests](super::Capabilities::slow_requests),
/// the pauses are longer.
pub async fn commands_on_one_aggregate_get_through(factory: &dyn StorageFactory) {
    const COMMANDS: usize = 50;
    let case = Case::new(factory).await;
    let counters = EventStore::<Counter>::without_adapter();
    counters.set_event_storage_adapter(Some(case.adapter.clone()));
    let aggregate_id = case.id("contended");
    counters.push_event(NewEvent::new(&aggregate_id, 1, CounterEvent::Counted)).await.expect("the first event");
    let barrier = Arc::new(Barrier::new(COMMANDS));
    let slow = case.capabilities.slow_requests;
    let mut tasks = JoinSet::new();
    for _ in 0..COMMANDS {
        let (counters, barrier, aggregate_id) = (counters.clone(), barrier.clone(), aggregate_id.clone());
        tasks.spawn(async move {
            barrier.wait().await;
            if slow { count_slowly(&aggregate_id, &counters).await } else { count_once(&aggregate_id, &counters).await }
        });
    }
    let given_up = tasks.join_all().await.into_iter().filter(|outcome| match outcome {
        Ok(()) => false,
        Err(error) if find_event_already_exists(error).is_some() => true,
        Err(error) => panic!("{error}"),
    });
    let given_up = given_up.count();
    assert!(given_up <= 2, "{given_up} of {COMMANDS} commands gave up");
    let counted = counters.get_existing_aggregate(&aggregate_id).without_events().await.expect("the aggregate");
    assert_eq!(counted.version as usize, 1 + COMMANDS - given_up);
}

#[derive(Debug, Clone, Event)]
enum CounterEvent {
    Counted,
}

#[derive(Debug, Clone)]
#[event_store(id = "COUNTERS", event = CounterEvent)]
struct Counter;

impl Reducer for Counter {
    fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(Self)
    }
}

#[command(id = "COUNT_ONCE")]
async fn count_once(aggregate_id: &str, counters: &impl Store<Counter>) -> Result<(), PushEventError> {
    let counter = counters.get_existing_aggregate(aggregate_id).without_events().await;
    let counter = counter.expect("the aggregate can be read");
    counters.push_event(counter.next_event(CounterEvent::Counted)).await?;
    Ok(())
}

/// Counts like `count_once`, with longer pauses, for storages whose requests take a tenth of a second.
#[command(id = "COUNT_SLOWLY", backoff = CommandBackoff::new(Duration::from_millis(200), Duration::from_secs(5)))]
async fn count_slowly(aggregate_id: &str, counters: &impl Store<Counter>) -> Result<(), PushEventError> {
    let counter = counters.get_existing_aggregate(aggregate_id).without_events().await;
    let counter = counter.expect("the aggregate can be read");
    counters.push_event(counter.next_event(CounterEvent::Counted)).await?;
    Ok(())
}

async fn count(adapter: &Arc<dyn EventStorageAdapter>, aggregate_id: &str) -> u64 {
    let events = adapter.get_events(POKEMONS, aggregate_id, ALL).await.expect("events");
    events.len() as u64
}

/// Tests that writers of different aggregates do not conflict: all pushes succeed. If the storage has log positions,
/// the positions are distinct.
pub async fn writers_of_different_aggregates_all_win(factory: &dyn StorageFactory) {
    const VERSIONS: u64 = 4;
    let case = Case::new(factory).await;
    let mut tasks = JoinSet::new();
    for writer in 0..WRITERS {
        let adapter = case.adapter.clone();
        let store = if writer % 2 == 0 { POKEMONS } else { TRAINERS };
        let events: Vec<_> = (1..=VERSIONS).map(|version| case.event(&format!("w{writer}"), version)).collect();
        tasks.spawn(async move {
            let mut positions = Vec::new();
            for event in events {
                let stored = adapter.push_event(store, event, NO_FORCE).await;
                positions.push(stored.expect("a push without a rival").position);
            }
            positions
        });
    }
    let positions = tasks.join_all().await;
    positions.iter().for_each(|of_one| expect_growing(of_one));
    let mut all = positions.concat();
    all.sort();
    expect_growing(&all);
    for writer in 0..WRITERS {
        let (store, aggregate) = (if writer % 2 == 0 { POKEMONS } else { TRAINERS }, format!("w{writer}"));
        let expected: Vec<_> = (1..=VERSIONS).map(|version| case.event(&aggregate, version)).collect();
        case.expect(store, &aggregate, &expected).await;
    }
}

/// Tests that each of several overlapping groups, whose events are in different orders, is stored completely or not at
/// all. At most one group writes each version of each aggregate, and no deadlock occurs.
pub async fn overlapping_groups_are_all_or_nothing(factory: &dyn StorageFactory) {
    const ROUNDS: u64 = 4;
    const AGGREGATES: [(&str, &str); 4] = [(POKEMONS, "a"), (TRAINERS, "a"), (POKEMONS, "b"), (TRAINERS, "c")];
    let case = Case::new(factory).await;
    let writers = 24_u64;
    let barrier = Arc::new(Barrier::new(writers as usize));
    let mut tasks = JoinSet::new();
    for writer in 0..writers {
        // The writers omit different aggregates and start with different aggregates.
        let mut chosen = AGGREGATES.to_vec();
        chosen.remove((writer % 4) as usize);
        chosen.rotate_left((writer / 4 % 3) as usize);
        if writer % 2 == 1 {
            chosen.reverse();
        }
        let groups: Vec<Vec<_>> = (1..=ROUNDS)
            .map(|version| {
                chosen
                    .iter()
                    .map(|(store, aggregate)| (*store, case.marked(aggregate, version, format!("{writer}/{version}"))))
                    .collect()
            })
            .collect();
        let (adapter, barrier) = (case.adapter.clone(), barrier.clone());
        tasks.spawn(async move {
            let mut winners = Vec::new();
            for events in groups {
                barrier.wait().await;
                // Gaps are allowed, because the aggregate that the previous winner omitted has no event of the previous
                // version.
                let pushed = adapter.push_event_group(group(&adapter, events.clone()), ALLOW_GAP).await;
                if won(pushed) {
                    winners.extend(events);
                }
            }
            winners
        });
    }
    let winners = tasks.join_all().await.concat();
    for (store, aggregate) in AGGREGATES {
        let id = case.id(aggregate);
        let mut expected: Vec<_> = winners
            .iter()
            .filter(|(of, event)| *of == store && event.aggregate_id == id)
            .map(|(_, event)| event.clone())
            .collect();
        expected.sort_by_key(|event| event.version);
        assert!(
            expected.is_sorted_by(|one, next| one.version < next.version),
            "two groups stored the same version of {aggregate} in {store}"
        );
        case.expect(store, aggregate, &expected).await;
    }
    // Each group has three of the four aggregates, so any two groups overlap, and exactly one group succeeds per round.
    assert_eq!(winners.len() as u64, 3 * ROUNDS, "one group per round");
}

/// Tests that if single pushes and groups compete for the same versions, a successful group stores all its events, and
/// a rejected group stores none.
pub async fn single_pushes_and_groups_compete(factory: &dyn StorageFactory) {
    const VERSIONS: u64 = 24;
    let case = Case::new(factory).await;
    let barrier = Arc::new(Barrier::new(2));
    let (adapter, at_start) = (case.adapter.clone(), barrier.clone());
    let singles: Vec<_> = (1..=VERSIONS).map(|version| case.marked("a", version, "single")).collect();
    let single = tokio::spawn(async move {
        let mut winners = Vec::new();
        for event in singles {
            at_start.wait().await;
            if won(adapter.push_event(POKEMONS, event.clone(), NO_FORCE).await) {
                winners.push(event.version);
            }
        }
        winners
    });
    let mut winners = Vec::new();
    for version in 1..=VERSIONS {
        let pair = vec![(TRAINERS, case.marked("b", version, "group")), (POKEMONS, case.marked("a", version, "group"))];
        barrier.wait().await;
        // Aggregate `b` has only the versions of the groups that were stored, so it has gaps.
        if won(case.try_group(pair, ALLOW_GAP).await) {
            winners.push(version);
        }
    }
    let singles: BTreeSet<_> = single.await.expect("the single writer").into_iter().collect();
    assert_eq!(singles.len() + winners.len(), VERSIONS as usize, "one winner per version");
    let expected: Vec<_> = (1..=VERSIONS)
        .map(|version| case.marked("a", version, if singles.contains(&version) { "single" } else { "group" }))
        .collect();
    case.expect(POKEMONS, "a", &expected).await;
    let expected: Vec<_> = winners.into_iter().map(|version| case.marked("b", version, "group")).collect();
    case.expect(TRAINERS, "b", &expected).await;
}

/// Tests that concurrent forced pushes of one version leave one complete event. The payload and the metadata of
/// different pushes are never mixed.
pub async fn forced_pushes_do_not_mix(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    case.push(POKEMONS, case.marked("a", 1, "old")).await;
    let candidates: Vec<_> = (0..16).map(|writer| case.marked("a", 1, writer)).collect();
    let mut tasks = JoinSet::new();
    for event in candidates.clone() {
        let adapter = case.adapter.clone();
        tasks.spawn(async move { adapter.push_event(POKEMONS, event, FORCE).await.map(drop) });
    }
    for result in tasks.join_all().await {
        result.expect("a forced push");
    }
    let stored = case.seen(POKEMONS, "a").await;
    assert_eq!(stored.len(), 1, "{stored:?}");
    let candidates: Vec<Seen> = case.seen_of(&candidates);
    assert!(candidates.contains(&stored[0]), "{stored:?} is none of the forced events");
}
