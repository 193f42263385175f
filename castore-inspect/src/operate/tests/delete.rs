use std::time::Duration;

use castore::projection::{InMemoryProjection, InMemoryReadModels, ProjectionOptions, ReadModel};
use castore::snapshot::{InMemorySnapshotAdapter, Snapshot, SnapshotAdapter, SnapshotKey, Snapshots};
use castore::storage::{
    DelegatingStorageAdapter, EventStorageAdapter, GetEventsOptions, PushOptions, RawEvent, StorageError,
};

use serde_json::value::RawValue;

use super::*;
use crate::forget::{ForgetError, ForgetOptions, ForgetReport, RemainingData};

const SOON: Duration = Duration::from_secs(30);

fn program(storage: &InMemoryEventStorageAdapter) -> Operate<Tasks> {
    operate(storage).snapshots(storage.clone()).deletion(storage.clone())
}

fn deleting() -> ForgetOptions {
    ForgetOptions::default().delete(true)
}

async fn count(storage: &impl EventStorageAdapter, id: &str) -> usize {
    storage.get_events("TASKS", id, GetEventsOptions::new()).await.unwrap().len()
}

/// Returns a storage with the aggregates 1 and 2, whose event store uses a cache, and a channel whose relay has not
/// run yet.
async fn two_tasks() -> (InMemoryEventStorageAdapter, EventStore<Task>, TaskQueue) {
    let (storage, queue) = (InMemoryEventStorageAdapter::new(), TaskQueue::new());
    queue.set_adapter(InlineMessageQueueAdapter::<TaskQueue>::new(|_, _| async { Ok(()) }));
    let cache = Snapshots::new(InMemorySnapshotAdapter::with_capacity(10));
    let tasks = EventStore::<Task>::new(storage.clone()).with_snapshots(cache);
    for id in ["1", "2"] {
        tasks.push_event(added(id)).await.unwrap();
        tasks.push_event(NewEvent::new(id, 2, TaskEvent::Done)).await.unwrap();
        tasks.get_existing_aggregate(id).await.unwrap();
    }
    (storage, tasks, queue)
}

/// Publishes all events.
async fn publish(storage: &InMemoryEventStorageAdapter, queue: TaskQueue) {
    let tasks = EventStore::<Task>::new(storage.clone()).connect_via_relay(queue.clone());
    let relay = Relay::builder(queue).publish(&tasks).start(storage.clone(), RelayStart::Beginning).await.unwrap();
    relay.wait_until_caught_up(SOON).await.unwrap();
    relay.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_deleted_aggregate_is_gone_and_can_begin_again() {
    let (storage, tasks, queue) = two_tasks().await;
    publish(&storage, queue).await;
    let operate = program(&storage);
    let dry = text(&operate, "events forget TASKS 1 --delete --dry-run").await;
    assert!(
        dry.contains("2 of 2 events would be deleted, and its snapshots would be deleted from 1 storages"),
        "{dry}"
    );
    assert_eq!(count(&storage, "1").await, 2, "a dry run deletes nothing");

    let printed: Value = serde_json::from_str(&text(&operate, "events forget TASKS 1 --delete --json").await).unwrap();
    assert_eq!(
        (&printed["events"], &printed["deleted"], &printed["rewritten"], &printed["dryRun"]),
        (&json!(2), &json!(2), &json!(0), &json!(false))
    );
    assert_eq!((count(&storage, "1").await, count(&storage, "2").await), (0, 2));
    assert!(tasks.get_aggregate("1").await.unwrap().aggregate.is_none(), "the cache has the old aggregate");
    assert_eq!(refusal(&operate, "events forget TASKS 1 --delete").await, UNKNOWN);

    // The new aggregate reaches the version of the old one, which the cache has seen.
    tasks.push_event(NewEvent::new("1", 1, TaskEvent::Added { title: "Milk".to_owned() })).await.unwrap();
    tasks.push_event(NewEvent::new("1", 2, TaskEvent::Done)).await.unwrap();
    assert_eq!(tasks.get_existing_aggregate("1").without_events().await.unwrap().state.title, "Milk");
}

const UNKNOWN: &str = "event store TASKS has no events of aggregate 1";

#[tokio::test]
async fn wrong_commands_are_explained_and_delete_nothing() {
    let (storage, _, queue) = two_tasks().await;
    publish(&storage, queue).await;
    let without = operate(&storage);
    assert!(refusal(&without, "events forget TASKS 1 --delete").await.contains("call `Operate::deletion(storage)`"));
    let operate = program(&storage);
    assert_eq!(refusal(&operate, "events forget TASKS 1 --force").await, "`--force` is an option of `--delete`");
    assert!(refusal(&operate, "events forget TASK 1 --delete").await.contains("there is no event store TASK"));
    assert!(refusal(&operate, "events forget TASKS 1").await.contains("call `forget_with`"));
    assert_eq!(count(&storage, "1").await, 2);
}

#[tokio::test]
async fn unpublished_events_are_deleted_only_with_force() {
    let (storage, tasks, queue) = two_tasks().await;
    let command = "events forget TASKS 1 --delete";
    let refused = refusal(&program(&storage), command).await;
    assert!(refused.contains("TASK_QUEUE (it has never run)") && refused.contains("--force"), "{refused}");
    let without = Operate::<Tasks>::new("1.0.0").events(storage.clone()).deletion(storage.clone());
    assert!(refusal(&without, command).await.contains("TASK_QUEUE (its progress is unknown: call `relays(storage)`"));

    publish(&storage, queue).await;
    tasks.push_event(NewEvent::new("1", 3, TaskEvent::Done)).await.unwrap();
    let error = program(&storage).forget("TASKS", "1", deleting().dry_run(true)).await.unwrap_err();
    let ForgetError::Unpublished { relays, .. } = &error else { panic!("{error:?}") };
    assert_eq!(*relays, ["TASK_QUEUE (it has not published 1 of 3 events)"]);
    assert_eq!(count(&storage, "1").await, 3);
    // The events of the other aggregate are published.
    assert_eq!(program(&storage).forget("TASKS", "2", deleting()).await.unwrap().deleted, 2);
    assert_eq!(program(&storage).forget("TASKS", "1", deleting().force(true)).await.unwrap().deleted, 3);
    assert_eq!(count(&storage, "1").await, 0);
}

#[tokio::test]
async fn unpublished_events_of_undeclared_relays_count() {
    let (storage, tasks, queue) = two_tasks().await;
    publish(&storage, queue.clone()).await;
    let connected = EventStore::<Task>::new(storage.clone()).connect_via_relay(queue.clone());
    let relay = Relay::builder(queue.clone()).publish(&connected).name("tenant 7");
    let relay = relay.start(storage.clone(), RelayStart::Beginning).await.unwrap();
    relay.wait_until_caught_up(SOON).await.unwrap();
    relay.shutdown().await.unwrap();
    tasks.push_event(NewEvent::new("1", 3, TaskEvent::Done)).await.unwrap();
    publish(&storage, queue).await;
    let refused = refusal(&program(&storage), "events forget TASKS 1 --delete").await;
    assert!(refused.contains("tenant 7 (it has not published 1 of 3 events)"), "{refused}");
    assert!(!refused.contains("TASK_QUEUE"), "{refused}");
    assert_eq!(program(&storage).forget("TASKS", "2", deleting()).await.unwrap().deleted, 2);
}

#[tokio::test]
async fn a_parked_aggregate_is_deleted_only_with_force_and_the_relay_continues() {
    let (storage, tasks, queue) = two_tasks().await;
    queue.set_adapter(InlineMessageQueueAdapter::<TaskQueue>::new(|message, _| async move {
        let TaskQueueMessage::Task(message) = &*message;
        if message.event.aggregate_id == "1" { Err(HandlerError::park("no such mailbox")) } else { Ok(()) }
    }));
    let connected = EventStore::<Task>::new(storage.clone()).connect_via_relay(queue.clone());
    let relay = Relay::builder(queue).publish(&connected).start(storage.clone(), RelayStart::Beginning).await.unwrap();
    relay.wait_until_caught_up(SOON).await.unwrap();
    let refused = refusal(&program(&storage), "events forget TASKS 1 --delete").await;
    assert!(refused.contains("TASK_QUEUE (it has parked the aggregate)"), "{refused}");

    let report = program(&storage).forget("TASKS", "1", deleting().force(true)).await.unwrap();
    let parked = RemainingData::Relay { name: "TASK_QUEUE".to_owned() };
    assert!(report.remaining.contains(&parked), "{report}");
    // A retry finds no events, so the aggregate is no longer parked.
    relay.retry("TASKS", "1").await.unwrap();
    let mut status = relay.status_changes();
    tokio::time::timeout(SOON, status.wait_for(|status| status.parked == 0)).await.unwrap().unwrap();
    let pushed = tasks.push_event(added("3")).await.unwrap();
    relay.wait_for(pushed.position.unwrap(), SOON).await.unwrap();
    relay.shutdown().await.unwrap();
}

/// Deletes an aggregate. A relay reports a position before it stores its checkpoint, so the first attempts may fail.
async fn delete_when_published(storage: &InMemoryEventStorageAdapter, id: &str) -> ForgetReport {
    let attempts = async {
        loop {
            match program(storage).forget("TASKS", id, deleting()).await {
                Err(ForgetError::Unpublished { .. }) => tokio::time::sleep(Duration::from_millis(1)).await,
                other => return other.unwrap(),
            }
        }
    };
    tokio::time::timeout(SOON, attempts).await.unwrap()
}

struct Count;

impl ReadModel for Count {
    const NAME: &'static str = "count";
    const VERSION: u32 = 1;
    type Event = EventDetail<Task>;
}

impl InMemoryProjection for Count {
    type Model = u64;

    fn apply(&self, count: &mut u64, _: &EventDetail<Task>) -> Result<(), HandlerError> {
        *count += 1;
        Ok(())
    }
}

/// The last event that the relay and the projection have read is deleted, so their checkpoints are at a position
/// without an event.
#[tokio::test]
async fn a_running_relay_and_a_running_projection_continue() {
    let (storage, tasks, queue) = two_tasks().await;
    let connected = EventStore::<Task>::new(storage.clone()).connect_via_relay(queue.clone());
    let start = || Relay::builder(queue.clone()).publish(&connected).start(storage.clone(), RelayStart::Beginning);
    let relay = start().await.unwrap();
    let models = InMemoryReadModels::in_storage(&storage);
    let projection = models.start(Count, storage.clone(), ProjectionOptions::default()).await.unwrap();
    for round in 0..5 {
        let id = format!("deleted {round}");
        let last = tasks.push_event(added(&id)).await.unwrap().position.unwrap();
        relay.wait_for(last, SOON).await.unwrap();
        projection.wait_for(last, SOON).await.unwrap();
        assert_eq!(delete_when_published(&storage, &id).await.deleted, 1);
        let next = tasks.push_event(added(&format!("next {round}"))).await.unwrap().position.unwrap();
        relay.wait_for(next, SOON).await.unwrap();
        projection.wait_for(next, SOON).await.unwrap();
    }
    assert_eq!(relay.status().outage, None);
    relay.shutdown().await.unwrap();
    projection.shutdown().await.unwrap();

    // A restart checks the checkpoints against the log.
    let last = tasks.push_event(added("last")).await.unwrap().position.unwrap();
    let relay = start().await.unwrap();
    relay.wait_for(last, SOON).await.unwrap();
    relay.shutdown().await.unwrap();
    program(&storage).forget("TASKS", "last", deleting()).await.unwrap();
    let relay = start().await.unwrap();
    let next = tasks.push_event(added("next")).await.unwrap().position.unwrap();
    relay.wait_for(next, SOON).await.unwrap();
    relay.shutdown().await.unwrap();
}

/// A storage in which another program pushes an event after the events were read.
#[derive(Debug, Clone)]
struct Busy(InMemoryEventStorageAdapter);

#[async_trait::async_trait]
impl DelegatingStorageAdapter for Busy {
    fn inner(&self) -> &dyn EventStorageAdapter {
        &self.0
    }

    async fn get_events(
        &self,
        store: &str,
        id: &str,
        options: GetEventsOptions,
    ) -> Result<Vec<RawEvent>, StorageError> {
        let events = self.0.get_events(store, id, options).await?;
        // Not after the search for the spelling of the id, which reads one event.
        if options.limit.is_none() {
            let last = events.last().unwrap();
            let next = RawEvent { version: last.version + 1, event_type: "DONE".into(), payload: None, ..last.clone() };
            self.0.push_event(store, next, PushOptions::new()).await?;
        }
        Ok(events)
    }
}

#[tokio::test]
async fn an_event_that_is_pushed_meanwhile_prevents_the_deletion() {
    let (storage, _, queue) = two_tasks().await;
    publish(&storage, queue).await;
    let error = program(&storage).events(Busy(storage.clone())).forget("TASKS", "1", deleting()).await.unwrap_err();
    assert!(matches!(error, ForgetError::Changed { read: 2, found: 3, .. }), "{error:?}");
    assert!(error.to_string().contains("run the command again"), "{error}");
    assert_eq!(count(&storage, "1").await, 3);
}

/// Deletes an aggregate in an SQLite file that another adapter has open, as the command line does beside a service.
#[tokio::test]
async fn an_aggregate_in_sqlite_is_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let open = || SqliteEventStorageAdapter::open(folder.path().join("tasks.db"));
    let (service, storage) = (open().await.unwrap(), open().await.unwrap());
    let tasks = EventStore::<Task>::new(service.clone());
    tasks.push_event(added("1")).await.unwrap();
    let queue = TaskQueue::new();
    queue.set_adapter(InlineMessageQueueAdapter::<TaskQueue>::new(|_, _| async { Ok(()) }));
    let connected = EventStore::<Task>::new(service.clone()).connect_via_relay(queue.clone());
    let relay = Relay::builder(queue).publish(&connected).start(service.clone(), RelayStart::Beginning).await.unwrap();
    relay.wait_until_caught_up(SOON).await.unwrap();
    let operate = Operate::<Tasks>::new("1.0.0")
        .events(storage.clone())
        .relays(storage.clone())
        .snapshots(storage.clone())
        .deletion(storage.clone());
    let printed = tokio::time::timeout(SOON, async {
        loop {
            match operate.execute(&["events", "forget", "TASKS", "1", "--delete"]).await {
                Err(text) if text.contains("has not published") => tokio::time::sleep(Duration::from_millis(5)).await,
                other => return other,
            }
        }
    });
    assert!(printed.await.unwrap().unwrap().text.starts_with("TASKS 1: 1 of 1 events are deleted"));
    assert!(tasks.get_aggregate("1").await.unwrap().aggregate.is_none());
    let next = tasks.push_event(added("1")).await.unwrap().position.unwrap();
    assert_eq!(next, 2, "the position of the deleted event stays empty");
    relay.wait_for(next, SOON).await.unwrap();
    relay.shutdown().await.unwrap();
    for adapter in [service, storage] {
        adapter.shutdown().await;
    }
}

/// A storage that finds an aggregate by its id in upper case and in lower case, as a UUID column does.
#[derive(Debug, Clone)]
struct AnyCase(InMemoryEventStorageAdapter);

#[async_trait::async_trait]
impl DelegatingStorageAdapter for AnyCase {
    fn inner(&self) -> &dyn EventStorageAdapter {
        &self.0
    }

    async fn get_events(
        &self,
        store: &str,
        id: &str,
        options: GetEventsOptions,
    ) -> Result<Vec<RawEvent>, StorageError> {
        self.0.get_events(store, &id.to_lowercase(), options).await
    }
}

async fn put_snapshot(snapshots: &impl SnapshotAdapter, id: &str) {
    let state = RawValue::from_string("{}".to_owned()).unwrap();
    let snapshot = Snapshot { version: 1, rewrites: 0, event_timestamp: "2026-01-01".parse().unwrap(), state };
    snapshots.put_snapshot(&key(id), snapshot, 1).await.unwrap();
}

async fn has_snapshot(snapshots: &impl SnapshotAdapter, id: &str) -> bool {
    snapshots.latest_snapshot(&key(id), None).await.unwrap().is_some()
}

fn key(id: &str) -> SnapshotKey {
    SnapshotKey { event_store_id: "TASKS", aggregate_id: id.to_owned(), state_shape: 1, reducer_version: 1 }
}

#[tokio::test]
async fn another_spelling_of_the_id_finds_parked_events_and_snapshots() {
    let (storage, _, queue) = two_tasks().await;
    queue.set_adapter(InlineMessageQueueAdapter::<TaskQueue>::new(|message, _| async move {
        let TaskQueueMessage::Task(message) = &*message;
        if message.event.aggregate_id == "a" { Err(HandlerError::park("no such mailbox")) } else { Ok(()) }
    }));
    let tasks = EventStore::<Task>::new(storage.clone());
    tasks.push_event(added("a")).await.unwrap();
    publish(&storage, queue).await;
    let snapshots = InMemoryEventStorageAdapter::new();
    put_snapshot(&snapshots, "a").await;
    put_snapshot(&snapshots, "A").await;
    let operate = program(&storage).events(AnyCase(storage.clone())).snapshots(snapshots.clone());

    let refused = refusal(&operate, "events forget TASKS A --delete").await;
    assert!(refused.contains("TASK_QUEUE (it has parked the aggregate)"), "{refused}");
    let report = operate.forget("TASKS", "A", deleting().force(true)).await.unwrap();
    assert_eq!((&*report.aggregate_id, report.deleted, count(&storage, "a").await), ("a", 1, 0));
    assert!(report.remaining.contains(&RemainingData::Relay { name: "TASK_QUEUE".to_owned() }), "{report}");
    assert!(!has_snapshot(&snapshots, "a").await && !has_snapshot(&snapshots, "A").await);
}

/// For example, the first attempt was interrupted after the events were deleted.
#[tokio::test]
async fn a_repeated_deletion_deletes_the_remaining_snapshots() {
    let (storage, _, queue) = two_tasks().await;
    publish(&storage, queue).await;
    let snapshots = InMemoryEventStorageAdapter::new();
    let operate = program(&storage).snapshots(snapshots.clone());
    assert_eq!(operate.forget("TASKS", "1", deleting()).await.unwrap().deleted, 2);
    put_snapshot(&snapshots, "1").await;
    assert_eq!(refusal(&operate, "events forget TASKS 1 --delete --dry-run").await, UNKNOWN);
    assert!(has_snapshot(&snapshots, "1").await, "a dry run deletes nothing");
    assert_eq!(refusal(&operate, "events forget TASKS 1 --delete").await, UNKNOWN);
    assert!(!has_snapshot(&snapshots, "1").await);
}

/// Two tenants may have aggregates with the same id, in different logs.
#[tokio::test]
async fn parked_aggregates_of_other_logs_are_not_reported() {
    let (storage, _, queue) = two_tasks().await;
    let other = InMemoryEventStorageAdapter::new();
    queue.set_adapter(InlineMessageQueueAdapter::<TaskQueue>::new(|_, _| async {
        Err(HandlerError::park("no such mailbox"))
    }));
    let tasks = EventStore::<Task>::new(other.clone()).connect_via_relay(queue.clone());
    tasks.push_event(added("1")).await.unwrap();
    let relay = Relay::builder(queue).publish(&tasks).name("other tenant");
    let relay = relay.start_with(other, storage.clone(), RelayStart::Beginning).await.unwrap();
    relay.wait_until_caught_up(SOON).await.unwrap();
    relay.shutdown().await.unwrap();
    let report = program(&storage).forget("TASKS", "1", deleting().force(true)).await.unwrap();
    let of_other = RemainingData::Relay { name: "other tenant".to_owned() };
    assert!(!report.remaining.contains(&of_other), "{report}");
}
