use std::time::Duration;

use castore_core::log::{EventLog, LogId};
use castore_core::relay::{
    AcquireLease, CommitOutcome, Lease, LeaseOutcome, ParkedAggregate, RelayCheckpoint, RelayCommit,
    RelayStorageAdapter,
};
use castore_core::storage::{EventStorageAdapter, StorageError};
use castore_sqlite::SqliteEventStorageAdapter;
use tokio::time::sleep;

use crate::support::{place, push};

const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(60);

async fn acquire(adapter: &SqliteEventStorageAdapter, owner: &str, lasts: Duration) -> LeaseOutcome {
    let log_id = &LogId::new("log");
    adapter.acquire(AcquireLease { relay: "relay", owner, lasts, log_id, first: 5 }).await.unwrap()
}

async fn lease(adapter: &SqliteEventStorageAdapter, owner: &str, lasts: Duration) -> (Lease, RelayCheckpoint) {
    match acquire(adapter, owner, lasts).await {
        LeaseOutcome::Lease { lease, checkpoint } => (lease, checkpoint),
        LeaseOutcome::HeldByOther { owner, .. } => panic!("held by {owner}"),
    }
}

fn parked(aggregate: &str, next_position: u64) -> ParkedAggregate {
    ParkedAggregate {
        event_store_id: "STORE".to_owned(),
        aggregate_id: aggregate.to_owned(),
        next_position,
        version: 2,
        attempts: 3,
        error: "too large".to_owned(),
        next_attempt_in: LONG,
        dropped: false,
    }
}

fn commit(position: u64, parked: Vec<ParkedAggregate>) -> RelayCommit {
    RelayCommit { position, lasts: LONG, parked, ..RelayCommit::default() }
}

/// Returns the position and the owner of the relay.
async fn at(adapter: &SqliteEventStorageAdapter) -> (u64, Option<String>) {
    let checkpoint = adapter.checkpoint("relay").await.unwrap().unwrap();
    assert_eq!(checkpoint.log_id, LogId::new("log"));
    (checkpoint.position, checkpoint.owner)
}

#[tokio::test]
async fn the_state_is_kept_with_the_log_of_the_same_file() {
    let (one, other) = (place(), place());
    let (log, again, other) = (one.open().await, one.open().await, other.open().await);
    let id = log.log_id().await.unwrap();
    assert!(log.shares_database_with(&id).await.unwrap());
    assert!(again.shares_database_with(&id).await.unwrap());
    assert!(!other.shares_database_with(&id).await.unwrap());
    assert_eq!(log.event_storage_id(), Some(again.storage_id()));
    assert_ne!(log.event_storage_id(), other.event_storage_id());
}

#[tokio::test]
async fn a_new_relay_starts_at_the_chosen_position() {
    let place = place();
    for adapter in [place.open().await, SqliteEventStorageAdapter::open_in_memory().await.unwrap()] {
        assert_eq!(adapter.checkpoint("relay").await.unwrap(), None);
        let (lease, checkpoint) = lease(&adapter, "me", LONG).await;
        assert_eq!((&*lease.relay, lease.token), ("relay", 1));
        assert_eq!((checkpoint.position, checkpoint.owner.as_deref()), (5, Some("me")));
        assert_eq!(at(&adapter).await, (5, Some("me".to_owned())));
    }
}

#[tokio::test]
async fn one_at_a_time_holds_the_lease() {
    let place = place();
    let (one, other) = (place.open().await, place.open().await);
    let (first, _) = lease(&one, "one", LONG).await;
    let LeaseOutcome::HeldByOther { owner, expires_in } = acquire(&other, "other", LONG).await else {
        panic!("two hold the lease");
    };
    assert_eq!(owner, "one");
    assert!(expires_in <= LONG && expires_in > LONG / 2);
    // The holder itself cannot acquire the lease again.
    assert!(matches!(acquire(&one, "one", LONG).await, LeaseOutcome::HeldByOther { .. }));
    assert_eq!(one.commit(&first, commit(8, Vec::new())).await.unwrap(), CommitOutcome::Done);
    one.release(&first).await.unwrap();
    assert_eq!(at(&other).await, (8, None));
    let (second, checkpoint) = lease(&other, "other", LONG).await;
    assert_eq!((second.token, checkpoint.position), (2, 8));
}

#[tokio::test]
async fn who_was_paused_past_the_lease_writes_nothing() {
    let place = place();
    let (one, other) = (place.open().await, place.open().await);
    let (first, _) = lease(&one, "one", SHORT).await;
    sleep(SHORT * 2).await;
    assert_eq!(at(&one).await, (5, None));
    // The lease has expired, but no other owner has acquired it.
    let heartbeat = |lasts| RelayCommit { position: 6, lasts, ..RelayCommit::default() };
    assert_eq!(one.commit(&first, heartbeat(LONG)).await.unwrap(), CommitOutcome::Done);
    assert!(matches!(acquire(&other, "other", LONG).await, LeaseOutcome::HeldByOther { .. }));
    assert_eq!(one.commit(&first, heartbeat(SHORT)).await.unwrap(), CommitOutcome::Done);
    sleep(SHORT * 2).await;
    let (second, checkpoint) = lease(&other, "other", LONG).await;
    assert_eq!((second.token, checkpoint.position), (2, 6));
    let late = commit(99, vec![parked("a", 98)]);
    assert_eq!(one.commit(&first, late).await.unwrap(), CommitOutcome::Fenced);
    one.release(&first).await.unwrap();
    assert_eq!(at(&one).await, (6, Some("other".to_owned())));
    assert_eq!(one.parked("relay").await.unwrap(), []);
    let unknown = Lease { relay: "unknown".into(), token: 1 };
    assert_eq!(one.commit(&unknown, commit(1, Vec::new())).await.unwrap(), CommitOutcome::Fenced);
}

#[tokio::test]
async fn a_lease_of_a_clock_that_was_ahead_has_run_out() {
    let place = place();
    let (one, other) = (place.open().await, place.open().await);
    let (first, _) = lease(&one, "one", LONG).await;
    one.commit(&first, commit(8, Vec::new())).await.unwrap();
    let hour = 60 * 60 * 1000;
    assert_eq!(place.raw().execute("UPDATE castore_relay SET expires_at = expires_at + ?1", [hour]).unwrap(), 1);
    assert_eq!(at(&other).await, (8, None));
    let (second, checkpoint) = lease(&other, "other", LONG).await;
    assert_eq!((second.token, checkpoint.position), (2, 8));
    assert_eq!(at(&other).await, (8, Some("other".to_owned())));
    assert!(matches!(acquire(&one, "one", SHORT).await, LeaseOutcome::HeldByOther { .. }));
    assert_eq!(one.commit(&first, commit(9, Vec::new())).await.unwrap(), CommitOutcome::Fenced);
}

#[tokio::test]
async fn checkpoint_and_parking_change_together() {
    let place = place();
    let adapter = place.open().await;
    let (lease, _) = lease(&adapter, "me", LONG).await;
    adapter.commit(&lease, commit(8, vec![parked("b", 8), parked("a", 7)])).await.unwrap();
    let list = adapter.parked("relay").await.unwrap();
    assert_eq!(
        list.iter().map(|one| (one.aggregate_id.as_str(), one.next_position)).collect::<Vec<_>>(),
        [("a", 7), ("b", 8)]
    );
    assert!(list[0].next_attempt_in <= LONG && list[0].next_attempt_in > LONG / 2);
    assert_eq!(ParkedAggregate { next_attempt_in: LONG, ..list[0].clone() }, parked("a", 7));
    assert_eq!(adapter.parked("other").await.unwrap(), []);
    // A commit that fails halfway changes nothing.
    place
        .raw()
        .execute_batch(
            "CREATE TRIGGER refuse BEFORE INSERT ON castore_parked WHEN NEW.aggregate_id = 'bad'
             BEGIN SELECT RAISE(ABORT, 'refused'); END",
        )
        .unwrap();
    let refused = adapter.commit(&lease, commit(10, vec![parked("c", 9), parked("bad", 10)])).await;
    assert!(matches!(refused, Err(StorageError::Engine(_))), "{refused:?}");
    assert_eq!(at(&adapter).await.0, 8);
    assert_eq!(adapter.parked("relay").await.unwrap().len(), 2);
    let mut freeing = commit(11, Vec::new());
    freeing.freed = vec![("STORE".to_owned(), "a".to_owned()), ("STORE".to_owned(), "unknown".to_owned())];
    adapter.commit(&lease, freeing).await.unwrap();
    assert_eq!(at(&adapter).await.0, 11);
    assert_eq!(adapter.parked("relay").await.unwrap().len(), 1);
}

#[tokio::test]
async fn parked_aggregates_can_be_made_due() {
    let place = place();
    let adapter = place.open().await;
    let (lease, _) = lease(&adapter, "me", LONG).await;
    adapter.commit(&lease, commit(8, vec![parked("a", 7), parked("b", 8)])).await.unwrap();
    assert!(!adapter.retry_parked("relay", "STORE", "c").await.unwrap());
    assert!(!adapter.retry_parked("other", "STORE", "a").await.unwrap());
    assert!(adapter.retry_parked("relay", "STORE", "a").await.unwrap());
    let list = adapter.parked("relay").await.unwrap();
    assert_eq!((list[0].next_attempt_in, list[0].dropped), (Duration::ZERO, false));
    assert!(list[1].next_attempt_in > Duration::ZERO);
}

#[tokio::test]
async fn who_gives_up_on_a_message_is_remembered_for_that_message() {
    let place = place();
    let adapter = place.open().await;
    let (lease, _) = lease(&adapter, "me", LONG).await;
    adapter.commit(&lease, commit(8, vec![parked("a", 7)])).await.unwrap();
    assert!(!adapter.drop_parked("relay", "STORE", "a", 8).await.unwrap());
    assert!(!adapter.drop_parked("relay", "STORE", "b", 7).await.unwrap());
    assert!(adapter.drop_parked("relay", "STORE", "a", 7).await.unwrap());
    let first = async || adapter.parked("relay").await.unwrap().remove(0);
    assert_eq!((first().await.dropped, first().await.next_attempt_in), (true, Duration::ZERO));
    // The relay did not yet know about the drop when it recorded its failed attempt.
    adapter.commit(&lease, commit(8, vec![ParkedAggregate { attempts: 4, ..parked("a", 7) }])).await.unwrap();
    assert_eq!((first().await.dropped, first().await.attempts), (true, 4));
    adapter.commit(&lease, commit(8, vec![parked("a", 9)])).await.unwrap();
    assert_eq!((first().await.dropped, first().await.next_position), (false, 9));
    adapter.commit(&lease, commit(8, vec![ParkedAggregate { dropped: true, ..parked("a", 9) }])).await.unwrap();
    assert!(first().await.dropped);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_ask_at_once_one_gets_it() {
    let place = place();
    for round in 1..=5 {
        let mut asking = tokio::task::JoinSet::new();
        for n in 0..6 {
            let adapter = place.open().await;
            asking.spawn(async move {
                push(&adapter, &format!("{round}-{n}"), 1).await.unwrap();
                acquire(&adapter, &n.to_string(), LONG).await
            });
        }
        let mut held = Vec::new();
        for answer in asking.join_all().await {
            if let LeaseOutcome::Lease { lease, .. } = answer {
                held.push(lease);
            }
        }
        assert_eq!(held.len(), 1);
        assert_eq!(held[0].token, round);
        place.open().await.release(&held[0]).await.unwrap();
    }
}

#[tokio::test]
async fn after_shutdown_nothing_is_written() {
    let place = place();
    let adapter = place.open().await;
    let (lease, _) = lease(&adapter, "me", LONG).await;
    adapter.shutdown().await;
    assert!(matches!(adapter.commit(&lease, commit(9, Vec::new())).await, Err(StorageError::ShutDown)));
    assert!(matches!(adapter.parked("relay").await, Err(StorageError::ShutDown)));
}
