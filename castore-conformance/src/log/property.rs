//! Property tests with random sequences of operations, whose results are compared with a model. A failure prints the
//! shortest failing sequence.

use std::collections::BTreeMap;

use castore_core::log::{LogFilter, LogQuery};
use castore_core::storage::{RawEvent, StorageError};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestCaseResult, TestRunner};

use super::LogFactory;
use super::case::{LogCase, SeenEntry, all, page, position};
use crate::channel::channels::{Pokemon, PokemonEventType};
use crate::storage::case::{ALLOW_GAP, FORCE, POKEMONS, TRAINERS};

const STORES: [&str; 2] = [POKEMONS, TRAINERS];
const AGGREGATES: [&str; 3] = ["a", "ab", "b"];

/// The store, the aggregate and the version of an event. The store is an index of [`STORES`], and the aggregate is an
/// index of [`AGGREGATES`].
type Key = (usize, usize, u64);

#[derive(Debug, Clone)]
enum Operation {
    Push {
        events: Vec<Key>,
        force: bool,
    },
    /// Reads after the position of an event, with a filter and a limit, optionally for one aggregate, and optionally up
    /// to the position of another event. `after` and `up_to` are the numbers of these events, counted from 1.
    Read {
        after: usize,
        filter: u8,
        limit: usize,
        aggregate: Option<(usize, usize)>,
        up_to: Option<usize>,
    },
}

fn operation() -> impl Strategy<Value = Operation> {
    let key = || (0..STORES.len(), 0..AGGREGATES.len(), 1..6_u64);
    let events = prop_oneof![3 => proptest::collection::vec(key(), 1), 2 => proptest::collection::vec(key(), 2..5)];
    prop_oneof![
        3 => (events, proptest::bool::weighted(0.3)).prop_map(|(events, force)| Operation::Push { events, force }),
        2 => (
            0..20_usize,
            0..5_u8,
            prop_oneof![Just(0), 1..4_usize, Just(1_000)],
            proptest::option::weighted(0.3, (0..STORES.len(), 0..AGGREGATES.len())),
            proptest::option::weighted(0.3, 0..20_usize),
        )
            .prop_map(|(after, filter, limit, aggregate, up_to)| Operation::Read {
                after,
                filter,
                limit,
                aggregate,
                up_to,
            }),
    ]
}

fn filter(number: u8) -> LogFilter {
    match number {
        0 => LogFilter::all(),
        1 => LogFilter::none(),
        2 => LogFilter::none().event_store_id(TRAINERS),
        3 => LogFilter::none().event_types::<Pokemon>([PokemonEventType::LeveledUp]),
        _ => LogFilter::none().event_types::<Pokemon>([PokemonEventType::Appeared]).event_store_id(TRAINERS),
    }
}

/// The expected content of the log, by position.
#[derive(Default)]
struct Model {
    log: BTreeMap<u64, (Key, RawEvent)>,
}

impl Model {
    fn position(&self, wanted: Key) -> Option<u64> {
        self.log.iter().find(|(_, (key, _))| *key == wanted).map(|(position, _)| *position)
    }

    /// Returns the position of the event with this number, counted from 1, or the last position if there are fewer
    /// events. Returns 0 for the number 0.
    fn after(&self, events: usize) -> u64 {
        match events.checked_sub(1) {
            None => 0,
            Some(at) => self.log.keys().nth(at).or(self.log.keys().last()).copied().unwrap_or(0),
        }
    }

    fn last(&self) -> u64 {
        self.log.keys().last().copied().unwrap_or(0)
    }

    fn select(&self, case: &LogCase, after: u64, until: u64, query: &LogQuery) -> Vec<SeenEntry> {
        self.log
            .iter()
            .filter(|(position, _)| **position > after && **position <= until)
            .filter(|(_, (key, event))| {
                query.filter.passes(STORES[key.0], &event.event_type)
                    && query
                        .aggregate
                        .as_ref()
                        .is_none_or(|one| one.event_store_id == STORES[key.0] && one.aggregate_id == event.aggregate_id)
            })
            .map(|(position, (key, event))| case.entry(*position, STORES[key.0], event))
            .collect()
    }
}

/// Tests that after any sequence of pushes, groups and forced pushes, some of which are rejected, the log returns the
/// same events as the model. This applies to reading from any position, with any filter and limit, and to reading that
/// continues after a page.
///
/// This function requires a multi-threaded tokio runtime. The generated tests have such a runtime.
pub async fn any_sequence_matches_the_model(factory: &dyn LogFactory) {
    let config = Config {
        cases: factory.capabilities().property_cases,
        failure_persistence: None,
        max_shrink_iters: 200,
        ..Config::default()
    };
    let handle = tokio::runtime::Handle::current();
    let result = tokio::task::block_in_place(|| {
        TestRunner::new(config).run(&proptest::collection::vec(operation(), 1..20), |operations| {
            handle.block_on(check(factory, operations))
        })
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
}

async fn check(factory: &dyn LogFactory, operations: Vec<Operation>) -> TestCaseResult {
    let (case, mut model) = (LogCase::new(factory).await, Model::default());
    for (index, operation) in operations.into_iter().enumerate() {
        let what = format!("operation #{index}, {operation:?}");
        let result = match operation {
            Operation::Push { events, force } => push(&case, &mut model, events, force, index).await,
            Operation::Read { after, filter: number, limit, aggregate, up_to } => {
                let mut query = LogQuery::new(filter(number), limit);
                if let Some((store, aggregate)) = aggregate {
                    query = query.aggregate(STORES[store], case.id(AGGREGATES[aggregate]));
                }
                query.up_to = up_to.map(|events| model.after(events));
                read(&case, &model, model.after(after), query).await
            }
        };
        result.map_err(|error| TestCaseError::fail(format!("{what}: {error}")))?;
    }
    read(&case, &model, 0, all()).await
}

async fn push(case: &LogCase, model: &mut Model, mut keys: Vec<Key>, force: bool, mark: usize) -> TestCaseResult {
    if force {
        // A forced group must not contain the same version twice, because the result is not specified.
        let mut of_group = Vec::new();
        keys.retain(|key| {
            let new = !of_group.contains(key);
            of_group.push(*key);
            new
        });
    }
    let options = if force { FORCE } else { ALLOW_GAP };
    let events: Vec<_> = keys
        .iter()
        .map(|key| {
            let event = case.event(AGGREGATES[key.1], key.2);
            let payload = Some(crate::storage::compare::json(format!("[{mark}]")));
            (STORES[key.0], RawEvent { payload, ..event })
        })
        .collect();
    let result = match events.as_slice() {
        [(store, event)] => case.adapter.push_event(store, event.clone(), options).await.map(|stored| vec![stored]),
        _ => case.try_group(events.clone(), options).await,
    };
    let stored = match result {
        Ok(stored) => stored,
        Err(StorageError::EventAlreadyExists(_)) if !force => return Ok(()),
        Err(error) => return Err(TestCaseError::fail(format!("{error:?}"))),
    };
    let mut greatest = model.last();
    for ((key, (_, event)), stored) in keys.into_iter().zip(events).zip(stored) {
        let at = position(stored);
        match model.position(key) {
            Some(before) => prop_assert_eq!(at, before, "a replaced event keeps its position"),
            None => {
                prop_assert!(at > greatest, "a new event at {}, after {}", at, greatest);
                greatest = at;
            }
        }
        model.log.insert(at, (key, event));
    }
    Ok(())
}

async fn read(case: &LogCase, model: &Model, after: u64, query: LogQuery) -> TestCaseResult {
    let one = page(&case.log, after, &query).await;
    let until = one.scanned_to;
    prop_assert_eq!(case.entries(&one.events), model.select(case, after, until, &query), "one page, to {}", until);
    // Reading continues after this page to the end.
    let on = LogQuery { limit: query.limit.max(1), ..query };
    let end = model.last().min(on.up_to.unwrap_or(u64::MAX));
    let rest = case.read_to(model.last(), until, &on).await;
    prop_assert_eq!(rest, model.select(case, until, end, &on), "after {}", until);
    Ok(())
}
