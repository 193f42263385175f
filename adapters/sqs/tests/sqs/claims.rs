//! Tests of large messages that are stored elsewhere.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use castore_conformance::async_trait;
use castore_core::channel::{ClaimCheck, ClaimCheckError, ClaimedMessage, MessageChannelAdapter, PublishError};
use castore_sqs::{
    ReadMessageError, SqsFifoMessageQueueAdapter, SqsLambdaHandler, SqsMessageQueueAdapter, SqsMessageQueueMessage,
    SqsMessageQueueRecord,
};
use futures_util::StreamExt as _;
use serde_json::{Value, json};

use crate::canned::{Canned, FIFO_URL, URL};
use crate::domain::{AppQueue, AppQueueMessage, LIVE, OrderedQueue, named, ordered_worker, worker};
use crate::support::{Calls, TestQueue};

/// A claim check that stores messages in memory.
#[derive(Debug, Default)]
struct Cloakroom {
    kept: Mutex<HashMap<String, String>>,
    /// The number of further requests that fail.
    closed: AtomicU32,
    /// Whether the next request panics.
    panics: AtomicBool,
}

#[async_trait]
impl ClaimCheck for Cloakroom {
    async fn check_in(&self, message: ClaimedMessage<'_>, json: String) -> Result<String, ClaimCheckError> {
        if self.closed.load(Ordering::Relaxed) > 0 {
            self.closed.fetch_sub(1, Ordering::Relaxed);
            return Err(ClaimCheckError::new("closed"));
        }
        let key = format!("{}/{}/{:?}", message.event_store_id, message.aggregate_id, message.version);
        let pointer = json!({ "pointer": key }).to_string();
        self.kept.lock().unwrap().insert(key, json);
        Ok(pointer)
    }

    async fn redeem(&self, json: &str) -> Result<Option<String>, ClaimCheckError> {
        let Ok(value) = serde_json::from_str::<Value>(json) else { return Ok(None) };
        let Some(key) = value["pointer"].as_str() else { return Ok(None) };
        assert!(!self.panics.swap(false, Ordering::Relaxed), "a panic of the test");
        if self.closed.load(Ordering::Relaxed) > 0 {
            self.closed.fetch_sub(1, Ordering::Relaxed);
            return Err(ClaimCheckError::new("closed"));
        }
        let kept = self.kept.lock().unwrap().get(key).cloned();
        kept.map(Some).ok_or_else(|| ClaimCheckError::permanent("nothing there"))
    }
}

fn large<M: for<'de> serde::Deserialize<'de>>(aggregate_id: &str, version: u64) -> M {
    named(aggregate_id, version, &"x".repeat(2_000))
}

#[tokio::test]
async fn pointer_is_sent_instead_of_a_large_message() {
    let cloakroom = Arc::new(Cloakroom::default());
    let canned = Canned::all_well();
    let adapter = SqsFifoMessageQueueAdapter::<OrderedQueue>::builder(canned.client(), FIFO_URL);
    let adapter = adapter.claim_check(cloakroom.clone()).max_message_bytes(1_000).build().unwrap();
    let large = || large("a", 2);
    adapter.publish_message(named("a", 1, "small"), LIVE).await.unwrap();
    adapter.publish_message(large(), LIVE).await.unwrap();
    adapter.publish_messages(vec![large(), named("b", 1, "small")], LIVE).await.unwrap();
    let requests = canned.requests();
    let pointer = json!({ "pointer": "POKEMONS/a/Some(2)" }).to_string();
    assert!(requests[0].1["MessageBody"].as_str().unwrap().contains("small"));
    assert_eq!(requests[1].1["MessageBody"], pointer);
    // Attributes and ids are those of the message.
    assert_eq!(requests[1].1["MessageDeduplicationId"], "POKEMONS#a#2");
    assert_eq!(requests[1].1["MessageAttributes"]["messageId"]["StringValue"], "POKEMONS#a#2");
    assert_eq!(requests[2].1["Entries"][0]["MessageBody"], pointer);
    assert!(requests[2].1["Entries"][1]["MessageBody"].as_str().unwrap().contains("small"));
    let kept = cloakroom.kept.lock().unwrap();
    assert_eq!(kept["POKEMONS/a/Some(2)"], serde_json::to_string(&self::large::<AppQueueMessage>("a", 2)).unwrap());
}

#[tokio::test]
async fn the_threshold_may_be_lower() {
    let canned = Canned::all_well();
    let adapter = SqsMessageQueueAdapter::<AppQueue>::builder(canned.client(), URL);
    let adapter = adapter.claim_check(Arc::new(Cloakroom::default())).claim_check_over(100).build().unwrap();
    adapter.publish_message(named("a", 1, "small"), LIVE).await.unwrap();
    assert!(canned.requests()[0].1["MessageBody"].as_str().unwrap().contains("pointer"));
}

#[tokio::test]
async fn message_that_cannot_be_stored_is_not_sent() {
    let cloakroom = Arc::new(Cloakroom { closed: AtomicU32::new(2), ..Cloakroom::default() });
    let canned = Canned::all_well();
    let adapter = SqsFifoMessageQueueAdapter::<OrderedQueue>::builder(canned.client(), FIFO_URL);
    let adapter = adapter.claim_check(cloakroom).max_message_bytes(1_000).build().unwrap();
    for ended in
        [adapter.publish_message(large("a", 1), LIVE).await, adapter.publish_messages(vec![large("a", 1)], LIVE).await]
    {
        assert!(matches!(&ended, Err(PublishError::Rejected { rejected, .. }) if !rejected[0].permanent), "{ended:?}");
    }
    assert_eq!(canned.requests(), []);
}

/// The worker fetches the message, after a retry if necessary. A message that no longer exists becomes a dead letter.
#[tokio::test]
async fn worker_fetches_stored_messages() {
    let (queue, calls) = (TestQueue::standard().await, Calls::default());
    let cloakroom = Arc::new(Cloakroom::default());
    let adapter = SqsMessageQueueAdapter::<AppQueue>::builder(queue.client.clone(), &queue.url);
    let adapter = adapter.claim_check(cloakroom.clone()).claim_check_over(1_000).build().unwrap();
    adapter.publish_messages(vec![large("a", 1), named("b", 1, "small"), large("gone", 1)], LIVE).await.unwrap();
    cloakroom.kept.lock().unwrap().remove("POKEMONS/gone/Some(1)");
    cloakroom.closed.store(1, Ordering::Relaxed);
    let worker = worker(&queue, &calls, |_, _| async { Ok(()) })
        .claim_check(cloakroom)
        .dead_letter_queue_url(&queue.dead_letters)
        .start()
        .unwrap();
    calls.until(2).await;
    let dead = queue.receive(&queue.dead_letters, 1).await;
    queue.until_empty(&queue.url).await;
    worker.shutdown().await.unwrap();
    let mut names = calls.all();
    names.sort();
    assert_eq!(names, [("a".to_owned(), 1, 1), ("b".to_owned(), 1, 1)]);
    assert_eq!(dead[0].body(), Some(&*json!({ "pointer": "POKEMONS/gone/Some(1)" }).to_string()));
}

/// The message whose claim check panicked is delivered again. The later messages of its group are handled afterwards.
#[tokio::test]
async fn panic_of_a_claim_check_does_not_stop_the_worker() {
    let (queue, calls) = (TestQueue::fifo().await, Calls::default());
    let cloakroom = Arc::new(Cloakroom::default());
    let adapter = SqsFifoMessageQueueAdapter::<OrderedQueue>::builder(queue.client.clone(), &queue.url);
    let adapter = adapter.claim_check(cloakroom.clone()).claim_check_over(1_000).build().unwrap();
    adapter.publish_messages(vec![large("a", 1), named("a", 2, "small")], LIVE).await.unwrap();
    cloakroom.panics.store(true, Ordering::Relaxed);
    let worker = ordered_worker(&queue, &calls, |_, _| async { Ok(()) }).claim_check(cloakroom).start().unwrap();
    calls.until(2).await;
    queue.until_empty(&queue.url).await;
    worker.shutdown().await.unwrap();
    assert_eq!(calls.names(), ["a1", "a2"]);
}

#[tokio::test]
async fn lambda_functions_fetch_stored_messages() {
    let cloakroom = Cloakroom::default();
    let json = serde_json::to_string(&large::<AppQueueMessage>("a", 1)).unwrap();
    let pointer = cloakroom.check_in(ClaimedMessage::new("POKEMONS", "a", Some(1)), json).await.unwrap();
    let event = json!({ "Records": [
        { "messageId": "kept", "body": pointer },
        { "messageId": "gone", "body": r#"{"pointer":"gone"}"# },
    ]});
    let event: aws_lambda_events::event::sqs::SqsEvent = serde_json::from_value(event).unwrap();
    let received = SqsMessageQueueRecord::<AppQueue>::redeem(&event.records[0], &cloakroom).await.unwrap();
    assert_eq!(crate::domain::key(&received.message), ("a".to_owned(), 1));
    let gone = SqsMessageQueueRecord::<AppQueue>::redeem(&event.records[1], &cloakroom).await.unwrap_err();
    assert!(matches!(gone, ReadMessageError::Malformed(_)), "{gone:?}");
    let whole = SqsMessageQueueMessage::<AppQueue>::from(event.clone());
    let redeemed = whole.redeemed_records(&cloakroom).map(|record| record.is_ok()).collect::<Vec<_>>().await;
    assert_eq!(redeemed, [true, false]);
    assert!(whole.records().all(|record| record.is_err()), "pointers are not fetched");
    cloakroom.closed.store(1, Ordering::Relaxed);
    let closed = SqsMessageQueueRecord::<AppQueue>::redeem(&event.records[0], &cloakroom).await.unwrap_err();
    assert!(matches!(closed, ReadMessageError::NotNow(_)), "{closed:?}");
    let handler = SqsLambdaHandler::builder(&AppQueue::new(), |_, _| async { Ok(()) })
        .claim_check(Arc::new(cloakroom))
        .build()
        .unwrap();
    let response = handler.handle(&event).await;
    assert_eq!(response.batch_item_failures.len(), 1);
    assert_eq!(response.batch_item_failures[0].item_identifier, "gone");
}
