//! Tests of several processes that run the same version of a read model (runners), and of lost responses.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use castore_core::log::{EventLog, LogEntry, LogFilter, LogId};
use castore_core::storage::{EventStorageAdapter, PushOptions};
use castore_projection::engine::{
    Applied, Checkpoint, ReadModelStore, ReadModelVersion, Retried, StoreError, Swapped, start,
};
use castore_projection::{OnFailure, ParkedProjectionAggregate, ProjectionOptions, ProjectionRequest};
use castore_runtime::in_memory::InMemoryEventStorageAdapter;

use super::case::{ReadModelCase, Store, event, event_of_type, events, page};
use super::event::{REFUSED, STORE};
use super::{NAME, ReadModelFactory};

/// Tests that a second runner with a stale checkpoint writes nothing and receives the current checkpoint.
pub async fn a_second_runner_is_fenced(factory: &dyn ReadModelFactory) {
    let case = ReadModelCase::new(factory).await;
    let (first, second) = (case.open(1).await, case.open(1).await);
    let events = events("abc");
    first.apply_all(&events, 0, 3).await;
    for to in [2, 3, 4] {
        let applied = second.apply(&events, 0..2, 0, to).await;
        assert!(matches!(&applied, Applied::Moved(version) if version.position == 3), "{applied:?}");
    }
    // A call whose expected checkpoint is behind or ahead of the stored checkpoint writes nothing.
    assert!(matches!(second.apply(&events, 0..1, 4, 5).await, Applied::Moved(_)));
    let parked = second.park("b", 2, 1, 2).await;
    assert!(matches!(&parked, Applied::Moved(version) if version.position == 3), "{parked:?}");
    assert_eq!((second.find_parked("b").await, second.version().await.parked), (None, 0));
    second.expect_position(3).await;
    case.expect_read("abc").await;
    // The second runner continues from the current checkpoint.
    second.apply_all(&page([event("a", 4)]), 3, 4).await;
    case.expect_read("abca").await;
    assert!(matches!(first.apply(&events, 0..3, 3, 6).await, Applied::Moved(_)));
    case.expect_read("abca").await;
}

/// Tests that if a response is lost after the commit, the caller can repeat the call without applying any event twice.
pub async fn a_repeated_call_applies_nothing_twice(factory: &dyn ReadModelFactory) {
    let case = ReadModelCase::new(factory).await;
    let store = case.open(1).await;
    let page = events("aab");
    store.apply_all(&page, 0, 3).await;
    let again = store.apply(&page, 0..3, 0, 3).await;
    assert!(matches!(&again, Applied::Moved(version) if version.position == 3), "{again:?}");
    case.expect_read("aab").await;

    assert!(matches!(store.park("a", 4, 3, 4).await, Applied::Done(_)));
    assert!(matches!(store.park("a", 4, 3, 4).await, Applied::Moved(_)));
    assert_eq!((store.version().await.parked, store.version().await.position), (1, 4));

    let apply_parked = || async { super::case::retried(|| store.0.apply_parked(event("a", 4), 4)).await };
    assert!(matches!(apply_parked().await, Retried::Done));
    let again = apply_parked().await;
    assert!(matches!(again, Retried::Changed), "{again:?}");
    case.expect_read("aaba").await;

    for _ in 0..2 {
        let unparked = super::case::retried(|| store.0.unpark(STORE, "a", 4)).await;
        assert!(unparked, "a repeated call may not fail");
        assert_eq!((store.find_parked("a").await, store.version().await.parked), (None, 0));
    }
    case.expect_read("aaba").await;
}

/// Tests that if several runners apply the same events concurrently, each event is applied once.
pub async fn concurrent_runners_apply_each_event_once(factory: &dyn ReadModelFactory) {
    const EVENTS: u64 = 60;
    let case = ReadModelCase::new(factory).await;
    let aggregates: String = "abcde".chars().cycle().take(EVENTS as usize).collect();
    let page = events(&aggregates);
    let mut runners = tokio::task::JoinSet::new();
    for runner in 0..4_u64 {
        let (store, page) = (case.open(1).await, Arc::clone(&page));
        runners.spawn(async move {
            let mut position = 0;
            while position < EVENTS {
                let to = (position + 1 + runner % 3).min(EVENTS);
                match store.apply(&page, position as usize..to as usize, position, to).await {
                    Applied::Done(version) | Applied::Moved(version) => position = version.position,
                    other => panic!("runner {runner} at {position}: {other:?}"),
                }
            }
        });
    }
    runners.join_all().await;
    case.expect_read(&aggregates).await;
}

/// Tests that with a store that loses responses after the commit, the projection engine still applies each event once,
/// and parks the aggregate of a rejected event.
pub async fn the_engine_survives_lost_responses(factory: &dyn ReadModelFactory) {
    let case = ReadModelCase::new(factory).await;
    let log = InMemoryEventStorageAdapter::new();
    let log_id = log.log_id().await.expect("the id of the log");
    let entries: Vec<_> = (1..=30)
        .map(|version| if version == 17 { event_of_type("b", version, REFUSED) } else { event("a", version) })
        .collect();
    for entry in entries {
        log.push_event(STORE, entry.event, PushOptions::new().allow_gap(true)).await.expect("pushing");
    }
    let store = Store(Arc::from(case.database.open(1, &log_id).await));
    let version = store.version().await;
    let losing = LosesAnswers::new(store.clone(), 6);
    let options = ProjectionOptions::default()
        .batch_size(11)
        .poll_interval(Duration::from_millis(10))
        .attempts(2)
        .backoff(Duration::from_millis(1), Duration::from_secs(30))
        .on_failure(OnFailure::ParkAggregate);
    let filter = LogFilter::of::<super::CountedEvent>();
    let running = start(losing, version, log.clone(), log_id, false, filter, options).await.expect("a projection");
    running.wait_for(30, Duration::from_secs(60)).await.expect("the position");
    running.shutdown().await.expect("a projection that did not fail");
    case.expect_read(&"a".repeat(29)).await;
    assert_eq!(store.find_parked("b").await, Some(17));
}

/// A store that carries out every call, but returns an error for every second call, as if the response was lost. It
/// stops after `lost` lost responses. `lost` is small, because the engine waits longer after each failure.
pub(super) struct LosesAnswers {
    store: Store,
    calls: AtomicU64,
    lost: u64,
}

impl LosesAnswers {
    pub(super) fn new(store: Store, lost: u64) -> Self {
        Self { store, calls: AtomicU64::new(0), lost }
    }

    fn answer<T>(&self, answer: Result<T, StoreError>) -> Result<T, StoreError> {
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        if call.is_multiple_of(2) && call < 2 * self.lost {
            return Err(StoreError::Unavailable("the response was lost on purpose".into()));
        }
        answer
    }
}

impl ReadModelStore for LosesAnswers {
    const NAME: &'static str = NAME;
    const VERSION: u32 = 1;

    async fn apply(
        &self,
        events: Arc<[LogEntry]>,
        range: Range<usize>,
        from: u64,
        to: Checkpoint,
    ) -> Result<Applied, StoreError> {
        self.answer(self.store.0.apply(events, range, from, to).await)
    }

    async fn park(
        &self,
        aggregate: ParkedProjectionAggregate,
        from: u64,
        to: Checkpoint,
    ) -> Result<Applied, StoreError> {
        self.answer(self.store.0.park(aggregate, from, to).await)
    }

    async fn swap(&self, position: u64, scanned_to: u64) -> Result<Swapped, StoreError> {
        self.answer(self.store.0.swap(position, scanned_to).await)
    }

    async fn version(&self) -> Result<Option<ReadModelVersion>, StoreError> {
        self.store.0.version().await
    }

    async fn find_parked(&self, event_store_id: &str, aggregate_id: &str) -> Result<Option<u64>, StoreError> {
        self.store.0.find_parked(event_store_id, aggregate_id).await
    }

    async fn apply_parked(&self, event: LogEntry, from: u64) -> Result<Retried, StoreError> {
        self.answer(self.store.0.apply_parked(event, from).await)
    }

    async fn refuse_parked(&self, event: LogEntry, error: String) -> Result<(), StoreError> {
        self.answer(self.store.0.refuse_parked(event, error).await)
    }

    async fn unpark(&self, event_store_id: &str, aggregate_id: &str, checkpoint: u64) -> Result<bool, StoreError> {
        self.answer(self.store.0.unpark(event_store_id, aggregate_id, checkpoint).await)
    }

    async fn requests(&self) -> Result<Vec<ProjectionRequest>, StoreError> {
        self.store.0.requests().await
    }

    async fn close_request(&self, request: ProjectionRequest) -> Result<(), StoreError> {
        self.store.0.close_request(request).await
    }

    async fn rebuild(&self, log_id: &LogId) -> Result<Option<ReadModelVersion>, StoreError> {
        self.answer(self.store.0.rebuild(log_id).await)
    }
}
