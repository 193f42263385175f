//! Tests of a worker while SQS is unavailable.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

use castore_sqs::{QueueUrl, SqsWorker};

use crate::canned::{Answer, error};
use crate::domain::{AppQueue, key, publish, quick, worker};
use crate::support::{Calls, TestQueue, until};
use crate::tampered::Tampered;

#[tokio::test]
async fn worker_resumes_after_an_outage() {
    let (queue, calls) = (TestQueue::standard().await, Calls::default());
    let failures = AtomicUsize::new(0);
    let tampered = Tampered::new(move |operation, _| {
        if operation != "ReceiveMessage" {
            return None;
        }
        match failures.fetch_add(1, Ordering::Relaxed) {
            0 => Some(error(500, "InternalFailure")),
            1 => Some(Answer::Broken(io::ErrorKind::ConnectionRefused)),
            2 => Some(error(403, "AccessDenied")),
            3 => Some(error(400, "AWS.SimpleQueueService.NonExistentQueue")),
            4 => Some(error(403, "RequestThrottled")),
            _ => None,
        }
    });
    publish(&queue, &[("a", 1)]).await;
    let tampered_queue = TestQueue { client: tampered.client(&queue.client), ..queue.clone() };
    let worker = worker(&tampered_queue, &calls, |_, _| async { Ok(()) }).start().unwrap();
    calls.until(1).await;
    queue.until_empty(&queue.url).await;
    assert!(tampered.seen("ReceiveMessage").len() >= 6);
    assert!(worker.status().is_receiving);
    worker.shutdown().await.unwrap();
}

/// A permanent failure does not prevent the worker from stopping.
#[tokio::test]
async fn a_worker_without_queue_can_be_shut_down() {
    let queue = TestQueue::standard().await;
    let away = Tampered::new(|_, _| Some(Answer::Broken(io::ErrorKind::ConnectionRefused)));
    let away = TestQueue { client: away.client(&queue.client), ..queue };
    let polling = worker(&away, &Calls::default(), |_, _| async { Ok(()) }).start().unwrap();
    let app_queue = AppQueue::new();
    let nameless =
        SqsWorker::builder(away.client.clone(), QueueUrl::named("queue"), &app_queue, |_, _| async { Ok(()) });
    let nameless = nameless.start().unwrap();
    until("both requests fail", async || !polling.status().is_receiving && !nameless.status().is_receiving).await;
    assert!(!polling.is_finished() && !nameless.is_finished());
    polling.shutdown().await.unwrap();
    nameless.shutdown().await.unwrap();
}

#[tokio::test]
async fn worker_can_be_started_before_its_queue_exists() {
    let (queue, calls) = (TestQueue::standard().await, Calls::default());
    let (app_queue, noted) = (AppQueue::new(), calls.clone());
    let worker =
        SqsWorker::builder(queue.client.clone(), QueueUrl::named("later"), &app_queue, move |message, context| {
            noted.note(key(&message), context.attempt);
            async { Ok(()) }
        });
    let worker = quick(worker).start().unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    let url = queue.client.create_queue().queue_name("later").send().await.unwrap().queue_url.unwrap();
    publish(&TestQueue { url, ..queue }, &[("a", 1)]).await;
    calls.until(1).await;
    worker.shutdown().await.unwrap();
}
