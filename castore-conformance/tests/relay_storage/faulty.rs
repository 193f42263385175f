//! Tests that the kit detects faults. Each adapter has one fault, and the tests of the kit that are listed for
//! the fault must fail.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use castore_conformance::async_trait;
use castore_conformance::relay_storage::{BEHAVIORS, FreshRelayStorage, RelayStorageFactory};
use castore_core::log::LogId;
use castore_core::relay::{
    AcquireLease, CommitOutcome, Lease, LeaseOutcome, ParkedAggregate, RelayCheckpoint, RelayCommit,
    RelayStorageAdapter,
};
use castore_core::storage::StorageError;
use castore_runtime::in_memory::InMemoryEventStorageAdapter;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    None,
    FirstEachTime,
    LeaseForAll,
    TokenStays,
    NoFencing,
    FencedButParked,
    FencedButFreed,
    RunOutIsFenced,
    HeartbeatForgotten,
    ReleaseByAnybody,
    ReleaseForgotten,
    OwnerForEver,
    OneRelay,
    InTwoSteps,
    ParkedInAnyOrder,
    ErrorCut,
    TimeStandsStill,
    RetryAlways,
    DropOfAnyMessage,
    DropForgottenWhenRewritten,
    DropKeptForTheNext,
    FreedForgotten,
    PositionsAsFloats,
    EventForgotten,
    EventReplacedByNone,
    NamesLowercased,
    ReleasedNotListed,
    CheckThenTake,
}

use Fault::*;

/// The faults, each with some of the behaviors that must fail because of this fault.
const FOUND_BY: &[(Fault, &[&str])] = &[
    (FirstEachTime, &["the_start_position_applies_to_new_relays_only"]),
    (
        LeaseForAll,
        &["a_held_lease_is_not_taken", "one_of_many_processes_gets_the_lease", "an_expired_lease_can_be_acquired"],
    ),
    (TokenStays, &["tokens_grow", "an_expired_lease_can_be_acquired", "a_former_holder_writes_nothing"]),
    (NoFencing, &["a_former_holder_writes_nothing", "an_old_token_stays_fenced", "a_forged_lease_writes_nothing"]),
    (FencedButParked, &["a_former_holder_writes_nothing"]),
    (FencedButFreed, &["a_former_holder_writes_nothing"]),
    (RunOutIsFenced, &["an_expired_lease_can_be_extended_by_its_holder"]),
    (HeartbeatForgotten, &["a_commit_extends_the_lease"]),
    (ReleaseByAnybody, &["a_lost_lease_releases_nothing"]),
    (ReleaseForgotten, &["a_released_lease_is_free"]),
    (OwnerForEver, &["a_released_lease_is_free", "the_owner_is_seen_while_the_lease_lasts"]),
    (OneRelay, &["two_relays_are_independent", "parked_aggregates_belong_to_the_relay", "any_text_is_a_relay"]),
    (InTwoSteps, &["readers_see_commits_whole"]),
    (ParkedInAnyOrder, &["parked_aggregates_come_back_by_position"]),
    (ErrorCut, &["any_text_is_an_error"]),
    (TimeStandsStill, &["the_time_to_the_next_attempt_counts_down"]),
    (RetryAlways, &["a_retry_makes_an_aggregate_due"]),
    (DropOfAnyMessage, &["only_that_message_is_dropped"]),
    (DropForgottenWhenRewritten, &["a_dropped_message_stays_dropped", "a_drop_is_not_lost_between_commits"]),
    (DropKeptForTheNext, &["the_next_message_is_not_dropped"]),
    (FreedForgotten, &["freed_aggregates_are_gone", "many_are_parked_at_once"]),
    (PositionsAsFloats, &["great_positions_are_kept"]),
    (EventForgotten, &["the_event_of_the_checkpoint_is_kept"]),
    (EventReplacedByNone, &["the_event_of_the_checkpoint_is_kept"]),
    (NamesLowercased, &["any_text_is_a_relay"]),
    (ReleasedNotListed, &["relays_are_listed"]),
    (CheckThenTake, &["one_of_many_processes_gets_the_lease"]),
];

#[test]
fn every_fault_is_found_and_only_the_fault() {
    let mut wrong = Vec::new();
    for (fault, found_by) in FOUND_BY {
        for name in *found_by {
            if check(name, *fault) {
                wrong.push(format!("{name} passes despite {fault:?}"));
            }
            if !check(name, None) {
                wrong.push(format!("{name} fails without any fault"));
            }
        }
    }
    assert_eq!(wrong, [] as [String; 0]);
}

/// Returns whether the behavior passes for an adapter with this fault.
fn check(name: &str, fault: Fault) -> bool {
    let behavior = BEHAVIORS.iter().find(|behavior| behavior.name == name);
    let behavior = behavior.unwrap_or_else(|| panic!("no behavior {name}"));
    // To find a race, several attempts may be necessary.
    let attempts = if fault == None { 1 } else { 10 };
    (0..attempts).all(|_| catch_unwind(AssertUnwindSafe(|| behavior.check(&Factory(fault)))).is_ok())
}

struct Factory(Fault);

#[async_trait]
impl RelayStorageFactory for Factory {
    async fn fresh(&self) -> FreshRelayStorage {
        let faulty = Arc::new(Faulty {
            inner: InMemoryEventStorageAdapter::new(),
            fault: self.0,
            leases: Mutex::default(),
            due: Mutex::default(),
            is_last_without_event: AtomicBool::new(false),
        });
        FreshRelayStorage::from_dyn(faulty.clone()).another_handle(move || {
            let faulty = faulty.clone();
            async move { faulty as Arc<dyn RelayStorageAdapter> }
        })
    }
}

#[derive(Debug)]
struct Faulty {
    inner: InMemoryEventStorageAdapter,
    fault: Fault,
    /// The last lease of each relay.
    leases: Mutex<HashMap<String, (Lease, String)>>,
    /// For each parked aggregate, the time until the next attempt, as last written.
    due: Mutex<HashMap<String, Duration>>,
    /// Whether the last commit had no event.
    is_last_without_event: AtomicBool,
}

impl Faulty {
    fn relay<'a>(&self, relay: &'a str) -> std::borrow::Cow<'a, str> {
        match self.fault {
            OneRelay => "one".into(),
            NamesLowercased => relay.to_lowercase().into(),
            _ => relay.into(),
        }
    }

    fn lease(&self, lease: &Lease) -> Lease {
        Lease { relay: self.relay(&lease.relay).into(), token: lease.token }
    }

    fn last(&self, relay: &str) -> Option<(Lease, String)> {
        self.leases.lock().unwrap().get(relay).cloned()
    }
}

#[async_trait]
impl RelayStorageAdapter for Faulty {
    async fn shares_database_with(&self, log: &LogId) -> Result<bool, StorageError> {
        self.inner.shares_database_with(log).await
    }

    async fn acquire(&self, request: AcquireLease<'_>) -> Result<LeaseOutcome, StorageError> {
        let name = self.relay(request.relay).into_owned();
        let last = self.last(&name);
        if let (LeaseForAll, Some((last, _))) = (self.fault, &last) {
            self.inner.release(last).await?;
        }
        if self.fault == CheckThenTake {
            let held = self.inner.checkpoint(&name).await?.and_then(|checkpoint| checkpoint.owner);
            tokio::task::yield_now().await;
            if let (Option::None, Some((last, _))) = (held, self.last(&name)) {
                self.inner.release(&last).await?;
            }
        }
        let mut acquired = self.inner.acquire(AcquireLease { relay: &name, ..request }).await?;
        if let LeaseOutcome::Lease { lease, checkpoint } = &mut acquired {
            self.leases.lock().unwrap().insert(name, (lease.clone(), request.owner.to_owned()));
            lease.relay = request.relay.into();
            match self.fault {
                FirstEachTime => checkpoint.position = request.first,
                TokenStays => lease.token = 1,
                _ => {}
            }
        }
        Ok(acquired)
    }

    async fn commit(&self, lease: &Lease, mut commit: RelayCommit) -> Result<CommitOutcome, StorageError> {
        self.is_last_without_event.store(commit.event.is_none(), Ordering::SeqCst);
        let mut lease = self.lease(lease);
        let last = self.last(&lease.relay);
        let fenced = last.as_ref().is_none_or(|(last, _)| last.token != lease.token);
        match (self.fault, last) {
            (NoFencing | TokenStays, Some((last, _))) => lease = last,
            (FencedButParked | FencedButFreed, Some((last, _))) if fenced => {
                commit.position = self.inner.checkpoint(&lease.relay).await?.unwrap().position;
                commit.lasts = Duration::from_secs(300);
                if self.fault == FencedButParked {
                    commit.freed.clear();
                } else {
                    commit.parked.clear();
                }
                self.inner.commit(&last, commit).await?;
                return Ok(CommitOutcome::Fenced);
            }
            (RunOutIsFenced, _) if self.inner.checkpoint(&lease.relay).await?.is_none_or(|one| one.owner.is_none()) => {
                return Ok(CommitOutcome::Fenced);
            }
            (HeartbeatForgotten, _) => commit.lasts = Duration::ZERO,
            (InTwoSteps, _) => {
                let first = RelayCommit { parked: vec![], freed: vec![], ..commit.clone() };
                if self.inner.commit(&lease, first).await? == CommitOutcome::Fenced {
                    return Ok(CommitOutcome::Fenced);
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            (EventForgotten, _) => commit.event = Option::None,
            (FreedForgotten, _) => commit.freed.clear(),
            (PositionsAsFloats, _) => commit.position = commit.position as f64 as u64,
            (ErrorCut, _) => {
                commit.parked.iter_mut().for_each(|one| one.error = one.error.chars().take(500).collect());
            }
            (TimeStandsStill, _) => {
                let mut due = self.due.lock().unwrap();
                due.extend(commit.parked.iter().map(|one| (one.aggregate_id.clone(), one.next_attempt_in)));
            }
            (DropForgottenWhenRewritten, _) => {
                let freed = commit.parked.iter();
                let freed = freed.map(|one| (one.event_store_id.clone(), one.aggregate_id.clone())).collect();
                let first = RelayCommit { parked: vec![], freed, ..commit.clone() };
                self.inner.commit(&lease, first).await?;
            }
            (DropKeptForTheNext, _) => {
                for row in self.inner.parked(&lease.relay).await? {
                    let mut again = commit.parked.iter_mut();
                    if let Some(again) = again.find(|one| one.aggregate_id == row.aggregate_id) {
                        again.dropped |= row.dropped;
                    }
                }
            }
            _ => {}
        }
        self.inner.commit(&lease, commit).await
    }

    async fn release(&self, lease: &Lease) -> Result<(), StorageError> {
        let lease = self.lease(lease);
        match (self.fault, self.last(&lease.relay)) {
            (ReleaseForgotten, _) => Ok(()),
            (ReleaseByAnybody | TokenStays, Some((last, _))) => self.inner.release(&last).await,
            _ => self.inner.release(&lease).await,
        }
    }

    async fn checkpoint(&self, relay: &str) -> Result<Option<RelayCheckpoint>, StorageError> {
        let relay = self.relay(relay);
        let mut checkpoint = self.inner.checkpoint(&relay).await?;
        if let (OwnerForEver, Some(checkpoint), Some((_, owner))) = (self.fault, &mut checkpoint, self.last(&relay)) {
            // After the lease has expired, the owner has another name, so that the kit fails immediately instead of at
            // its time limit.
            checkpoint.owner = Some(if checkpoint.owner.is_none() { format!("{owner}, once") } else { owner });
        }
        if let (EventReplacedByNone, Some(checkpoint)) = (self.fault, &mut checkpoint)
            && self.is_last_without_event.load(Ordering::SeqCst)
        {
            checkpoint.event = Option::None;
        }
        Ok(checkpoint)
    }

    async fn relay_names(&self) -> Result<Option<Vec<String>>, StorageError> {
        let mut names = self.inner.relay_names().await?.unwrap();
        if self.fault == ReleasedNotListed {
            let mut held = Vec::new();
            for name in names {
                let checkpoint = self.inner.checkpoint(&name).await?;
                held.extend(checkpoint.is_some_and(|one| one.owner.is_some()).then_some(name));
            }
            names = held;
        }
        Ok(Some(names))
    }

    async fn parked(&self, relay: &str) -> Result<Vec<ParkedAggregate>, StorageError> {
        let mut parked = self.inner.parked(&self.relay(relay)).await?;
        match self.fault {
            ParkedInAnyOrder => parked.sort_by(|one, other| one.aggregate_id.cmp(&other.aggregate_id)),
            TimeStandsStill => {
                let due = self.due.lock().unwrap();
                // Doubling the time shows the fault without long waits.
                parked.iter_mut().for_each(|one| one.next_attempt_in = due[&one.aggregate_id] * 2);
            }
            _ => {}
        }
        Ok(parked)
    }

    async fn retry_parked(&self, relay: &str, store: &str, aggregate: &str) -> Result<bool, StorageError> {
        let parked = self.inner.retry_parked(&self.relay(relay), store, aggregate).await?;
        Ok(parked || self.fault == RetryAlways)
    }

    async fn drop_parked(
        &self,
        relay: &str,
        store: &str,
        aggregate: &str,
        mut position: u64,
    ) -> Result<bool, StorageError> {
        let relay = self.relay(relay);
        if self.fault == DropOfAnyMessage {
            let parked = self.inner.parked(&relay).await?;
            let row = parked.iter().find(|one| one.event_store_id == store && one.aggregate_id == aggregate);
            position = row.map_or(position, |row| row.next_position);
        }
        self.inner.drop_parked(&relay, store, aggregate, position).await
    }
}
