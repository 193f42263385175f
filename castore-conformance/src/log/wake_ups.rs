//! Tests of wake-ups, which inform readers of new events. Readers also poll, so a log does not have to support
//! wake-ups. A log that supports wake-ups must not lose any wake-up.

use std::time::Duration;

use castore_core::log::WakeUps;

use super::LogFactory;
use super::case::{LogCase, all};
use crate::storage::case::{POKEMONS, TRAINERS};

/// The maximum delay of a wake-up.
const SOON: Duration = Duration::from_secs(10);

/// Waits for a wake-up. Does nothing if `wakes` is false, because the readers of such a log poll.
async fn expect(wake_ups: &mut WakeUps, wakes: bool, what: &str) {
    if wakes {
        let woken = tokio::time::timeout(SOON, wake_ups.next()).await;
        assert!(woken.is_ok(), "{what} does not wake the reader");
    }
}

/// Tests that every push wakes a waiting reader. The reader can then read the event.
pub async fn a_push_wakes_a_waiting_reader(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    let mut at = 0;
    let mut wake_ups = case.log.wake_ups().await;
    for version in 1..=3 {
        let (storage, event) = (case.adapter.clone(), case.event("a", version));
        let pushed = tokio::spawn(async move {
            // After this time, the reader is already waiting.
            tokio::time::sleep(Duration::from_millis(20)).await;
            storage.push_event(POKEMONS, event, Default::default()).await
        });
        expect(&mut wake_ups, case.log_capabilities.wakes, "a push").await;
        let position = super::case::position(pushed.await.expect("the task").expect("a push"));
        let read = case.read_to(position, at, &all()).await;
        assert_eq!(read, [case.entry(position, POKEMONS, &case.event("a", version))]);
        at = position;
    }
}

/// Tests that a push before the wait is remembered: the next wait returns immediately.
pub async fn a_push_before_the_wait_is_remembered(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    let mut wake_ups = case.log.wake_ups().await;
    let mut last = 0;
    for version in 1..=5 {
        last = case.logged(POKEMONS, case.event("a", version)).await.0;
    }
    expect(&mut wake_ups, case.log_capabilities.wakes, "an earlier push").await;
    assert_eq!(case.read_to(last, 0, &all()).await.len(), 5);
}

/// Tests that a group wakes all waiting readers.
pub async fn a_group_wakes_all_readers(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    let mut readers = [case.log.wake_ups().await, case.log.wake_ups().await, case.log.wake_ups().await];
    let stored = case.group(vec![(POKEMONS, case.event("a", 1)), (TRAINERS, case.event("a", 1))]).await;
    for reader in &mut readers {
        expect(reader, case.log_capabilities.wakes, "a group").await;
    }
    let last = stored.into_iter().map(super::case::position).max().expect("two positions");
    assert_eq!(case.read_to(last, 0, &all()).await.len(), 2);
}

/// Tests that a push through another handle wakes a reader if the log supports wake-ups across handles. In any case,
/// the reader can then read the event.
pub async fn a_push_of_another_handle_wakes_a_reader(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    let other = case.fresh.another().await;
    let mut wake_ups = case.log.wake_ups().await;
    let event = case.event("a", 1);
    let stored = other.storage.push_event(POKEMONS, event.clone(), Default::default()).await.expect("a push");
    expect(&mut wake_ups, case.log_capabilities.wakes_across_handles, "a push of another handle").await;
    let position = super::case::position(stored);
    assert_eq!(case.read_to(position, 0, &all()).await, [case.entry(position, POKEMONS, &event)]);
}

/// Tests that dropped waits and dropped readers affect neither pushes nor other readers.
pub async fn dropped_readers_do_not_affect_others(factory: &dyn LogFactory) {
    let case = LogCase::new(factory).await;
    let mut stays = case.log.wake_ups().await;
    for version in 1..=20 {
        let mut leaves = case.log.wake_ups().await;
        let waited = tokio::time::timeout(Duration::from_micros(50 * version), leaves.next()).await;
        drop((waited, leaves));
        case.push(POKEMONS, case.event("a", version)).await;
    }
    expect(&mut stays, case.log_capabilities.wakes, "a push after others left").await;
    let last = case.logged(POKEMONS, case.event("a", 21)).await.0;
    assert_eq!(case.read_to(last, 0, &all()).await.len(), 21);
}
