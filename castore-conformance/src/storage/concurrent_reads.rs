//! Tests of reading while other tasks write.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use castore_core::storage::{EventStorageAdapter, GetEventsOptions, ListAggregateIdsOptions, RawEvent};
use tokio::task::{JoinHandle, JoinSet};

use super::StorageFactory;
use super::case::{ALL, ALLOW_GAP, Case, NO_FORCE, POKEMONS, TRAINERS, at, group, ids};

/// Reads an aggregate repeatedly until the writer has finished. Passes the versions of each result to `check`, and
/// asserts that the number of events does not decrease.
fn read_until_done(
    adapter: Arc<dyn EventStorageAdapter>,
    event: &RawEvent,
    options: GetEventsOptions,
    done: Arc<AtomicBool>,
    check: impl Fn(&[u64]) + Send + 'static,
) -> JoinHandle<()> {
    let aggregate_id = event.aggregate_id.clone();
    tokio::spawn(async move {
        let mut seen = 0;
        loop {
            let last = done.load(Ordering::SeqCst);
            let events = adapter.get_events(POKEMONS, &aggregate_id, options).await.expect("a read beside a write");
            let mut versions: Vec<u64> = events.iter().map(|event| event.version).collect();
            if options.reverse {
                versions.reverse();
            }
            assert!(versions.len() >= seen, "events that were read before are missing");
            seen = versions.len();
            check(&versions);
            if last {
                break;
            }
            tokio::task::yield_now().await;
        }
    })
}

/// Tests that while an aggregate is being written, readers see its versions from 1 without gaps, in both directions,
/// and never fewer versions than in an earlier read.
pub async fn readers_see_versions_without_gaps(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    let done = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = [false, true, false]
        .into_iter()
        .map(|reverse| {
            read_until_done(
                case.adapter.clone(),
                &case.event("growing", 1),
                ALL.reverse(reverse),
                done.clone(),
                |versions| {
                    let expected: Vec<u64> = (1..=versions.len() as u64).collect();
                    assert_eq!(versions, expected, "a reader saw a gap");
                },
            )
        })
        .collect();
    for version in 1..=100 {
        case.push(POKEMONS, case.event("growing", version)).await;
    }
    done.store(true, Ordering::SeqCst);
    for reader in readers {
        reader.await.expect("a reader");
    }
}

/// Tests that a read returns either all events of a group or none. The groups of this test contain three versions of
/// one aggregate.
pub async fn readers_see_groups_whole(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    let may_tear = case.capabilities.group_reads_may_tear;
    let done = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = [false, true]
        .into_iter()
        .map(|reverse| {
            read_until_done(
                case.adapter.clone(),
                &case.event("triples", 1),
                ALL.reverse(reverse),
                done.clone(),
                move |versions| {
                    assert!(may_tear || versions.len() % 3 == 0, "a reader saw a part of a group: {versions:?}");
                },
            )
        })
        .collect();
    for triple in 0..40 {
        let mut events: Vec<_> = (1..=3).map(|n| (POKEMONS, case.event("triples", 3 * triple + n))).collect();
        events.push((TRAINERS, case.event("beside", triple + 1)));
        // Every second group has its versions in reverse order, because the order within the group must not matter.
        if triple % 2 == 1 {
            events.reverse();
        }
        case.group(events).await;
    }
    done.store(true, Ordering::SeqCst);
    for reader in readers {
        reader.await.expect("a reader");
    }
}

/// Tests that the events of a rejected group are never visible, not even temporarily. An adapter must not store such
/// events and delete them afterwards.
pub async fn readers_never_see_a_lost_group(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    case.push(TRAINERS, case.event("taken", 1)).await;
    if case.capabilities.group_reads_may_tear {
        return;
    }
    let done = Arc::new(AtomicBool::new(false));
    let reader = read_until_done(case.adapter.clone(), &case.event("ghost", 1), ALL, done.clone(), |versions| {
        assert_eq!(versions, [] as [u64; 0], "a reader saw an event of a rejected group")
    });
    for _ in 0..60 {
        let lost = vec![(POKEMONS, case.event("ghost", 1)), (TRAINERS, case.event("taken", 1))];
        assert!(!super::concurrency::won(case.try_group(lost, NO_FORCE).await));
    }
    done.store(true, Ordering::SeqCst);
    reader.await.expect("the reader");
}

/// Tests that if other aggregates are pushed while a reader pages through the list, the pages contain every aggregate
/// that existed before the first page, and contain no aggregate twice.
pub async fn paging_beside_writers_skips_and_repeats_nothing(factory: &dyn StorageFactory) {
    let case = Case::new(factory).await;
    // There are two aggregates per timestamp, so that some pages end between aggregates with the same timestamp.
    for index in 0..40_i64 {
        case.push(POKEMONS, case.initial(&format!("old{index}"), at(1_000 * (index / 2)))).await;
    }
    case.settle().await;
    let before: BTreeSet<_> = (0..40).map(|index| case.id(&format!("old{index}"))).collect();
    let done = Arc::new(AtomicBool::new(false));
    let mut writers = JoinSet::new();
    for writer in 0..2_i64 {
        let (adapter, done) = (case.adapter.clone(), done.clone());
        let mut events = Vec::new();
        for n in 0..200_i64 {
            // The writers push new aggregates before, between and after the existing ones, and further events of
            // existing aggregates.
            events.push(case.initial(&format!("new{writer}-{n}"), at((n * 7_919) % 25_000 - 2_000)));
            events.push(case.event(&format!("old{}", n % 40), 2 + 2 * (n / 40) as u64 + writer as u64));
        }
        writers.spawn(async move {
            for event in events {
                if done.load(Ordering::SeqCst) {
                    break;
                }
                let events = group(&adapter, vec![(POKEMONS, event)]);
                adapter.push_event_group(events, ALLOW_GAP).await.expect("a push beside a list");
                tokio::task::yield_now().await;
            }
        });
    }
    for (limit, reverse) in [(3, false), (7, true), (1, false), (40, true)] {
        let (mut met, mut repeated) = (BTreeSet::new(), Vec::new());
        let mut next = ListAggregateIdsOptions::default().limit(limit).reverse(reverse);
        loop {
            let page = case.adapter.list_aggregate_ids(POKEMONS, next).await.expect("a page");
            for id in ids(&page) {
                if !met.insert(id.to_owned()) {
                    repeated.push(id.to_owned());
                }
            }
            let Some(token) = page.next_page_token else { break };
            next = ListAggregateIdsOptions::default().page_token(token);
        }
        assert_eq!(repeated, [] as [String; 0], "repeated, limit {limit}, reverse {reverse}");
        let skipped: Vec<_> = before.difference(&met).collect();
        assert_eq!(skipped, [] as [&String; 0], "skipped, limit {limit}, reverse {reverse}");
    }
    done.store(true, Ordering::SeqCst);
    writers.join_all().await;
}
