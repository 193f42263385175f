//! Tests of parked aggregates, whose messages could not be published.

use std::time::{Duration, Instant};

use castore_core::relay::{ParkedAggregate, RelayCommit};

use super::RelayStorageFactory;
use super::case::{LONG, PATIENCE, RELAY, ROUNDING, RelayCase, parked, parked_at, take, take_over, timeless, to};

/// Tests that parked aggregates are returned unchanged and sorted by position, regardless of the order in which they
/// were parked.
pub async fn parked_aggregates_come_back_by_position(factory: &dyn RelayStorageFactory) {
    let case = RelayCase::new(factory).await;
    case.expect_parked(vec![]).await;
    let lease = case.lease().await;
    case.park(&lease, vec![parked_at("c", 30), parked_at("a", 200)]).await;
    let full = ParkedAggregate {
        event_store_id: "TRAINERS".to_owned(),
        version: i64::MAX as u64,
        attempts: i32::MAX as u32,
        ..parked_at("a", 4)
    };
    case.park(&lease, vec![parked_at("b", 100), full.clone()]).await;
    let expected = vec![full, parked_at("c", 30), parked_at("b", 100), parked_at("a", 200)];
    case.expect_parked(expected.clone()).await;
    let other = case.fresh.another().await;
    assert_eq!(timeless(parked(&other, RELAY).await), timeless(expected), "through another handle");
}

/// Tests that parking an aggregate again replaces its row.
pub async fn parking_again_replaces(factory: &dyn RelayStorageFactory) {
    let case = RelayCase::new(factory).await;
    let lease = case.lease().await;
    let mut trainer = parked_at("a", 2);
    trainer.event_store_id = "TRAINERS".to_owned();
    case.park(&lease, vec![parked_at("a", 1), trainer.clone(), parked_at("b", 3)]).await;
    let next = ParkedAggregate { version: 9, attempts: 7, error: "another error".to_owned(), ..parked_at("a", 11) };
    case.park(&lease, vec![next.clone()]).await;
    case.expect_parked(vec![trainer, parked_at("b", 3), next]).await;
}

/// Tests that the time until the next attempt decreases and stops at zero.
pub async fn the_time_to_the_next_attempt_counts_down(factory: &dyn RelayStorageFactory) {
    let case = RelayCase::new(factory).await;
    let lease = case.lease().await;
    let soon = ParkedAggregate { next_attempt_in: Duration::from_millis(100), ..parked_at("soon", 1) };
    let now = ParkedAggregate { next_attempt_in: Duration::ZERO, ..parked_at("now", 2) };
    let far = ParkedAggregate { next_attempt_in: Duration::from_secs(30 * 24 * 3600), ..parked_at("far", 4) };
    let started = Instant::now();
    case.park(&lease, vec![soon, now, parked_at("later", 3), far.clone()]).await;
    let first = case.parked().await;
    assert!(first[0].next_attempt_in <= Duration::from_millis(100) + ROUNDING, "{:?}", first[0]);
    assert!(first[1].next_attempt_in <= ROUNDING, "{:?}", first[1]);
    let minute = Duration::from_secs(60);
    assert!(first[2].next_attempt_in <= minute + ROUNDING && first[2].next_attempt_in > minute / 2, "{:?}", first[2]);
    assert!(first[3].next_attempt_in + minute > far.next_attempt_in, "{:?}", first[3]);
    loop {
        let left = case.parked().await;
        assert_eq!(left.len(), 4, "due aggregates stay parked until they are freed");
        let counts_down = left[2].next_attempt_in < first[2].next_attempt_in;
        if left[0].next_attempt_in.is_zero() && counts_down {
            let passed = started.elapsed();
            assert!(passed + ROUNDING >= Duration::from_millis(100), "100 ms counted down in {passed:?}");
            break;
        }
        assert!(started.elapsed() < PATIENCE, "the time does not count down: {left:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Tests that freed aggregates are removed, and other aggregates stay parked. Freeing an aggregate that is not parked
/// does nothing.
pub async fn freed_aggregates_are_gone(factory: &dyn RelayStorageFactory) {
    let case = RelayCase::new(factory).await;
    let lease = case.lease().await;
    let mut trainer = parked_at("a", 2);
    trainer.event_store_id = "TRAINERS".to_owned();
    case.park(&lease, vec![parked_at("a", 1), trainer.clone(), parked_at("b", 3)]).await;
    let key = |store: &str, aggregate: &str| (store.to_owned(), aggregate.to_owned());
    let freed = vec![key("POKEMONS", "a"), key("POKEMONS", "unknown"), key("TRAINERS", "b")];
    case.commit(&lease, RelayCommit { freed, parked: vec![parked_at("c", 4)], ..to(50) }).await;
    case.expect_parked(vec![trainer, parked_at("b", 3), parked_at("c", 4)]).await;
    // A freed aggregate can be parked again.
    case.park(&lease, vec![parked_at("a", 60)]).await;
    assert_eq!(case.parked().await.len(), 4);
}

/// Tests that parked aggregates belong to their relay, and stay parked when another process acquires the lease.
pub async fn parked_aggregates_belong_to_the_relay(factory: &dyn RelayStorageFactory) {
    let case = RelayCase::new(factory).await;
    let lease = case.lease().await;
    case.park(&lease, vec![parked_at("a", 1)]).await;
    let second = take(&case.adapter, "second", "me", LONG).await;
    let of_second = ParkedAggregate { attempts: 5, ..parked_at("a", 2) };
    case.commit(&second, RelayCommit { parked: vec![of_second.clone()], ..to(3) }).await;
    let freed = vec![("POKEMONS".to_owned(), "a".to_owned())];
    case.adapter.release(&lease).await.expect("releasing");
    case.expect_parked(vec![parked_at("a", 1)]).await;
    let (next, _) = take_over(&case.adapter, RELAY, "you", LONG).await;
    case.expect_parked(vec![parked_at("a", 1)]).await;
    assert_eq!(timeless(parked(&case.adapter, "second").await), timeless(vec![of_second.clone()]));
    case.commit(&next, RelayCommit { freed, ..to(101) }).await;
    case.expect_parked(vec![]).await;
    assert_eq!(timeless(parked(&case.adapter, "second").await), timeless(vec![of_second]));
}

/// Tests that one commit can park and free many aggregates.
pub async fn many_are_parked_at_once(factory: &dyn RelayStorageFactory) {
    let case = RelayCase::new(factory).await;
    let lease = case.lease().await;
    let many: Vec<_> = (1..=300).map(|number| parked_at(&format!("p{number}"), number)).collect();
    case.park(&lease, many.iter().rev().cloned().collect()).await;
    case.expect_parked(many.clone()).await;
    let freed = many.iter().skip(1).map(|one| (one.event_store_id.clone(), one.aggregate_id.clone())).collect();
    case.commit(&lease, RelayCommit { freed, ..to(100) }).await;
    case.expect_parked(many[..1].to_vec()).await;
}

/// Tests that a retry request makes a parked aggregate due immediately and changes nothing else. If the aggregate is
/// not parked, the adapter returns false.
pub async fn a_retry_makes_an_aggregate_due(factory: &dyn RelayStorageFactory) {
    let case = RelayCase::new(factory).await;
    let other = case.fresh.another().await;
    let lease = case.lease().await;
    case.park(&lease, vec![parked_at("a", 1), parked_at("b", 2)]).await;
    assert!(other.retry_parked(RELAY, "POKEMONS", "a").await.expect("a retry"), "it is parked");
    let after = case.parked().await;
    assert!(after[0].next_attempt_in <= ROUNDING, "it must be due now: {:?}", after[0]);
    assert!(after[1].next_attempt_in > Duration::from_secs(30), "this aggregate must not change: {:?}", after[1]);
    case.expect_parked(vec![parked_at("a", 1), parked_at("b", 2)]).await;
    for (relay, store, aggregate) in
        [(RELAY, "POKEMONS", "c"), (RELAY, "TRAINERS", "a"), ("other", "POKEMONS", "a"), (RELAY, "POKEMONS", "A")]
    {
        let answer = case.adapter.retry_parked(relay, store, aggregate).await.expect("an answer");
        assert!(!answer, "{aggregate} of {store} is not parked for {relay}");
    }
    assert_eq!(case.checkpoint("other").await, None);
    // The caller of `retry_parked` does not have to hold the lease, and does not affect the holder.
    case.commit(&lease, to(7)).await;
}
