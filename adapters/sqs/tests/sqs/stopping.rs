//! Tests of how workers stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use castore_core::consumer::{ConsumerError, HandlerError};
use tokio::sync::Semaphore;

use crate::domain::{ordered_worker, publish, publish_in_order, worker};
use crate::support::{Calls, TestQueue, until};

/// Running handlers finish and their messages are deleted. Messages whose handler was not called are immediately
/// available to other workers.
#[tokio::test]
async fn shutdown_waits_for_running_handlers() {
    let (queue, calls) = (TestQueue::standard().await, Calls::default());
    let ended = Arc::new(AtomicUsize::new(0));
    let may_end = Arc::new(Semaphore::new(0));
    let (count, go) = (ended.clone(), may_end.clone());
    publish(&queue, &[("a", 1), ("b", 1), ("c", 1), ("d", 1), ("e", 1)]).await;
    let worker = worker(&queue, &calls, move |_, _| {
        let (count, go) = (count.clone(), go.clone());
        async move {
            go.acquire().await.unwrap().forget();
            count.fetch_add(1, Ordering::Relaxed);
            Ok(())
        }
    })
    .concurrency(2)
    .visibility_timeout(Duration::from_secs(600))
    .start()
    .unwrap();
    calls.until(2).await;
    let shutdown = tokio::spawn(async move { worker.shutdown().await });
    until("the others are handed back", async || queue.counts(&queue.url).await == (3, 2)).await;
    may_end.add_permits(5);
    shutdown.await.unwrap().unwrap();
    assert_eq!(ended.load(Ordering::Relaxed), 2);
    assert_eq!(queue.counts(&queue.url).await, (3, 0));
    assert_eq!(calls.all().len(), 2);
}

/// Waiting messages are handed back while other messages are still being handled.
#[tokio::test]
async fn shutdown_hands_waiting_messages_back_immediately() {
    let (queue, calls) = (TestQueue::standard().await, Calls::default());
    let end = Arc::new(tokio::sync::Notify::new());
    let ended = end.clone();
    publish(&queue, &[("a", 1), ("b", 1), ("c", 1)]).await;
    let worker = worker(&queue, &calls, move |_, _| {
        let end = end.clone();
        async move {
            end.notified().await;
            Ok(())
        }
    })
    .concurrency(1)
    .visibility_timeout(Duration::from_secs(600))
    .start()
    .unwrap();
    until("all are in hand", async || queue.counts(&queue.url).await == (0, 3) && !calls.all().is_empty()).await;
    let shutdown = tokio::spawn(async move { worker.shutdown().await });
    until("two are handed back", async || queue.counts(&queue.url).await == (2, 1)).await;
    ended.notify_one();
    shutdown.await.unwrap().unwrap();
    assert_eq!(queue.counts(&queue.url).await, (2, 0));
}

#[tokio::test]
async fn a_shutdown_of_a_fifo_worker_leaves_groups_in_order() {
    let (queue, calls) = (TestQueue::fifo().await, Calls::default());
    publish_in_order(&queue, &[("a", 1), ("a", 2), ("a", 3)]).await;
    let slow = |_, _| async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        Ok(())
    };
    // With one handler, the worker requests no further messages when it stops. Messages that it received too late
    // would stay hidden.
    let first = ordered_worker(&queue, &calls, slow)
        .concurrency(1)
        .visibility_timeout(Duration::from_secs(600))
        .start()
        .unwrap();
    calls.until(1).await;
    first.shutdown().await.unwrap();
    let second = ordered_worker(&queue, &calls, slow).start().unwrap();
    calls.until(3).await;
    queue.until_empty(&queue.url).await;
    second.shutdown().await.unwrap();
    assert_eq!(calls.names(), ["a1", "a2", "a3"]);
}

/// The shutdown does not wait for the receive request of an empty queue.
#[tokio::test]
async fn a_shutdown_of_an_idle_worker_is_quick() {
    let queue = TestQueue::standard().await;
    let worker =
        worker(&queue, &Calls::default(), |_, _| async { Ok(()) }).wait_time(Duration::from_secs(20)).start().unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let begin = Instant::now();
    worker.shutdown().await.unwrap();
    assert!(begin.elapsed() < Duration::from_secs(15), "{:?}", begin.elapsed());
}

#[tokio::test]
async fn a_handler_can_stop_the_worker() {
    let (queue, calls) = (TestQueue::fifo().await, Calls::default());
    publish_in_order(&queue, &[("a", 1), ("a", 2), ("a", 3)]).await;
    let stopped = ordered_worker(&queue, &calls, |(_, version), _| async move {
        if version == 2 { Err(HandlerError::stop("the database is gone")) } else { Ok(()) }
    })
    .concurrency(1)
    .visibility_timeout(Duration::from_secs(600))
    .start()
    .unwrap();
    match stopped.finished().await {
        Err(ConsumerError::Stopped(error)) => assert_eq!(error.to_string(), "the database is gone"),
        other => panic!("{other:?}"),
    }
    assert!(stopped.is_finished());
    assert!(matches!(stopped.finished().await, Err(ConsumerError::Stopped(_))));
    assert_eq!(calls.names(), ["a1", "a2"]);
    // The message and the later messages of its group are handed back, so the next worker starts with this message.
    let next = ordered_worker(&queue, &calls, |_, _| async { Ok(()) }).start().unwrap();
    calls.until(4).await;
    queue.until_empty(&queue.url).await;
    next.shutdown().await.unwrap();
    assert_eq!(calls.names(), ["a1", "a2", "a2", "a3"]);
}

/// Dropping the handle works as if the process were killed: the handler is dropped, and the message is delivered again
/// later.
#[tokio::test]
async fn a_dropped_handle_acknowledges_nothing() {
    let (queue, calls) = (TestQueue::standard().await, Calls::default());
    struct OnDrop(Arc<AtomicBool>);
    impl Drop for OnDrop {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
        }
    }
    let dropped = Arc::new(AtomicBool::new(false));
    let (witness, second) = (dropped.clone(), calls.clone());
    publish(&queue, &[("a", 1)]).await;
    let killed = worker(&queue, &calls, move |_, _| {
        let witness = OnDrop(witness.clone());
        async move {
            let _witness = witness;
            std::future::pending::<()>().await;
            Ok(())
        }
    })
    .start()
    .unwrap();
    calls.until(1).await;
    drop(killed);
    until("the handler is dropped", async || dropped.load(Ordering::Relaxed)).await;
    assert_eq!(queue.counts(&queue.url).await, (0, 1), "it is not handed back");
    let next = worker(&queue, &second, |_, _| async { Ok(()) }).start().unwrap();
    calls.until(2).await;
    queue.until_empty(&queue.url).await;
    next.shutdown().await.unwrap();
    assert_eq!(calls.all()[1].2, 2, "SQS counts the attempt that was killed");
}
