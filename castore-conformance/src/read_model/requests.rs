//! Tests of requests: another process can store a request that the projection of a version retries a parked aggregate,
//! or rebuilds the read model.

use std::sync::Arc;
use std::time::{Duration, Instant};

use castore_core::log::{EventLog, LogFilter};
use castore_core::storage::{EventStorageAdapter, PushOptions};
use castore_projection::engine::{Applied, ReadModelRegistry, ReadModelVersion, Retried, start};
use castore_projection::{OnFailure, ProjectionError, ProjectionOptions, ProjectionRequest, RunningProjection};
use castore_runtime::in_memory::InMemoryEventStorageAdapter;

use super::case::{ReadModelCase, Store, event, events, page, retried};
use super::event::STORE;
use super::fencing::LosesAnswers;
use super::{NAME, ReadModelFactory};

/// The time limit for waiting for a projection.
const LIMIT: Duration = Duration::from_secs(60);

fn retry() -> ProjectionRequest {
    ProjectionRequest::retry_parked(STORE, "a")
}

async fn request(registry: &dyn ReadModelRegistry, version: u32, request: ProjectionRequest) -> bool {
    registry.request(NAME, version, request).await.expect("a request")
}

/// Returns a store at position 3, whose model has the events 1 and 3. Aggregate `a` is parked at position 2.
async fn with_parked(case: &ReadModelCase) -> Store {
    let store = case.open(1).await;
    store.apply_all(&events("a"), 0, 1).await;
    assert!(matches!(store.park("a", 2, 1, 2).await, Applied::Done(_)), "parking");
    store.apply_all(&page([event("b", 3)]), 2, 3).await;
    store
}

/// Tests that a request is stored once, that the projection and other processes see the request, and that closing the
/// request removes it.
pub async fn a_request_is_stored_until_it_is_closed(factory: &dyn ReadModelFactory) {
    let case = ReadModelCase::new(factory).await;
    let (store, registry) = (with_parked(&case).await, case.database.registry());
    assert_eq!(store.version().await.requests, 0);
    let parked = registry.parked(NAME, 1).await.expect("the parked aggregates");
    assert_eq!((parked.len(), parked[0].next_position, parked[0].is(STORE, "a")), (1, 2, true));
    for _ in 0..2 {
        assert!(request(&*registry, 1, retry()).await, "a parked aggregate");
        assert!(request(&*registry, 1, ProjectionRequest::Rebuild).await, "a version");
        let stored = [ProjectionRequest::Rebuild, retry()];
        assert_eq!(registry.requests(NAME, 1).await.expect("the requests"), stored);
        let mut seen = retried(|| store.0.requests()).await;
        seen.sort();
        assert_eq!(seen, stored);
        assert_eq!(store.version().await.requests, 2);
    }
    retried(|| store.0.close_request(ProjectionRequest::Rebuild)).await;
    assert_eq!(registry.requests(NAME, 1).await.expect("the requests"), [retry()]);
    for _ in 0..2 {
        retried(|| store.0.close_request(retry())).await;
        assert_eq!(retried(|| store.0.requests()).await, []);
    }
    assert_eq!(store.find_parked("a").await, Some(2), "closing a request changes nothing else");
}

/// Tests that the registry does not store requests for an unknown version, or retries of aggregates that are not
/// parked.
pub async fn requests_without_a_target_are_not_stored(factory: &dyn ReadModelFactory) {
    let case = ReadModelCase::new(factory).await;
    let registry = case.database.registry();
    assert!(!request(&*registry, 1, ProjectionRequest::Rebuild).await, "there is no read model yet");
    assert_eq!(registry.parked(NAME, 1).await.expect("the parked aggregates"), []);
    assert_eq!(registry.requests(NAME, 1).await.expect("the requests"), []);
    let store = with_parked(&case).await;
    assert!(!request(&*registry, 2, ProjectionRequest::Rebuild).await, "an unknown version");
    assert!(!request(&*registry, 2, retry()).await, "an unknown version");
    let other = ProjectionRequest::retry_parked(STORE, "b");
    assert!(!request(&*registry, 1, other).await, "an aggregate that is not parked");
    let other = ProjectionRequest::retry_parked("TRAINERS", "a");
    assert!(!request(&*registry, 1, other).await, "an aggregate of another event store");
    assert_eq!(store.version().await.requests, 0);
}

/// Tests that a rebuild empties the read model, and that the projection then starts again at the beginning of the log.
pub async fn a_rebuild_empties_the_read_model(factory: &dyn ReadModelFactory) {
    let case = ReadModelCase::new(factory).await;
    let (store, registry) = (with_parked(&case).await, case.database.registry());
    case.expect_read("ab").await;
    assert!(request(&*registry, 1, retry()).await);
    assert!(request(&*registry, 1, ProjectionRequest::Rebuild).await);
    let expected = ReadModelVersion { position: 0, event: None, parked: 0, requests: 0, ..store.version().await };
    assert_eq!(store.rebuild().await, expected);
    assert_eq!(store.version().await, expected);
    assert_eq!(registry.parked(NAME, 1).await.expect("the parked aggregates"), []);
    case.expect_read("").await;
    store.apply_all(&events("aab"), 0, 3).await;
    case.expect_read("aab").await;
}

/// Tests that a process does not repeat a rebuild that another process has carried out.
pub async fn a_rebuild_is_carried_out_once(factory: &dyn ReadModelFactory) {
    let case = ReadModelCase::new(factory).await;
    let (store, second) = (with_parked(&case).await, case.open(1).await);
    let unchanged = store.rebuild().await;
    assert_eq!((unchanged.position, unchanged.parked), (3, 1), "no rebuild is requested");
    case.expect_read("ab").await;
    assert!(request(&*case.database.registry(), 1, ProjectionRequest::Rebuild).await);
    assert_eq!(store.rebuild().await.position, 0);
    store.apply_all(&events("aab"), 0, 3).await;
    assert_eq!(second.rebuild().await.position, 3);
    case.expect_read("aab").await;
}

/// Tests that a process that does not know about a rebuild writes nothing to the emptied read model.
pub async fn a_rebuild_fences_other_runners(factory: &dyn ReadModelFactory) {
    let case = ReadModelCase::new(factory).await;
    let (store, late) = (with_parked(&case).await, case.open(1).await);
    assert!(request(&*case.database.registry(), 1, ProjectionRequest::Rebuild).await);
    store.rebuild().await;
    match late.apply(&page([event("b", 4)]), 0..1, 3, 4).await {
        Applied::Moved(version) => assert_eq!(version.position, 0),
        other => panic!("the checkpoint has moved back: {other:?}"),
    }
    let retry = retried(|| late.0.apply_parked(event("a", 2), 2)).await;
    assert!(matches!(retry, Retried::Changed), "{retry:?}");
    // The aggregate is parked again, at an event before the event that the late process applies next.
    assert!(matches!(store.park("a", 1, 0, 2).await, Applied::Done(_)), "parking");
    let retry = retried(|| late.0.apply_parked(event("a", 2), 2)).await;
    assert!(matches!(retry, Retried::Changed), "{retry:?}");
    case.expect_read("").await;
}

/// Tests that readers do not notice the rebuild of a version that they do not use.
pub async fn a_rebuild_of_an_unused_version_is_unseen(factory: &dyn ReadModelFactory) {
    let case = ReadModelCase::new(factory).await;
    let (_used, unused) = (with_parked(&case).await, case.open(2).await);
    unused.apply_all(&events("aaaa"), 0, 4).await;
    assert!(request(&*case.database.registry(), 2, ProjectionRequest::Rebuild).await);
    let rebuilt = unused.rebuild().await;
    assert_eq!((rebuilt.version, rebuilt.position, rebuilt.live), (2, 0, false));
    case.expect_read("ab").await;
    unused.apply_all(&events("aaab"), 0, 4).await;
    assert!(unused.swap(4, 4).await.live);
    case.expect_read("aaab").await;
}

/// Tests that a running projection carries out the requests of other processes, and that a projection that is started
/// later carries out the requests that were stored before.
pub async fn the_engine_carries_out_requests(factory: &dyn ReadModelFactory) {
    let case = ReadModelCase::new(factory).await;
    let log = InMemoryEventStorageAdapter::new();
    let log_id = log.log_id().await.expect("the id of the log");
    for entry in events("aab").iter() {
        log.push_event(STORE, entry.event.clone(), PushOptions::new().allow_gap(true)).await.expect("a push");
    }
    let store = Store(Arc::from(case.database.open(1, &log_id).await));
    store.apply_all(&events("a"), 0, 1).await;
    assert!(matches!(store.park("a", 2, 1, 2).await, Applied::Done(_)), "parking");
    let registry = case.database.registry();

    let running = run(&case, &log).await;
    running.wait_for(3, LIMIT).await.expect("the end of the log");
    case.expect_read("ab").await;
    assert!(request(&*registry, 1, retry()).await);
    carried_out(&store).await;
    case.expect_read("aab").await;
    assert_eq!(store.version().await.parked, 0);
    assert!(request(&*registry, 1, ProjectionRequest::Rebuild).await);
    carried_out(&store).await;
    case.database.live(Arc::new(log.clone())).wait_for(3, LIMIT).await.expect("the end of the log");
    case.expect_read("aab").await;
    running.shutdown().await.expect("a projection that did not fail");

    assert!(matches!(store.park("c", 3, 3, 3).await, Applied::Done(_)), "parking");
    assert!(request(&*registry, 1, ProjectionRequest::Rebuild).await);
    let running = run(&case, &log).await;
    carried_out(&store).await;
    assert_eq!(store.version().await.parked, 0);
    running.wait_for(3, LIMIT).await.expect("the end of the log");
    case.expect_read("aab").await;
    running.shutdown().await.expect("a projection that did not fail");
}

async fn run(case: &ReadModelCase, log: &InMemoryEventStorageAdapter) -> RunningProjection {
    let log_id = log.log_id().await.expect("the id of the log");
    let store = Store(Arc::from(case.database.open(1, &log_id).await));
    let version = store.version().await;
    let options =
        ProjectionOptions::default().poll_interval(Duration::from_millis(10)).on_failure(OnFailure::ParkAggregate);
    let filter = LogFilter::of::<super::CountedEvent>();
    start(LosesAnswers::new(store, 0), version, log.clone(), log_id, false, filter, options)
        .await
        .expect("a projection")
}

/// Waits until the version has no requests.
async fn carried_out(store: &Store) {
    let started = Instant::now();
    while store.version().await.requests > 0 {
        assert!(started.elapsed() < LIMIT, "the request is not carried out");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Tests that dropping a version removes its requests, so that a later version with the same number has none. Also
/// tests that a version that readers use cannot be dropped.
pub async fn dropped_versions_have_no_requests(factory: &dyn ReadModelFactory) {
    let case = ReadModelCase::new(factory).await;
    let (_used, _unused, registry) = (with_parked(&case).await, case.open(2).await, case.database.registry());
    let error = registry.drop_version(NAME, 1).await.expect_err("readers use version 1");
    assert!(matches!(error, ProjectionError::Setup { .. }), "{error:?}");
    case.expect_read("ab").await;
    assert!(request(&*registry, 2, ProjectionRequest::Rebuild).await);
    assert!(registry.drop_version(NAME, 2).await.expect("a version"));
    assert!(!registry.drop_version(NAME, 2).await.expect("no version"));
    assert_eq!(registry.requests(NAME, 2).await.expect("the requests"), []);
    assert_eq!(case.open(2).await.version().await.requests, 0);
}
