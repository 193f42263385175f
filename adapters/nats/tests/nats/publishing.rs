//! Tests of deduplication and of shutdown.

use std::sync::Arc;
use std::time::Duration;

use castore_core::channel::{MessageChannel, MessageChannelAdapter, PublishError};
use castore_core::message::StoredMessage;
use castore_core::storage::RawEvent;
use castore_nats::{NatsMessageQueueAdapter, NatsPartitionedMessageQueueAdapter};
use serde_json::value::RawValue;

use crate::domain::{AppQueue, AppQueueMessage, ExistsQueue, LIVE, OrderedQueue, REPLAY, appeared};
use crate::support::{fresh, stored, until};

#[tokio::test]
async fn duplicates_are_dropped_and_replays_are_not() {
    let (client, streams) = fresh().await;
    let adapter = NatsMessageQueueAdapter::<AppQueue>::connect(client.clone(), &streams.0).await.unwrap();
    let count = async || stored(&client, &streams.0).await.len();
    for _ in 0..3 {
        adapter.publish_message(appeared("a", 1), LIVE).await.unwrap();
        adapter.publish_messages(vec![appeared("a", 1), appeared("a", 2), appeared("a#1", 2)], LIVE).await.unwrap();
    }
    assert_eq!(count().await, 3);
    adapter.publish_message(appeared("a", 1), REPLAY).await.unwrap();
    adapter.publish_message(appeared("a", 1), REPLAY).await.unwrap();
    adapter.publish_messages(vec![appeared("a", 1), appeared("a", 2)], REPLAY).await.unwrap();
    assert_eq!(count().await, 3 + 4);
}

/// If a relay of this process missed the response, another process may publish the message again. The second message is
/// dropped as a duplicate.
#[tokio::test]
async fn raw_and_typed_messages_are_the_same_messages() {
    let (client, streams) = fresh().await;
    let adapter =
        NatsPartitionedMessageQueueAdapter::<OrderedQueue>::connect(client.clone(), &streams.0).await.unwrap();
    adapter.publish_message(appeared("a", 1), LIVE).await.unwrap();
    let event = |event_type: &'static str| RawEvent {
        aggregate_id: "a".to_owned(),
        version: 1,
        event_type: event_type.into(),
        timestamp: "2021-01-01T00:00:00.000Z".parse().unwrap(),
        payload: Some(RawValue::from_string("{\"name\":\"Pikachu\",\"level\":2}".to_owned()).unwrap()),
        metadata: None,
    };
    let raw = StoredMessage::notification(Arc::from("POKEMONS"), event("APPEARED"));
    adapter.publish_stored_messages(vec![raw], LIVE).await.unwrap();
    assert_eq!(stored(&client, &streams.0).await.len(), 1);
    // A notification with an unknown event type is published.
    let mut unknown = StoredMessage::notification(Arc::from("POKEMONS"), event("UNKNOWN.HERE"));
    unknown.event.version = 2;
    adapter.publish_stored_messages(vec![unknown], LIVE).await.unwrap();
    let stored = stored(&client, &streams.0).await;
    assert!(stored[1].subject.as_str().starts_with(&format!("{}.POKEMONS.UNKNOWN%2EHERE.live.", streams.0)));
}

/// Programs publish messages without a version explicitly, so publishing them again is deliberate.
#[tokio::test]
async fn messages_without_version_are_never_dropped() {
    let (client, streams) = fresh().await;
    let adapter = NatsMessageQueueAdapter::<ExistsQueue>::connect(client.clone(), &streams.0).await.unwrap();
    let json = r#"{"eventStoreId":"POKEMONS","aggregateId":"a","initialEventTimestamp":"2021-01-01T00:00:00.000Z"}"#;
    for options in [LIVE, LIVE, REPLAY] {
        adapter.publish_message(serde_json::from_str(json).unwrap(), options).await.unwrap();
    }
    let stored = stored(&client, &streams.0).await;
    assert_eq!(stored.len(), 3);
    assert_eq!(stored[0].subject.as_str(), format!("{}.POKEMONS.~exists.live", streams.0));
}

#[tokio::test]
async fn duplicate_window_expires() {
    let (client, streams) = fresh().await;
    let builder = NatsMessageQueueAdapter::<AppQueue>::builder(client.clone(), &streams.0);
    let adapter = builder.duplicate_window(Duration::from_millis(200)).connect().await.unwrap();
    until("the same message is stored again", async || {
        adapter.publish_message(appeared("a", 1), LIVE).await.unwrap();
        stored(&client, &streams.0).await.len() == 2
    })
    .await;
}

#[tokio::test]
async fn publishing_after_shutdown_is_rejected() {
    let (client, streams) = fresh().await;
    let queue = AppQueue::new();
    let adapter = NatsMessageQueueAdapter::attach_to(&queue, client.clone(), &streams.0).await.unwrap();
    let publishers: Vec<_> = (0..20)
        .map(|number| {
            let queue = queue.clone();
            tokio::spawn(async move {
                queue
                    .publish_messages(vec![
                        appeared::<AppQueueMessage>(&format!("a{number}"), 1),
                        appeared("b", number + 1),
                    ])
                    .await
            })
        })
        .collect();
    adapter.shutdown().await;
    adapter.shutdown().await;
    let mut published = 0;
    for publisher in publishers {
        published += match publisher.await.unwrap() {
            Ok(()) => 2,
            Err(PublishError::ShutDown) => 0,
            Err(PublishError::Rejected { rejected, total: 2 }) => {
                assert!(rejected.iter().all(|refused| !refused.permanent), "{rejected:?}");
                2 - rejected.len()
            }
            Err(error) => panic!("{error:?}"),
        };
    }
    assert_eq!(stored(&client, &streams.0).await.len(), published);
    let late = queue.publish_message(appeared::<AppQueueMessage>("late", 1)).await;
    assert!(matches!(late, Err(PublishError::ShutDown)), "{late:?}");
}
