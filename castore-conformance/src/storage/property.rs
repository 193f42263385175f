//! Property tests with random sequences of operations, whose results are compared with a model. A failure prints the
//! shortest failing sequence.

use std::collections::{BTreeMap, BTreeSet};

use castore_core::storage::{
    GetEventsOptions, ListAggregateIdsOptions, PushOptions, RawEvent, StorageError, VersionGap, first_gap,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestCaseResult, TestRunner};

use super::StorageFactory;
use super::capabilities::VersionGaps;
use super::case::{ALL, ALLOW_GAP, Case, FORCE, NO_FORCE, POKEMONS, TRAINERS, at};
use super::compare::json;
use super::model::{self, Model};

const STORES: [&str; 2] = [POKEMONS, TRAINERS];
/// The ids of the aggregates. One id is a prefix of another, and two ids sort differently as numbers and as texts.
const AGGREGATES: [&str; 5] = ["a", "ab", "b", "9", "10"];

/// The options of the final reads, after all operations. The first options select all events. The other options have a
/// bound and a limit.
const FINAL_READS: [GetEventsOptions; 3] = [
    GetEventsOptions::new(),
    GetEventsOptions::new().min_version(2).limit(1),
    GetEventsOptions::new().max_version(3).limit(2).reverse(true),
];

/// A compact description of an event. There are only a few stores, aggregates, versions and timestamps, so that
/// collisions are likely.
#[derive(Clone, PartialEq)]
struct Short {
    store: usize,
    aggregate: usize,
    version: u64,
    second: i64,
    payload: Option<u8>,
}

#[derive(Debug, Clone)]
enum Operation {
    Push { event: Short, how: How },
    Group { events: Vec<Short>, how: How },
    Read { store: usize, aggregate: usize, options: GetEventsOptions },
    List { store: usize, options: ListAggregateIdsOptions },
}

/// The options of a push.
#[derive(Debug, Clone, Copy, PartialEq)]
enum How {
    Next,
    Anywhere,
    Force,
}

impl How {
    fn options(self) -> PushOptions {
        match self {
            Self::Next => NO_FORCE,
            Self::Anywhere => ALLOW_GAP,
            Self::Force => FORCE,
        }
    }
}

fn how() -> impl Strategy<Value = How> {
    prop_oneof![3 => Just(How::Next), 3 => Just(How::Anywhere), 2 => Just(How::Force)]
}

impl std::fmt::Debug for Short {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (store, aggregate) = (STORES[self.store], AGGREGATES[self.aggregate]);
        write!(formatter, "{store} {aggregate} v{} at {}s", self.version, self.second)?;
        match self.payload {
            Some(payload) => write!(formatter, " payload {payload}"),
            None => Ok(()),
        }
    }
}

impl Short {
    fn key(&self) -> (usize, usize, u64) {
        (self.store, self.aggregate, self.version)
    }

    fn raw(&self, case: &Case) -> (&'static str, RawEvent) {
        let event = RawEvent {
            timestamp: at(self.second * 1_000),
            payload: self.payload.map(|payload| json(payload.to_string())),
            metadata: self.payload.filter(|payload| payload % 2 == 0).map(|_| json("{\"even\":true}")),
            ..case.event(AGGREGATES[self.aggregate], self.version)
        };
        (STORES[self.store], event)
    }
}

fn event() -> impl Strategy<Value = Short> {
    (
        0..STORES.len(),
        0..AGGREGATES.len(),
        prop_oneof![3 => Just(1), 5 => 2..5_u64, 1 => 5..13_u64],
        0..4_i64,
        proptest::option::of(any::<u8>()),
    )
        .prop_map(|(store, aggregate, version, second, payload)| Short {
            store,
            aggregate,
            version,
            second,
            payload,
        })
}

fn operation() -> impl Strategy<Value = Operation> {
    let bound = || proptest::option::of(0..14_u64);
    let moment = || proptest::option::weighted(0.3, (0..4_i64).prop_map(|second| at(second * 1_000)));
    prop_oneof![
        6 => (event(), how()).prop_map(|(event, how)| Operation::Push { event, how }),
        4 => (proptest::collection::vec(event(), 1..5), how())
            .prop_map(|(events, how)| Operation::Group { events, how }),
        3 => (0..STORES.len(), 0..AGGREGATES.len(), bound(), bound(), bound(), any::<bool>()).prop_map(
            |(store, aggregate, min_version, max_version, limit, reverse)| Operation::Read {
                store,
                aggregate,
                options: { let mut options = GetEventsOptions::new(); options.min_version = min_version; options.max_version = max_version; options.limit = limit; options.reverse = reverse; options },
            }
        ),
        3 => (0..STORES.len(), proptest::option::of(1..4_u64), moment(), moment(), proptest::option::of(any::<bool>()))
            .prop_map(|(store, limit, initial_event_after, initial_event_before, reverse)| Operation::List {
                store,
                options: { let mut options = ListAggregateIdsOptions::default(); options.limit = limit; options.initial_event_after = initial_event_after; options.initial_event_before = initial_event_before; options.reverse = reverse; options },
            }),
    ]
}

/// Tests that during any sequence of pushes, forced pushes, groups, reads, visits and paged lists, the storage returns
/// the same results as the model. At the end, both contain the same events.
///
/// This function requires a multi-threaded tokio runtime. The generated tests have such a runtime.
pub async fn any_sequence_matches_the_model(factory: &dyn StorageFactory) {
    let config = Config {
        cases: factory.capabilities().property_cases,
        failure_persistence: None,
        max_shrink_iters: 400,
        ..Config::default()
    };
    let handle = tokio::runtime::Handle::current();
    let result = tokio::task::block_in_place(|| {
        TestRunner::new(config).run(&proptest::collection::vec(operation(), 1..24), |operations| {
            handle.block_on(check(factory, operations))
        })
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
}

async fn check(factory: &dyn StorageFactory, operations: Vec<Operation>) -> TestCaseResult {
    let (case, mut model) = (Case::new(factory).await, Model::default());
    for (index, operation) in operations.into_iter().enumerate() {
        let what = format!("operation #{index}, {operation:?}");
        apply(&case, &mut model, operation).await.map_err(|error| TestCaseError::fail(format!("{what}: {error}")))?;
    }
    for (store, name) in STORES.into_iter().enumerate() {
        for aggregate in 0..AGGREGATES.len() {
            for options in FINAL_READS {
                read(&case, &model, store, aggregate, options).await?;
            }
        }
        list(&case, &model, name, ListAggregateIdsOptions::default()).await?;
    }
    Ok(())
}

async fn apply(case: &Case, model: &mut Model, operation: Operation) -> TestCaseResult {
    match operation {
        Operation::Push { event, how } => {
            let (store, raw) = event.raw(case);
            let result = case.adapter.push_event(store, raw.clone(), how.options()).await;
            outcome(case, model, vec![(store, raw)], how, result.map(|stored| vec![stored]))
        }
        Operation::Group { mut events, how } => {
            if how == How::Force {
                // A forced group must not contain the same version twice, because the result is not specified.
                let mut keys = Vec::new();
                events.retain(|event| {
                    let new = !keys.contains(&event.key());
                    keys.push(event.key());
                    new
                });
            }
            let events: Vec<_> = events.iter().map(|event| event.raw(case)).collect();
            let result = case.try_group(events.clone(), how.options()).await;
            outcome(case, model, events, how, result)
        }
        Operation::Read { store, aggregate, options } => read(case, model, store, aggregate, options).await,
        Operation::List { store, options } => list(case, model, STORES[store], options).await,
    }
}

/// Compares the result of a push with the model, and updates the model.
fn outcome<T>(
    case: &Case,
    model: &mut Model,
    events: Vec<(&'static str, RawEvent)>,
    how: How,
    result: Result<Vec<T>, StorageError>,
) -> TestCaseResult {
    let mut after = model.clone();
    let mut lost = Vec::new();
    for (store, event) in &events {
        if how != How::Force && after.has(store, event) {
            lost.push((*store, event.aggregate_id.as_str(), event.version));
        }
        after.put(store, event.clone());
    }
    let gaps = match how {
        How::Next => gaps(case, model, &events),
        How::Anywhere | How::Force => Vec::new(),
    };
    match result {
        Ok(stored) => {
            prop_assert!(gaps.is_empty(), "the push succeeded, although these versions leave gaps: {gaps:?}");
            prop_assert!(lost.is_empty(), "the push succeeded, although these versions are taken: {lost:?}");
            prop_assert_eq!(stored.len(), events.len(), "one receipt per event");
            *model = after;
        }
        Err(StorageError::EventAlreadyExists(error)) => {
            let named = (&*error.event_store_id, &*error.aggregate_id, error.version);
            prop_assert!(lost.contains(&named), "the conflict names {named:?}, the taken ones are {lost:?}");
        }
        Err(StorageError::VersionGap(gap)) => {
            prop_assert!(lost.is_empty(), "a gap is reported, although these versions are taken: {lost:?}");
            prop_assert!(gaps.contains(&gap), "the error is {gap:?}, the gaps are {gaps:?}");
        }
        Err(error) => return Err(TestCaseError::fail(format!("{error:?}"))),
    }
    Ok(())
}

/// Returns the gaps that these events would leave. Each gap contains the next version of its aggregate.
fn gaps(case: &Case, model: &Model, events: &[(&'static str, RawEvent)]) -> Vec<VersionGap> {
    let mut aggregates: BTreeMap<(&str, &str), BTreeSet<u64>> = BTreeMap::new();
    for (store, event) in events {
        aggregates.entry((store, &event.aggregate_id)).or_default().insert(event.version);
    }
    let mut gaps = Vec::new();
    for ((store, aggregate_id), versions) in aggregates {
        let stored: BTreeSet<u64> =
            model.events(store, aggregate_id, ALL).into_iter().map(|event| event.version).collect();
        let last = stored.last().copied().unwrap_or(0);
        let follows = match case.capabilities.version_gaps {
            VersionGaps::Unchecked => true,
            VersionGaps::Refused => (last + 1..).zip(&versions).all(|(expected, given)| expected == *given),
            VersionGaps::MayBeFilled => versions
                .iter()
                .all(|given| *given == 1 || [&stored, &versions].iter().any(|all| all.contains(&(given - 1)))),
        };
        if let (false, Some(gap)) = (follows, first_gap(last, versions)) {
            gaps.push(VersionGap::new(store, aggregate_id, gap.expected, gap.given));
        }
    }
    gaps
}

async fn read(case: &Case, model: &Model, store: usize, aggregate: usize, options: GetEventsOptions) -> TestCaseResult {
    let (store, aggregate) = (STORES[store], AGGREGATES[aggregate]);
    let id = case.id(aggregate);
    let expected = case.seen_of(&model.events(store, &id, options));
    let fail = |error: StorageError| TestCaseError::fail(format!("{error:?}"));
    let read = case.adapter.get_events(store, &id, options).await.map_err(fail)?;
    prop_assert_eq!(case.seen_of(&read), expected.clone(), "get_events of {} {}, {:?}", store, aggregate, options);
    let shown = case.visit(store, aggregate, options, usize::MAX).await.map_err(fail)?;
    prop_assert_eq!(shown, expected, "visit_events of {} {}, {:?}", store, aggregate, options);
    Ok(())
}

/// Reads all pages of a list, and compares their content with the model's list without a limit.
async fn list(case: &Case, model: &Model, store: &str, options: ListAggregateIdsOptions) -> TestCaseResult {
    let expected = model.list(store, &options);
    let (limit, reverse) = (options.limit, options.reverse == Some(true));
    let mut listed = Vec::new();
    let mut next = options;
    loop {
        let page = case
            .try_list(store, next)
            .await
            .map_err(|error| TestCaseError::fail(format!("listing {store}: {error:?}")))?;
        let length = page.aggregates.len() as u64;
        prop_assert!(limit.is_none_or(|limit| length <= limit), "a page of {length} aggregates for limit {limit:?}");
        listed.extend(page.aggregates);
        let Some(token) = page.next_page_token else { break };
        prop_assert!(limit.is_some(), "a page token without a limit");
        let more = listed.len() < expected.len() || (case.capabilities.last_page_may_be_empty && length > 0);
        prop_assert!(more, "a page token although no aggregate follows: {token}");
        next = ListAggregateIdsOptions::default().page_token(token);
    }
    if !case.capabilities.ties_by_id {
        model::sort(&mut listed, reverse);
    }
    prop_assert_eq!(listed, expected, "the list of {}", store);
    Ok(())
}
