//! Tests of several processes that compete for a relay.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use castore_core::relay::{CommitOutcome, LeaseOutcome, RelayCommit};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::RelayStorageFactory;
use super::case::{LONG, RELAY, RelayCase, ask, parked_at, take, take_over, to, try_commit};

/// Tests that if 16 processes request the lease of a relay at the same time, one process acquires the lease, and the
/// other processes receive the name of the owner. This also applies to a new relay.
pub async fn one_of_many_processes_gets_the_lease(factory: &dyn RelayStorageFactory) {
    const ASKING: usize = 16;
    let case = RelayCase::new(factory).await;
    let handles = [case.adapter.clone(), case.fresh.another().await];
    let mut token = 0;
    for round in 0..4 {
        let barrier = Arc::new(Barrier::new(ASKING));
        let mut tasks = JoinSet::new();
        for number in 0..ASKING {
            let (adapter, barrier) = (handles[number % 2].clone(), barrier.clone());
            tasks.spawn(async move {
                barrier.wait().await;
                (format!("owner{number}"), ask(&adapter, RELAY, &format!("owner{number}"), LONG).await)
            });
        }
        let answers = tasks.join_all().await;
        let mut winners = Vec::new();
        let mut named = Vec::new();
        for (owner, answer) in answers {
            match answer {
                LeaseOutcome::Lease { lease, .. } => winners.push((owner, lease)),
                LeaseOutcome::HeldByOther { owner, .. } => named.push(owner),
            }
        }
        assert_eq!(winners.len(), 1, "round {round}: one gets it, not {winners:?}");
        let (winner, lease) = winners.remove(0);
        assert!(named.iter().all(|owner| *owner == winner), "round {round}: {winner} holds it, not {named:?}");
        assert!(lease.token > token, "round {round}: {lease:?} after {token}");
        token = lease.token;
        case.adapter.release(&lease).await.expect("releasing");
    }
}

/// Tests that every lease has a different token, even if leases expire as soon as they are acquired.
pub async fn no_token_is_given_twice(factory: &dyn RelayStorageFactory) {
    let case = RelayCase::new(factory).await;
    let handles = [case.adapter.clone(), case.fresh.another().await];
    let mut tasks = JoinSet::new();
    for number in 0..8 {
        let adapter = handles[number % 2].clone();
        tasks.spawn(async move {
            let mut tokens = Vec::new();
            for _ in 0..6 {
                tokens.push(take_over(&adapter, RELAY, &format!("owner{number}"), Duration::ZERO).await.0.token);
            }
            assert!(tokens.is_sorted_by(|one, next| one < next), "{tokens:?}");
            tokens
        });
    }
    let mut tokens = tasks.join_all().await.concat();
    tokens.sort_unstable();
    assert!(tokens.is_sorted_by(|one, next| one < next), "a token was given twice: {tokens:?}");
}

/// Tests that if another process takes over a lease while the holder commits, this successor starts exactly at the last
/// accepted commit of the holder. No later commit of the holder is accepted.
pub async fn a_takeover_starts_at_the_last_commit(factory: &dyn RelayStorageFactory) {
    let case = RelayCase::new(factory).await;
    let other = case.fresh.another().await;
    let mut start = 0;
    for round in 0..10 {
        let (lease, checkpoint) = take_over(&case.adapter, RELAY, "holder", Duration::ZERO).await;
        assert_eq!(checkpoint.position, start);
        let adapter = case.adapter.clone();
        let holder = tokio::spawn(async move {
            let mut last = checkpoint.position;
            // The lease expires immediately, so the holder keeps it only until another process acquires it.
            loop {
                let commit = RelayCommit { lasts: Duration::ZERO, ..to(last + 1) };
                match try_commit(&adapter, &lease, commit).await {
                    CommitOutcome::Done => last += 1,
                    CommitOutcome::Fenced => return last,
                }
                tokio::task::yield_now().await;
            }
        });
        tokio::time::sleep(Duration::from_millis(round)).await;
        let (successor, checkpoint) = take_over(&other, RELAY, "successor", LONG).await;
        let last = holder.await.expect("the holder");
        assert_eq!(checkpoint.position, last, "where the successor starts, and the last commit that was accepted");
        assert_eq!(case.position(RELAY).await, last);
        other.release(&successor).await.expect("releasing");
        start = last;
    }
}

/// Tests that a request to drop a message is not lost while the relay repeatedly commits failures of that message.
pub async fn a_drop_is_not_lost_between_commits(factory: &dyn RelayStorageFactory) {
    let case = RelayCase::new(factory).await;
    let other = case.fresh.another().await;
    let lease = take(&case.adapter, RELAY, "me", LONG).await;
    for round in 1..=5 {
        case.park(&lease, vec![parked_at("a", round)]).await;
        let (adapter, lease) = (case.adapter.clone(), lease.clone());
        let decided = Arc::new(AtomicBool::new(false));
        let seen = decided.clone();
        let writer = tokio::spawn(async move {
            let mut after = 0;
            while after < 3 {
                after += u64::from(seen.load(Ordering::SeqCst));
                let commit = RelayCommit { parked: vec![parked_at("a", round)], ..to(100) };
                assert_eq!(try_commit(&adapter, &lease, commit).await, CommitOutcome::Done);
                tokio::task::yield_now().await;
            }
        });
        tokio::time::sleep(Duration::from_micros(400 * round)).await;
        assert!(other.drop_parked(RELAY, "POKEMONS", "a", round).await.expect("an answer"), "it is parked");
        decided.store(true, Ordering::SeqCst);
        writer.await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
        let parked = case.parked().await;
        assert!(parked.len() == 1 && parked[0].dropped, "given up, and written again: {parked:?}");
    }
}
