//! Tests that commits are atomic.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use castore_core::relay::{CommitOutcome, LeaseOutcome, ParkedAggregate, RelayCommit};

use super::RelayStorageFactory;
use super::case::{LONG, RELAY, RelayCase, ask, parked, parked_at, take, to, try_commit};
use crate::storage::cancellation::poll_and_drop;

fn attempt(aggregate: &str, number: u64) -> ParkedAggregate {
    ParkedAggregate { attempts: number as u32, ..parked_at(aggregate, number) }
}

/// Returns commit `number`, which parks the aggregates `a` and `b`. A commit with an even number also parks `even` and
/// frees `odd`. A commit with an odd number also parks `odd` and frees `even`. The parked rows contain the number.
fn numbered(number: u64) -> RelayCommit {
    let (parked, freed) = if number.is_multiple_of(2) { ("even", "odd") } else { ("odd", "even") };
    RelayCommit {
        parked: vec![attempt("a", number), attempt("b", number), attempt(parked, number)],
        freed: vec![("POKEMONS".to_owned(), freed.to_owned())],
        ..to(number)
    }
}

fn expect_whole(rows: &[ParkedAggregate]) -> u64 {
    let number = rows.first().map_or(0, |row| row.next_position);
    let mut names: Vec<_> = rows.iter().map(|row| &*row.aggregate_id).collect();
    names.sort_unstable();
    if number > 0 {
        let parity = if number.is_multiple_of(2) { "even" } else { "odd" };
        assert_eq!(names, ["a", "b", parity], "the rows of commit {number}");
    }
    assert!(rows.iter().all(|row| row.next_position == number), "rows of two commits: {rows:?}");
    number
}

/// Tests that readers see each commit completely. Readers never see a new position without the changes of the parked
/// rows in the same commit.
pub async fn readers_see_commits_whole(factory: &dyn RelayStorageFactory) {
    let case = RelayCase::new(factory).await;
    let other = case.fresh.another().await;
    let lease = case.lease().await;
    let done = Arc::new(AtomicBool::new(false));
    let readers = [case.adapter.clone(), other].map(|adapter| {
        let done = done.clone();
        tokio::spawn(async move {
            let mut reads = 0;
            while !done.load(Ordering::SeqCst) || reads == 0 {
                let before = adapter.checkpoint(RELAY).await.expect("a checkpoint").expect("a known relay").position;
                let number = expect_whole(&parked(&adapter, RELAY).await);
                let after = adapter.checkpoint(RELAY).await.expect("a checkpoint").expect("a known relay").position;
                assert!(before <= number && number <= after, "parked {number} between positions {before} and {after}");
                reads += 1;
                tokio::time::sleep(Duration::from_micros(100)).await;
            }
        })
    });
    for number in 1..=60 {
        case.commit(&lease, numbered(number)).await;
    }
    done.store(true, Ordering::SeqCst);
    for reader in readers {
        reader.await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
    }
}

/// Tests that a commit whose future is dropped is written completely or not at all.
pub async fn a_dropped_commit_is_all_or_nothing(factory: &dyn RelayStorageFactory) {
    let case = RelayCase::new(factory).await;
    let lease = case.lease().await;
    for round in 1..=40 {
        poll_and_drop(case.adapter.commit(&lease, numbered(round)), round).await;
        let number = expect_whole(&case.parked().await);
        assert!(number <= round, "parked {number} in round {round}");
    }
    // The dropped commits may still complete, before or after this commit.
    assert_eq!(try_commit(&case.adapter, &lease, numbered(41)).await, CommitOutcome::Done);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(
        expect_whole(&case.parked().await),
        case.position(RELAY).await,
        "the parked aggregates and the position"
    );
}

/// Tests that a lease request whose future is dropped has at most one effect: it may acquire the lease. Such a lease
/// expires.
pub async fn a_dropped_request_leaves_at_most_a_lease(factory: &dyn RelayStorageFactory) {
    let case = RelayCase::new(factory).await;
    let lease = take(&case.adapter, RELAY, "me", LONG).await;
    case.commit(&lease, numbered(4)).await;
    case.adapter.release(&lease).await.expect("releasing");
    for round in 0..20 {
        poll_and_drop(ask(&case.adapter, RELAY, "dropped", Duration::ZERO), round).await;
    }
    let started = std::time::Instant::now();
    loop {
        if let LeaseOutcome::Lease { lease: next, checkpoint } = ask(&case.adapter, RELAY, "you", LONG).await {
            assert!(next.token > lease.token);
            assert_eq!(checkpoint.position, 4);
            break;
        }
        assert!(started.elapsed() < super::case::PATIENCE, "a dropped request keeps the lease");
    }
    assert_eq!(expect_whole(&case.parked().await), 4);
}
