//! Tests of readers that run concurrently with writers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use castore_core::log::{EventLog, LogEntry, LogFilter, LogQuery};
use castore_core::storage::EventStorageAdapter;
use tokio::task::JoinSet;

use super::LogFactory;
use super::case::{LogCase, MANY, page, position, read_to};
use crate::storage::Capabilities;
use crate::storage::case::{ALLOW_GAP, FORCE, NO_FORCE, POKEMONS, TRAINERS, group};
use crate::storage::compare::json;
use crate::storage::concurrency::won;

const STORES: [&str; 2] = [POKEMONS, TRAINERS];

/// Reads like a relay: each page starts where the previous page ended. When the writers have finished, the test sets
/// `done` to the greatest position. Then this function reads up to that position and returns all events.
async fn tail(log: Arc<dyn EventLog>, query: LogQuery, done: Arc<AtomicU64>) -> Vec<LogEntry> {
    let (mut read, mut at) = (Vec::new(), 0);
    loop {
        let last = done.load(Ordering::SeqCst);
        if last > 0 {
            read.extend(read_to(&log, last, at, &query).await);
            return read;
        }
        let page = page(&log, at, &query).await;
        if page.events.is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        at = page.scanned_to;
        read.extend(page.events);
    }
}

/// Asserts that no event was read twice, and that the events of each aggregate are in the order of their versions.
fn expect_order(read: &[LogEntry], what: &str) {
    assert!(read.is_sorted_by(|one, next| one.position < next.position), "{what}: positions must grow");
    let mut versions = BTreeMap::new();
    for entry in read {
        let key = (entry.event_store_id.clone(), entry.event.aggregate_id.clone());
        let before = versions.insert(key.clone(), entry.event.version);
        let version = entry.event.version;
        assert!(before < Some(version), "{what}: version {version} of {key:?} was read after {before:?}");
    }
}

type Key = (String, String, u64);

fn keys(read: &[LogEntry], store: impl Fn(&str) -> bool) -> BTreeSet<(u64, Key)> {
    read.iter()
        .filter(|entry| store(&entry.event_store_id))
        .map(|entry| {
            let key = (entry.event_store_id.to_string(), entry.event.aggregate_id.clone(), entry.event.version);
            (entry.position, key)
        })
        .collect()
}

/// Runs one writer, which makes single pushes, pushes of groups, and forced pushes of old and new versions. The writer
/// pushes to its own aggregates, and to aggregates that several writers share. On the shared aggregates, pushes often
/// fail with a conflict. Returns the stored events with their positions.
async fn write(
    storage: Arc<dyn EventStorageAdapter>,
    capabilities: Capabilities,
    writer: u64,
    rounds: u64,
) -> Vec<(u64, Key)> {
    let mut stored = Vec::new();
    let event = |aggregate: &str, version: u64| castore_core::storage::RawEvent {
        aggregate_id: capabilities.id(aggregate),
        version,
        event_type: "LEVELED_UP".into(),
        timestamp: crate::storage::case::at(version as i64),
        payload: Some(json(format!("[{writer},{version}]"))),
        metadata: None,
    };
    let key = |store: &str, aggregate: &str, version: u64| (store.to_owned(), capabilities.id(aggregate), version);
    let own = format!("own{writer}");
    // The last pushed versions of the shared aggregates. If a push of this writer fails, another writer has already
    // stored the version, so the writer continues with the next version in both cases.
    let (mut shared, mut both) = (0, 0);
    for round in 1..=rounds {
        // On its own aggregate, the writer pushes every version.
        let pushed = storage.push_event(POKEMONS, event(&own, round), NO_FORCE).await;
        stored.push((position(pushed.expect("a push without a rival")), key(POKEMONS, &own, round)));
        match (writer + round) % 4 {
            0 => {
                shared += 1;
                let pushed = storage.push_event(TRAINERS, event("shared", shared), NO_FORCE).await;
                let taken = pushed.as_ref().ok().copied();
                if won(pushed) {
                    stored.push((position(taken.expect("a position")), key(TRAINERS, "shared", shared)));
                }
            }
            1 => {
                both += 1;
                let events = vec![
                    (TRAINERS, event(&format!("{own}/group"), 2 * round)),
                    (POKEMONS, event(&format!("both{}", writer % 2), both)),
                    (TRAINERS, event(&format!("{own}/group"), 2 * round + 1)),
                ];
                let keys: Vec<_> =
                    events.iter().map(|(store, event)| (*store, event.aggregate_id.clone(), event.version)).collect();
                let pushed = storage.push_event_group(group(&storage, events), ALLOW_GAP).await;
                if let Ok(positions) = &pushed {
                    let keys = keys.into_iter().map(|(store, id, version)| (store.to_owned(), id, version));
                    stored.extend(positions.iter().map(|stored| position(*stored)).zip(keys));
                }
                won(pushed);
            }
            2 => {
                let replaced = storage.push_event(POKEMONS, event(&own, 1 + round / 2), FORCE).await;
                position(replaced.expect("a forced push"));
            }
            _ => {
                let forced = format!("{own}/forced");
                let pushed = storage.push_event(TRAINERS, event(&forced, round), FORCE).await;
                stored.push((position(pushed.expect("a forced push")), key(TRAINERS, &forced, round)));
            }
        }
    }
    stored
}

async fn many_writers(case: &LogCase, writers: u64, rounds: u64, through: &[Arc<dyn EventStorageAdapter>]) {
    let other = case.fresh.another().await;
    let done = Arc::new(AtomicU64::new(0));
    let pokemons = LogFilter::none().event_store_id(POKEMONS);
    let readers = [
        (case.log.clone(), LogQuery::new(LogFilter::all(), MANY), true),
        (case.log.clone(), LogQuery::new(LogFilter::all(), 1), true),
        (other.log.clone(), LogQuery::new(LogFilter::all(), 7), true),
        (other.log.clone(), LogQuery::new(pokemons, 3), false),
    ]
    .map(|(log, query, all)| (query.clone(), all, tokio::spawn(tail(log, query, done.clone()))));
    let mut tasks = JoinSet::new();
    for writer in 0..writers {
        let storage = through[writer as usize % through.len()].clone();
        tasks.spawn(write(storage, case.capabilities.clone(), writer, rounds));
    }
    let stored: BTreeSet<_> = tasks.join_all().await.concat().into_iter().collect();
    let last = stored.iter().map(|(position, _)| *position).max().expect("something was stored");
    done.store(last, Ordering::SeqCst);
    for (query, all, reader) in readers {
        let read = reader.await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
        let what = format!("reading {query:?} beside writers");
        expect_order(&read, &what);
        let wanted: BTreeSet<_> = stored.iter().filter(|(_, key)| all || key.0 == POKEMONS).cloned().collect();
        let read = keys(&read, |store| all || store == POKEMONS);
        let skipped: Vec<_> = wanted.difference(&read).collect();
        let invented: Vec<_> = read.difference(&wanted).collect();
        assert!(skipped.is_empty(), "{what}: skipped {} of {}: {skipped:?}", skipped.len(), wanted.len());
        assert!(invented.is_empty(), "{what}: no writer stored {invented:?}");
    }
}

/// Tests that while many writers push events and groups, with and without force, concurrent readers skip no event,
/// receive no event twice, and receive the events of each aggregate in order.
pub async fn readers_beside_writers_miss_nothing(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    many_writers(&case, 8, 24, std::slice::from_ref(&case.adapter)).await;
}

/// Tests that concurrent readers miss nothing if the writers use two handles, as in two processes. See
/// [`readers_beside_writers_miss_nothing`].
pub async fn readers_beside_writers_of_two_handles_miss_nothing(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    let other = case.fresh.another().await;
    many_writers(&case, 8, 16, &[case.adapter.clone(), other.storage]).await;
}

/// Tests that if several writers compete for the versions of one aggregate, the log contains the versions in order at
/// all times.
pub async fn the_versions_of_an_aggregate_are_read_in_order(factory: &dyn LogFactory) {
    const VERSIONS: u64 = 60;
    let case = LogCase::new(factory).await;
    let done = Arc::new(AtomicU64::new(0));
    let query = LogQuery::new(LogFilter::all(), MANY).aggregate(STORES[0], case.id("contended"));
    let reader = tokio::spawn(tail(case.log.clone(), query, done.clone()));
    let mut tasks = JoinSet::new();
    for writer in 0..4 {
        let storage = case.adapter.clone();
        let events: Vec<_> = (1..=VERSIONS).map(|version| case.marked("contended", version, writer)).collect();
        tasks.spawn(async move {
            let mut last = 0;
            for event in events {
                let pushed = storage.push_event(STORES[0], event, NO_FORCE).await;
                last = pushed.as_ref().map_or(last, |stored| position(*stored));
                won(pushed);
            }
            last
        });
    }
    let last = tasks.join_all().await.into_iter().max().expect("a position");
    done.store(last, Ordering::SeqCst);
    let read = reader.await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
    expect_order(&read, "following one aggregate");
    assert_eq!(
        read.iter().map(|entry| entry.event.version).collect::<Vec<_>>(),
        (1..=VERSIONS).collect::<Vec<_>>(),
        "every version"
    );
}

/// Tests that after the log has reported a position as safe, no further event appears at or before this position.
pub async fn nothing_appears_before_the_settled_end(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    let mut tasks = JoinSet::new();
    for writer in 0..6 {
        tasks.spawn(write(case.adapter.clone(), case.capabilities.clone(), writer, 16));
    }
    let all = LogQuery::new(LogFilter::all(), MANY);
    let mut checks = Vec::new();
    while !tasks.is_empty() {
        let end = case.log.end().await.expect("the end");
        assert!(end.safe_position <= end.last_position, "{end:?}");
        let seen = read_to(&case.log, end.safe_position, 0, &all.clone().up_to(end.safe_position)).await;
        checks.push((end.safe_position, keys(&seen, |_| true)));
        while let Some(task) = tasks.try_join_next() {
            task.expect("a writer");
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    for (settled, seen) in checks {
        let again = read_to(&case.log, settled, 0, &all.clone().up_to(settled)).await;
        assert_eq!(keys(&again, |_| true), seen, "the log up to {settled}, which was reported as safe");
    }
}
