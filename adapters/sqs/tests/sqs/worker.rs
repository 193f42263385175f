//! Tests of the worker with the emulator.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use castore::prelude::*;
use castore_core::consumer::{HandlerError, RetryPolicy};
use castore_sqs::{EnvelopeContent, SqsWorker, SqsWorkerBuilder};
use serde_json::{Value, json};

use crate::canned::{Answer, error, ok};
use crate::domain::{
    AppBus, AppBusMessage, AppQueue, VISIBILITY, appeared, ordered_worker, publish, publish_in_order, quick, worker,
};
use crate::support::{Calls, TestQueue, until};
use crate::tampered::Tampered;

async fn fail() -> Result<(), HandlerError> {
    Err(HandlerError::new("a failure of the test"))
}

async fn done() -> Result<(), HandlerError> {
    Ok(())
}

/// Takes longer than the visibility timeout.
async fn slow() -> Result<(), HandlerError> {
    tokio::time::sleep(VISIBILITY + Duration::from_secs(2)).await;
    Ok(())
}

#[tokio::test]
async fn a_slow_handler_is_not_called_twice() {
    let (queue, calls) = (TestQueue::standard().await, Calls::default());
    // The second message waits for the first, and stays hidden as well.
    publish(&queue, &[("a", 1), ("b", 1)]).await;
    let worker = worker(&queue, &calls, |_, _| slow()).concurrency(1).start().unwrap();
    calls.until(2).await;
    queue.until_empty(&queue.url).await;
    worker.shutdown().await.unwrap();
    assert_eq!(calls.all().into_iter().map(|call| call.2).collect::<Vec<_>>(), [1, 1]);
}

#[tokio::test]
async fn a_slow_handler_is_not_called_twice_on_fifo_queues() {
    let (queue, calls) = (TestQueue::fifo().await, Calls::default());
    publish_in_order(&queue, &[("a", 1), ("a", 2)]).await;
    let worker = ordered_worker(&queue, &calls, |_, _| slow()).start().unwrap();
    calls.until(2).await;
    queue.until_empty(&queue.url).await;
    worker.shutdown().await.unwrap();
    assert_eq!(calls.all(), [("a".to_owned(), 1, 1), ("a".to_owned(), 2, 1)]);
}

/// Messages are neither lost nor repeated if SQS returns errors or is unavailable during a deletion.
#[tokio::test]
async fn deletion_is_retried() {
    let (queue, calls) = (TestQueue::standard().await, Calls::default());
    let failures = Arc::new(AtomicUsize::new(0));
    let count = failures.clone();
    let tampered = Tampered::new(move |operation, request| {
        if operation != "DeleteMessageBatch" {
            return None;
        }
        match count.fetch_add(1, Ordering::Relaxed) {
            0 => Some(error(500, "InternalFailure")),
            1 => {
                let entries = request["Entries"].as_array().unwrap();
                let failed = entries
                    .iter()
                    .map(|entry| json!({ "Id": entry["Id"], "Code": "InternalError", "SenderFault": false }));
                Some(ok(json!({ "Successful": [], "Failed": failed.collect::<Vec<_>>() })))
            }
            _ => None,
        }
    });
    publish(&queue, &[("a", 1), ("b", 1), ("c", 1)]).await;
    let tampered_queue = TestQueue { client: tampered.client(&queue.client), ..queue.clone() };
    let worker = worker(&tampered_queue, &calls, |_, _| done()).start().unwrap();
    queue.until_empty(&queue.url).await;
    worker.shutdown().await.unwrap();
    assert_eq!(calls.all().len(), 3);
    assert!(failures.load(Ordering::Relaxed) >= 3);
}

/// Messages that could not be deleted are delivered again: delivery is at least once.
#[tokio::test]
async fn message_that_cannot_be_deleted_is_redelivered() {
    let (queue, calls) = (TestQueue::standard().await, Calls::default());
    let refused = AtomicUsize::new(0);
    let tampered = Tampered::new(move |operation, _| {
        let first = operation == "DeleteMessageBatch" && refused.fetch_add(1, Ordering::Relaxed) == 0;
        first.then(|| error(403, "AccessDenied"))
    });
    publish(&queue, &[("a", 1)]).await;
    let tampered_queue = TestQueue { client: tampered.client(&queue.client), ..queue.clone() };
    let worker = worker(&tampered_queue, &calls, |_, _| done()).start().unwrap();
    calls.until(2).await;
    queue.until_empty(&queue.url).await;
    worker.shutdown().await.unwrap();
    assert_eq!(calls.all(), [("a".to_owned(), 1, 1), ("a".to_owned(), 1, 2)]);
}

#[tokio::test]
async fn deletions_are_batched() {
    let (queue, calls) = (TestQueue::standard().await, Calls::default());
    let tampered = Tampered::new(|_, _| None);
    let messages: Vec<_> = (1..=40).map(|version| ("a", version)).collect();
    publish(&queue, &messages).await;
    let tampered_queue = TestQueue { client: tampered.client(&queue.client), ..queue.clone() };
    let worker = worker(&tampered_queue, &calls, |_, _| done())
        .visibility_timeout(Duration::from_secs(600))
        .wait_time(Duration::from_secs(20))
        .start()
        .unwrap();
    calls.until(40).await;
    queue.until_empty(&queue.url).await;
    worker.shutdown().await.unwrap();
    let deletes = tampered.seen("DeleteMessageBatch").len();
    assert!(deletes <= 15, "{deletes} requests deleted 40 messages");
    let receives = tampered.seen("ReceiveMessage");
    assert!(receives.len() <= 15, "{} requests received 40 messages", receives.len());
    assert_eq!(receives[0]["WaitTimeSeconds"], 20);
    assert_eq!(tampered.seen("ChangeMessageVisibilityBatch"), [Value::Null; 0], "nothing took long");
}

/// Body, attributes and group are preserved.
#[tokio::test]
async fn dead_letter_is_moved_unchanged() {
    let (queue, calls) = (TestQueue::fifo().await, Calls::default());
    let letters = Arc::new(Mutex::new(Vec::new()));
    let told = letters.clone();
    publish_in_order(&queue, &[("a", 1), ("a", 2)]).await;
    let worker = ordered_worker(&queue, &calls, |(_, version), _| async move {
        if version == 1 { Err(HandlerError::park("poison")) } else { Ok(()) }
    })
    .dead_letter_queue_url(&queue.dead_letters)
    .on_dead_letter(move |letter| {
        told.lock().unwrap().push((letter.attempts, letter.error.to_string()));
        panic!("a panic of the test");
    })
    .start()
    .unwrap();
    calls.until(2).await;
    queue.until_empty(&queue.url).await;
    worker.shutdown().await.unwrap();
    assert_eq!(*letters.lock().unwrap(), [(1, "poison".to_owned())]);
    let dead = queue.receive(&queue.dead_letters, 1).await.remove(0);
    let body: Value = serde_json::from_str(dead.body().unwrap()).unwrap();
    assert_eq!((&body["event"]["aggregateId"], &body["event"]["version"]), (&json!("a"), &json!(1)));
    assert_eq!(dead.message_attributes().unwrap()["messageId"].string_value(), Some("POKEMONS#a#1"));
    let group = aws_sdk_sqs::types::MessageSystemAttributeName::MessageGroupId;
    assert_eq!(dead.attributes().unwrap()[&group], "POKEMONS#a");
}

#[tokio::test]
async fn a_dead_letter_that_cannot_be_moved_is_not_deleted() {
    let (queue, calls) = (TestQueue::standard().await, Calls::default());
    let refused = AtomicUsize::new(0);
    let tampered = Tampered::new(move |operation, _| {
        let first = operation == "SendMessage" && refused.fetch_add(1, Ordering::Relaxed) == 0;
        first.then(|| error(403, "AccessDenied"))
    });
    publish(&queue, &[("a", 1)]).await;
    let tampered_queue = TestQueue { client: tampered.client(&queue.client), ..queue.clone() };
    let letters = Arc::new(AtomicUsize::new(0));
    let told = letters.clone();
    let worker = worker(&tampered_queue, &calls, |_, _| fail())
        .retry_policy(RetryPolicy::NEVER)
        .dead_letter_queue_url(&queue.dead_letters)
        .on_dead_letter(move |_| _ = told.fetch_add(1, Ordering::Relaxed))
        .start()
        .unwrap();
    calls.until(2).await;
    queue.receive(&queue.dead_letters, 1).await;
    queue.until_empty(&queue.url).await;
    assert_eq!((letters.load(Ordering::Relaxed), worker.status().dead_letters), (1, 1), "only after it was moved");
    worker.shutdown().await.unwrap();
}

/// The worker has no dead-letter queue, but the queue has a redrive policy.
#[tokio::test]
async fn redrive_policy_moves_dead_letters_of_the_worker() {
    let (queue, calls) = (TestQueue::with_redrive("", 3).await, Calls::default());
    let letters = Arc::new(AtomicUsize::new(0));
    let told = letters.clone();
    publish(&queue, &[("a", 1)]).await;
    let worker = worker(&queue, &calls, |_, _| fail())
        .retry_policy(RetryPolicy::NEVER)
        .on_dead_letter(move |_| {
            told.fetch_add(1, Ordering::Relaxed);
        })
        .visibility_timeout(Duration::from_secs(1))
        .start()
        .unwrap();
    let dead = queue.receive(&queue.dead_letters, 1).await.remove(0);
    worker.shutdown().await.unwrap();
    assert_eq!(dead.message_attributes().unwrap()["messageId"].string_value(), Some("POKEMONS#a#1"));
    assert_eq!(calls.all().len(), 1, "it was given up after one attempt");
    assert_eq!(letters.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn concurrency_limits_the_running_handlers() {
    let (queue, calls) = (TestQueue::standard().await, Calls::default());
    let running = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    let (now, seen) = (running.clone(), most.clone());
    let messages: Vec<_> = (1..=30).map(|version| ("a", version)).collect();
    publish(&queue, &messages).await;
    let worker = worker(&queue, &calls, move |_, _| {
        let (now, seen) = (now.clone(), seen.clone());
        async move {
            seen.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(50)).await;
            now.fetch_sub(1, Ordering::SeqCst);
            Ok(())
        }
    })
    .concurrency(4)
    .start()
    .unwrap();
    calls.until(30).await;
    queue.until_empty(&queue.url).await;
    worker.shutdown().await.unwrap();
    assert_eq!(most.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn groups_are_handled_at_the_same_time() {
    let (queue, calls) = (TestQueue::fifo().await, Calls::default());
    publish_in_order(&queue, &[("a", 1), ("b", 1), ("a", 2), ("b", 2)]).await;
    // Each message waits for the first message of the other group.
    let both = Arc::new(tokio::sync::Barrier::new(2));
    let worker = ordered_worker(&queue, &calls, move |(_, version), _| {
        let both = both.clone();
        async move {
            if version == 1 {
                both.wait().await;
            }
            Ok(())
        }
    })
    .start()
    .unwrap();
    calls.until(4).await;
    queue.until_empty(&queue.url).await;
    worker.shutdown().await.unwrap();
    let mut names = calls.names();
    names[..2].sort();
    assert_eq!(names[..2], ["a1", "b1"]);
}

/// Messages that wait for an earlier message are also delivered, but such deliveries are not attempts.
#[tokio::test]
async fn waiting_for_an_earlier_message_does_not_count_as_an_attempt() {
    let (queue, calls) = (TestQueue::fifo().await, Calls::default());
    publish_in_order(&queue, &[("a", 1), ("a", 2), ("a", 3)]).await;
    let worker = ordered_worker(&queue, &calls, |(_, version), attempt| async move {
        if version == 1 && attempt < 3 { fail().await } else { Ok(()) }
    })
    .start()
    .unwrap();
    calls.until(5).await;
    queue.until_empty(&queue.url).await;
    worker.shutdown().await.unwrap();
    let expected =
        [(1, 1), (1, 2), (1, 3), (2, 1), (3, 1)].map(|(version, attempt)| ("a".to_owned(), version, attempt));
    assert_eq!(calls.all(), expected);
}

#[tokio::test]
async fn listeners_are_workers() {
    let (queue, calls) = (TestQueue::standard().await, Calls::default());
    publish(&queue, &[("a", 1)]).await;
    let noted = calls.clone();
    let listeners =
        Listeners::<AppQueue>::new().on(Filter::store::<crate::domain::Pokemon>(), move |message, context| {
            noted.note((message.event.aggregate_id.clone(), message.event.version), context.attempt);
            async { Ok(()) }
        });
    let app_queue = AppQueue::new();
    let worker = quick(SqsWorker::builder_with_listeners(queue.client.clone(), &queue.url, &app_queue, listeners))
        .start()
        .unwrap();
    queue.until_empty(&queue.url).await;
    worker.shutdown().await.unwrap();
    assert_eq!(calls.names(), ["a1"]);
}

/// If the visibility timeout could not be extended, SQS delivers the message again, and another worker handles it,
/// too.
#[tokio::test]
async fn message_is_redelivered_if_its_timeout_is_not_extended() {
    let (queue, calls) = (TestQueue::standard().await, Calls::default());
    let tampered = Tampered::new(|operation, _| {
        (operation == "ChangeMessageVisibilityBatch").then(|| Answer::Http(503, String::new()))
    });
    publish(&queue, &[("a", 1)]).await;
    let tampered_queue = TestQueue { client: tampered.client(&queue.client), ..queue.clone() };
    let worker = worker(&tampered_queue, &calls, |_, _| slow()).start().unwrap();
    let tried = || tampered.seen("ChangeMessageVisibilityBatch").len();
    until("it is tried again and again, and called twice", async || calls.all().len() >= 2 && tried() > 2).await;
    worker.abort().await;
}

/// The queue receives messages from a bus that wraps them in envelopes.
#[tokio::test]
async fn envelopes_are_opened() {
    let (queue, calls) = (TestQueue::standard().await, Calls::default());
    let replays = Arc::new(AtomicUsize::new(0));
    let (noted, count) = (calls.clone(), replays.clone());
    let listeners = Listeners::<AppBus>::new().on(Filter::all().on_replay(true), move |message, context| {
        let AppBusMessage::Pokemon(message) = &*message;
        noted.note((message.event.aggregate_id.clone(), message.event.version), context.attempt);
        count.fetch_add(context.replay.into(), Ordering::Relaxed);
        async { Ok(()) }
    });
    let open = |body: &str| {
        let envelope: Value = serde_json::from_str(body).ok()?;
        Some(EnvelopeContent::new(envelope.get("detail")?.to_string(), envelope["replay"] == true))
    };
    let message = serde_json::to_value(appeared::<AppBusMessage>("a", 1)).unwrap();
    for body in [json!({ "detail": message, "replay": true }), json!({ "detail": message }), message.clone()] {
        queue.client.send_message().queue_url(&queue.url).message_body(body.to_string()).send().await.unwrap();
    }
    let app_bus = AppBus::new();
    let worker = SqsWorker::builder_behind_bus(queue.client.clone(), &queue.url, &app_bus, listeners, open);
    let worker = quick(worker).dead_letter_queue_url(&queue.dead_letters).start().unwrap();
    calls.until(2).await;
    let dead = queue.receive(&queue.dead_letters, 1).await;
    queue.until_empty(&queue.url).await;
    worker.shutdown().await.unwrap();
    assert_eq!(dead[0].body(), Some(&*message.to_string()), "it has no envelope");
    assert_eq!(replays.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn invalid_options_are_rejected_when_the_worker_is_started() {
    let queue = TestQueue::standard().await;
    let builder = || worker(&queue, &Calls::default(), |_, _| done());
    let text = |builder: SqsWorkerBuilder<AppQueue>| builder.start().unwrap_err().to_string();
    assert_eq!(text(builder().concurrency(0)), "invalid option `concurrency`: must be at least 1");
    assert_eq!(text(builder().attempts(0)), "invalid option `attempts`: must be at least 1");
    for invalid in [Duration::ZERO, Duration::from_millis(20_001)] {
        let error = text(builder().wait_time(invalid));
        assert_eq!(error, "invalid option `wait_time`: must be between 1 and 20 seconds");
    }
    for invalid in [Duration::from_millis(999), Duration::from_secs(43_201)] {
        let error = text(builder().visibility_timeout(invalid));
        assert_eq!(error, "invalid option `visibility_timeout`: must be between 1 second and 12 hours");
    }
}
