use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use castore_core::log::{CheckpointEvent, EventLog, LogId};
use castore_core::relay::{
    AcquireLease, CommitOutcome, Lease, LeaseOutcome, ParkedAggregate, RelayCheckpoint, RelayCommit,
    RelayStorageAdapter,
};
use castore_core::storage::StorageError;
use tokio::time::Instant;

use super::InMemoryEventStorageAdapter;

/// The state of all relays, by name.
#[derive(Default)]
pub(super) struct RelayStates(Mutex<HashMap<String, Relay>>);

struct Relay {
    position: u64,
    log_id: LogId,
    event: Option<CheckpointEvent>,
    token: u64,
    owner: String,
    expires_at: Instant,
    parked: BTreeMap<(String, String), Parked>,
}

struct Parked {
    aggregate: ParkedAggregate,
    next_attempt_at: Instant,
}

impl RelayStates {
    /// Locks the states. No user code runs while the lock is held, so the state is consistent even if the lock is
    /// poisoned.
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Relay>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with_parked(&self, relay: &str, key: (&str, &str), change: impl FnOnce(&mut Parked) -> bool) -> bool {
        let key = (key.0.to_owned(), key.1.to_owned());
        self.lock().get_mut(relay).and_then(|relay| relay.parked.get_mut(&key)).is_some_and(change)
    }
}

/// Returns the time that is `duration` later than `now`. The duration is limited to a hundred years, because a longer
/// duration could overflow `Instant`.
fn after(now: Instant, duration: Duration) -> Instant {
    const NEVER: Duration = Duration::from_secs(100 * 365 * 24 * 3_600);
    now + duration.min(NEVER)
}

impl Relay {
    fn checkpoint(&self, now: Instant) -> RelayCheckpoint {
        let owner = (self.expires_at > now).then(|| self.owner.clone());
        RelayCheckpoint::new(self.position, self.log_id.clone()).event(self.event.clone()).owner(owner)
    }
}

#[async_trait]
impl RelayStorageAdapter for InMemoryEventStorageAdapter {
    async fn shares_database_with(&self, log: &LogId) -> Result<bool, StorageError> {
        Ok(*log == EventLog::log_id(self).await?)
    }

    async fn acquire(&self, request: AcquireLease<'_>) -> Result<LeaseOutcome, StorageError> {
        let now = Instant::now();
        let mut relays = self.relays().lock();
        let relay = relays.entry(request.relay.to_owned()).or_insert_with(|| Relay {
            position: request.first,
            log_id: request.log_id.clone(),
            event: None,
            token: 0,
            owner: String::new(),
            expires_at: now,
            parked: BTreeMap::new(),
        });
        if relay.expires_at > now {
            return Ok(LeaseOutcome::HeldByOther { owner: relay.owner.clone(), expires_in: relay.expires_at - now });
        }
        relay.token += 1;
        relay.owner = request.owner.to_owned();
        relay.expires_at = after(now, request.lasts);
        let lease = Lease { relay: Arc::from(request.relay), token: relay.token };
        Ok(LeaseOutcome::Lease { lease, checkpoint: relay.checkpoint(now) })
    }

    async fn commit(&self, lease: &Lease, commit: RelayCommit) -> Result<CommitOutcome, StorageError> {
        let now = Instant::now();
        let mut relays = self.relays().lock();
        let Some(relay) = relays.get_mut(&*lease.relay).filter(|relay| relay.token == lease.token) else {
            return Ok(CommitOutcome::Fenced);
        };
        relay.position = commit.position;
        if commit.event.is_some() {
            relay.event = commit.event;
        }
        relay.expires_at = after(now, commit.lasts);
        for mut aggregate in commit.parked {
            let key = (aggregate.event_store_id.clone(), aggregate.aggregate_id.clone());
            let before = relay.parked.get(&key).map(|parked| &parked.aggregate);
            aggregate.dropped |=
                before.is_some_and(|before| before.dropped && before.next_position == aggregate.next_position);
            let next_attempt_at = after(now, aggregate.next_attempt_in);
            relay.parked.insert(key, Parked { aggregate, next_attempt_at });
        }
        for key in &commit.freed {
            relay.parked.remove(key);
        }
        Ok(CommitOutcome::Done)
    }

    async fn release(&self, lease: &Lease) -> Result<(), StorageError> {
        if let Some(relay) = self.relays().lock().get_mut(&*lease.relay).filter(|relay| relay.token == lease.token) {
            relay.expires_at = Instant::now();
        }
        Ok(())
    }

    async fn checkpoint(&self, relay: &str) -> Result<Option<RelayCheckpoint>, StorageError> {
        Ok(self.relays().lock().get(relay).map(|relay| relay.checkpoint(Instant::now())))
    }

    async fn relay_names(&self) -> Result<Option<Vec<String>>, StorageError> {
        let mut names: Vec<String> = self.relays().lock().keys().cloned().collect();
        names.sort_unstable();
        Ok(Some(names))
    }

    async fn parked(&self, relay: &str) -> Result<Vec<ParkedAggregate>, StorageError> {
        let now = Instant::now();
        let relays = self.relays().lock();
        let mut parked: Vec<_> = relays
            .get(relay)
            .iter()
            .flat_map(|relay| relay.parked.values())
            .map(|parked| ParkedAggregate {
                next_attempt_in: parked.next_attempt_at.saturating_duration_since(now),
                ..parked.aggregate.clone()
            })
            .collect();
        parked.sort_by_key(|parked| parked.next_position);
        Ok(parked)
    }

    async fn retry_parked(&self, relay: &str, event_store_id: &str, aggregate_id: &str) -> Result<bool, StorageError> {
        Ok(self.relays().with_parked(relay, (event_store_id, aggregate_id), |parked| {
            parked.next_attempt_at = Instant::now();
            true
        }))
    }

    async fn drop_parked(
        &self,
        relay: &str,
        event_store_id: &str,
        aggregate_id: &str,
        position: u64,
    ) -> Result<bool, StorageError> {
        Ok(self.relays().with_parked(relay, (event_store_id, aggregate_id), |parked| {
            let is_for_it = parked.aggregate.next_position == position;
            if is_for_it {
                parked.aggregate.dropped = true;
                parked.next_attempt_at = Instant::now();
            }
            is_for_it
        }))
    }
}
