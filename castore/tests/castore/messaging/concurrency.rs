//! Tests of concurrent publishers on several threads.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use castore::prelude::*;

use super::counter::*;
use crate::support::Log;

const PUBLISHERS: u64 = 16;
const MESSAGES: u64 = 250;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_publishers_lose_no_message() {
    let (queue, bus) = (OrderedQueue::new(), OrderedBus::new());
    let adapter =
        InMemoryMessageQueueAdapter::<OrderedQueue>::with_capacity(8).with_retry_policy(RetryPolicy::immediately(3));
    queue.set_adapter(adapter.clone());
    let listener = InMemoryMessageBusAdapter::attach_to(&bus).with_retry_policy(RetryPolicy::immediately(3));
    let (on_queue, on_bus, at_work) = (Log::new(), Log::new(), Arc::new(AtomicUsize::new(0)));
    let (log, working) = (on_queue.clone(), at_work.clone());
    adapter.worker(move |message, context| {
        let (log, working) = (log.clone(), working.clone());
        async move {
            assert_eq!(working.fetch_add(1, Ordering::SeqCst), 0, "one at a time");
            tokio::task::yield_now().await;
            working.fetch_sub(1, Ordering::SeqCst);
            let OrderedQueueMessage::Counter(message) = &*message;
            // Every seventh message fails in its first attempt.
            if message.event.version % 7 == 0 && context.attempt == 1 {
                return Err(HandlerError::new("not yet"));
            }
            log.add((message.event.aggregate_id.clone(), message.event.version));
            Ok(())
        }
    });
    for _ in 0..3 {
        let log = on_bus.clone();
        listener.on(Filter::store::<Counter>(), move |message, context| {
            let fails = message.event.version % 5 == 0 && context.attempt < 3;
            if !fails {
                log.add((message.event.aggregate_id.clone(), message.event.version));
            }
            async move { if fails { Err(HandlerError::new("not yet")) } else { Ok(()) } }
        });
    }
    let publishers: Vec<_> = (0..PUBLISHERS)
        .map(|publisher| {
            let (queue, bus) = (queue.clone(), bus.clone());
            tokio::spawn(async move {
                let id = format!("p{publisher}");
                for version in 1..=MESSAGES {
                    queue.publish_message(message(&id, version)).await.unwrap();
                    bus.publish_message(message(&id, version)).await.unwrap();
                }
            })
        })
        .collect();
    for publisher in publishers {
        publisher.await.unwrap();
    }
    adapter.idle().await;
    listener.idle().await;
    let seen = on_queue.entries();
    assert_eq!(seen.len() as u64, PUBLISHERS * MESSAGES);
    let mut next = HashMap::new();
    for (id, version) in &seen {
        let next = next.entry(id).or_insert(1);
        assert_eq!(version, next, "{id}");
        *next += 1;
    }
    let seen = on_bus.entries();
    assert_eq!(seen.len() as u64, PUBLISHERS * MESSAGES * 3);
    assert_eq!(seen.iter().collect::<HashSet<_>>().len() as u64, PUBLISHERS * MESSAGES);
}

/// During a shutdown with concurrent publishers, exactly the accepted messages are handled.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn shutdown_during_publishing_handles_accepted_messages() {
    for _ in 0..20 {
        let queue = CounterQueue::new();
        let adapter = InMemoryMessageQueueAdapter::<CounterQueue>::with_capacity(4);
        queue.set_adapter(adapter.clone());
        let handled = Arc::new(AtomicUsize::new(0));
        let count = handled.clone();
        adapter.worker(move |_, _| {
            count.fetch_add(1, Ordering::SeqCst);
            async { Ok(()) }
        });
        let publishers: Vec<_> = (0..4)
            .map(|_| {
                let queue = queue.clone();
                tokio::spawn(async move {
                    let mut accepted = 0;
                    for version in 1..=200 {
                        match queue.publish_message(message("a", version)).await {
                            Ok(()) => accepted += 1,
                            Err(PublishError::ShutDown) => break,
                            Err(error) => panic!("{error}"),
                        }
                    }
                    accepted
                })
            })
            .collect();
        tokio::task::yield_now().await;
        adapter.shutdown().await;
        let at_shutdown = handled.load(Ordering::SeqCst);
        let mut accepted = 0;
        for publisher in publishers {
            accepted += publisher.await.unwrap();
        }
        assert_eq!((handled.load(Ordering::SeqCst), at_shutdown), (accepted, accepted));
    }
}
