use std::time::Duration;

use async_trait::async_trait;
use castore::projection::{InMemoryProjection, InMemoryReadModels, OnFailure, ProjectionOptions, ReadModel};
use castore::snapshot::{Snapshot, SnapshotAdapter, SnapshotKey};
use castore::storage::{
    DelegatingStorageAdapter, EventStorageAdapter, GetEventsOptions, GroupedRawEvent, PushOptions, PushReceipt,
    RawEvent, StorageError,
};
use castore_core::consumer::DeadLetters;
use serde_json::value::RawValue;

use super::*;
use crate::forget::{ForgetError, ForgetOptions, RemainingData};

struct Titles;

impl ReadModel for Titles {
    const NAME: &'static str = "titles";
    const VERSION: u32 = 1;
    type Event = EventDetail<Task>;
}

impl InMemoryProjection for Titles {
    type Model = u64;

    fn apply(&self, _: &mut u64, _: &EventDetail<Task>) -> Result<(), HandlerError> {
        Err(HandlerError::park("quotes the title"))
    }
}

wiring! {
    struct Private;
    stores: [Task],
    channels: [TaskQueue],
    read_models: [Titles],
    relays: ["TASK_QUEUE" publishes TaskQueue],
    elsewhere: [TaskQueue],
}

fn program(storage: impl EventStorageAdapter) -> Operate<Private> {
    Operate::new("1.0.0").events(storage).forget_with(|event: &mut EventDetail<Task>| {
        if let TaskEvent::Added { title } = &mut event.payload {
            *title = "forgotten".to_owned();
        }
    })
}

async fn events(storage: &InMemoryEventStorageAdapter, id: &str) -> Vec<RawEvent> {
    storage.get_events("TASKS", id, GetEventsOptions::new()).await.unwrap()
}

fn payload(event: &RawEvent) -> &str {
    event.payload.as_deref().map_or("", RawValue::get)
}

async fn two_tasks() -> (InMemoryEventStorageAdapter, EventStore<Task>) {
    let storage = InMemoryEventStorageAdapter::new();
    let tasks = EventStore::<Task>::new(storage.clone());
    for id in ["1", "2"] {
        tasks.push_event(added(id)).await.unwrap();
    }
    tasks.push_event(NewEvent::new("1", 2, TaskEvent::Done)).await.unwrap();
    (storage, tasks)
}

#[tokio::test]
async fn events_of_one_aggregate_are_rewritten_in_place() {
    let (storage, tasks) = two_tasks().await;
    let operate = program(storage.clone());
    let before = events(&storage, "1").await;
    let report = operate.forget("TASKS", "1", ForgetOptions::default().dry_run(true)).await.unwrap();
    assert_eq!((report.dry_run, report.events, report.rewritten), (true, 2, 1));
    assert_eq!(payload(&events(&storage, "1").await[0]), r#"{"title":"Tea"}"#, "a dry run changes nothing");

    let report = operate.forget("TASKS", "1", ForgetOptions::default()).await.unwrap();
    assert_eq!((report.dry_run, report.events, report.rewritten), (false, 2, 1));
    let after = events(&storage, "1").await;
    assert_eq!(payload(&after[0]), r#"{"title":"forgotten"}"#);
    for (before, after) in before.iter().zip(&after) {
        let identity = |event: &RawEvent| (event.version, event.timestamp, event.event_type.to_string());
        assert_eq!(identity(before), identity(after));
    }
    assert_eq!(tasks.get_aggregate("1").await.unwrap().aggregate.unwrap().state.title, "forgotten");
    assert_eq!(payload(&events(&storage, "2").await[0]), r#"{"title":"Tea"}"#, "another aggregate");
    let again = operate.forget("TASKS", "1", ForgetOptions::default()).await.unwrap();
    assert_eq!(again.rewritten, 0, "nothing is left to rewrite");
}

#[tokio::test]
async fn fields_that_the_program_does_not_declare_are_removed() {
    let (storage, _) = two_tasks().await;
    let mut event = events(&storage, "1").await.remove(0);
    event.payload = Some(RawValue::from_string(r#"{"title":"forgotten","owner":"Ash"}"#.to_owned()).unwrap());
    storage.push_event("TASKS", event, PushOptions::new().force(true)).await.unwrap();
    let report = program(storage.clone()).forget("TASKS", "1", ForgetOptions::default()).await.unwrap();
    assert_eq!(report.rewritten, 1);
    assert_eq!(payload(&events(&storage, "1").await[0]), r#"{"title":"forgotten"}"#);
}

#[tokio::test]
async fn snapshots_are_deleted() {
    let (storage, _) = two_tasks().await;
    let snapshots = storage.clone();
    let key = SnapshotKey::of::<Task>("1");
    let (version, event_timestamp) = (1, events(&storage, "1").await[0].timestamp);
    let state = RawValue::from_string(r#"{"title":"Tea"}"#.to_owned()).unwrap();
    let snapshot = Snapshot { version, rewrites: 0, event_timestamp, state };
    snapshots.put_snapshot(&key, snapshot, 1).await.unwrap();
    assert!(snapshots.latest_snapshot(&key, None).await.unwrap().is_some());
    let operate = program(storage).snapshots(snapshots.clone());
    assert!(text(&operate, "events forget TASKS 1 --dry-run").await.contains("would be deleted from 1 storages"));
    assert!(snapshots.latest_snapshot(&key, None).await.unwrap().is_some());
    assert!(text(&operate, "events forget TASKS 1").await.contains("are deleted from 1 storages"));
    assert!(snapshots.latest_snapshot(&key, None).await.unwrap().is_none());
}

#[tokio::test]
async fn places_that_may_hold_the_old_data_are_named() {
    let (storage, _) = two_tasks().await;
    let models = InMemoryReadModels::in_storage(&storage);
    let options = ProjectionOptions::default().on_failure(OnFailure::ParkAggregate);
    let running = models.start(Titles, storage.clone(), options).await.unwrap();
    running.wait_for(3, Duration::from_secs(30)).await.unwrap();
    running.shutdown().await.unwrap();
    let adapter = InMemoryMessageQueueAdapter::<TaskQueue>::new().with_dead_letters(10);
    adapter.worker(|_, _| async { Err(HandlerError::park("no such mailbox")) });
    let tasks = EventStore::<Task>::new(storage.clone()).connect(TaskQueue::with_adapter(adapter.clone()));
    for id in ["3", "4"] {
        tasks.push_event(added(id)).await.unwrap();
    }
    adapter.idle().await;
    let dead = adapter.dead_letters().list(10).await.unwrap();
    let dead = dead.iter().find(|letter| letter.body.contains(r#""aggregateId":"3""#)).unwrap();

    let operate = program(storage.clone())
        .snapshots(storage.clone())
        .relays(storage.clone())
        .projections(models, storage)
        .dead_letters("mailer", adapter.dead_letters());
    let report = operate.forget("TASKS", "3", ForgetOptions::default()).await.unwrap();
    let channel =
        RemainingData::Channel { id: TaskQueue::ID.to_owned(), kind: "notification".to_owned(), consumers: Vec::new() };
    assert_eq!(
        report.remaining,
        [
            RemainingData::ReadModel { name: "titles".to_owned(), version: 1, is_parked: false },
            RemainingData::DeadLetter { consumer: "mailer".to_owned(), id: dead.id.clone() },
            channel,
            RemainingData::Processes,
            RemainingData::Backups,
        ]
    );
    let printed = text(&operate, "events forget TASKS 1").await;
    assert!(printed.contains("projections rebuild titles --version 1` (the aggregate is parked there)"), "{printed}");
    let printed: Value = serde_json::from_str(&text(&operate, "events forget TASKS 1 --json").await).unwrap();
    let titles = json!({ "place": "readModel", "name": "titles", "version": 1, "parked": true });
    assert_eq!(printed["remaining"][0], titles);
}

#[tokio::test]
async fn places_without_access_are_reported_as_not_searched() {
    let (storage, _) = two_tasks().await;
    let report = program(storage).forget("TASKS", "1", ForgetOptions::default()).await.unwrap();
    let is_relay = |place: &RemainingData| matches!(place, RemainingData::NotSearched { place, .. } if place.contains("relay TASK_QUEUE"));
    assert!(report.remaining.iter().any(is_relay), "{report}");
    for place in ["snapshots of the aggregate", "the parked aggregates of these read models"] {
        assert!(report.to_string().contains(&format!("\n- {place} (not searched: call `")), "{report}");
    }
    let titles = RemainingData::ReadModel { name: "titles".to_owned(), version: 1, is_parked: false };
    assert!(report.remaining.contains(&titles), "{report}");
}

#[tokio::test]
async fn wrong_commands_are_explained_and_change_nothing() {
    let (storage, tasks) = two_tasks().await;
    let operate = program(storage.clone());
    assert_eq!(refusal(&operate, "events forget TASKS 9").await, "event store TASKS has no events of aggregate 9");
    let unknown = "there is no event store TASK; the event stores are TASKS";
    assert_eq!(refusal(&operate, "events forget TASK 1").await, unknown);
    assert!(refusal(&operate, "events forget TASKS 1 --dry").await.contains("the options are --dry-run"));
    let without = Operate::<Private>::new("1.0.0").events(storage.clone());
    assert!(refusal(&without, "events forget TASKS 1").await.contains("call `forget_with`"));

    let operate = program(storage.clone()).forget_with(|event: &mut EventDetail<Task>| event.version += 1);
    let error = operate.forget("TASKS", "1", ForgetOptions::default()).await.unwrap_err();
    assert!(matches!(error, ForgetError::ChangedIdentity { version: 1, .. }), "{error:?}");
    let operate = program(storage.clone()).forget_with(|event: &mut EventDetail<Task>| event.payload = TaskEvent::Done);
    let error = operate.forget("TASKS", "1", ForgetOptions::default()).await.unwrap_err();
    assert!(matches!(error, ForgetError::Unloadable { .. }), "{error:?}");
    assert_eq!(tasks.get_aggregate("1").await.unwrap().aggregate.unwrap().state.title, "Tea");
}

/// A storage that rejects every group of events.
#[derive(Debug)]
struct Failing(InMemoryEventStorageAdapter);

#[async_trait]
impl DelegatingStorageAdapter for Failing {
    fn inner(&self) -> &dyn EventStorageAdapter {
        &self.0
    }

    async fn push_event_group(
        &self,
        _: Vec<GroupedRawEvent>,
        _: PushOptions,
    ) -> Result<Vec<PushReceipt>, StorageError> {
        Err(StorageError::engine("disk full"))
    }
}

#[tokio::test]
async fn a_failure_says_how_many_events_are_rewritten() {
    let (storage, _) = two_tasks().await;
    let error = program(Failing(storage)).forget("TASKS", "1", ForgetOptions::default()).await.unwrap_err();
    assert!(matches!(error, ForgetError::Rewrite { rewritten: 0, total: 1, .. }), "{error:?}");
    assert!(error.to_string().contains("run the command again"), "{error}");
}

/// Forgets an aggregate in an SQLite file, with more events than one transaction can rewrite.
#[tokio::test]
async fn events_in_sqlite_are_rewritten() {
    let folder = tempfile::tempdir().unwrap();
    let storage = SqliteEventStorageAdapter::open(folder.path().join("tasks.db")).await.unwrap();
    let tasks = EventStore::<Task>::new(storage.clone());
    tasks.push_event(added("1")).await.unwrap();
    for version in 2..=50 {
        tasks.push_event(NewEvent::new("1", version, TaskEvent::Done)).await.unwrap();
    }
    let operate = Operate::<Private>::new("1.0.0")
        .events(storage.clone())
        .relays(storage.clone())
        .snapshots(storage.clone())
        .projections(storage.read_models().unwrap(), storage.clone())
        .forget_with(|event: &mut EventDetail<Task>| {
            event.payload = TaskEvent::Added { title: format!("forgotten {}", event.version) };
        });
    let error = operate.forget("TASKS", "1", ForgetOptions::default()).await.unwrap_err();
    assert!(matches!(error, ForgetError::Unloadable { .. }), "{error:?}");
    let operate = operate.forget_with(|event: &mut EventDetail<Task>| {
        event.payload = match event.version {
            1 => TaskEvent::Added { title: "forgotten".to_owned() },
            _ => TaskEvent::Renamed { title: format!("forgotten {}", event.version) },
        };
    });
    let report = operate.forget("TASKS", "1", ForgetOptions::default()).await.unwrap();
    assert_eq!((report.events, report.rewritten, report.snapshot_storages), (50, 50, 1));
    assert!(!report.remaining.iter().any(|place| matches!(place, RemainingData::NotSearched { .. })), "{report}");
    assert_eq!(tasks.get_aggregate("1").await.unwrap().aggregate.unwrap().state.title, "forgotten 50");
    storage.shutdown().await;
}
