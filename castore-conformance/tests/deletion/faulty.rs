//! Tests that the kit can fail. Each adapter has one fault, and the tests of the kit that are listed for
//! the fault must fail.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use castore_conformance::async_trait;
use castore_conformance::deletion::{BEHAVIORS, DeletionFactory, FreshDeletion};
use castore_core::log::{EventLog, LogEnd, LogFilter, LogId, LogPage, LogQuery, WakeUps};
use castore_core::snapshot::{Snapshot, SnapshotAdapter, SnapshotKey};
use castore_core::storage::{
    AggregateDeletion, AggregateIdsPage, DelegatingStorageAdapter, Deletion, EventStorageAdapter, GetEventsOptions,
    ListAggregateIdsOptions, ListedAggregate, PushOptions, PushReceipt, RawEvent, StorageError,
};
use castore_runtime::in_memory::InMemoryEventStorageAdapter;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    None,
    LastVersionIgnored,
    InTwoSteps,
    FirstEventStays,
    VersionsCounted,
    StoreIgnored,
    CaseIgnored,
    StillListed,
    SnapshotsStay,
    SnapshotsAlwaysDeleted,
    IdStaysTaken,
    NextVersionStored,
    RewritesNever,
    RewritesOfTheLogNever,
    EndMovesBack,
    PositionsMoveUp,
    NewLogId,
}

use Fault::*;

/// The faults, each with some of the behaviors that must fail because of this fault.
const FOUND_BY: &[(Fault, &[&str])] = &[
    (LastVersionIgnored, &["another_last_version_deletes_nothing", "a_concurrent_push_is_not_lost"]),
    (InTwoSteps, &["a_concurrent_push_is_not_lost"]),
    (FirstEventStays, &["all_events_of_the_aggregate_are_deleted", "a_new_aggregate_can_be_deleted_again"]),
    (VersionsCounted, &["aggregates_with_gaps_are_deleted"]),
    (StoreIgnored, &["events_of_other_aggregates_stay"]),
    (CaseIgnored, &["any_text_is_an_aggregate"]),
    (StillListed, &["deleted_aggregates_are_not_listed"]),
    (SnapshotsStay, &["snapshots_are_deleted_with_the_events"]),
    (SnapshotsAlwaysDeleted, &["snapshots_stay_if_nothing_is_deleted"]),
    (IdStaysTaken, &["version_1_can_be_pushed_again"]),
    (NextVersionStored, &["the_version_after_a_deleted_one_is_a_gap"]),
    (RewritesNever, &["a_deletion_is_a_rewrite"]),
    (RewritesOfTheLogNever, &["a_deletion_is_a_rewrite", "the_log_stays_the_same_log"]),
    (EndMovesBack, &["the_end_does_not_move_back"]),
    (PositionsMoveUp, &["readers_continue_after_deleted_events", "positions_are_not_assigned_again"]),
    (NewLogId, &["the_log_stays_the_same_log"]),
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
impl DeletionFactory for Factory {
    async fn fresh(&self) -> FreshDeletion {
        let inner = InMemoryEventStorageAdapter::new();
        FreshDeletion::new(Faulty { inner, fault: self.0, deleted: Arc::default() })
    }
}

#[derive(Debug, Clone)]
struct Faulty {
    inner: InMemoryEventStorageAdapter,
    fault: Fault,
    /// The deleted aggregates, with their first events.
    deleted: Arc<Mutex<Vec<(String, RawEvent)>>>,
}

impl Faulty {
    async fn events(&self, store: &str, id: &str) -> Result<Vec<RawEvent>, StorageError> {
        self.inner.get_events(store, id, GetEventsOptions::new()).await
    }

    /// Deletes an aggregate with any last version.
    async fn delete_any(&self, store: &str, id: &str) -> Result<Deletion, StorageError> {
        let last = self.events(store, id).await?.last().map_or(0, |last| last.version);
        self.inner.delete_aggregate(store, id, last).await
    }

    fn is_deleted(&self, store: &str, id: &str) -> bool {
        self.deleted.lock().unwrap().iter().any(|(of, event)| of == store && event.aggregate_id == id)
    }
}

#[async_trait]
impl AggregateDeletion for Faulty {
    async fn delete_aggregate(&self, store: &str, id: &str, last_version: u64) -> Result<Deletion, StorageError> {
        let events = self.events(store, id).await?;
        let last = events.last().map_or(0, |last| last.version);
        match self.fault {
            LastVersionIgnored => return self.delete_any(store, id).await,
            InTwoSteps if last == last_version => {
                // This gives another writer time to push.
                tokio::time::sleep(Duration::from_millis(1)).await;
                let _ = self.delete_any(store, id).await?;
                return Ok(Deletion::Deleted { events: events.len() as u64 });
            }
            SnapshotsAlwaysDeleted => self.inner.delete_snapshots(store, id).await?,
            _ => {}
        }
        let snapshots = self.inner.clone();
        let key =
            SnapshotKey { event_store_id: "POKEMONS", aggregate_id: id.to_owned(), state_shape: 1, reducer_version: 1 };
        let snapshot = snapshots.latest_snapshot(&key, Option::None).await?;
        let deletion = self.inner.delete_aggregate(store, id, last_version).await?;
        let Deletion::Deleted { .. } = deletion else { return Ok(deletion) };
        self.deleted.lock().unwrap().extend(events.first().map(|first| (store.to_owned(), first.clone())));
        match (self.fault, events.first()) {
            (FirstEventStays, Some(first)) => {
                self.inner.push_event(store, first.clone(), PushOptions::new()).await?;
            }
            (VersionsCounted, _) => return Ok(Deletion::Deleted { events: last }),
            (StoreIgnored, _) => {
                let _ = self.delete_any("TRAINERS", id).await?;
            }
            (CaseIgnored, _) => {
                let _ = self.delete_any(store, &id.to_lowercase()).await?;
            }
            (SnapshotsStay, _) => {
                if let Some(snapshot) = snapshot {
                    snapshots.put_snapshot(&key, snapshot, 1).await?;
                }
            }
            _ => {}
        }
        Ok(deletion)
    }
}

#[async_trait]
impl DelegatingStorageAdapter for Faulty {
    fn inner(&self) -> &dyn EventStorageAdapter {
        &self.inner
    }

    async fn push_event(
        &self,
        store: &str,
        event: RawEvent,
        mut options: PushOptions,
    ) -> Result<PushReceipt, StorageError> {
        match self.fault {
            IdStaysTaken if self.is_deleted(store, &event.aggregate_id) => {
                return Err(StorageError::engine("the aggregate is deleted"));
            }
            NextVersionStored => options = options.allow_gap(true),
            _ => {}
        }
        let pushed = self.inner.push_event(store, event, options).await?;
        if self.fault == PositionsMoveUp {
            let all = LogQuery::new(LogFilter::all(), usize::MAX);
            return Ok(PushReceipt::new(Some(self.inner.read_after(0, &all).await?.events.len() as u64)));
        }
        Ok(pushed)
    }

    async fn rewrite_count(&self, store: &str, id: &str) -> Result<Option<u64>, StorageError> {
        if self.fault == RewritesNever { Ok(Some(0)) } else { self.inner.rewrite_count(store, id).await }
    }

    async fn list_aggregate_ids(
        &self,
        store: &str,
        options: ListAggregateIdsOptions,
    ) -> Result<AggregateIdsPage, StorageError> {
        let mut page = self.inner.list_aggregate_ids(store, options).await?;
        if self.fault == StillListed {
            let deleted = self.deleted.lock().unwrap();
            page.aggregates
                .extend(deleted.iter().map(|(_, event)| ListedAggregate::new(&*event.aggregate_id, event.timestamp)));
        }
        Ok(page)
    }
}

#[async_trait]
impl EventLog for Faulty {
    async fn log_id(&self) -> Result<LogId, StorageError> {
        let id = self.inner.log_id().await?;
        let deleted = self.deleted.lock().unwrap().len();
        Ok(if self.fault == NewLogId { LogId::new(format!("{}, {deleted} deleted", id.as_str())) } else { id })
    }

    async fn read_after(&self, position: u64, query: &LogQuery) -> Result<LogPage, StorageError> {
        if self.fault == PositionsMoveUp {
            let mut page = self.inner.read_after(0, &LogQuery::new(query.filter.clone(), usize::MAX)).await?;
            for (entry, position) in page.events.iter_mut().zip(1..) {
                entry.position = position;
            }
            page.events.retain(|entry| entry.position > position);
            page.scanned_to = page.scanned_to.max(position);
            return Ok(page);
        }
        let mut page = self.inner.read_after(position, query).await?;
        if self.fault == RewritesOfTheLogNever {
            page.rewrites = 0;
        }
        Ok(page)
    }

    async fn end(&self) -> Result<LogEnd, StorageError> {
        if self.fault == EndMovesBack {
            let all = LogQuery::new(LogFilter::all(), usize::MAX);
            let last = self.inner.read_after(0, &all).await?.events.last().map_or(0, |last| last.position);
            return Ok(LogEnd::new(last, last));
        }
        self.inner.end().await
    }

    async fn wake_ups(&self) -> WakeUps {
        self.inner.wake_ups().await
    }
}

#[async_trait]
impl SnapshotAdapter for Faulty {
    async fn latest_snapshot(
        &self,
        key: &SnapshotKey,
        max_version: Option<u64>,
    ) -> Result<Option<Snapshot>, StorageError> {
        self.inner.latest_snapshot(key, max_version).await
    }

    async fn put_snapshot(&self, key: &SnapshotKey, snapshot: Snapshot, keep: usize) -> Result<(), StorageError> {
        self.inner.put_snapshot(key, snapshot, keep).await
    }

    async fn delete_snapshots(&self, store: &str, id: &str) -> Result<(), StorageError> {
        self.inner.delete_snapshots(store, id).await
    }
}
