//! Tests of applying events to a read model. Each call applies its events and moves the checkpoint in one transaction.

use std::sync::Arc;

use castore_core::log::CheckpointEvent;
use castore_projection::engine::{Applied, Checkpoint};

use super::ReadModelFactory;
use super::case::{ReadModelCase, event, event_of_type, events, log_id, page};
use super::event::{HAPPENED, PANICKING, REFUSED, UNDECODABLE};
use crate::storage::cancellation::poll_and_drop;

/// Tests that a new version of a read model starts at position 0 without parked aggregates. Readers use the first
/// version immediately.
pub async fn a_new_version_starts_at_the_beginning(factory: &dyn ReadModelFactory) {
    let case = ReadModelCase::new(factory).await;
    let version = case.open(1).await.version().await;
    assert_eq!((&*version.name, version.version), (super::NAME, 1));
    assert_eq!((version.position, version.parked, version.live), (0, 0, true));
    assert_eq!(version.log_id, log_id());
    case.expect_read("").await;
}

/// Tests that after events were applied, they are in the read model, and the checkpoint is at the position that the
/// caller has passed.
pub async fn the_checkpoint_moves_with_the_model(factory: &dyn ReadModelFactory) {
    let case = ReadModelCase::new(factory).await;
    let store = case.open(1).await;
    let events = events("abacb");
    assert!(matches!(store.apply(&events, 0..3, 0, 3).await, Applied::Done(version) if version.position == 3));
    store.expect_position(3).await;
    case.expect_read("aba").await;
    // The checkpoint may be beyond the last event, if the log was read that far.
    assert!(matches!(store.apply(&events, 3..5, 3, 1_000_000).await, Applied::Done(_)));
    store.expect_position(1_000_000).await;
    case.expect_read("abacb").await;
}

/// Tests that a call without events moves only the checkpoint.
pub async fn the_checkpoint_moves_without_events(factory: &dyn ReadModelFactory) {
    let case = ReadModelCase::new(factory).await;
    let store = case.open(1).await;
    store.apply_all(&events("ab"), 0, 2).await;
    store.apply_all(&events(""), 2, 700).await;
    store.expect_position(700).await;
    case.expect_read("ab").await;
}

/// Tests that a rejected event rolls back all events of its transaction, and the checkpoint does not move. The same
/// applies if the handler panics or if the event cannot be decoded.
pub async fn a_failed_apply_leaves_nothing(factory: &dyn ReadModelFactory) {
    for event_type in [REFUSED, PANICKING, UNDECODABLE] {
        let case = ReadModelCase::new(factory).await;
        let store = case.open(1).await;
        store.apply_all(&events("ab"), 0, 2).await;
        let page: Arc<[_]> = [event("a", 3), event("b", 4), event_of_type("b", 5, event_type), event("c", 6)].into();
        for _ in 0..2 {
            assert_eq!(store.refuse(&page, 0..4, 2, 6).await, 2, "{event_type}: the index of the refused event");
            store.expect_position(2).await;
            case.expect_read("ab").await;
        }
        assert_eq!(store.refuse(&page, 1..4, 2, 6).await, 1, "{event_type}: the index in the range");
        // The events before the rejected event can be applied without that event.
        assert!(matches!(store.apply(&page, 0..2, 2, 4).await, Applied::Done(_)));
        case.expect_read("abab").await;
        store.expect_position(4).await;
    }
}

/// Tests that a store that is opened again, as by another process, continues at the committed checkpoint.
pub async fn another_process_continues_at_the_checkpoint(factory: &dyn ReadModelFactory) {
    let case = ReadModelCase::new(factory).await;
    let store = case.open(1).await;
    store.apply_all(&events("aab"), 0, 3).await;
    drop(store);
    let store = case.open(1).await;
    assert_eq!((store.version().await.position, store.version().await.live), (3, true));
    store.apply_all(&page([event("a", 4)]), 3, 4).await;
    case.expect_read("aaba").await;
}

/// Tests that a call whose future is dropped in the middle of its transaction has applied all events or none.
pub async fn a_dropped_apply_is_all_or_nothing(factory: &dyn ReadModelFactory) {
    let case = ReadModelCase::new(factory).await;
    let mut position = 0;
    for round in 1..=40 {
        let store = case.database.open(1, &log_id()).await;
        let page: Arc<[_]> = ["a", "b", "c"].map(|aggregate| event_of_type(aggregate, position + 1, HAPPENED)).into();
        poll_and_drop(store.apply(page, 0..3, position, (position + 1).into()), round).await;
        // Closing the store waits for calls that are still running.
        store.close().await;
        let store = case.open(1).await;
        // The dropped call may have been committed. In this case, the following call returns `Moved`, because the
        // checkpoint has moved.
        let last: Arc<[_]> = ["a", "b", "c"].map(|aggregate| event(aggregate, position + 2)).into();
        match store.apply(&last, 0..3, position, position + 2).await {
            Applied::Done(version) | Applied::Moved(version) => position = version.position,
            other => panic!("round {round}: {other:?}"),
        }
        let counts: Vec<_> = case.database.read().await.into_values().collect();
        assert_eq!(counts, [round; 3], "round {round}: each page counts once, and as a whole");
    }
}

/// Tests that the event of a checkpoint is stored with the checkpoint, and is kept when the checkpoint moves without an
/// event. If a call is fenced because another process has moved the checkpoint, the caller receives the stored event.
pub async fn the_event_of_the_checkpoint_is_kept(factory: &dyn ReadModelFactory) {
    let case = ReadModelCase::new(factory).await;
    let (store, late) = (case.open(1).await, case.open(1).await);
    assert_eq!(store.version().await.event, None, "the event of a new version");
    let first = events("ab");
    let event = CheckpointEvent::new(&first[1], 7);
    let applied = store.apply(&first, 0..2, 0, Checkpoint::new(5, event.clone())).await;
    assert!(matches!(&applied, Applied::Done(version) if version.event.as_ref() == Some(&event)), "{applied:?}");
    let moved = late.apply(&first, 0..2, 0, Checkpoint::new(2, CheckpointEvent::new(&first[0], 0))).await;
    assert!(matches!(&moved, Applied::Moved(version) if version.event.as_ref() == Some(&event)), "{moved:?}");
    let applied = store.apply(&page([]), 0..0, 5, 9).await;
    assert!(matches!(&applied, Applied::Done(version) if version.event.as_ref() == Some(&event)), "{applied:?}");
    assert_eq!(case.open(1).await.version().await.event, Some(event), "as another process reads it");
    let parked = CheckpointEvent::new(&super::case::event("c", 10), 8);
    let applied = store.park("c", 10, 9, Checkpoint::new(10, parked.clone())).await;
    assert!(matches!(&applied, Applied::Done(version) if version.event.as_ref() == Some(&parked)), "{applied:?}");
    assert_eq!(store.version().await.event, Some(parked));
}
