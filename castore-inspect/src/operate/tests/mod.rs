mod delete;
mod forget;
mod projections;
mod replay;
mod setup;

use castore::prelude::*;
use castore::relay::RelayRole;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Operate;
use crate::Inspect;

#[derive(Debug, Clone, PartialEq, Event)]
#[event(rename_all = "SCREAMING_SNAKE_CASE")]
enum TaskEvent {
    Added { title: String },
    Done,
    Renamed { title: String },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "TASKS", event = TaskEvent)]
struct Task {
    title: String,
}

impl Reducer for Task {
    fn reduce(task: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        match (task, &event.payload) {
            (None, TaskEvent::Added { title }) => Ok(Self { title: title.clone() }),
            (Some(task), TaskEvent::Done) => Ok(task),
            (Some(_), TaskEvent::Renamed { title }) => Ok(Self { title: title.clone() }),
            _ => Err(event.unexpected()),
        }
    }
}

message_channel! {
    type TaskQueue = NotificationMessageQueue<Task>;
}

wiring! {
    struct Tasks;
    stores: [Task],
    channels: [TaskQueue],
    relays: ["TASK_QUEUE" publishes TaskQueue],
    elsewhere: [TaskQueue],
}

fn operate(storage: &InMemoryEventStorageAdapter) -> Operate<Tasks> {
    Operate::new("1.0.0").events(storage.clone()).relays(storage.clone())
}

fn added(id: &str) -> NewEvent<Task> {
    NewEvent::new(id, 1, TaskEvent::Added { title: "Tea".to_owned() })
}

async fn text<W: Inspect>(operate: &Operate<W>, command: &str) -> String {
    let command: Vec<&str> = command.split(' ').collect();
    let report = operate.execute(&command).await.unwrap();
    assert!(report.is_good, "{report:?}");
    report.text
}

async fn refusal<W: Inspect>(operate: &Operate<W>, command: &str) -> String {
    let command: Vec<&str> = command.split(' ').collect();
    operate.execute(&command).await.unwrap_err()
}

#[tokio::test]
async fn events_are_shown() {
    let storage = InMemoryEventStorageAdapter::new();
    let tasks = EventStore::<Task>::new(storage.clone());
    tasks.push_event(added("1")).await.unwrap();
    tasks.push_event(NewEvent::new("1", 2, TaskEvent::Done)).await.unwrap();
    let operate = operate(&storage);
    let shown = text(&operate, "events show TASKS 1").await;
    let lines: Vec<&str> = shown.lines().collect();
    assert!(lines[0].starts_with("1  20") && lines[0].ends_with("Z  ADDED"), "{shown}");
    assert_eq!(lines[1], r#"   payload {"title":"Tea"}"#);
    assert!(lines[2].starts_with("2  ") && lines[2].ends_with("  DONE"), "{shown}");
    let json: Value = serde_json::from_str(&text(&operate, "events show TASKS 1 --at 1 --json").await).unwrap();
    assert_eq!(json.as_array().unwrap().len(), 1);
    assert_eq!(json[0]["payload"], json!({ "title": "Tea" }));

    assert_eq!(refusal(&operate, "events show TASKS 2").await, "event store TASKS has no events of aggregate 2");
    assert_eq!(
        refusal(&operate, "events show TASK 1").await,
        "Tasks has no event store TASK; its event stores are TASKS"
    );
    assert_eq!(refusal(&operate, "events show TASKS 1 --at x").await, "`x` is not a version");
    assert!(refusal(&operate, "events").await.contains("events verify"));
    let without = Operate::<Tasks>::new("1.0.0");
    assert!(refusal(&without, "events verify").await.contains("call `events(storage)`"));
    assert!(refusal(&without, "relays").await.contains("call `relays(storage)`"));
    assert!(text(&without, "graph").await.contains("TASKS"));
}

#[tokio::test]
async fn verification_finds_events_that_the_program_cannot_read() {
    let storage = InMemoryEventStorageAdapter::new();
    let tasks = EventStore::<Task>::new(storage.clone());
    for id in ["1", "2", "3"] {
        tasks.push_event(added(id)).await.unwrap();
    }
    let operate = operate(&storage);
    assert_eq!(text(&operate, "events verify").await, "TASKS: 3 aggregates, 3 events");
    // The reducer rejects a second event of this type.
    let again = NewEvent::new("2", 2, TaskEvent::Added { title: "Tea".to_owned() });
    tasks.push_event(again).await.unwrap();
    let report = operate.execute(&["events", "verify", "TASKS"]).await.unwrap();
    assert!(!report.is_good);
    assert!(report.text.starts_with("TASKS 2: ") && report.text.contains("ADDED"), "{}", report.text);
    assert!(report.text.ends_with("TASKS: 3 aggregates, 4 events"), "{}", report.text);
    let json = operate.execute(&["events", "verify", "--json"]).await.unwrap();
    let json: Value = serde_json::from_str(&json.text).unwrap();
    assert_eq!(json["eventStores"], json!([{ "eventStore": "TASKS", "aggregates": 3, "events": 4 }]));
    assert_eq!(json["problems"][0]["aggregateId"], "2");
    let shown = operate.execute(&["events", "show", "TASKS", "2"]).await.unwrap();
    assert!(!shown.is_good, "{shown:?}");
}

#[tokio::test]
async fn relays_are_listed_and_repaired() {
    let storage = InMemoryEventStorageAdapter::new();
    let operate = operate(&storage);
    assert_eq!(text(&operate, "relays").await, "TASK_QUEUE: has never run");
    let queue = TaskQueue::new();
    let tasks = EventStore::<Task>::new(storage.clone()).connect_via_relay(queue.clone());
    queue.set_adapter(InlineMessageQueueAdapter::<TaskQueue>::new(|_, _| async {
        Err(HandlerError::park("no such mailbox"))
    }));
    let relay = Relay::builder(queue).publish(&tasks).start(storage.clone(), RelayStart::Beginning).await.unwrap();
    let pushed = tasks.push_event(added("1")).await.unwrap();
    relay.wait_for(pushed.position.unwrap(), std::time::Duration::from_secs(30)).await.unwrap();
    relay.shutdown().await.unwrap();
    assert_eq!(relay.status().role, RelayRole::Stopped);

    assert_eq!(text(&operate, "relays").await, "TASK_QUEUE: position 1, lag 0, 1 parked, owner -");
    let parked: Value = serde_json::from_str(&text(&operate, "relays parked TASK_QUEUE --json").await).unwrap();
    assert_eq!((&parked[0]["eventStore"], &parked[0]["aggregateId"]), (&json!("TASKS"), &json!("1")));
    let retried = "a retry of TASKS 1 is requested from relay TASK_QUEUE";
    assert_eq!(text(&operate, "relays retry TASK_QUEUE TASKS 1").await, retried);
    let dropped = "relay TASK_QUEUE will skip the message of TASKS 1";
    assert_eq!(text(&operate, "relays drop TASK_QUEUE TASKS 1 1").await, dropped);
    let not_there = "relay TASK_QUEUE has no parked message of TASKS 1 at position 7; \
        `relays parked TASK_QUEUE` lists the positions";
    assert_eq!(refusal(&operate, "relays drop TASK_QUEUE TASKS 1 7").await, not_there);
    let not_parked = "relay TASK_QUEUE has not parked TASKS 2";
    assert_eq!(refusal(&operate, "relays retry TASK_QUEUE TASKS 2").await, not_parked);
    assert_eq!(refusal(&operate, "relays parked QUEUE").await, "Tasks has no relay QUEUE; its relays are TASK_QUEUE");
    assert!(refusal(&operate, "relays stop TASK_QUEUE").await.contains("relays retry"));
}

/// Each tenant has a relay, whose name `wiring!` does not declare.
#[tokio::test]
async fn relays_that_are_not_declared_are_found() {
    let storage = InMemoryEventStorageAdapter::new();
    let operate = operate(&storage);
    let queue = TaskQueue::new();
    let tasks = EventStore::<Task>::new(storage.clone()).connect_via_relay(queue.clone());
    queue.set_adapter(InlineMessageQueueAdapter::<TaskQueue>::new(|_, _| async {
        Err(HandlerError::park("no such mailbox"))
    }));
    let relay = Relay::builder(queue).publish(&tasks).name("tenant 7");
    let relay = relay.start(storage.clone(), RelayStart::Beginning).await.unwrap();
    let pushed = tasks.push_event(added("1")).await.unwrap();
    relay.wait_for(pushed.position.unwrap(), std::time::Duration::from_secs(30)).await.unwrap();
    relay.shutdown().await.unwrap();

    let listed = text(&operate, "relays").await;
    assert_eq!(listed, "TASK_QUEUE: has never run\ntenant 7: position 1, lag 0, 1 parked, owner -");
    let listed: Value = serde_json::from_str(&text(&operate, "relays --json").await).unwrap();
    assert_eq!((&listed[0]["channel"], &listed[1]["channel"]), (&json!("TASK_QUEUE"), &Value::Null));
    let execute = async |command: &[&str]| operate.execute(command).await.unwrap().text;
    assert!(execute(&["relays", "parked", "tenant 7"]).await.starts_with("TASKS 1: version 1 at position 1"));
    let requested = "a retry of TASKS 1 is requested from relay tenant 7";
    assert_eq!(execute(&["relays", "retry", "tenant 7", "TASKS", "1"]).await, requested);
    let known = "Tasks has no relay QUEUE; its relays are TASK_QUEUE, tenant 7";
    assert_eq!(refusal(&operate, "relays parked QUEUE").await, known);
}

#[tokio::test]
async fn dead_letters_are_shown_and_redriven() {
    let storage = InMemoryEventStorageAdapter::new();
    let adapter = InMemoryMessageQueueAdapter::<TaskQueue>::new().with_dead_letters(10);
    adapter.worker(|_, _| async { Err(HandlerError::park("no such mailbox")) });
    let queue = TaskQueue::with_adapter(adapter.clone());
    let tasks = EventStore::<Task>::new(storage.clone()).connect(queue);
    let operate = operate(&storage).dead_letters("mailer", adapter.dead_letters());
    for id in ["1", "2", "3"] {
        tasks.push_event(added(id)).await.unwrap();
    }
    adapter.idle().await;
    let listed: Value = serde_json::from_str(&text(&operate, "dead-letters list mailer --json").await).unwrap();
    assert_eq!(listed.as_array().unwrap().len(), 3);
    assert_eq!(listed[0]["body"]["event"]["payload"], json!({ "title": "Tea" }));
    let id = listed[0]["id"].as_str().unwrap();
    let shown = text(&operate, &format!("dead-letters show mailer {id}")).await;
    assert_eq!(serde_json::from_str::<Value>(&shown).unwrap(), listed[0]["body"]);
    assert!(text(&operate, "dead-letters list mailer").await.starts_with(id));

    adapter.worker(|_, _| async { Ok(()) });
    text(&operate, &format!("dead-letters redrive mailer {id}")).await;
    assert_eq!(
        refusal(&operate, &format!("dead-letters show mailer {id}")).await,
        format!("mailer has no dead letter {id}")
    );
    let second = listed[1]["id"].as_str().unwrap();
    text(&operate, &format!("dead-letters drop mailer {second}")).await;
    let redriven = text(&operate, "dead-letters redrive mailer --all").await;
    assert_eq!(redriven, "1 dead letters were handed to mailer again");
    adapter.idle().await;
    assert_eq!(text(&operate, "dead-letters list mailer").await, "");
    assert!(refusal(&operate, "dead-letters list mail").await.ends_with("its consumers are mailer"));
    assert!(refusal(&operate, "dead-letters stop mailer").await.contains("dead-letters redrive"));
    let without = Operate::<Tasks>::new("1.0.0");
    assert!(refusal(&without, "dead-letters list mailer").await.contains("call `dead_letters(consumer, letters)`"));
}
