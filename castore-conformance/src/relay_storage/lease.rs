//! Tests of leases, which determine which process may run a relay.

use std::time::{Duration, Instant};

use castore_core::log::LogId;
use castore_core::relay::{AcquireLease, LeaseOutcome, RelayCheckpoint};

use super::RelayStorageFactory;
use super::case::{LONG, PATIENCE, RELAY, ROUNDING, RelayCase, SHORT, ask, take, take_over, to};

/// Tests that a new relay has no checkpoint. It starts at the position given with the first lease request.
pub async fn a_new_relay_starts_at_the_given_position(factory: &dyn RelayStorageFactory) {
    let case = RelayCase::new(factory).await;
    assert_eq!(case.checkpoint(RELAY).await, None, "the relay never ran");
    let log_id = LogId::new("the log");
    let request = AcquireLease { relay: RELAY, owner: "me", lasts: LONG, log_id: &log_id, first: 42 };
    let acquired = case.adapter.acquire(request).await.expect("asking for a lease");
    let expected = RelayCheckpoint::new(42, log_id.clone()).owner(Some("me".to_owned()));
    match acquired {
        LeaseOutcome::Lease { lease, checkpoint } => {
            assert_eq!(&*lease.relay, RELAY);
            assert_eq!((checkpoint.position, checkpoint.log_id), (42, log_id));
        }
        other => panic!("the lease of a new relay is free: {other:?}"),
    }
    assert_eq!(case.checkpoint(RELAY).await, Some(expected));
}

/// Tests that the start position and the log of a lease request apply to new relays only. An existing relay continues
/// at its checkpoint.
pub async fn the_start_position_applies_to_new_relays_only(factory: &dyn RelayStorageFactory) {
    let case = RelayCase::new(factory).await;
    let request = AcquireLease { relay: RELAY, owner: "me", lasts: LONG, log_id: &case.log_id, first: 7 };
    let LeaseOutcome::Lease { lease, .. } = case.adapter.acquire(request).await.expect("asking for a lease") else {
        panic!("the lease of a new relay is free");
    };
    case.adapter.release(&lease).await.expect("releasing");
    for expected in [7, 20] {
        let other = LogId::new("another log");
        let request = AcquireLease { relay: RELAY, owner: "me", lasts: LONG, log_id: &other, first: 99 };
        match case.adapter.acquire(request).await.expect("asking for a lease") {
            LeaseOutcome::Lease { lease, checkpoint } => {
                assert_eq!((checkpoint.position, &checkpoint.log_id), (expected, &case.log_id), "{checkpoint:?}");
                case.commit(&lease, to(20)).await;
                case.adapter.release(&lease).await.expect("releasing");
            }
            other => panic!("a released lease is free: {other:?}"),
        }
    }
}

/// Tests that while a process holds the lease, no other process acquires it, not even a process with the same owner
/// name. The other processes receive the name of the current owner and change nothing.
pub async fn a_held_lease_is_not_taken(factory: &dyn RelayStorageFactory) {
    let case = RelayCase::new(factory).await;
    let other = case.fresh.another().await;
    let lease = case.lease().await;
    case.commit(&lease, to(5)).await;
    for (adapter, owner) in [(&case.adapter, "you"), (&other, "you"), (&other, "me"), (&case.adapter, "me")] {
        match ask(adapter, RELAY, owner, SHORT).await {
            LeaseOutcome::HeldByOther { owner, expires_in } => {
                assert_eq!(owner, "me", "who holds it");
                assert!(expires_in <= LONG + ROUNDING && expires_in > LONG / 2, "it expires in {expires_in:?}");
            }
            taken => panic!("{owner} got a lease that is held: {taken:?}"),
        }
    }
    // The wait is longer than the lease duration that the other processes have requested.
    tokio::time::sleep(SHORT + ROUNDING).await;
    let checkpoint = case.checkpoint(RELAY).await.expect("a checkpoint");
    assert_eq!((checkpoint.position, checkpoint.owner.as_deref()), (5, Some("me")));
    case.commit(&lease, to(6)).await;
}

/// Tests that an expired lease can be acquired, but not before it expires.
pub async fn an_expired_lease_can_be_acquired(factory: &dyn RelayStorageFactory) {
    let case = RelayCase::new(factory).await;
    let other = case.fresh.another().await;
    let started = Instant::now();
    let first = take(&case.adapter, RELAY, "me", SHORT).await;
    let (second, checkpoint) = take_over(&other, RELAY, "you", LONG).await;
    let after = started.elapsed();
    assert!(after + ROUNDING >= SHORT, "a lease of {SHORT:?} was taken by another after {after:?}");
    assert!(second.token > first.token, "{second:?} after {first:?}");
    assert_eq!(checkpoint.position, 0);
    assert_eq!(case.checkpoint(RELAY).await.and_then(|checkpoint| checkpoint.owner).as_deref(), Some("you"));
}

/// Tests that the token grows each time the lease is acquired, regardless of the owner, and regardless of whether the
/// previous lease was released or has expired.
pub async fn tokens_grow(factory: &dyn RelayStorageFactory) {
    let case = RelayCase::new(factory).await;
    let other = case.fresh.another().await;
    let mut tokens = Vec::new();
    for round in 0..4 {
        let lease = take(&case.adapter, RELAY, "me", LONG).await;
        case.adapter.release(&lease).await.expect("releasing");
        tokens.push(lease.token);
        let lasts = Duration::from_millis(round % 2);
        tokens.push(take_over(&other, RELAY, "you", lasts).await.0.token);
        tokens.push(take_over(&other, RELAY, "you", Duration::ZERO).await.0.token);
        tokio::time::sleep(ROUNDING).await;
    }
    assert!(tokens.is_sorted_by(|one, next| one < next), "{tokens:?}");
}

/// Tests that a released lease is free immediately and has no owner.
pub async fn a_released_lease_is_free(factory: &dyn RelayStorageFactory) {
    let case = RelayCase::new(factory).await;
    let other = case.fresh.another().await;
    let lease = case.lease().await;
    case.commit(&lease, to(8)).await;
    case.adapter.release(&lease).await.expect("releasing");
    let checkpoint = case.checkpoint(RELAY).await.expect("a checkpoint");
    assert_eq!((checkpoint.position, checkpoint.owner), (8, None));
    case.adapter.release(&lease).await.expect("releasing again");
    let next = take(&other, RELAY, "you", LONG).await;
    assert!(next.token > lease.token);
}

/// Tests that releasing a lost lease does not release the lease of the successor.
pub async fn a_lost_lease_releases_nothing(factory: &dyn RelayStorageFactory) {
    let case = RelayCase::new(factory).await;
    let lost = take(&case.adapter, RELAY, "me", Duration::ZERO).await;
    let (held, _) = take_over(&case.adapter, RELAY, "you", LONG).await;
    case.adapter.release(&lost).await.expect("releasing a lost lease");
    match ask(&case.adapter, RELAY, "me", LONG).await {
        LeaseOutcome::HeldByOther { owner, .. } => assert_eq!(owner, "you"),
        taken => panic!("the successor's lease was released: {taken:?}"),
    }
    case.commit(&held, to(1)).await;
}

/// Tests that the checkpoint contains the owner until the lease expires.
pub async fn the_owner_is_seen_while_the_lease_lasts(factory: &dyn RelayStorageFactory) {
    let case = RelayCase::new(factory).await;
    let other = case.fresh.another().await;
    let lease = case.lease().await;
    let owner = other.checkpoint(RELAY).await.expect("a checkpoint").and_then(|checkpoint| checkpoint.owner);
    assert_eq!(owner.as_deref(), Some("me"));
    case.adapter.release(&lease).await.expect("releasing");
    take(&case.adapter, RELAY, "you", SHORT).await;
    let started = Instant::now();
    while let Some(owner) = case.checkpoint(RELAY).await.expect("a checkpoint").owner {
        assert_eq!(owner, "you");
        assert!(started.elapsed() < PATIENCE, "{owner} is still the owner");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Tests that relays with different names are independent.
pub async fn two_relays_are_independent(factory: &dyn RelayStorageFactory) {
    let case = RelayCase::new(factory).await;
    let one = take(&case.adapter, "one", "me", LONG).await;
    let two = take(&case.adapter, "two", "you", LONG).await;
    case.commit(&one, to(11)).await;
    case.commit(&two, to(22)).await;
    case.adapter.release(&one).await.expect("releasing");
    assert_eq!((case.position("one").await, case.position("two").await), (11, 22));
    match ask(&case.adapter, "two", "me", LONG).await {
        LeaseOutcome::HeldByOther { owner, .. } => assert_eq!(owner, "you"),
        taken => panic!("the lease of another relay was released: {taken:?}"),
    }
    assert_eq!(case.checkpoint("three").await, None);
}

/// Tests that the storage reports whether it shares a database with a log. The result is the same through every handle.
pub async fn shared_databases_are_reported(factory: &dyn RelayStorageFactory) {
    let case = RelayCase::new(factory).await;
    let other = case.fresh.another().await;
    let unknown = LogId::new("some other log");
    let mut asked = vec![unknown.clone()];
    asked.extend(case.fresh.log_id().cloned());
    for log_id in asked {
        let answer = case.adapter.shares_database_with(&log_id).await.expect("an answer");
        assert_eq!(
            other.shares_database_with(&log_id).await.expect("an answer"),
            answer,
            "of {log_id}, by another handle"
        );
        if case.fresh.log_id().is_some() {
            assert_eq!(answer, log_id != unknown, "whether it is kept with {log_id}");
        }
    }
}

/// Tests that the names of all relays are listed in order, whether a process holds their lease or not. Storages that
/// cannot list them return `None`.
pub async fn relays_are_listed(factory: &dyn RelayStorageFactory) {
    let case = RelayCase::new(factory).await;
    let names = async || case.adapter.relay_names().await.expect("the names of the relays");
    let Some(before) = names().await else { return };
    assert_eq!(before, [] as [&str; 0], "no relay ever ran");
    let lease = take(&case.adapter, "tenant b", "me", LONG).await;
    take(&case.adapter, "tenant a", "me", LONG).await;
    take(&case.adapter, "Tenant", "me", LONG).await;
    case.adapter.release(&lease).await.expect("releasing");
    let expected = ["Tenant", "tenant a", "tenant b"].map(str::to_owned);
    assert_eq!(names().await.as_deref(), Some(&expected[..]));
    let other = case.fresh.another().await.relay_names().await.expect("the names of the relays");
    assert_eq!(other.as_deref(), Some(&expected[..]), "through another handle");
}
