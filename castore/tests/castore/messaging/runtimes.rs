//! Tests of channels that outlive a tokio runtime. This happens in tests, each of which has its own runtime, and in
//! programs that shut down their runtime.

use std::time::Duration;

use castore::consumer::RetryPolicy;
use castore::prelude::*;
use tokio::runtime::{Builder, Runtime};

use super::counter::*;
use crate::support::Log;

const SOON: Duration = Duration::from_secs(5);

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().build().unwrap()
}

#[test]
fn channel_works_on_consecutive_runtimes() {
    let bus = CounterBus::new();
    let listener = InMemoryMessageBusAdapter::attach_to(&bus);
    let seen = Log::new();
    let log = seen.clone();
    listener.on(Filter::store::<Counter>(), move |message, _| {
        log.add(name(&message));
        async { Ok(()) }
    });
    for version in 1..=3 {
        runtime().block_on(async {
            bus.publish_message(message("a", version)).await.unwrap();
            listener.idle().await;
        });
    }
    assert_eq!(seen.entries(), ["a1", "a2", "a3"]);
}

/// A runtime ends while one message is being handled, another message waits for its retry, and more messages are queued.
/// All of them are handled on the next runtime: no message is lost, and no aggregate is blocked.
#[test]
fn messages_of_a_dropped_runtime_are_handled_on_the_next() {
    let queue = OrderedQueue::new();
    let adapter = InMemoryMessageQueueAdapter::attach_to(&queue)
        .with_retry_policy(RetryPolicy::new(3, Duration::from_millis(50), 1.0).unwrap());
    let seen = Log::<String>::new();
    let log = seen.clone();
    adapter.worker(move |message, context| {
        let log = log.clone();
        async move {
            let OrderedQueueMessage::Counter(message) = &*message;
            let started = log.entries().iter().filter(|other| other.starts_with("start b1")).count();
            log.add(format!("start {}.{}", name(message), context.attempt));
            match name(message).as_str() {
                "a1" if context.attempt == 1 => Err(HandlerError::new("not yet")),
                // The first attempt never ends.
                "b1" if started == 0 => std::future::pending().await,
                name => {
                    log.add(format!("done {name}"));
                    Ok(())
                }
            }
        }
    });
    let first = runtime();
    first.block_on(async {
        let messages = [message("a", 1), message("b", 1), message("a", 2), message("b", 2), message("c", 1)];
        queue.publish_messages(messages).await.unwrap();
        tokio::time::sleep(Duration::from_millis(10)).await;
    });
    assert_eq!(seen.entries(), ["start a1.1", "start b1.1"]);
    drop(first);
    runtime().block_on(async {
        queue.publish_message(message("d", 1)).await.unwrap();
        tokio::time::timeout(SOON, adapter.idle()).await.expect("something was lost");
    });
    let done: Vec<String> =
        seen.entries().iter().filter_map(|entry| entry.strip_prefix("done ").map(str::to_owned)).collect();
    let of = |aggregate: &str| -> Vec<&str> {
        done.iter().map(String::as_str).filter(|name| name.starts_with(aggregate)).collect()
    };
    assert_eq!((of("a"), of("b")), (vec!["a1", "a2"], vec!["b1", "b2"]));
    assert_eq!(done.len(), 6, "{done:?}");
}

/// After the runtime was dropped, no further message is published, but the adapter is shut down on another runtime. The
/// adapter handles the remaining messages on the runtime of the shutdown.
#[test]
fn shutdown_handles_messages_of_a_dropped_runtime() {
    let bus = CounterBus::new();
    let listener = InMemoryMessageBusAdapter::attach_to(&bus);
    let seen = Log::new();
    let log = seen.clone();
    listener.on(Filter::store::<Counter>(), move |message, _| {
        let log = log.clone();
        async move {
            tokio::time::sleep(Duration::from_millis(20)).await;
            log.add(name(&message));
            Ok(())
        }
    });
    runtime().block_on(async {
        bus.publish_messages([message("a", 1), message("a", 2)]).await.unwrap();
        tokio::time::sleep(Duration::from_millis(5)).await;
    });
    assert!(seen.entries().is_empty());
    runtime().block_on(async {
        tokio::time::timeout(SOON, listener.shutdown()).await.expect("the shutdown does not end");
    });
    assert_eq!(seen.entries(), ["a1", "a2"]);
}

#[test]
fn publishing_without_a_runtime_is_an_error() {
    let queue = CounterQueue::new();
    let adapter = InMemoryMessageQueueAdapter::attach_to(&queue);
    adapter.worker(|_, _| async { Ok(()) });
    let mut publish = std::pin::pin!(queue.publish_message(message("a", 1)).into_future());
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let std::task::Poll::Ready(outcome) = publish.as_mut().poll(&mut context) else { panic!("it waits") };
    assert!(matches!(outcome, Err(PublishError::Broker(_))), "{outcome:?}");
}

/// If a runtime is shut down while it is still the current runtime of a thread, it drops spawned tasks immediately. A
/// message that is then published waits for the next runtime.
#[test]
fn publishing_on_a_closed_runtime_leaves_the_message_to_the_next() {
    let queue = CounterQueue::new();
    let adapter = InMemoryMessageQueueAdapter::attach_to(&queue);
    let seen = Log::new();
    let log = seen.clone();
    adapter.worker(move |message, _| {
        log.add(name_in_queue(&message));
        async { Ok(()) }
    });
    let gone = runtime();
    let handle = gone.handle().clone();
    drop(gone);
    {
        let _entered = handle.enter();
        let mut publish = std::pin::pin!(queue.publish_message(message("a", 1)).into_future());
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(publish.as_mut().poll(&mut context).is_ready());
    }
    runtime().block_on(async {
        tokio::time::timeout(SOON, adapter.idle()).await.expect("the message was lost");
    });
    assert_eq!(seen.entries(), ["a1"]);
}
