//! Tests of `order = "per_aggregate"`: the messages of an aggregate stay in order despite failures, and do not delay
//! the messages of other aggregates.

use std::time::Duration;

use castore::prelude::*;

use super::counter::*;
use crate::support::Log;

fn delayed(retries: u32) -> RetryPolicy {
    RetryPolicy::new(retries, Duration::from_millis(10), 1.0).unwrap()
}

#[tokio::test(start_paused = true)]
async fn later_messages_of_an_aggregate_wait_for_its_retry() {
    let queue = OrderedQueue::new();
    let adapter = InMemoryMessageQueueAdapter::attach_to(&queue).with_retry_policy(delayed(3));
    let seen = Log::new();
    let log = seen.clone();
    adapter.worker(move |message, context| {
        let OrderedQueueMessage::Counter(message) = &*message;
        let (name, attempt) = (name(message), context.attempt);
        log.add(format!("{name}.{attempt}"));
        // a1 fails twice, a2 once, b2 once.
        let fails = matches!((name.as_str(), attempt), ("a1", 1 | 2) | ("a2" | "b2", 1));
        async move { if fails { Err(HandlerError::new("not yet")) } else { Ok(()) } }
    });
    let (a, b) = (|version| message("a", version), |version| message("b", version));
    queue.publish_messages([a(1), b(1), a(2), b(2), a(3), b(3)]).await.unwrap();
    tokio::time::sleep(Duration::from_millis(5)).await;
    // Further messages arrive during the retry delay.
    queue.publish_messages([a(4), message("c", 1)]).await.unwrap();
    adapter.idle().await;
    let seen = seen.entries();
    let of = |aggregate: &str| -> Vec<&str> {
        seen.iter().map(String::as_str).filter(|name| name.starts_with(aggregate)).collect()
    };
    assert_eq!(of("a"), ["a1.1", "a1.2", "a1.3", "a2.1", "a2.2", "a3.1", "a4.1"]);
    assert_eq!(of("b"), ["b1.1", "b2.1", "b2.2", "b3.1"]);
    let place = |name: &str| seen.iter().position(|other| other == name).unwrap();
    assert!(
        place("b2.1") < place("a1.2") && place("c1.1") < place("a1.2"),
        "other aggregates are not delayed: {seen:?}"
    );
}

/// A dead letter does not block its aggregate: the order applies to the messages that are handled.
#[tokio::test(start_paused = true)]
async fn dead_letter_does_not_block_its_aggregate() {
    let bus = OrderedBus::new();
    let listener = InMemoryMessageBusAdapter::attach_to(&bus).with_retry_policy(delayed(1));
    let (seen, letters) = (Log::new(), Log::new());
    let log = letters.clone();
    listener.on_dead_letter(move |letter| log.add(letter.attempts));
    let log = seen.clone();
    listener.on(Filter::store::<Counter>(), move |message, context| {
        log.add(format!("{}.{}", name(&message), context.attempt));
        async move {
            match message.event.version {
                1 => Err(HandlerError::new("never")),
                2 => Err(HandlerError::park("never")),
                _ => Ok(()),
            }
        }
    });
    bus.publish_messages([message("a", 1), message("a", 2), message("a", 3)]).await.unwrap();
    listener.idle().await;
    assert_eq!(seen.entries(), ["a1.1", "a1.2", "a2.1", "a3.1"]);
    assert_eq!(letters.entries(), [2, 1]);
}

/// Each handler has a separate order: a handler that fails does not delay the messages of another handler.
#[tokio::test(start_paused = true)]
async fn retry_delays_only_the_messages_of_its_handler() {
    let bus = OrderedBus::new();
    let listener = InMemoryMessageBusAdapter::attach_to(&bus).with_retry_policy(delayed(5));
    let seen = Log::new();
    for (handler, failures) in [("x", 3), ("y", 0)] {
        let log = seen.clone();
        listener.on(Filter::store::<Counter>(), move |message, context| {
            let fails = context.attempt <= failures;
            if !fails {
                log.add(format!("{handler}{}", name(&message)));
            }
            async move { if fails { Err(HandlerError::new("not yet")) } else { Ok(()) } }
        });
    }
    bus.publish_messages([message("a", 1), message("a", 2)]).await.unwrap();
    listener.idle().await;
    assert_eq!(seen.entries(), ["ya1", "ya2", "xa1", "xa2"]);
}

/// On a channel without a guaranteed order, later messages overtake a message that waits for its retry.
#[tokio::test(start_paused = true)]
async fn later_messages_overtake_without_order() {
    let queue = CounterQueue::new();
    let adapter = InMemoryMessageQueueAdapter::attach_to(&queue).with_retry_policy(delayed(1));
    let seen = Log::new();
    let log = seen.clone();
    adapter.worker(move |message, context| {
        log.add(format!("{}.{}", name_in_queue(&message), context.attempt));
        let fails = context.attempt == 1 && name_in_queue(&message) == "a1";
        async move { if fails { Err(HandlerError::new("not yet")) } else { Ok(()) } }
    });
    queue.publish_messages([message("a", 1), message("a", 2)]).await.unwrap();
    adapter.idle().await;
    assert_eq!(seen.entries(), ["a1.1", "a2.1", "a1.2"]);
}

/// Messages that wait behind a retry of their aggregate count toward the capacity of the queue: a publisher waits even
/// though no message is being handled.
#[tokio::test(start_paused = true)]
async fn held_messages_count_for_the_capacity() {
    let queue = OrderedQueue::new();
    let adapter = InMemoryMessageQueueAdapter::<OrderedQueue>::with_capacity(2)
        .with_retry_policy(RetryPolicy::new(1, Duration::from_secs(60), 1.0).unwrap());
    queue.set_adapter(adapter.clone());
    adapter.worker(|_, context| async move {
        if context.attempt == 1 { Err(HandlerError::new("not yet")) } else { Ok(()) }
    });
    queue.publish_messages([message("a", 1), message("a", 2)]).await.unwrap();
    let third = queue.publish_message(message("b", 1)).into_future();
    assert!(tokio::time::timeout(Duration::from_secs(10), third).await.is_err());
    adapter.idle().await;
    queue.publish_message(message("b", 1)).await.unwrap();
    adapter.shutdown().await;
}
