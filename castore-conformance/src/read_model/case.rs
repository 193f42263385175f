//! The fixture of all behaviors: a fresh database, with events and short helper functions.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use castore_core::log::{LogEntry, LogId};
use castore_core::storage::RawEvent;
use castore_core::time::Timestamp;
use castore_projection::ParkedProjectionAggregate;
use castore_projection::engine::{Applied, Checkpoint, ReadModelVersion, Rejection, StoreError, Swapped};

use super::event::{HAPPENED, STORE};
use super::{ErasedStore, FreshReadModels, ReadModelDatabase, ReadModelFactory};

/// The time limit for waiting for a condition.
const LIMIT: Duration = Duration::from_secs(60);

/// Returns the id of the log that all behaviors use.
pub(crate) fn log_id() -> LogId {
    LogId::new("log")
}

/// Returns an event whose position is also its version.
pub(crate) fn event_of_type(aggregate: &str, position: u64, event_type: &'static str) -> LogEntry {
    let event = RawEvent {
        aggregate_id: aggregate.to_owned(),
        version: position,
        event_type: event_type.into(),
        timestamp: Timestamp::from_unix_millis(0).expect("a timestamp"),
        payload: None,
        metadata: None,
    };
    LogEntry::new(position, STORE.into(), event)
}

pub(crate) fn event(aggregate: &str, position: u64) -> LogEntry {
    event_of_type(aggregate, position, HAPPENED)
}

/// Returns events that are applied together.
pub(crate) fn page<const N: usize>(events: [LogEntry; N]) -> Arc<[LogEntry]> {
    Arc::from(events)
}

/// Returns one event for each letter, at consecutive positions starting at 1. The letter is the aggregate of the event.
pub(crate) fn events(aggregates: &str) -> Arc<[LogEntry]> {
    aggregates.chars().zip(1..).map(|(aggregate, position)| event(&aggregate.to_string(), position)).collect()
}

/// Returns the number of events of each aggregate, if every letter of `aggregates` is an event of the aggregate with that
/// letter as its id.
pub(crate) fn counts(aggregates: &str) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for aggregate in aggregates.chars() {
        *counts.entry(aggregate.to_string()).or_default() += 1;
    }
    counts
}

pub(crate) fn parked_at(aggregate: &str, position: u64) -> ParkedProjectionAggregate {
    ParkedProjectionAggregate {
        event_store_id: STORE.to_owned(),
        aggregate_id: aggregate.to_owned(),
        next_position: position,
        version: position,
        attempts: 1,
        error: "refused on purpose".to_owned(),
    }
}

/// Runs `call` and returns its result. Repeats the call after temporary failures, for example a deadlock or a busy
/// lock, and panics after a fatal error or when the temporary failures last longer than [`LIMIT`].
pub(crate) async fn retried<T, F: Future<Output = Result<T, StoreError>>>(call: impl Fn() -> F) -> T {
    let started = Instant::now();
    loop {
        match call().await {
            Ok(answer) => return answer,
            Err(StoreError::Unavailable(error)) => assert!(started.elapsed() < LIMIT, "unavailable: {error}"),
            Err(StoreError::Fatal(error)) => panic!("fatal: {error}"),
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

pub(crate) struct ReadModelCase {
    // This field keeps the database until the end of the test.
    _fresh: FreshReadModels,
    pub(crate) database: Arc<dyn ReadModelDatabase>,
}

impl ReadModelCase {
    pub(crate) async fn new(factory: &dyn ReadModelFactory) -> Self {
        let fresh = factory.fresh().await;
        Self { database: fresh.database(), _fresh: fresh }
    }

    pub(crate) async fn open(&self, version: u32) -> Store {
        Store(Arc::from(self.database.open(version, &log_id()).await))
    }

    /// Asserts that readers see the counts of these events. Each letter is an event of the aggregate with that name.
    pub(crate) async fn expect_read(&self, aggregates: &str) {
        assert_eq!(self.database.read().await, counts(aggregates), "the read model");
    }
}

/// A wrapper of a store. Its methods panic if a call of the store fails.
#[derive(Clone)]
pub(crate) struct Store(pub(crate) Arc<dyn ErasedStore>);

impl Store {
    pub(crate) async fn apply(
        &self,
        events: &Arc<[LogEntry]>,
        range: Range<usize>,
        from: u64,
        to: impl Into<Checkpoint>,
    ) -> Applied {
        let to = to.into();
        retried(|| self.0.apply(Arc::clone(events), range.clone(), from, to.clone())).await
    }

    /// Applies events from the checkpoint and asserts that no event is rejected.
    pub(crate) async fn apply_all(&self, events: &Arc<[LogEntry]>, from: u64, to: u64) {
        match self.apply(events, 0..events.len(), from, to).await {
            Applied::Done(version) => assert_eq!(version.position, to, "the checkpoint in the answer"),
            other => panic!("applying from {from} to {to}: {other:?}"),
        }
    }

    /// Applies events, one of which must be rejected, and returns the index of that event.
    pub(crate) async fn refuse(&self, events: &Arc<[LogEntry]>, range: Range<usize>, from: u64, to: u64) -> usize {
        match self.apply(events, range, from, to).await {
            Applied::Refused { index, refusal: Rejection::Handler(_) | Rejection::Decode(_) } => index,
            other => panic!("an event must be refused, not {other:?}"),
        }
    }

    pub(crate) async fn park(&self, aggregate: &str, position: u64, from: u64, to: impl Into<Checkpoint>) -> Applied {
        let to = to.into();
        retried(|| self.0.park(parked_at(aggregate, position), from, to.clone())).await
    }

    pub(crate) async fn version(&self) -> ReadModelVersion {
        retried(|| self.0.version()).await.expect("a version that was not dropped")
    }

    pub(crate) async fn expect_position(&self, position: u64) {
        assert_eq!(self.version().await.position, position, "the checkpoint");
    }

    pub(crate) async fn find_parked(&self, aggregate: &str) -> Option<u64> {
        retried(|| self.0.find_parked(STORE, aggregate)).await
    }

    pub(crate) async fn rebuild(&self) -> ReadModelVersion {
        let log_id = log_id();
        retried(|| self.0.rebuild(&log_id)).await.expect("a version that was not dropped")
    }

    pub(crate) async fn try_swap(&self, position: u64, scanned_to: u64) -> Swapped {
        retried(|| self.0.swap(position, scanned_to)).await
    }

    /// Repeats the swap until no reader prevents it.
    pub(crate) async fn swap(&self, position: u64, scanned_to: u64) -> ReadModelVersion {
        let started = Instant::now();
        loop {
            match self.try_swap(position, scanned_to).await {
                Swapped::Done(version) => return version,
                Swapped::NotYet => assert!(started.elapsed() < LIMIT, "the version never takes over"),
                Swapped::Superseded => panic!("superseded by an older version"),
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}
