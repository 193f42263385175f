//! Tests of dropping a parked message, so that it is never published. An operator decides to drop a message, so the
//! storage must not lose this decision.

use std::time::Duration;

use castore_core::relay::ParkedAggregate;

use super::RelayStorageFactory;
use super::case::{LONG, RELAY, ROUNDING, RelayCase, parked_at, take_over};

fn dropped(aggregate: ParkedAggregate) -> ParkedAggregate {
    ParkedAggregate { dropped: true, ..aggregate }
}

/// Tests that dropping marks the next message of the parked aggregate, and makes the aggregate due immediately.
pub async fn dropping_marks_the_message(factory: &dyn RelayStorageFactory) {
    let case = RelayCase::new(factory).await;
    let other = case.fresh.another().await;
    let lease = case.lease().await;
    case.park(&lease, vec![parked_at("a", 1), parked_at("b", 2)]).await;
    assert!(other.drop_parked(RELAY, "POKEMONS", "a", 1).await.expect("an answer"), "it is parked for that");
    let after = case.parked().await;
    assert!(after[0].next_attempt_in <= ROUNDING, "it must be due now: {:?}", after[0]);
    assert!(after[1].next_attempt_in > Duration::from_secs(30), "this aggregate must not change: {:?}", after[1]);
    case.expect_parked(vec![dropped(parked_at("a", 1)), parked_at("b", 2)]).await;
    // Dropping again changes nothing.
    assert!(case.adapter.drop_parked(RELAY, "POKEMONS", "a", 1).await.expect("an answer"));
    case.expect_parked(vec![dropped(parked_at("a", 1)), parked_at("b", 2)]).await;
}

/// Tests that only the message at the given position is dropped. If the aggregate is parked at another position,
/// nothing changes, because the relay may have made progress in the meantime.
pub async fn only_that_message_is_dropped(factory: &dyn RelayStorageFactory) {
    let case = RelayCase::new(factory).await;
    let lease = case.lease().await;
    case.park(&lease, vec![parked_at("a", 10)]).await;
    for (relay, store, aggregate, position) in [
        (RELAY, "POKEMONS", "a", 9),
        (RELAY, "POKEMONS", "a", 11),
        (RELAY, "POKEMONS", "b", 10),
        (RELAY, "TRAINERS", "a", 10),
        ("other", "POKEMONS", "a", 10),
    ] {
        let answer = case.adapter.drop_parked(relay, store, aggregate, position).await.expect("an answer");
        assert!(!answer, "{aggregate} of {store} is not parked for {position} of {relay}");
    }
    let after = case.parked().await;
    assert!(after[0].next_attempt_in > Duration::from_secs(30), "it must not become due: {:?}", after[0]);
    case.expect_parked(vec![parked_at("a", 10)]).await;
}

/// Tests that a dropped message stays dropped when the relay commits another failure of this message, and when another
/// process takes over the lease.
pub async fn a_dropped_message_stays_dropped(factory: &dyn RelayStorageFactory) {
    let case = RelayCase::new(factory).await;
    let lease = case.lease().await;
    case.park(&lease, vec![parked_at("a", 1), parked_at("b", 2)]).await;
    assert!(case.adapter.drop_parked(RELAY, "POKEMONS", "a", 1).await.expect("an answer"));
    let again = ParkedAggregate { attempts: 2, error: "failed again".to_owned(), ..parked_at("a", 1) };
    case.park(&lease, vec![again.clone()]).await;
    case.expect_parked(vec![dropped(again.clone()), parked_at("b", 2)]).await;
    assert!(case.adapter.retry_parked(RELAY, "POKEMONS", "a").await.expect("an answer"));
    case.expect_parked(vec![dropped(again.clone()), parked_at("b", 2)]).await;
    case.adapter.release(&lease).await.expect("releasing");
    let (next, _) = take_over(&case.adapter, RELAY, "you", LONG).await;
    case.park(&next, vec![again.clone()]).await;
    case.expect_parked(vec![dropped(again), parked_at("b", 2)]).await;
}

/// Tests that dropping a parked message does not affect later messages: if the relay later parks the aggregate at
/// another message, that message is not marked as dropped.
pub async fn the_next_message_is_not_dropped(factory: &dyn RelayStorageFactory) {
    let case = RelayCase::new(factory).await;
    let lease = case.lease().await;
    case.park(&lease, vec![parked_at("a", 1)]).await;
    assert!(case.adapter.drop_parked(RELAY, "POKEMONS", "a", 1).await.expect("an answer"));
    case.park(&lease, vec![parked_at("a", 5)]).await;
    case.expect_parked(vec![parked_at("a", 5)]).await;
    // The same applies if the aggregate was freed in between.
    assert!(case.adapter.drop_parked(RELAY, "POKEMONS", "a", 5).await.expect("an answer"));
    let freed = vec![("POKEMONS".to_owned(), "a".to_owned())];
    case.commit(&lease, castore_core::relay::RelayCommit { freed, ..super::case::to(9) }).await;
    case.park(&lease, vec![parked_at("a", 5)]).await;
    case.expect_parked(vec![parked_at("a", 5)]).await;
}

/// Tests that a row that the relay itself writes as dropped is stored as dropped.
pub async fn a_row_written_as_dropped_is_dropped(factory: &dyn RelayStorageFactory) {
    let case = RelayCase::new(factory).await;
    let lease = case.lease().await;
    case.park(&lease, vec![dropped(parked_at("new", 1)), parked_at("old", 2)]).await;
    case.park(&lease, vec![dropped(parked_at("old", 2))]).await;
    case.expect_parked(vec![dropped(parked_at("new", 1)), dropped(parked_at("old", 2))]).await;
}
