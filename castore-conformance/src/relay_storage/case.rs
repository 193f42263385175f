//! The fixture of all behaviors: a fresh relay storage, with short helper functions.

use std::sync::Arc;
use std::time::{Duration, Instant};

use castore_core::log::{CheckpointEvent, LogEntry, LogId};
use castore_core::relay::{
    AcquireLease, CommitOutcome, Lease, LeaseOutcome, ParkedAggregate, RelayCheckpoint, RelayCommit,
    RelayStorageAdapter,
};
use castore_core::storage::RawEvent;
use castore_core::time::Timestamp;

use super::{FreshRelayStorage, RelayStorageFactory};

/// The name of the relay in tests that are not about relay names.
pub(crate) const RELAY: &str = "notifications";

/// The duration of a lease that does not expire during a test.
pub(crate) const LONG: Duration = Duration::from_secs(300);

/// The duration of a lease that expires while a test waits.
pub(crate) const SHORT: Duration = Duration::from_millis(150);

/// The rounding error of clocks with a resolution of milliseconds.
pub(crate) const ROUNDING: Duration = Duration::from_millis(10);

/// The time limit for waiting for a condition.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct RelayCase {
    pub(crate) fresh: FreshRelayStorage,
    pub(crate) adapter: Arc<dyn RelayStorageAdapter>,
    pub(crate) log_id: LogId,
}

pub(crate) type Adapter = Arc<dyn RelayStorageAdapter>;

/// Requests the lease of a relay. A new relay starts at position 0.
pub(crate) async fn ask(adapter: &Adapter, relay: &str, owner: &str, lasts: Duration) -> LeaseOutcome {
    let log_id = LogId::new("log");
    let request = AcquireLease { relay, owner, lasts, log_id: &log_id, first: 0 };
    adapter.acquire(request).await.unwrap_or_else(|error| panic!("{owner:?} asks for the lease of {relay:?}: {error}"))
}

/// Acquires the lease, which must be free.
pub(crate) async fn take(adapter: &Adapter, relay: &str, owner: &str, lasts: Duration) -> Lease {
    match ask(adapter, relay, owner, lasts).await {
        LeaseOutcome::Lease { lease, checkpoint } => {
            assert_eq!(&*lease.relay, relay, "the lease of another relay");
            assert_eq!(checkpoint.owner.as_deref().unwrap_or(owner), owner, "the owner of a new lease");
            lease
        }
        LeaseOutcome::HeldByOther { owner: other, .. } => panic!("{other:?} holds the lease that {owner:?} could take"),
    }
}

/// Acquires the lease as soon as the lease of the current owner has expired.
pub(crate) async fn take_over(
    adapter: &Adapter,
    relay: &str,
    owner: &str,
    lasts: Duration,
) -> (Lease, RelayCheckpoint) {
    let started = Instant::now();
    loop {
        match ask(adapter, relay, owner, lasts).await {
            LeaseOutcome::Lease { lease, checkpoint } => return (lease, checkpoint),
            LeaseOutcome::HeldByOther { owner: other, expires_in } => {
                assert!(started.elapsed() < PATIENCE, "{other:?} still holds the lease, for {expires_in:?}");
                tokio::time::sleep(expires_in.min(Duration::from_millis(5))).await;
            }
        }
    }
}

/// Returns a commit that moves the checkpoint to a position and changes nothing else.
pub(crate) fn to(position: u64) -> RelayCommit {
    RelayCommit { position, lasts: LONG, ..RelayCommit::default() }
}

/// Returns the identity of an event whose version equals its position.
pub(crate) fn checkpoint_event(aggregate: &str, position: u64) -> CheckpointEvent {
    let event = RawEvent {
        aggregate_id: aggregate.to_owned(),
        version: position,
        event_type: "HAPPENED".into(),
        timestamp: Timestamp::from_unix_millis(1_700_000_000_000).expect("a timestamp"),
        payload: None,
        metadata: None,
    };
    CheckpointEvent::new(&LogEntry::new(position, "POKEMONS".into(), event), 3)
}

pub(crate) async fn try_commit(adapter: &Adapter, lease: &Lease, commit: RelayCommit) -> CommitOutcome {
    adapter.commit(lease, commit).await.unwrap_or_else(|error| panic!("committing with {lease:?}: {error}"))
}

/// Returns an aggregate that is parked at a position and due for a retry in one minute.
pub(crate) fn parked_at(aggregate: &str, next_position: u64) -> ParkedAggregate {
    ParkedAggregate {
        event_store_id: "POKEMONS".to_owned(),
        aggregate_id: aggregate.to_owned(),
        next_position,
        version: next_position / 10 + 1,
        attempts: 1,
        error: format!("{aggregate} is too large"),
        next_attempt_in: Duration::from_secs(60),
        dropped: false,
    }
}

/// Sets the time until the next attempt to zero, so that tests do not compare this time, which differs at every read.
pub(crate) fn timeless(mut parked: Vec<ParkedAggregate>) -> Vec<ParkedAggregate> {
    for aggregate in &mut parked {
        aggregate.next_attempt_in = Duration::ZERO;
    }
    parked
}

pub(crate) async fn parked(adapter: &Adapter, relay: &str) -> Vec<ParkedAggregate> {
    adapter.parked(relay).await.unwrap_or_else(|error| panic!("the parked aggregates of {relay:?}: {error}"))
}

impl RelayCase {
    pub(crate) async fn new(factory: &dyn RelayStorageFactory) -> Self {
        let fresh = factory.fresh().await;
        Self { adapter: fresh.adapter(), fresh, log_id: LogId::new("log") }
    }

    /// Acquires the lease of [`RELAY`] with a long duration.
    pub(crate) async fn lease(&self) -> Lease {
        take(&self.adapter, RELAY, "me", LONG).await
    }

    pub(crate) async fn commit(&self, lease: &Lease, commit: RelayCommit) {
        let what = format!("{commit:?}");
        assert_eq!(try_commit(&self.adapter, lease, commit).await, CommitOutcome::Done, "the lease is held: {what}");
    }

    /// Parks aggregates in a commit that sets the checkpoint to position 100.
    pub(crate) async fn park(&self, lease: &Lease, parked: Vec<ParkedAggregate>) {
        self.commit(lease, RelayCommit { parked, ..to(100) }).await;
    }

    pub(crate) async fn checkpoint(&self, relay: &str) -> Option<RelayCheckpoint> {
        self.adapter.checkpoint(relay).await.unwrap_or_else(|error| panic!("the checkpoint of {relay:?}: {error}"))
    }

    pub(crate) async fn position(&self, relay: &str) -> u64 {
        self.checkpoint(relay).await.expect("a relay that has run").position
    }

    pub(crate) async fn parked(&self) -> Vec<ParkedAggregate> {
        parked(&self.adapter, RELAY).await
    }

    /// Asserts that exactly these aggregates are parked, ignoring the time until the next attempt.
    pub(crate) async fn expect_parked(&self, expected: Vec<ParkedAggregate>) {
        let (parked, expected) = (timeless(self.parked().await), timeless(expected));
        // The rows are compared one by one, because a failure message with hundreds of rows would be unreadable.
        for (found, expected) in parked.iter().zip(&expected) {
            assert_eq!(found, expected, "a parked aggregate");
        }
        assert_eq!(parked.len(), expected.len(), "the number of parked aggregates");
    }
}
