use std::time::Duration;

use castore_core::error::error_chain;
use tokio::time::Instant;

use super::support::{Counts, Fault, SOON, STORE, World, map, options, parking};
use crate::{ProjectionError, ProjectionState, WaitForError};

#[tokio::test(start_paused = true)]
async fn an_event_is_retried_with_a_doubling_backoff_and_then_the_projection_stops() {
    let world = World::default();
    world.push("a", 1, "HAPPENED").await;
    let poison = world.push("a", 2, "POISON").await;
    world.push("b", 1, "HAPPENED").await;
    let start = Instant::now();
    let running = world.start(Counts::<1>::default(), options()).await;
    let error = running.finished().await.unwrap_err();
    assert!(matches!(&*error, ProjectionError::Handler { position, .. } if *position == poison), "{error:?}");
    assert_eq!(start.elapsed(), Duration::from_millis(100 + 200 + 400 + 800), "four pauses between five attempts");
    assert_eq!(world.counts(), map(&[("a", 1)]), "what came before the event is applied, and nothing after it");
    let status = running.status().await.unwrap();
    assert_eq!(status.state, ProjectionState::Stopped { error: error_chain(&*error) });
    let error = running.wait_for(poison, SOON).await.unwrap_err();
    assert!(matches!(error, WaitForError::Stopped { .. }), "{error:?}");
    let error = running.retry_parked(STORE, "a").await.unwrap_err();
    assert!(matches!(error, ProjectionError::Setup { .. }), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn permanent_failures_are_not_retried() {
    for event_type in ["PERMANENT", "UNDECODABLE", "PANIC_WHILE_DECODED"] {
        let world = World::default();
        world.push("a", 1, event_type).await;
        let start = Instant::now();
        let running = world.start(Counts::<1>::default(), options()).await;
        running.finished().await.unwrap_err();
        assert_eq!(start.elapsed(), Duration::ZERO, "{event_type}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_of_the_handler_is_retried_like_an_error() {
    let world = World::default();
    let last = world.push("a", 1, "PANIC").await;
    let projection = Counts::<1>::default();
    let running = world.start(projection.clone(), options()).await;
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert!(matches!(running.status().await.unwrap().state, ProjectionState::Retrying { .. }));
    projection.heal();
    running.wait_for(last, SOON).await.unwrap();
    assert_eq!(world.counts(), map(&[("a", 1)]));
}

#[tokio::test(start_paused = true)]
async fn a_parked_aggregate_holds_up_no_other_and_continues_where_it_was_parked() {
    let world = World::default();
    world.push("a", 1, "HAPPENED").await;
    let poison = world.push("a", 2, "POISON").await;
    world.push("a", 3, "HAPPENED").await;
    let last = world.push("b", 1, "HAPPENED").await;
    let projection = Counts::<1>::default();
    let running = world.start(projection.clone(), parking()).await;
    running.wait_for(last, SOON).await.unwrap();
    assert_eq!(world.counts(), map(&[("a", 1), ("b", 1)]));
    let parked = world.models.parked("counts", 1);
    assert_eq!((parked.len(), parked[0].next_position, parked[0].version, parked[0].attempts), (1, poison, 2, 5));
    assert_eq!(parked[0].error, "poison");
    let error = running.retry_parked(STORE, "a").await.unwrap_err();
    assert!(matches!(error, ProjectionError::Handler { position, .. } if position == poison), "{error:?}");
    assert_eq!(world.models.parked("counts", 1)[0].attempts, 6);
    projection.heal();
    assert!(running.retry_parked(STORE, "a").await.unwrap());
    assert!(!running.retry_parked(STORE, "a").await.unwrap(), "it is parked no longer");
    assert_eq!(world.counts(), map(&[("a", 3), ("b", 1)]));
    assert_eq!(running.status().await.unwrap().parked, 0);
    let last = world.push("a", 4, "HAPPENED").await;
    running.wait_for(last, SOON).await.unwrap();
    assert_eq!(world.counts(), map(&[("a", 4), ("b", 1)]));
}

/// A parked aggregate can be retried while the projection waits after the failure of another event.
#[tokio::test(start_paused = true)]
async fn commands_are_executed_during_a_backoff() {
    let world = World::default();
    let last = world.push("a", 1, "PERMANENT").await;
    let projection = Counts::<1>::default();
    let long = parking().backoff(Duration::from_secs(20), Duration::from_secs(30));
    let running = world.start(projection.clone(), long).await;
    running.wait_for(last, SOON).await.unwrap();
    world.push("b", 1, "POISON").await;
    while !matches!(running.status().await.unwrap().state, ProjectionState::Retrying { .. }) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let before = Instant::now();
    running.retry_parked(STORE, "a").await.unwrap_err();
    assert_eq!(before.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn an_unavailable_database_is_waited_for_and_parks_nothing() {
    let world = World::default();
    let last = world.push("a", 1, "HAPPENED").await;
    world.fail((0..12).map(|_| Fault::Unavailable));
    let start = Instant::now();
    let running = world.start(Counts::<1>::default(), parking().attempts(1)).await;
    running.wait_for(last, SOON).await.unwrap();
    assert_eq!(world.counts(), map(&[("a", 1)]));
    assert_eq!(running.status().await.unwrap().parked, 0);
    // The delays are 0.1 s, 0.2 s, … and 25.6 s, and then 30 s each.
    assert_eq!(start.elapsed(), Duration::from_millis(100 * 511 + 3 * 30_000));
}

#[tokio::test(start_paused = true)]
async fn a_fatal_failure_of_the_store_stops_the_projection_at_once() {
    let world = World::default();
    world.push("a", 1, "HAPPENED").await;
    world.fail([Fault::Fatal]);
    let running = world.start(Counts::<1>::default(), parking()).await;
    let error = running.finished().await.unwrap_err();
    assert!(matches!(*error, ProjectionError::Setup { .. }), "{error:?}");
    assert!(world.closed.load(std::sync::atomic::Ordering::SeqCst), "a projection that stops closes its store");
}

/// If a retry fails in the middle, the aggregate stays parked at the same event.
#[tokio::test(start_paused = true)]
async fn a_retry_that_the_database_interrupts_can_be_repeated() {
    let world = World::default();
    world.push("a", 1, "PERMANENT").await;
    world.push("a", 2, "HAPPENED").await;
    let last = world.push("b", 1, "HAPPENED").await;
    let projection = Counts::<1>::default();
    let running = world.start(projection.clone(), parking()).await;
    running.wait_for(last, SOON).await.unwrap();
    projection.heal();
    // A retry calls the store to find the aggregate, to apply each event, and to unpark the aggregate. Each attempt
    // fails at a later call.
    for calls_before in [0, 1, 2, 2] {
        world.fail((0..calls_before).map(|_| Fault::None).chain([Fault::Unavailable]));
        let error = running.retry_parked(STORE, "a").await.unwrap_err();
        assert!(matches!(error, ProjectionError::Storage { .. }), "{error:?}");
        assert_eq!(world.models.parked("counts", 1).len(), 1);
    }
    assert!(running.retry_parked(STORE, "a").await.unwrap());
    assert_eq!(world.counts(), map(&[("a", 2), ("b", 1)]));
}

#[tokio::test(start_paused = true)]
async fn an_error_whose_text_panics_is_a_failure_like_any_other() {
    let world = World::default();
    world.push("a", 1, "UNPRINTABLE").await;
    let last = world.push("b", 1, "HAPPENED").await;
    let running = world.start(Counts::<1>::default(), parking()).await;
    running.wait_for(last, SOON).await.unwrap();
    let parked = world.models.parked("counts", 1);
    assert_eq!((parked.len(), parked[0].error.as_str()), (1, "an error whose `Display` implementation panics"));
    let stopping = world.start(Counts::<2>::default(), options()).await;
    stopping.finished().await.unwrap_err();
    assert!(matches!(stopping.status().await.unwrap().state, ProjectionState::Stopped { .. }));
}

/// The projection stops, and the caller of the retry receives the reason.
#[tokio::test(start_paused = true)]
async fn a_fatal_failure_of_the_store_during_a_retry_stops_the_projection() {
    let world = World::default();
    let last = world.push("a", 1, "PERMANENT").await;
    let running = world.start(Counts::<1>::default(), parking()).await;
    running.wait_for(last, SOON).await.unwrap();
    world.fail([Fault::None, Fault::Fatal]);
    let error = running.retry_parked(STORE, "a").await.unwrap_err();
    assert!(error_chain(&error).contains("beyond repair"), "{error:?}");
    let error = running.finished().await.unwrap_err();
    assert!(
        matches!(*error, ProjectionError::Setup { .. }) && error_chain(&*error).contains("beyond repair"),
        "{error:?}"
    );
}
