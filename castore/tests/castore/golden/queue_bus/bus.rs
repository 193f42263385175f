use std::time::Duration;

use castore::prelude::*;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::*;
use crate::support::{Log, golden};

/// In Castore, a worker that throws synchronously blocks the queue permanently. If a handler of a bus throws
/// synchronously, publishing fails, and later handlers do not receive the message. In castore, a panic is a failure
/// like any other.
#[tokio::test(start_paused = true)]
async fn handlers_that_panic_are_retried() {
    let golden = golden("queue-bus");
    assert_eq!(golden["queue"]["workerThrowsSynchronously"]["attemptsAfterPublishingAnotherMessage"], json!([1]));
    let queue = GameQueue::new();
    let worker = InMemoryMessageQueueAdapter::attach_to(&queue);
    let seen = Log::<Value>::new();
    let log = seen.clone();
    worker.worker(move |message, context| {
        let version = version_of(&message);
        log.add(json!([version, context.attempt]));
        if version == 1 && context.attempt == 1 {
            panic!("sync boom");
        }
        async { Ok(()) }
    });
    queue.publish_messages([message(1), message(2)]).await.unwrap();
    worker.idle().await;
    assert_eq!(seen.entries(), [json!([1, 1]), json!([2, 1]), json!([1, 2])]);

    let bus = GameBus::new();
    let listener = InMemoryMessageBusAdapter::attach_to(&bus).with_retry_policy(RetryPolicy::NEVER);
    let seen = Log::<Value>::new();
    for name in ["first", "throwing", "last"] {
        let log = seen.clone();
        listener.on(Filter::all(), move |_, _| {
            log.add(name.into());
            if name == "throwing" {
                panic!("sync boom");
            }
            async { Ok(()) }
        });
    }
    bus.publish_message(message(1)).await.unwrap();
    listener.idle().await;
    assert_eq!(seen.entries(), ["first", "throwing", "last"]);
}

#[tokio::test(start_paused = true)]
async fn handler_with_several_filters_is_called_once() {
    let golden = golden("queue-bus");
    let bus = GameBus::new();
    let listener = InMemoryMessageBusAdapter::attach_to(&bus);
    let seen = Log::<Value>::new();
    let log = seen.clone();
    let filters =
        (Filter::store::<Pokemon>(), Filter::all(), Filter::store::<Pokemon>().event_type(PokemonEventType::Appeared));
    listener.on(filters, move |message, context| {
        let GameBusMessage::Pokemon(message) = &*message else { panic!("{message:?}") };
        log.add(json!(["h1", message.event.version, as_json(&context)]));
        async { Ok(()) }
    });
    let log = seen.clone();
    listener.on(Filter::all(), move |message, _| {
        let GameBusMessage::Pokemon(message) = &*message else { panic!("{message:?}") };
        log.add(json!(["h2", message.event.version]));
        async { Ok(()) }
    });
    for version in [1, 2] {
        bus.publish_message(message(version)).await.unwrap();
        listener.idle().await;
    }
    assert_eq!(Value::from(seen.entries()), golden["bus"]["oneHandlerThreeFiltersCalledOnce"]["log"]);
}

#[tokio::test(start_paused = true)]
async fn publishing_does_not_wait_for_handlers() {
    let golden = golden("queue-bus");
    let bus = GameBus::new();
    let listener = InMemoryMessageBusAdapter::attach_to(&bus);
    let seen = Log::<Value>::new();
    let log = seen.clone();
    listener.on(Filter::all(), move |_, _| {
        let log = log.clone();
        async move {
            log.add("slow start".into());
            tokio::time::sleep(Duration::from_millis(30)).await;
            log.add("slow end".into());
            Ok(())
        }
    });
    let log = seen.clone();
    listener.on(Filter::all(), move |_, _| {
        log.add("second handler".into());
        async { Ok(()) }
    });
    bus.publish_message(message(1)).await.unwrap();
    seen.add("publish resolved".into());
    listener.idle().await;
    // Castore calls handlers synchronously while it publishes. In castore, they run in separate tasks.
    let wanted = golden["bus"]["publishDoesNotWaitForHandlers"].as_array().unwrap();
    let wanted = [&wanted[2], &wanted[0], &wanted[1], &wanted[3]].map(Clone::clone);
    assert_eq!(seen.entries(), wanted);
}

#[tokio::test(start_paused = true)]
async fn only_the_failing_handler_is_retried() {
    let golden = golden("queue-bus");
    let recorded = &golden["bus"]["onlyTheFailingHandlerIsRetried"];
    let bus = GameBus::new();
    let listener = InMemoryMessageBusAdapter::attach_to(&bus)
        .with_retry_policy(RetryPolicy::new(2, Duration::from_millis(30), 2.0).unwrap());
    let (failing, other) = (Calls::new(), Calls::new());
    let log = failing.clone();
    listener.on(Filter::all(), move |_, context| {
        log.add((context, Instant::now()));
        async { Err(HandlerError::new("boom")) }
    });
    let log = other.clone();
    listener.on(Filter::all(), move |_, context| {
        log.add((context, Instant::now()));
        async { Ok(()) }
    });
    bus.publish_message(message(1)).await.unwrap();
    listener.idle().await;
    check_calls("onlyTheFailingHandlerIsRetried", &failing, recorded);
    let other: Vec<Value> = other.entries().iter().map(|(context, _)| as_json(context)).collect();
    assert_eq!(Value::from(other), recorded["other"]);
}

/// When Castore's in-memory bus retries a message, it loses the flag `replay`. In castore, the bus keeps the flag, as
/// the queue does.
#[tokio::test(start_paused = true)]
async fn retry_of_a_replay_is_a_replay() {
    let golden = golden("queue-bus");
    let recorded = &golden["bus"]["replayIsLostOnRetry"];
    assert_eq!(recorded["contexts"][1]["replay"], json!(false));
    let bus = GameBus::new();
    let listener = InMemoryMessageBusAdapter::attach_to(&bus)
        .with_retry_policy(RetryPolicy::new(1, Duration::from_millis(5), 1.0).unwrap());
    let calls = Calls::new();
    let log = calls.clone();
    listener.on(Filter::all().on_replay(true), move |_, context| {
        log.add((context, Instant::now()));
        async { Err(HandlerError::new("boom")) }
    });
    bus.publish_message(message(1)).replay(true).await.unwrap();
    listener.idle().await;
    let mut wanted = recorded["contexts"].clone();
    wanted[1]["replay"] = json!(true);
    let seen: Vec<Value> = calls.entries().iter().map(|(context, _)| as_json(context)).collect();
    assert_eq!(Value::from(seen), wanted);
}

/// In Castore, two buses on one event emitter receive each other's messages. In castore, buses share nothing.
#[tokio::test(start_paused = true)]
async fn two_buses_do_not_receive_each_others_messages() {
    let (one, other) = (GameBus::new(), GameBus::new());
    let seen = Log::<Value>::new();
    let listeners = [("one", &one), ("two", &other)].map(|(name, bus)| {
        let listener = InMemoryMessageBusAdapter::attach_to(bus);
        let log = seen.clone();
        listener.on(Filter::all(), move |_, context| {
            log.add(json!([name, context.attempt]));
            async { Ok(()) }
        });
        listener
    });
    one.publish_message(message(1)).await.unwrap();
    for listener in &listeners {
        listener.idle().await;
    }
    assert_eq!(seen.entries(), [json!(["one", 1])]);
    // A bus without listeners accepts messages.
    let quiet = GameBus::new();
    InMemoryMessageBusAdapter::attach_to(&quiet);
    quiet.publish_message(message(1)).await.unwrap();
}
