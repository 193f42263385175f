//! Tests of fencing: only the holder of the lease can write.

use std::time::{Duration, Instant};

use castore_core::relay::{CommitOutcome, Lease, LeaseOutcome, RelayCommit};

use super::RelayStorageFactory;
use super::case::{
    LONG, PATIENCE, RELAY, RelayCase, SHORT, ask, checkpoint_event, parked_at, take, take_over, to, try_commit,
};

/// Tests that a commit moves the checkpoint, and that the new checkpoint is visible through every handle.
pub async fn a_commit_moves_the_checkpoint(factory: &dyn RelayStorageFactory) {
    let case = RelayCase::new(factory).await;
    let other = case.fresh.another().await;
    let lease = case.lease().await;
    for position in [1, 2, 500] {
        case.commit(&lease, to(position)).await;
        assert_eq!(case.position(RELAY).await, position);
        let seen = other.checkpoint(RELAY).await.expect("a checkpoint").expect("a known relay");
        assert_eq!((seen.position, &seen.log_id), (position, &case.log_id), "through another handle");
    }
    // A heartbeat is a commit at the same position. It extends the lease and does not move the checkpoint.
    case.commit(&lease, to(500)).await;
    case.adapter.release(&lease).await.expect("releasing");
    let (_, checkpoint) = take_over(&other, RELAY, "you", LONG).await;
    assert_eq!(checkpoint.position, 500, "for the next holder");
}

/// Tests that positions are stored exactly, up to the greatest position that engines support.
pub async fn great_positions_are_kept(factory: &dyn RelayStorageFactory) {
    let case = RelayCase::new(factory).await;
    let lease = case.lease().await;
    let great = i64::MAX as u64;
    // A conversion to floating point would round the second position to its neighbor.
    for position in [u64::from(u32::MAX) + 1, (1 << 53) + 1, great - 1, great] {
        let parked = vec![parked_at("great", position)];
        case.commit(&lease, RelayCommit { parked: parked.clone(), ..to(position) }).await;
        assert_eq!(case.position(RELAY).await, position);
        case.expect_parked(parked).await;
    }
}

/// Tests that a commit extends the lease, counted from the current time.
pub async fn a_commit_extends_the_lease(factory: &dyn RelayStorageFactory) {
    let case = RelayCase::new(factory).await;
    let lease = take(&case.adapter, RELAY, "me", SHORT).await;
    case.commit(&lease, to(1)).await;
    tokio::time::sleep(SHORT * 2).await;
    match ask(&case.adapter, RELAY, "you", LONG).await {
        LeaseOutcome::HeldByOther { owner, expires_in } => {
            assert_eq!(owner, "me");
            assert!(expires_in > LONG / 2 && expires_in < LONG, "it expires in {expires_in:?}");
        }
        taken => panic!("the extended lease was acquired by another process: {taken:?}"),
    }
}

/// Tests that a commit sets the remaining duration of the lease, so it can also shorten the lease.
pub async fn a_commit_says_how_long_the_lease_lasts(factory: &dyn RelayStorageFactory) {
    let case = RelayCase::new(factory).await;
    let lease = case.lease().await;
    case.commit(&lease, RelayCommit { lasts: Duration::from_millis(20), ..to(1) }).await;
    let (next, _) = take_over(&case.adapter, RELAY, "you", LONG).await;
    assert!(next.token > lease.token);
}

/// Tests that the holder of an expired lease can still commit and extend it, unless another process has acquired the
/// lease in the meantime.
pub async fn an_expired_lease_can_be_extended_by_its_holder(factory: &dyn RelayStorageFactory) {
    let case = RelayCase::new(factory).await;
    let lease = take(&case.adapter, RELAY, "me", Duration::from_millis(20)).await;
    let started = Instant::now();
    while case.checkpoint(RELAY).await.expect("a checkpoint").owner.is_some() {
        assert!(started.elapsed() < PATIENCE, "the lease does not expire");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    case.commit(&lease, to(3)).await;
    assert_eq!(case.position(RELAY).await, 3);
    match ask(&case.adapter, RELAY, "you", LONG).await {
        LeaseOutcome::HeldByOther { owner, .. } => assert_eq!(owner, "me"),
        taken => panic!("the extended lease was acquired by another process: {taken:?}"),
    }
}

/// Tests that after another process has acquired the lease, the former holder writes nothing: it cannot move the
/// checkpoint, park or free aggregates, or change the lease of its successor.
pub async fn a_former_holder_writes_nothing(factory: &dyn RelayStorageFactory) {
    let case = RelayCase::new(factory).await;
    let other = case.fresh.another().await;
    let paused = take(&case.adapter, RELAY, "paused", LONG).await;
    let parked = vec![parked_at("kept", 3), parked_at("changed", 5)];
    case.commit(&paused, RelayCommit { parked: parked.clone(), lasts: Duration::ZERO, ..to(10) }).await;
    let (held, checkpoint) = take_over(&other, RELAY, "successor", LONG).await;
    assert_eq!(checkpoint.position, 10);
    let late = RelayCommit {
        position: 99,
        event: Some(checkpoint_event("late", 99)),
        lasts: Duration::ZERO,
        parked: vec![parked_at("new", 50), parked_at("changed", 51)],
        freed: vec![("POKEMONS".to_owned(), "kept".to_owned())],
    };
    for adapter in [&case.adapter, &other] {
        assert_eq!(try_commit(adapter, &paused, late.clone()).await, CommitOutcome::Fenced);
        assert_eq!(try_commit(adapter, &paused, to(11)).await, CommitOutcome::Fenced, "a heartbeat is fenced, too");
    }
    let checkpoint = case.checkpoint(RELAY).await.expect("a checkpoint");
    assert_eq!((checkpoint.position, checkpoint.owner.as_deref()), (10, Some("successor")));
    assert_eq!(checkpoint.event, None, "the event of a late commit");
    case.expect_parked(parked).await;
    match ask(&case.adapter, RELAY, "third", LONG).await {
        LeaseOutcome::HeldByOther { owner, .. } => assert_eq!(owner, "successor"),
        taken => panic!("the former holder ended its successor's lease: {taken:?}"),
    }
    case.commit(&held, to(12)).await;
}

/// Tests that the token of a former lease stays fenced, even if the lease is free again or the same owner has acquired
/// a new lease.
pub async fn an_old_token_stays_fenced(factory: &dyn RelayStorageFactory) {
    let case = RelayCase::new(factory).await;
    let old = take(&case.adapter, RELAY, "me", Duration::ZERO).await;
    let (successor, _) = take_over(&case.adapter, RELAY, "you", LONG).await;
    case.commit(&successor, to(5)).await;
    case.adapter.release(&successor).await.expect("releasing");
    assert_eq!(try_commit(&case.adapter, &old, to(1)).await, CommitOutcome::Fenced, "while the lease is free");
    let again = take(&case.adapter, RELAY, "me", LONG).await;
    assert_eq!(try_commit(&case.adapter, &old, to(1)).await, CommitOutcome::Fenced, "while the same owner holds it");
    assert_eq!(case.position(RELAY).await, 5);
    case.commit(&again, to(6)).await;
}

/// Tests that forged leases are fenced: leases of unknown relays, leases with an invalid token, and leases with a token
/// that was not issued yet.
pub async fn a_forged_lease_writes_nothing(factory: &dyn RelayStorageFactory) {
    let case = RelayCase::new(factory).await;
    let lease = case.lease().await;
    let unknown = Lease { relay: "unknown".into(), token: lease.token };
    let commit = RelayCommit { parked: vec![parked_at("a", 1)], ..to(9) };
    assert_eq!(try_commit(&case.adapter, &unknown, commit.clone()).await, CommitOutcome::Fenced);
    assert_eq!(case.checkpoint("unknown").await, None, "a commit must not create a relay");
    case.adapter.release(&unknown).await.expect("releasing what was never held");
    for token in [0, lease.token + 1, i64::MAX as u64] {
        let made_up = Lease { token, ..lease.clone() };
        assert_eq!(try_commit(&case.adapter, &made_up, commit.clone()).await, CommitOutcome::Fenced, "token {token}");
    }
    assert_eq!(case.position(RELAY).await, 0);
    case.expect_parked(vec![]).await;
    assert_eq!(case.adapter.parked("unknown").await.expect("a list"), []);
}

/// Tests that the event of a commit is stored with the checkpoint, even if the id of its aggregate contains unusual
/// characters. A commit without an event keeps the stored event.
pub async fn the_event_of_the_checkpoint_is_kept(factory: &dyn RelayStorageFactory) {
    let case = RelayCase::new(factory).await;
    let other = case.fresh.another().await;
    let lease = case.lease().await;
    assert_eq!(case.checkpoint(RELAY).await.expect("a checkpoint").event, None, "the event of a new relay");
    for (position, aggregate) in [(5, "a"), (9, "\u{0}'\"\\ \u{1f984}"), (1 << 60, "b")] {
        let event = checkpoint_event(aggregate, position);
        case.commit(&lease, RelayCommit { event: Some(event.clone()), ..to(position) }).await;
        assert_eq!(other.checkpoint(RELAY).await.expect("a checkpoint").expect("a relay").event, Some(event.clone()));
        case.commit(&lease, to(position + 1)).await;
        let checkpoint = case.checkpoint(RELAY).await.expect("a checkpoint");
        assert_eq!(
            (checkpoint.position, checkpoint.event),
            (position + 1, Some(event)),
            "after a commit without an event"
        );
    }
    let last = case.checkpoint(RELAY).await.and_then(|checkpoint| checkpoint.event);
    case.adapter.release(&lease).await.expect("releasing");
    match ask(&other, RELAY, "you", LONG).await {
        LeaseOutcome::Lease { checkpoint, .. } => assert_eq!(checkpoint.event, last, "the event for the next holder"),
        held => panic!("a released lease is free: {held:?}"),
    }
}
