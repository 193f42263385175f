use castore::storage::{EventStorageAdapter, PushOptions, RawEvent};
use castore::testing::RecordingMessageChannelAdapter;

use super::*;

struct World {
    storage: InMemoryEventStorageAdapter,
    tasks: EventStore<Task>,
    recording: RecordingMessageChannelAdapter<TaskQueue>,
    operate: Operate<Tasks>,
}

impl World {
    async fn new() -> Self {
        let storage = InMemoryEventStorageAdapter::new();
        let tasks = EventStore::<Task>::new(storage.clone());
        let queue = TaskQueue::new();
        let recording = RecordingMessageChannelAdapter::attach_to(&queue);
        let at = |day: &str| day.parse::<Timestamp>().unwrap();
        tasks.push_event(added("1").timestamp(at("2026-01-01"))).await.unwrap();
        tasks.push_event(added("2").timestamp(at("2026-01-02"))).await.unwrap();
        tasks.push_event(NewEvent::new("1", 2, TaskEvent::Done).timestamp(at("2026-01-03"))).await.unwrap();
        let operate = operate(&storage).replays(&tasks, &queue);
        Self { storage, tasks, recording, operate }
    }

    /// Returns the aggregate and the version of each message that was published since the last call.
    fn published(&self) -> Vec<(String, u64)> {
        let messages = self.recording.take();
        assert!(messages.iter().all(|message| message.replay));
        messages
            .iter()
            .map(|published| {
                let message = serde_json::to_value(&published.message).unwrap();
                let event = &message["event"];
                (event["aggregateId"].as_str().unwrap().to_owned(), event["version"].as_u64().unwrap())
            })
            .collect()
    }

    async fn text(&self, command: &str) -> String {
        text(&self.operate, command).await
    }

    async fn refusal(&self, command: &str) -> String {
        refusal(&self.operate, command).await
    }
}

fn pairs(pairs: &[(&str, u64)]) -> Vec<(String, u64)> {
    pairs.iter().map(|(id, version)| ((*id).to_owned(), *version)).collect()
}

#[tokio::test]
async fn events_are_replayed_on_a_channel() {
    let world = World::new().await;
    let dry = world.text("replay --store TASKS --dry-run TASK_QUEUE").await;
    assert_eq!(dry, "3 events of TASKS would be replayed on TASK_QUEUE\nADDED: 2\nDONE: 1");
    assert_eq!(world.published(), []);
    let done = world.text("replay --store TASKS --rate 1000/s TASK_QUEUE").await;
    assert_eq!(done, "3 events of TASKS were replayed on TASK_QUEUE\nADDED: 2\nDONE: 1");
    assert_eq!(world.published().len(), 3);
    world.text("replay TASK_QUEUE --store TASKS --only DONE,RENAMED").await;
    assert_eq!(world.published(), pairs(&[("1", 2)]));
    let json: Value =
        serde_json::from_str(&world.text("replay --store TASKS --dry-run TASK_QUEUE --json").await).unwrap();
    assert_eq!((&json["events"], &json["eventTypes"]), (&json!(3), &json!({ "ADDED": 2, "DONE": 1 })));
}

/// A replay from a position starts at the earliest timestamp of the events at and after the position, because an event
/// with a later position may have an earlier timestamp.
#[tokio::test]
async fn replays_start_at_a_position_or_a_timestamp() {
    let world = World::new().await;
    let stored = world.tasks.get_events("1").await.unwrap();
    let early: Timestamp = "2020-01-01".parse().unwrap();
    let pushed = world.tasks.push_event(added("3").timestamp(early)).await.unwrap();
    let position = pushed.position.unwrap();
    let dry = |from: String| {
        let world = &world;
        async move { world.text(&format!("replay --store TASKS --dry-run --from {from} TASK_QUEUE")).await }
    };
    assert!(dry(position.to_string()).await.starts_with("4 events"), "the last position has the earliest timestamp");
    assert!(dry(format!("{}", position + 1)).await.starts_with("0 events"), "the log ends before this position");
    assert!(dry(stored[0].timestamp.to_string()).await.starts_with("3 events"));
    assert!(dry("9999-01-01".to_owned()).await.starts_with("0 events"));
    let without = Operate::<Tasks>::new("1.0.0").replays(&world.tasks, &TaskQueue::new());
    let refused = refusal(&without, "replay --store TASKS --from 1 TASK_QUEUE").await;
    assert_eq!(refused, "a position needs the event log: call `relays(storage)`");
    drop(world.storage);
}

#[tokio::test]
async fn wrong_replays_are_explained() {
    let world = World::new().await;
    let known = "the binary `operate` cannot replay TASKS on TASK_BUS; it can replay: --store TASKS TASK_QUEUE";
    assert_eq!(world.refusal("replay --store TASKS TASK_BUS").await, known);
    assert_eq!(world.refusal("replay TASK_QUEUE").await, "`replay` needs `--store`");
    assert_eq!(
        world.refusal("replay --store TASKS --only DONE,OPENED TASK_QUEUE").await,
        "TASKS has no event type OPENED; its event types are ADDED, DONE, RENAMED"
    );
    assert_eq!(
        world.refusal("replay --store TASKS --from yesterday TASK_QUEUE").await,
        "`yesterday` is neither a position nor a timestamp"
    );
    for rate in ["0", "10/m"] {
        let refused = world.refusal(&format!("replay --store TASKS --rate {rate} TASK_QUEUE")).await;
        assert_eq!(refused, format!("`{rate}` is not a rate such as `100/s`"));
    }
    assert!(world.refusal("replay --store TASKS").await.contains("replay --store STORE"));
    let without = operate(&world.storage);
    assert!(
        refusal(&without, "replay --store TASKS TASK_QUEUE").await.contains("call `replays(event_store, channel)`")
    );
}

#[tokio::test]
async fn a_failed_replay_says_how_to_continue() {
    let world = World::new().await;
    let queue = TaskQueue::new();
    queue.set_adapter(InlineMessageQueueAdapter::<TaskQueue>::new(|message, _| async move {
        match serde_json::to_value(&*message).unwrap()["event"]["version"] == 2 {
            true => Err(HandlerError::park("no such mailbox")),
            false => Ok(()),
        }
    }));
    let operate = operate(&world.storage).replays(&world.tasks, &queue);
    let refused = refusal(&operate, "replay --store TASKS TASK_QUEUE").await;
    let end = "2 messages were published; to continue, repeat the command with `--from 2026-01-02T00:00:00.000Z`";
    assert!(refused.contains("version 2") && refused.ends_with(end), "{refused}");
}

#[tokio::test]
async fn a_failed_dry_run_says_that_nothing_was_published() {
    let world = World::new().await;
    let unknown = RawEvent {
        aggregate_id: "3".to_owned(),
        version: 1,
        event_type: "UNKNOWN".into(),
        timestamp: "2026-01-04".parse().unwrap(),
        payload: None,
        metadata: None,
    };
    world.storage.push_event("TASKS", unknown, PushOptions::new()).await.unwrap();
    let refused = world.refusal("replay --store TASKS --dry-run TASK_QUEUE").await;
    assert!(refused.contains("UNKNOWN") && refused.ends_with("events were counted, and no message was published"));
    assert_eq!(world.published(), []);
}
