//! Tests of queues: one worker, first in first out, bounded.

use std::sync::Arc;
use std::time::Duration;

use castore::prelude::*;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::counter::*;
use crate::support::Log;

const SOON: Duration = Duration::from_secs(1);

/// Adds a worker that waits for a permit before it handles each message. Returns the log of the handled messages, and
/// the semaphore to which the test adds permits.
fn worker(queue: &InMemoryMessageQueueAdapter<CounterQueue>) -> (Log<String>, Arc<Semaphore>) {
    let (seen, permits) = (Log::new(), Arc::new(Semaphore::new(0)));
    let (log, gate) = (seen.clone(), permits.clone());
    queue.worker(move |message, _| {
        let (log, gate) = (log.clone(), gate.clone());
        async move {
            gate.acquire().await?.forget();
            log.add(name_in_queue(&message));
            Ok(())
        }
    });
    (seen, permits)
}

#[tokio::test(start_paused = true)]
async fn publishers_wait_for_a_full_queue() {
    let queue = CounterQueue::new();
    let adapter = InMemoryMessageQueueAdapter::with_capacity(2);
    queue.set_adapter(adapter.clone());
    let (seen, permits) = worker(&adapter);
    for version in 1..=2 {
        queue.publish_message(message("a", version)).await.unwrap();
    }
    // The message in progress occupies its slot until it is done.
    let blocked = timeout(SOON, queue.publish_message(message("a", 3)).into_future()).await;
    assert!(blocked.is_err(), "the publisher waits");
    // The canceled publisher left no message and occupies no slot.
    permits.add_permits(1);
    timeout(SOON, queue.publish_message(message("a", 4)).into_future()).await.unwrap().unwrap();
    let publisher = tokio::spawn({
        let queue = queue.clone();
        async move { queue.publish_messages([message("a", 5), message("a", 6)]).await }
    });
    tokio::time::sleep(SOON).await;
    assert!(!publisher.is_finished());
    assert_eq!(seen.entries(), ["a1"]);
    permits.add_permits(10);
    publisher.await.unwrap().unwrap();
    adapter.idle().await;
    assert_eq!(seen.entries(), ["a1", "a2", "a4", "a5", "a6"]);
}

#[tokio::test(start_paused = true)]
async fn blocked_publishers_are_served_in_order() {
    let queue = CounterQueue::new();
    // The capacity is at least 1.
    let adapter = InMemoryMessageQueueAdapter::with_capacity(0);
    queue.set_adapter(adapter.clone());
    let (seen, permits) = worker(&adapter);
    let mut publishers = Vec::new();
    for version in 1..=20 {
        let queue = queue.clone();
        publishers.push(tokio::spawn(async move { queue.publish_message(message("a", version)).await }));
        tokio::task::yield_now().await;
    }
    permits.add_permits(20);
    for publisher in publishers {
        publisher.await.unwrap().unwrap();
    }
    adapter.idle().await;
    let wanted: Vec<String> = (1..=20).map(|version| format!("a{version}")).collect();
    assert_eq!(seen.entries(), wanted);
}

#[tokio::test]
async fn worker_can_publish_on_its_own_queue_while_there_is_room() {
    let queue = CounterQueue::new();
    let adapter = InMemoryMessageQueueAdapter::attach_to(&queue);
    let seen = Log::new();
    let (log, own) = (seen.clone(), queue.clone());
    adapter.worker(move |message_, _| {
        let (log, own) = (log.clone(), own.clone());
        async move {
            let CounterQueueMessage::Counter(received) = &*message_;
            let version = received.event.version;
            log.add(version);
            if version < 100 {
                own.publish_message(message("a", version + 1)).await?;
            }
            Ok(())
        }
    });
    queue.publish_message(message("a", 1)).await.unwrap();
    adapter.idle().await;
    assert_eq!(seen.entries(), (1..=100).collect::<Vec<u64>>());
    adapter.shutdown().await;
}

#[tokio::test(start_paused = true)]
async fn worker_can_be_replaced_while_messages_wait() {
    let queue = CounterQueue::new();
    let adapter = InMemoryMessageQueueAdapter::attach_to(&queue);
    let (old, permits) = worker(&adapter);
    queue.publish_messages([message("a", 1), message("a", 2), message("a", 3)]).await.unwrap();
    tokio::task::yield_now().await;
    let new = Log::new();
    let log = new.clone();
    adapter.worker(move |message, context| {
        log.add((name_in_queue(&message), context.attempt));
        async { Ok(()) }
    });
    permits.add_permits(1);
    adapter.idle().await;
    // The old worker finishes its current message.
    assert_eq!(old.entries(), ["a1"]);
    assert_eq!(new.entries(), [("a2".to_owned(), 1), ("a3".to_owned(), 1)]);
}

#[tokio::test]
async fn clones_of_adapters_and_channels_share_the_queue() {
    let queue = CounterQueue::new();
    let clone = queue.clone();
    let adapter = InMemoryMessageQueueAdapter::attach_to(&queue);
    let (seen, permits) = worker(&adapter.clone());
    permits.add_permits(2);
    clone.publish_message(message("a", 1)).await.unwrap();
    // A second channel with the same adapter shares the queue.
    let second = CounterQueue::new();
    second.set_adapter(adapter.clone());
    second.publish_message(message("a", 2)).await.unwrap();
    adapter.clone().idle().await;
    assert_eq!(seen.entries(), ["a1", "a2"]);
}

#[tokio::test]
async fn idle_returns_immediately_without_messages() {
    let adapter = InMemoryMessageQueueAdapter::<CounterQueue>::new();
    adapter.idle().await;
    adapter.shutdown().await;
    InMemoryMessageBusAdapter::<CounterBus>::default().idle().await;
}
