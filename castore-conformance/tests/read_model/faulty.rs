//! Tests that the kit detects faults. Each store has one fault, and the tests of the kit that are listed for
//! the fault must fail.

use std::collections::BTreeMap;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use castore_conformance::async_trait;
use castore_conformance::read_model::{
    BEHAVIORS, ErasedStore, FreshReadModels, NAME, ReadModelDatabase, ReadModelFactory,
};
use castore_core::future::BoxFuture;
use castore_core::log::{EventLog, LogEntry, LogId};
use castore_core::storage::{RawEvent, StorageError};
use castore_core::time::Timestamp;
use castore_projection::engine::{
    self, Applied, Checkpoint, ReadModelRegistry, ReadModelVersion, Retried, StoreError, Swapped,
};
use castore_projection::{
    InMemoryReadModels, LiveReadModel, ParkedProjectionAggregate, ProjectionError, ProjectionRequest,
};
use castore_runtime::in_memory::InMemoryEventStorageAdapter;

use crate::InMemoryDatabase;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    None,
    CheckpointFirst,
    ModelFirst,
    EventByEvent,
    NoFencing,
    ParkNotFenced,
    IndexOfPage,
    EmptyPageForgotten,
    CheckpointOfLastEvent,
    CheckpointEventForgotten,
    ParkedApplied,
    ParkKeepsCheckpoint,
    RetryNotRecorded,
    RefusedSkipped,
    RefusedMovesBack,
    UnparkNotFenced,
    UnparkForgotten,
    NewVersionSeen,
    SwapInTwoSteps,
    SwapTooEarly,
    SwapNotFenced,
    SwapKeepsCheckpoint,
    SwapBack,
    OldStaysLive,
    DroppedIsEmpty,
    LiveIsNewest,
    LiveOfOtherLog,
    ParkedNotFenced,
    RequestForgotten,
    RequestWithoutTarget,
    RequestNotClosed,
    RebuildUnasked,
    RebuildKeepsCheckpoint,
    RebuildKeepsParked,
    RebuildNeverDone,
}

use Fault::*;

/// The faults, each with behaviors that must fail because of this fault. Other behaviors may fail, too.
const FOUND_BY: &[(Fault, &[&str])] = &[
    (
        CheckpointFirst,
        &[
            "a_failed_apply_leaves_nothing",
            "readers_see_checkpoint_and_model_together",
            "a_dropped_apply_is_all_or_nothing",
        ],
    ),
    (CheckpointEventForgotten, &["the_event_of_the_checkpoint_is_kept"]),
    (ModelFirst, &["readers_see_checkpoint_and_model_together", "a_dropped_apply_is_all_or_nothing"]),
    (EventByEvent, &["a_failed_apply_leaves_nothing", "readers_see_checkpoint_and_model_together"]),
    (
        NoFencing,
        &[
            "a_second_runner_is_fenced",
            "a_repeated_call_applies_nothing_twice",
            "concurrent_runners_apply_each_event_once",
            "the_engine_survives_lost_responses",
        ],
    ),
    (ParkNotFenced, &["a_second_runner_is_fenced", "a_repeated_call_applies_nothing_twice"]),
    (IndexOfPage, &["a_failed_apply_leaves_nothing"]),
    (EmptyPageForgotten, &["the_checkpoint_moves_without_events"]),
    (CheckpointOfLastEvent, &["the_checkpoint_moves_with_the_model"]),
    (ParkedApplied, &["parked_aggregates_are_skipped"]),
    (ParkKeepsCheckpoint, &["parking_moves_the_checkpoint"]),
    (RetryNotRecorded, &["a_parked_event_is_applied_once", "a_repeated_call_applies_nothing_twice"]),
    (RefusedSkipped, &["a_parked_event_that_is_refused_again_leaves_nothing"]),
    (RefusedMovesBack, &["a_parked_event_that_is_refused_again_leaves_nothing"]),
    (UnparkNotFenced, &["unparking_is_fenced_by_the_checkpoint"]),
    (UnparkForgotten, &["unparking_is_fenced_by_the_checkpoint", "a_repeated_call_applies_nothing_twice"]),
    (NewVersionSeen, &["a_new_version_is_built_unseen"]),
    (SwapInTwoSteps, &["a_swap_is_atomic"]),
    (SwapTooEarly, &["a_swap_waits_until_the_version_has_caught_up"]),
    (SwapNotFenced, &["a_swap_is_fenced_by_the_checkpoint"]),
    (SwapKeepsCheckpoint, &["a_swap_waits_until_the_version_has_caught_up"]),
    (SwapBack, &["an_older_version_is_superseded"]),
    (OldStaysLive, &["a_swap_is_atomic"]),
    (DroppedIsEmpty, &["a_dropped_version_is_gone"]),
    (LiveIsNewest, &["a_wait_follows_the_version_that_readers_use"]),
    (LiveOfOtherLog, &["a_wait_ends_in_another_log"]),
    (ParkedNotFenced, &["a_parked_event_is_applied_once", "a_rebuild_fences_other_runners"]),
    (RequestForgotten, &["a_request_is_stored_until_it_is_closed", "a_rebuild_empties_the_read_model"]),
    (RequestWithoutTarget, &["requests_without_a_target_are_not_stored"]),
    (RequestNotClosed, &["a_request_is_stored_until_it_is_closed"]),
    (RebuildUnasked, &["a_rebuild_is_carried_out_once"]),
    (RebuildKeepsCheckpoint, &["a_rebuild_empties_the_read_model", "a_rebuild_fences_other_runners"]),
    (RebuildKeepsParked, &["a_rebuild_empties_the_read_model"]),
    (RebuildNeverDone, &["a_rebuild_of_an_unused_version_is_unseen"]),
];

#[test]
fn every_fault_is_found() {
    let mut wrong = Vec::new();
    for (fault, found_by) in FOUND_BY {
        for name in *found_by {
            if passes(name, *fault) {
                wrong.push(format!("{name} passes despite {fault:?}"));
            }
            if !passes(name, None) {
                wrong.push(format!("{name} fails without any fault"));
            }
        }
    }
    assert_eq!(wrong, [] as [String; 0]);
}

fn passes(name: &str, fault: Fault) -> bool {
    let behavior = BEHAVIORS.iter().find(|behavior| behavior.name == name);
    let behavior = behavior.unwrap_or_else(|| panic!("no behavior {name}"));
    // To find a race, several attempts may be necessary.
    let attempts = if fault == None { 1 } else { 10 };
    (0..attempts).all(|_| catch_unwind(AssertUnwindSafe(|| behavior.check(&Factory(fault)))).is_ok())
}

struct Factory(Fault);

#[async_trait]
impl ReadModelFactory for Factory {
    async fn fresh(&self) -> FreshReadModels {
        let database = Arc::default();
        FreshReadModels::new(FaultyDatabase { database, fault: self.0, swapping: Arc::default() })
    }
}

struct FaultyDatabase {
    database: Arc<InMemoryDatabase>,
    fault: Fault,
    /// Whether a swap is in progress, during which readers see nothing.
    swapping: Arc<AtomicBool>,
}

#[async_trait]
impl ReadModelDatabase for FaultyDatabase {
    async fn open(&self, version: u32, log: &LogId) -> Box<dyn ErasedStore> {
        let inner = self.database.open(version, log).await;
        if self.fault == NewVersionSeen && version == 2 {
            // Readers use the new version immediately.
            inner.swap(0, u64::MAX).await.unwrap();
        }
        Box::new(Faulty {
            inner,
            fault: self.fault,
            swapping: self.swapping.clone(),
            log: log.clone(),
            database: self.database.clone(),
        })
    }

    async fn read(&self) -> BTreeMap<String, u64> {
        if self.swapping.load(Ordering::SeqCst) { BTreeMap::new() } else { self.database.read().await }
    }

    fn live(&self, log: Arc<dyn EventLog>) -> LiveReadModel {
        let registry = FaultyRegistry { models: self.database.0.clone(), fault: self.fault, log: log.clone() };
        engine::live(NAME, registry, log)
    }

    fn registry(&self) -> Arc<dyn ReadModelRegistry> {
        let log = Arc::new(InMemoryEventStorageAdapter::new());
        Arc::new(FaultyRegistry { models: self.database.0.clone(), fault: self.fault, log })
    }

    async fn drop_version(&self, version: u32) {
        self.database.drop_version(version).await;
    }
}

struct FaultyRegistry {
    models: InMemoryReadModels,
    fault: Fault,
    log: Arc<dyn EventLog>,
}

impl ReadModelRegistry for FaultyRegistry {
    fn versions(&self) -> BoxFuture<'_, Result<Vec<ReadModelVersion>, StorageError>> {
        Box::pin(async {
            let mut versions = ReadModelRegistry::versions(&self.models).await?;
            match self.fault {
                LiveIsNewest => {
                    let newest = versions.iter().map(|version| version.version).max();
                    versions.iter_mut().for_each(|version| version.live = Some(version.version) == newest);
                }
                LiveOfOtherLog => {
                    let log_id = self.log.log_id().await?;
                    versions.iter_mut().for_each(|version| version.log_id = log_id.clone());
                }
                _ => {}
            }
            Ok(versions)
        })
    }

    fn parked<'a>(
        &'a self,
        name: &'a str,
        version: u32,
    ) -> BoxFuture<'a, Result<Vec<ParkedProjectionAggregate>, StorageError>> {
        ReadModelRegistry::parked(&self.models, name, version)
    }

    fn requests<'a>(
        &'a self,
        name: &'a str,
        version: u32,
    ) -> BoxFuture<'a, Result<Vec<ProjectionRequest>, StorageError>> {
        self.models.requests(name, version)
    }

    fn request<'a>(
        &'a self,
        name: &'a str,
        version: u32,
        request: ProjectionRequest,
    ) -> BoxFuture<'a, Result<bool, StorageError>> {
        match self.fault {
            RequestForgotten => Box::pin(async { Ok(true) }),
            RequestWithoutTarget => Box::pin(async move {
                self.models.request(name, version, request).await?;
                Ok(true)
            }),
            _ => self.models.request(name, version, request),
        }
    }

    fn drop_version<'a>(&'a self, name: &'a str, version: u32) -> BoxFuture<'a, Result<bool, ProjectionError>> {
        ReadModelRegistry::drop_version(&self.models, name, version)
    }
}

struct Faulty {
    inner: Box<dyn ErasedStore>,
    fault: Fault,
    swapping: Arc<AtomicBool>,
    log: LogId,
    database: Arc<InMemoryDatabase>,
}

impl Faulty {
    async fn position(&self) -> Result<u64, StoreError> {
        Ok(self.inner.version().await?.map_or(0, |version| version.position))
    }

    fn nothing() -> Arc<[LogEntry]> {
        Arc::new([])
    }
}

fn parked_at(entry: &LogEntry, next_position: u64) -> ParkedProjectionAggregate {
    ParkedProjectionAggregate {
        event_store_id: entry.event_store_id.to_string(),
        aggregate_id: entry.event.aggregate_id.clone(),
        next_position,
        version: next_position,
        attempts: 1,
        error: "parked".to_owned(),
    }
}

fn event() -> RawEvent {
    RawEvent {
        aggregate_id: "a".to_owned(),
        version: 2,
        event_type: "HAPPENED".into(),
        timestamp: Timestamp::from_unix_millis(0).unwrap(),
        payload: Option::None,
        metadata: Option::None,
    }
}

#[async_trait]
impl ErasedStore for Faulty {
    async fn apply(
        &self,
        events: Arc<[LogEntry]>,
        range: Range<usize>,
        mut from: u64,
        mut to: Checkpoint,
    ) -> Result<Applied, StoreError> {
        let step = || tokio::time::sleep(Duration::from_millis(1));
        match self.fault {
            CheckpointFirst => {
                match self.inner.apply(Self::nothing(), 0..0, from, to.clone()).await? {
                    Applied::Done(_) => from = to.position,
                    other => return Ok(other),
                }
                step().await;
            }
            ModelFirst => {
                match self.inner.apply(events, range, from, from.into()).await? {
                    Applied::Done(_) => {}
                    other => return Ok(other),
                }
                step().await;
                return self.inner.apply(Self::nothing(), 0..0, from, to).await;
            }
            EventByEvent => {
                for index in range {
                    match self.inner.apply(Arc::clone(&events), index..index + 1, from, from.into()).await? {
                        Applied::Done(_) => {}
                        Applied::Refused { refusal, .. } => return Ok(Applied::Refused { index, refusal }),
                        other => return Ok(other),
                    }
                    step().await;
                }
                return self.inner.apply(Self::nothing(), 0..0, from, to).await;
            }
            NoFencing => from = self.position().await?,
            EmptyPageForgotten if range.is_empty() => to = from.into(),
            CheckpointEventForgotten => to.event = Option::None,
            CheckpointOfLastEvent if !range.is_empty() => to = events[range.end - 1].position.into(),
            ParkedApplied => {
                for entry in &events[range.clone()] {
                    self.inner.unpark(&entry.event_store_id, &entry.event.aggregate_id, from).await?;
                }
            }
            _ => {}
        }
        let start = range.start;
        let applied = self.inner.apply(events, range, from, to).await?;
        Ok(match applied {
            Applied::Refused { index, refusal } if self.fault == IndexOfPage => {
                Applied::Refused { index: index + start, refusal }
            }
            Applied::Gone if self.fault == DroppedIsEmpty => {
                Applied::Done(self.database.open(1, &self.log).await.version().await?.unwrap())
            }
            applied => applied,
        })
    }

    async fn park(
        &self,
        aggregate: ParkedProjectionAggregate,
        mut from: u64,
        mut to: Checkpoint,
    ) -> Result<Applied, StoreError> {
        match self.fault {
            ParkNotFenced => from = self.position().await?,
            ParkKeepsCheckpoint => to = from.into(),
            _ => {}
        }
        self.inner.park(aggregate, from, to).await
    }

    async fn swap(&self, mut position: u64, mut scanned_to: u64) -> Result<Swapped, StoreError> {
        match self.fault {
            SwapInTwoSteps => {
                self.swapping.store(true, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            SwapTooEarly => scanned_to = u64::MAX,
            SwapNotFenced => position = self.position().await?,
            _ => {}
        }
        let mut swapped = self.inner.swap(position, scanned_to).await?;
        self.swapping.store(false, Ordering::SeqCst);
        match (self.fault, &mut swapped) {
            (SwapKeepsCheckpoint, Swapped::Done(version)) => version.position = position,
            (SwapBack, Swapped::Superseded) => {
                swapped = Swapped::Done(self.inner.version().await?.unwrap());
            }
            _ => {}
        }
        Ok(swapped)
    }

    async fn version(&self) -> Result<Option<ReadModelVersion>, StoreError> {
        let mut version = self.inner.version().await?;
        if let (OldStaysLive, Some(version)) = (self.fault, &mut version) {
            version.live = version.live || version.version == 1;
        }
        Ok(version)
    }

    async fn find_parked(&self, event_store_id: &str, aggregate_id: &str) -> Result<Option<u64>, StoreError> {
        self.inner.find_parked(event_store_id, aggregate_id).await
    }

    async fn apply_parked(&self, event: LogEntry, mut from: u64) -> Result<Retried, StoreError> {
        if self.fault == ParkedNotFenced {
            from = self.find_parked(&event.event_store_id, &event.event.aggregate_id).await?.unwrap_or(from);
        }
        let retried = self.inner.apply_parked(event.clone(), from).await?;
        let position = self.position().await?;
        match (self.fault, &retried) {
            (RetryNotRecorded, Retried::Done) => {
                self.inner.park(parked_at(&event, event.position), position, position.into()).await?;
            }
            (RefusedSkipped, Retried::Refused(_)) => {
                self.inner.park(parked_at(&event, event.position + 1), position, position.into()).await?;
            }
            _ => {}
        }
        Ok(retried)
    }

    async fn refuse_parked(&self, event: LogEntry, error: String) -> Result<(), StoreError> {
        if self.fault == RefusedMovesBack {
            let position = self.position().await?;
            self.inner.park(parked_at(&event, event.position), position, position.into()).await?;
        }
        self.inner.refuse_parked(event, error).await
    }

    async fn unpark(&self, event_store_id: &str, aggregate_id: &str, mut checkpoint: u64) -> Result<bool, StoreError> {
        match self.fault {
            UnparkNotFenced => checkpoint = self.position().await?,
            UnparkForgotten => return Ok(self.position().await? == checkpoint),
            _ => {}
        }
        self.inner.unpark(event_store_id, aggregate_id, checkpoint).await
    }

    async fn requests(&self) -> Result<Vec<ProjectionRequest>, StoreError> {
        self.inner.requests().await
    }

    async fn close_request(&self, request: ProjectionRequest) -> Result<(), StoreError> {
        if self.fault == RequestNotClosed { Ok(()) } else { self.inner.close_request(request).await }
    }

    async fn rebuild(&self, log_id: &LogId) -> Result<Option<ReadModelVersion>, StoreError> {
        let before = self.inner.version().await?.unwrap();
        match self.fault {
            RebuildUnasked => {
                let asked = self.database.0.request(NAME, before.version, ProjectionRequest::Rebuild).await;
                assert!(asked.unwrap());
            }
            RebuildNeverDone => return Ok(Some(before)),
            _ => {}
        }
        self.inner.rebuild(log_id).await?;
        match self.fault {
            RebuildKeepsCheckpoint => {
                self.inner.apply(Self::nothing(), 0..0, 0, before.position.into()).await?;
            }
            RebuildKeepsParked => {
                let event = LogEntry::new(2, "POKEMONS".into(), event());
                self.inner.park(parked_at(&event, 2), 0, 0.into()).await?;
            }
            _ => {}
        }
        self.inner.version().await
    }

    async fn close(self: Box<Self>) {
        self.inner.close().await;
    }
}
