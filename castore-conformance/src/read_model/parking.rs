//! Tests of parked aggregates. A projection parks an aggregate when one of its events cannot be applied, and then skips
//! the later events of this aggregate.

use std::sync::Arc;

use castore_projection::engine::{Applied, Retried};

use super::ReadModelFactory;
use super::case::{ReadModelCase, Store, event, event_of_type, page, retried};
use super::event::{REFUSED, STORE};

/// Returns a store at position 2. Aggregate `a` is parked at that position.
async fn with_parked(case: &ReadModelCase) -> Store {
    let store = case.open(1).await;
    store.apply_all(&page([event("a", 1)]), 0, 1).await;
    match store.park("a", 2, 1, 2).await {
        Applied::Done(version) => assert_eq!((version.position, version.parked), (2, 1)),
        other => panic!("parking: {other:?}"),
    }
    store
}

/// Tests that parking moves the checkpoint past the event without applying it.
pub async fn parking_moves_the_checkpoint(factory: &dyn ReadModelFactory) {
    let case = ReadModelCase::new(factory).await;
    let store = with_parked(&case).await;
    store.expect_position(2).await;
    assert_eq!((store.find_parked("a").await, store.find_parked("b").await), (Some(2), None));
    assert_eq!(store.version().await.parked, 1);
    case.expect_read("a").await;
}

/// Tests that the later events of a parked aggregate are skipped. The events of all other aggregates are applied.
pub async fn parked_aggregates_are_skipped(factory: &dyn ReadModelFactory) {
    let case = ReadModelCase::new(factory).await;
    let store = with_parked(&case).await;
    let page: Arc<[_]> = [event("a", 3), event("b", 4), event_of_type("a", 5, REFUSED), event("A", 6)].into();
    store.apply_all(&page, 2, 6).await;
    case.expect_read("abA").await;
    store.expect_position(6).await;
    assert_eq!(store.find_parked("a").await, Some(2), "nothing of it was applied");
}

/// Tests that an event of a parked aggregate is applied once, and that the position at which the aggregate is parked
/// then moves past this event.
pub async fn a_parked_event_is_applied_once(factory: &dyn ReadModelFactory) {
    let case = ReadModelCase::new(factory).await;
    let store = with_parked(&case).await;
    for (position, expected) in [(2, "aa"), (3, "aaa")] {
        let done = retried(|| store.0.apply_parked(event("a", position), position)).await;
        assert!(matches!(done, Retried::Done), "{done:?}");
        case.expect_read(expected).await;
        assert_eq!(store.find_parked("a").await, Some(position + 1));
        let again = retried(|| store.0.apply_parked(event("a", position), position)).await;
        assert!(matches!(again, Retried::Changed), "{again:?}");
        case.expect_read(expected).await;
    }
    let other = retried(|| store.0.apply_parked(event("b", 4), 4)).await;
    assert!(matches!(other, Retried::Changed), "an aggregate that is not parked: {other:?}");
    case.expect_read("aaa").await;
    store.expect_position(2).await;
}

/// Tests that if an event of a parked aggregate is rejected again, nothing is written and the aggregate stays parked at
/// that event.
pub async fn a_parked_event_that_is_refused_again_leaves_nothing(factory: &dyn ReadModelFactory) {
    let case = ReadModelCase::new(factory).await;
    let store = with_parked(&case).await;
    let refused = event_of_type("a", 2, REFUSED);
    for _ in 0..2 {
        let again = retried(|| store.0.apply_parked(refused.clone(), 2)).await;
        assert!(matches!(again, Retried::Refused(_)), "{again:?}");
        retried(|| store.0.refuse_parked(refused.clone(), "still refused".to_owned())).await;
        case.expect_read("a").await;
        assert_eq!((store.find_parked("a").await, store.version().await.parked), (Some(2), 1));
    }
    // A rejection that another process reports too late does not move the aggregate back.
    assert!(matches!(retried(|| store.0.apply_parked(event("a", 2), 2)).await, Retried::Done));
    retried(|| store.0.refuse_parked(refused.clone(), "late".to_owned())).await;
    assert_eq!(store.find_parked("a").await, Some(3));
}

/// Tests that an aggregate is unparked only if the checkpoint is at the position that the caller expects. Otherwise
/// events that were skipped in the meantime would be lost.
pub async fn unparking_is_fenced_by_the_checkpoint(factory: &dyn ReadModelFactory) {
    let case = ReadModelCase::new(factory).await;
    let (store, second) = (with_parked(&case).await, case.open(1).await);
    assert!(matches!(retried(|| store.0.apply_parked(event("a", 2), 2)).await, Retried::Done));
    // Another process skips an event of the aggregate.
    second.apply_all(&page([event("a", 3)]), 2, 3).await;
    assert!(!retried(|| store.0.unpark(STORE, "a", 2)).await, "the checkpoint has moved");
    assert_eq!(store.find_parked("a").await, Some(3));
    assert!(matches!(retried(|| store.0.apply_parked(event("a", 3), 3)).await, Retried::Done));
    assert!(retried(|| store.0.unpark(STORE, "a", 3)).await);
    assert_eq!((store.find_parked("a").await, store.version().await.parked), (None, 0));
    store.apply_all(&page([event("a", 4)]), 3, 4).await;
    case.expect_read("aaaa").await;
}

/// Tests that each version has its own parked aggregates.
pub async fn versions_park_independently(factory: &dyn ReadModelFactory) {
    let case = ReadModelCase::new(factory).await;
    let (old, new) = (with_parked(&case).await, case.open(2).await);
    assert_eq!((new.find_parked("a").await, new.version().await.parked), (None, 0));
    new.apply_all(&page([event("a", 1), event("a", 2)]), 0, 2).await;
    assert_eq!((old.find_parked("a").await, old.version().await.parked), (Some(2), 1));
    assert!(retried(|| new.0.unpark(STORE, "a", 2)).await);
    assert_eq!(old.find_parked("a").await, Some(2));
}
