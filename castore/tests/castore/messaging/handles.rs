//! Tests of the handles of broker consumers, and of the in-memory adapters.

use std::sync::Arc;
use std::time::Duration;

use castore::consumer::{ConsumerError, ConsumerHandle, HandlingOutcome, MessageHandler};
use castore::prelude::*;
use tokio::time::Instant;

use super::counter::*;

/// A handler that never returns for messages of the aggregate `hangs`, takes nine seconds for `slow`, stops for `stops`
/// and fails for `fails`.
fn handler() -> MessageHandler<CounterQueue> {
    MessageHandler::new(|message: ReceivedMessage<CounterQueueMessage>, _| async move {
        match message.as_message().aggregate_id().as_str() {
            "hangs" => std::future::pending().await,
            "slow" => {
                tokio::time::sleep(Duration::from_secs(9)).await;
                Ok(())
            }
            "stops" => Err(HandlerError::stop("the database is gone")),
            "fails" => Err(HandlerError::new("no")),
            _ => Ok(()),
        }
    })
}

/// Starts a consumer that receives one message of each given aggregate, and then no more messages. Like the consumers
/// of brokers, it receives messages until its shutdown, and then waits for the handlers.
fn consume(aggregates: &'static [&'static str]) -> ConsumerHandle {
    let handler = handler();
    ConsumerHandle::spawn(&handler.clone(), move |tasks| async move {
        let mut running = tokio::task::JoinSet::new();
        for aggregate in aggregates {
            let handler = handler.clone();
            running.spawn(tasks.track(async move {
                let message: CounterQueueMessage = message(aggregate, 1).into();
                handler.attempt(Arc::new(message), 1, false, &RetryPolicy::NEVER).await
            }));
        }
        let mut ended = Ok(());
        while let Some(verdict) = running.join_next().await {
            if let Ok(HandlingOutcome::Stop(error)) = verdict {
                tasks.shutdown().send();
                ended = Err(ConsumerError::stopped(error));
            }
        }
        tasks.shutdown().sent().await;
        ended
    })
}

#[tokio::test(start_paused = true)]
async fn shutdown_waits_for_handlers_and_the_status_counts_them() {
    let consumer = consume(&["a", "b", "fails", "slow"]);
    tokio::time::sleep(Duration::from_millis(1)).await;
    let status = consumer.status();
    assert_eq!((status.in_flight, status.handled, status.failed_attempts), (1, 2, 1));
    assert!(!consumer.is_finished());
    let start = Instant::now();
    consumer.shutdown().await.unwrap();
    assert!(start.elapsed() > Duration::from_secs(8), "it waits for the slow handler");
}

#[tokio::test(start_paused = true)]
async fn shutdown_within_aborts_handlers_at_the_deadline() {
    let consumer = consume(&["a", "hangs", "hangs"]);
    let start = Instant::now();
    let error = consumer.shutdown_within(Duration::from_secs(7)).await.unwrap_err();
    assert_eq!(start.elapsed(), Duration::from_secs(7));
    assert!(matches!(error, ConsumerError::ShutdownTimedOut { in_flight: 2, .. }), "{error:?}");
    assert_eq!(error.to_string(), "2 handlers were still running after 7s and were aborted");
    consume(&["a"]).shutdown_within(Duration::from_secs(7)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn stop_by_a_handler_is_reported_to_every_caller_with_its_source() {
    let consumer = consume(&["a", "stops"]);
    let error = consumer.finished().await.unwrap_err();
    assert_eq!(error.to_string(), "a handler stopped the consumer");
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "the database is gone");
    assert!(consumer.is_finished());
    assert!(matches!(consumer.clone().finished().await, Err(ConsumerError::Stopped(_))));
    assert!(matches!(consumer.shutdown().await, Err(ConsumerError::Stopped(_))));
}

#[tokio::test(start_paused = true)]
async fn abort_and_drop_end_the_handlers() {
    for abort in [true, false] {
        let running = Arc::new(());
        let held = Arc::clone(&running);
        let handler = MessageHandler::<CounterQueue>::new(move |_: ReceivedMessage<CounterQueueMessage>, _| {
            let held = Arc::clone(&held);
            async move {
                let _held = held;
                std::future::pending().await
            }
        });
        let consumer = ConsumerHandle::spawn(&handler.clone(), |tasks| async move {
            let message: CounterQueueMessage = message("a", 1).into();
            let attempt = async move { handler.attempt(Arc::new(message), 1, false, &RetryPolicy::NEVER).await };
            let mut handlers = tokio::task::JoinSet::new();
            handlers.spawn(tasks.track(attempt));
            handlers.join_next().await;
            Ok(())
        });
        tokio::time::sleep(Duration::from_millis(1)).await;
        assert_eq!((consumer.status().in_flight, Arc::strong_count(&running)), (1, 3));
        if abort {
            let start = Instant::now();
            consumer.abort().await;
            assert_eq!(start.elapsed(), Duration::ZERO, "the abort does not wait");
        } else {
            drop(consumer);
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        // The consumer has dropped the handler and its captures.
        assert_eq!(Arc::strong_count(&running), 1);
    }
}

/// A handler that blocks its thread cannot be dropped. When it returns after the abort, the remaining messages must be
/// discarded.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_left_by_a_blocking_worker_are_discarded_after_an_abort() {
    let channel = CounterQueue::new();
    let queue = InMemoryMessageQueueAdapter::attach_to(&channel).with_retry_policy(RetryPolicy::immediately(5));
    queue.worker(|_, _| async {
        std::thread::sleep(Duration::from_millis(2_500));
        Err(HandlerError::new("no"))
    });
    channel.publish_messages([message("a", 1), message("b", 1), message("c", 1)]).await.unwrap();
    while queue.status().in_flight == 0 {
        tokio::task::yield_now().await;
    }
    queue.abort().await;
    assert!(matches!(channel.publish_message(message("d", 1)).await, Err(PublishError::ShutDown)));
    // The worker ends half a second after the abort has returned, and then no messages are left.
    tokio::time::timeout(Duration::from_secs(30), queue.idle()).await.expect("no messages are left");
}

#[tokio::test]
async fn panic_of_the_consumer_is_an_error() {
    let consumer = ConsumerHandle::spawn(&handler(), |_| async { panic!("a bug of an adapter") });
    let error = consumer.finished().await.unwrap_err();
    assert!(matches!(&error, ConsumerError::Panicked(text) if text.contains("a bug of an adapter")), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn aborted_queue_discards_waiting_messages_and_rejects_new_ones() {
    let channel = CounterQueue::new();
    let queue = InMemoryMessageQueueAdapter::attach_to(&channel);
    queue.worker(|_, _| std::future::pending());
    channel.publish_messages([message("a", 1), message("b", 1), message("c", 1)]).await.unwrap();
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert_eq!(queue.status().in_flight, 1);
    let error = queue.shutdown_within(Duration::from_secs(3)).await.unwrap_err();
    assert!(matches!(error, ConsumerError::ShutdownTimedOut { in_flight: 1, .. }), "{error:?}");
    assert_eq!(queue.status().in_flight, 0);
    assert!(matches!(channel.publish_message(message("d", 1)).await, Err(PublishError::ShutDown)));
    // No messages are left.
    queue.idle().await;
}

#[tokio::test(start_paused = true)]
async fn bus_status_counts_all_listeners() {
    let channel = CounterBus::new();
    let bus = InMemoryMessageBusAdapter::attach_to(&channel).with_retry_policy(RetryPolicy::immediately(1));
    bus.on(Filter::store::<Counter>(), |_, _| async { Ok(()) });
    bus.on(Filter::store::<Counter>(), |_, _| async { Err(HandlerError::new("no")) });
    channel.publish_messages([message("a", 1), message("b", 1)]).await.unwrap();
    bus.idle().await;
    let status = bus.status();
    assert_eq!((status.handled, status.failed_attempts, status.dead_letters, status.in_flight), (2, 4, 2, 0));
}
