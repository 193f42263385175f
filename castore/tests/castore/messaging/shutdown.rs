//! Tests of the shutdown: further messages are rejected, accepted messages are handled, and all resources are dropped.

use std::sync::{Arc, Weak};
use std::time::Duration;

use castore::prelude::*;
use tokio::time::Instant;

use super::counter::*;
use crate::support::Log;

#[tokio::test(start_paused = true)]
async fn queue_shutdown_handles_accepted_messages_and_rejects_new_ones() {
    let queue = CounterQueue::new();
    let adapter = InMemoryMessageQueueAdapter::<CounterQueue>::with_capacity(2);
    queue.set_adapter(adapter.clone());
    let seen = Log::new();
    let log = seen.clone();
    adapter.worker(move |message, context| {
        let log = log.clone();
        async move {
            tokio::time::sleep(Duration::from_millis(10)).await;
            log.add(format!("{}.{}", name_in_queue(&message), context.attempt));
            if name_in_queue(&message) == "a1" { Err(HandlerError::new("always")) } else { Ok(()) }
        }
    });
    // The fourth and fifth message wait for a slot when the shutdown begins.
    let publisher = tokio::spawn({
        let queue = queue.clone();
        async move {
            for version in 1..=5 {
                queue.publish_message(message("a", version)).await?;
            }
            Ok::<_, PublishError>(())
        }
    });
    tokio::time::sleep(Duration::from_millis(5)).await;
    let started = Instant::now();
    adapter.shutdown().await;
    assert!(started.elapsed() < Duration::from_secs(1), "retries do not wait for their delay");
    let published = publisher.await.unwrap();
    assert!(matches!(published, Err(PublishError::ShutDown)), "the publisher was rejected during the shutdown");
    let seen = seen.entries();
    // Accepted messages are handled, including retries.
    assert!(seen.contains(&"a1.3".to_owned()) && seen.contains(&"a3.1".to_owned()), "{seen:?}");
    assert!(!seen.contains(&"a5.1".to_owned()));

    let refused = queue.publish_message(message("a", 9)).await;
    assert!(matches!(refused, Err(PublishError::ShutDown)));
    let refused = queue.publish_messages([message("a", 9)]).await;
    assert!(matches!(refused, Err(PublishError::ShutDown)));
    adapter.shutdown().await;
    adapter.idle().await;
}

#[tokio::test(start_paused = true)]
async fn bus_shutdown_handles_accepted_messages_and_rejects_new_ones() {
    let bus = CounterBus::new();
    let listener = InMemoryMessageBusAdapter::attach_to(&bus);
    let (seen, letters) = (Log::new(), Log::new());
    let log = letters.clone();
    listener.on_dead_letter(move |letter| log.add(letter.attempts));
    for handler in ["x", "y"] {
        let log = seen.clone();
        listener.on(Filter::store::<Counter>(), move |message, context| {
            log.add(format!("{handler}{}.{}", name(&message), context.attempt));
            async move { if handler == "y" { Err(HandlerError::new("always")) } else { Ok(()) } }
        });
    }
    bus.publish_message(message("a", 1)).await.unwrap();
    let started = Instant::now();
    listener.shutdown().await;
    assert!(started.elapsed() < Duration::from_secs(1));
    assert_eq!(seen.entries(), ["xa1.1", "ya1.1", "ya1.2", "ya1.3"]);
    assert_eq!(letters.entries(), [3], "the dead-letter hook received the message");
    assert!(matches!(bus.publish_message(message("a", 2)).await, Err(PublishError::ShutDown)));
}

/// A push on a store that is connected to a closed bus returns "stored but not published".
#[tokio::test]
async fn pushes_after_the_shutdown_are_stored_but_not_published() {
    let bus = CounterBus::new();
    let listener = InMemoryMessageBusAdapter::attach_to(&bus);
    let counters = EventStore::<Counter>::new(InMemoryEventStorageAdapter::new()).connect(bus);
    listener.shutdown().await;
    let error = counters.push_event(NewEvent::new("a", 1, CounterEvent::Counted(1))).await.unwrap_err();
    assert!(matches!(error, PushEventError::StoredButNotPublished(_)));
    assert_eq!(counters.get_events("a").await.unwrap().len(), 1);
}

/// Returns a value for a handler to own, and a weak reference to observe its drop.
fn token() -> (Arc<()>, Weak<()>) {
    let token = Arc::new(());
    let weak = Arc::downgrade(&token);
    (token, weak)
}

#[tokio::test]
async fn handlers_that_own_their_bus_are_dropped() {
    let bus = CounterBus::new();
    let listener = InMemoryMessageBusAdapter::attach_to(&bus);
    let counters = EventStore::<Counter>::new(InMemoryEventStorageAdapter::new()).connect(bus.clone());
    let ((handler, weak_handler), (hook, weak_hook)) = (token(), token());
    let owned = counters.clone();
    listener.on(Filter::all(), move |_, _| {
        let (_handler, _owned) = (handler.clone(), owned.clone());
        async { Ok(()) }
    });
    let own_bus = bus.clone();
    listener.on_dead_letter(move |_| {
        let _ = (&hook, &own_bus);
    });
    counters.push_event(NewEvent::new("a", 1, CounterEvent::Counted(1))).await.unwrap();
    listener.idle().await;
    assert!(weak_handler.upgrade().is_some());
    listener.shutdown().await;
    assert!(weak_handler.upgrade().is_none() && weak_hook.upgrade().is_none(), "though the bus is still there");
    drop((bus, listener));
}

#[tokio::test]
async fn workers_that_own_their_queue_are_dropped() {
    let queue = OrderedQueue::new();
    let adapter = InMemoryMessageQueueAdapter::attach_to(&queue).with_retry_policy(RetryPolicy::immediately(2));
    let (worker, weak) = token();
    let own = queue.clone();
    adapter.worker(move |_, _| {
        let (_worker, _own) = (worker.clone(), own.clone());
        async { Err(HandlerError::new("always")) }
    });
    queue.publish_messages([message("a", 1), message("a", 2)]).await.unwrap();
    adapter.shutdown().await;
    assert!(weak.upgrade().is_none());
}

/// Dropped adapters are freed without a shutdown, unless they are part of a reference cycle.
#[tokio::test]
async fn adapters_without_reference_cycles_are_freed() {
    let (handler, weak) = token();
    let bus = CounterBus::new();
    let listener = InMemoryMessageBusAdapter::attach_to(&bus);
    listener.on(Filter::all(), move |_, _| {
        let _handler = handler.clone();
        async { Ok(()) }
    });
    bus.publish_message(message("a", 1)).await.unwrap();
    listener.idle().await;
    // The task that handles the messages of one aggregate ends after the last message. Until then, it owns the handler.
    tokio::task::yield_now().await;
    drop((bus, listener));
    for _ in 0..100 {
        if weak.upgrade().is_none() {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("the handler is still there");
}

/// A replaced worker is dropped, and so is a replaced adapter.
#[tokio::test]
async fn replaced_workers_and_adapters_are_dropped() {
    let queue = CounterQueue::new();
    let adapter = InMemoryMessageQueueAdapter::attach_to(&queue);
    let (worker, weak) = token();
    adapter.worker(move |_, _| {
        let _worker = worker.clone();
        async { Ok(()) }
    });
    adapter.worker(|_, _| async { Ok(()) });
    assert!(weak.upgrade().is_none());

    let (worker, weak) = token();
    let first = InMemoryMessageQueueAdapter::attach_to(&queue);
    first.worker(move |_, _| {
        let _worker = worker.clone();
        async { Ok(()) }
    });
    drop(first);
    assert!(weak.upgrade().is_some(), "the channel has it");
    queue.set_adapter(adapter);
    assert!(weak.upgrade().is_none());
}
