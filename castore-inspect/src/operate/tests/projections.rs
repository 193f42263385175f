use std::time::Duration;

use castore::projection::{
    InMemoryProjection, InMemoryReadModels, OnFailure, ProjectionOptions, ReadModel, RunningProjection,
};
use castore::wiring;

use super::*;

/// A read model that counts the tasks. Its handler rejects tasks without a title.
struct Count<const VERSION: u32>;

impl<const VERSION: u32> ReadModel for Count<VERSION> {
    const NAME: &'static str = "task_count";
    const VERSION: u32 = VERSION;
    type Event = EventDetail<Task>;
}

impl<const VERSION: u32> InMemoryProjection for Count<VERSION> {
    type Model = u64;

    fn apply(&self, count: &mut u64, event: &EventDetail<Task>) -> Result<(), HandlerError> {
        match &event.payload {
            TaskEvent::Added { title } if title.is_empty() => Err(HandlerError::park("no title")),
            TaskEvent::Added { .. } => {
                *count += 1;
                Ok(())
            }
            TaskEvent::Done | TaskEvent::Renamed { .. } => Ok(()),
        }
    }
}

wiring! {
    struct Counting;
    stores: [Task],
    read_models: [Count<1>],
    elsewhere: [Task],
}

struct World {
    storage: InMemoryEventStorageAdapter,
    models: InMemoryReadModels,
    operate: Operate<Counting>,
}

impl World {
    fn new() -> Self {
        let storage = InMemoryEventStorageAdapter::new();
        let models = InMemoryReadModels::in_storage(&storage);
        let operate = Operate::new("1.0.0").projections(models.clone(), storage.clone());
        Self { storage, models, operate }
    }

    async fn run<P: InMemoryProjection>(&self, projection: P) -> RunningProjection {
        let options =
            ProjectionOptions::default().on_failure(OnFailure::ParkAggregate).poll_interval(Duration::from_millis(10));
        self.models.start(projection, self.storage.clone(), options).await.unwrap()
    }

    async fn text(&self, command: &str) -> String {
        text(&self.operate, command).await
    }

    async fn refusal(&self, command: &str) -> String {
        refusal(&self.operate, command).await
    }

    /// Waits until a command prints a text.
    async fn until(&self, command: &str, expected: &str) {
        let printed = async {
            while self.text(command).await != expected {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let last = self.text(command).await;
        tokio::time::timeout(Duration::from_secs(30), printed).await.unwrap_or_else(|_| panic!("{last}"));
    }
}

#[tokio::test]
async fn projections_are_listed_and_repaired() {
    let world = World::new();
    assert_eq!(world.text("projections").await, "task_count version 1: has never run");
    assert_eq!(world.refusal("projections parked task_count").await, "read model task_count has never run");
    let unknown = "Counting has no read model tasks; its read models are task_count";
    assert_eq!(world.refusal("projections parked tasks").await, unknown);
    let tasks = EventStore::<Task>::new(world.storage.clone());
    tasks.push_event(added("1")).await.unwrap();
    let untitled = NewEvent::new("2", 1, TaskEvent::Added { title: String::new() });
    let last = tasks.push_event(untitled).await.unwrap().position.unwrap();
    let running = world.run(Count::<1>).await;
    running.wait_for(last, Duration::from_secs(30)).await.unwrap();

    let listed = "task_count version 1: position 2, lag 0, 1 parked, 0 requests, in use";
    assert_eq!(world.text("projections").await, listed);
    let parked = "TASKS 2: version 1 at position 2, 1 attempts, in version 1 of the read model: no title";
    assert_eq!(world.text("projections parked task_count").await, parked);
    let parked: Value = serde_json::from_str(&world.text("projections parked task_count --json").await).unwrap();
    assert_eq!((&parked[0]["aggregateId"], &parked[0]["retryRequested"]), (&json!("2"), &json!(false)));

    assert_eq!(
        world.text("projections retry task_count TASKS 2").await,
        "a retry of TASKS 2 is requested from projection task_count, version 1"
    );
    let parked = "TASKS 2: version 1 at position 2, 2 attempts, in version 1 of the read model: no title";
    world.until("projections parked task_count", parked).await;
    world.until("projections", listed).await;
    running.shutdown().await.unwrap();

    // Without a running projection, requests are stored.
    world.text("projections retry task_count TASKS 2").await;
    world.text("projections rebuild task_count").await;
    assert_eq!(
        world.text("projections").await,
        "task_count version 1: position 2, lag 0, 1 parked, 2 requests, in use"
    );
    let running = world.run(Count::<1>).await;
    world.until("projections", listed).await;
    assert_eq!(*world.models.get::<Count<1>>().unwrap(), 1);
    running.shutdown().await.unwrap();
}

#[tokio::test]
async fn versions_are_dropped() {
    let world = World::new();
    let tasks = EventStore::<Task>::new(world.storage.clone());
    let last = tasks.push_event(added("1")).await.unwrap().position.unwrap();
    let old = world.run(Count::<1>).await;
    old.wait_for(last, Duration::from_secs(30)).await.unwrap();
    old.shutdown().await.unwrap();
    let first = "task_count version 1: position 1, lag 0, 0 parked, 0 requests, in use";
    assert_eq!(world.text("projections").await, first);
    let refusal = world.refusal("projections drop task_count --version 1").await;
    assert!(refusal.contains("readers use it"), "{refusal}");
    let new = world.run(Count::<2>).await;
    world
        .until(
            "projections",
            "task_count version 1: position 1, lag 0, 0 parked, 0 requests\n\
         task_count version 2: position 1, lag 0, 0 parked, 0 requests, in use",
        )
        .await;
    new.shutdown().await.unwrap();
    assert_eq!(
        world.text("projections rebuild task_count").await,
        "a rebuild is requested from projection task_count, version 2"
    );
    assert_eq!(
        world.text("projections rebuild task_count --version 1").await,
        "a rebuild is requested from projection task_count, version 1"
    );
    let dropped = "version 1 of read model task_count was dropped";
    assert_eq!(world.text("projections drop task_count --version 1").await, dropped);
    assert_eq!(
        world.refusal("projections drop task_count --version 1").await,
        "task_count has no version 1; its versions are 2"
    );
}

#[tokio::test]
async fn wrong_commands_about_projections_are_explained() {
    let world = World::new();
    world.run(Count::<1>).await.shutdown().await.unwrap();
    assert_eq!(
        world.refusal("projections parked tasks").await,
        "Counting has no read model tasks; its read models are task_count"
    );
    let not_parked = "TASKS 1 is not parked in read model task_count";
    assert_eq!(world.refusal("projections retry task_count TASKS 1").await, not_parked);
    assert_eq!(world.refusal("projections drop task_count").await, "`projections drop` needs `--version`");
    assert!(world.refusal("projections stop task_count").await.contains("projections retry"));
    let without = Operate::<Counting>::new("1.0.0");
    assert!(refusal(&without, "projections").await.contains("call `projections(read_models, log)`"));
}
