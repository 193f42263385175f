//! Tests of deduplication on FIFO queues of the emulator.

use castore_core::channel::MessageChannelAdapter;
use castore_sqs::{QueueUrl, SqsFifoMessageQueueAdapter};

use crate::domain::{LIVE, OrderedQueue, REPLAY, appeared};
use crate::support::TestQueue;

#[tokio::test]
async fn duplicates_are_dropped_and_replays_are_not() {
    let queue = TestQueue::fifo().await;
    let adapter = SqsFifoMessageQueueAdapter::<OrderedQueue>::new(queue.client.clone(), &queue.url);
    for options in [LIVE, LIVE, REPLAY, REPLAY] {
        adapter.publish_message(appeared("a", 1), options.clone()).await.unwrap();
        adapter.publish_messages(vec![appeared("b", 1), appeared("b", 2)], options).await.unwrap();
    }
    // Each message arrives once live, and twice as a replay.
    let mut found = Vec::new();
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(20);
    while found.len() < 9 && tokio::time::Instant::now() < deadline {
        for message in queue.poll(&queue.url, 1).await {
            let attributes = message.message_attributes.unwrap();
            let id = attributes["messageId"].string_value().unwrap().to_owned();
            let replay = attributes.get("replay").map(|replay| {
                assert_eq!((replay.data_type(), replay.string_value()), ("Number", Some("1")));
            });
            found.push((id, replay.is_some()));
            let delete = queue.client.delete_message().queue_url(&queue.url);
            delete.receipt_handle(message.receipt_handle.unwrap()).send().await.unwrap();
        }
    }
    found.sort();
    let mut expected: Vec<_> = ["POKEMONS#a#1", "POKEMONS#b#1", "POKEMONS#b#2"]
        .into_iter()
        .flat_map(|id| [(id.to_owned(), false), (id.to_owned(), true), (id.to_owned(), true)])
        .collect();
    expected.sort();
    assert_eq!(found, expected);
    queue.until_empty(&queue.url).await;
}

#[tokio::test]
async fn invalid_ids_are_hashed() {
    let queue = TestQueue::fifo().await;
    let adapter = SqsFifoMessageQueueAdapter::<OrderedQueue>::new(queue.client.clone(), &queue.url);
    let long = "x".repeat(500);
    for aggregate_id in [&*long, "日本 語", "nul\0"] {
        adapter.publish_message(appeared(aggregate_id, 1), LIVE).await.unwrap();
        adapter.publish_message(appeared(aggregate_id, 1), LIVE).await.unwrap();
    }
    assert_eq!(queue.receive(&queue.url, 3).await.len(), 3);
    assert_eq!(queue.poll(&queue.url, 0).await.len(), 0);
}

#[tokio::test]
async fn queue_url_is_looked_up_by_name() {
    let queue = TestQueue::fifo().await;
    let name = queue.url.rsplit('/').next().unwrap();
    let adapter = SqsFifoMessageQueueAdapter::<OrderedQueue>::new(queue.client.clone(), QueueUrl::named(name));
    adapter.publish_message(appeared("a", 1), LIVE).await.unwrap();
    assert_eq!(queue.receive(&queue.url, 1).await.len(), 1);
    let unknown = SqsFifoMessageQueueAdapter::<OrderedQueue>::new(queue.client.clone(), QueueUrl::named("other.fifo"));
    let error = unknown.publish_message(appeared("a", 1), LIVE).await.unwrap_err();
    let text = castore_core::error::error_chain(&error);
    assert!(text.contains("the URL of queue other.fifo could not be looked up: GetQueueUrl of SQS failed"), "{text}");
}
