//! Compares messages with recorded messages of the original TypeScript package.

use std::collections::BTreeMap;
use std::sync::Arc;

use castore_core::channel::{MessageChannelAdapter, MessageQueue};
use castore_core::message::{ChannelMessage, StoredMessage};
use castore_core::storage::RawEvent;
use castore_core::time::Timestamp;
use castore_nats::NatsMessageQueueAdapter;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::domain::{AppQueue, ExistsQueue, LIVE, REPLAY, StateQueue, appeared};
use crate::support::{fresh, header, stored};

#[derive(Deserialize)]
struct Golden {
    kinds: BTreeMap<String, Kind>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kind {
    notification: String,
    state_carrying: String,
    aggregate_exists: String,
}

fn golden() -> BTreeMap<String, Kind> {
    let golden: Golden = serde_json::from_str(include_str!("../../../../tests/golden/messages.json")).unwrap();
    assert!(golden.kinds.len() > 20);
    golden.kinds
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Notification<'a> {
    event_store_id: String,
    #[serde(borrow)]
    event: Event<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    aggregate_id: String,
    version: u64,
    r#type: String,
    timestamp: Timestamp,
    #[serde(borrow, default)]
    payload: Option<&'a RawValue>,
    #[serde(borrow, default)]
    metadata: Option<&'a RawValue>,
}

fn raw<M: ChannelMessage>(json: &str) -> StoredMessage<M> {
    let Notification { event_store_id, event } = serde_json::from_str(json).unwrap();
    // `null` is a payload, but serde would read it as `None`.
    let text = |value: Option<&RawValue>, name: &str| {
        value.map(ToOwned::to_owned).or_else(|| {
            let null = format!("\"{name}\":null");
            json.contains(&null).then(|| RawValue::from_string("null".to_owned()).unwrap())
        })
    };
    StoredMessage::notification(
        Arc::from(event_store_id),
        RawEvent {
            aggregate_id: event.aggregate_id,
            version: event.version,
            event_type: event.r#type.into(),
            timestamp: event.timestamp,
            payload: text(event.payload, "payload"),
            metadata: text(event.metadata, "metadata"),
        },
    )
}

/// Relays send exactly the same bytes as the original package, regardless of the content.
#[tokio::test]
async fn stored_messages_are_the_originals() {
    let (client, streams) = fresh().await;
    let adapter = NatsMessageQueueAdapter::<AppQueue>::connect(client.clone(), &streams.0).await.unwrap();
    let expected: Vec<String> = golden().into_values().map(|kind| kind.notification).collect();
    let notifications = expected.iter().map(|json| raw(json)).collect();
    adapter.publish_stored_messages(notifications, LIVE).await.unwrap();
    let mut bodies: Vec<_> = stored(&client, &streams.0).await.into_iter().map(|message| message.payload).collect();
    let mut expected: Vec<_> = expected.into_iter().map(String::into_bytes).collect();
    // Aggregates are published concurrently.
    bodies.sort();
    expected.sort();
    assert_eq!(bodies.len(), expected.len());
    for (body, expected) in bodies.iter().zip(&expected) {
        assert_eq!(body, expected, "{}", String::from_utf8_lossy(expected));
    }
}

/// Publishes a recorded message, and compares the stored message with it.
async fn same<C: MessageQueue<Message: Serialize + DeserializeOwned>>(json: &str) {
    let (client, streams) = fresh().await;
    let adapter = NatsMessageQueueAdapter::<C>::connect(client.clone(), &streams.0).await.unwrap();
    adapter.publish_message(serde_json::from_str(json).unwrap(), LIVE).await.unwrap();
    let stored = stored(&client, &streams.0).await;
    let body: Value = serde_json::from_slice(&stored[0].payload).unwrap();
    assert_eq!(body, serde_json::from_str::<Value>(json).unwrap());
}

#[tokio::test]
async fn typed_messages_are_the_originals() {
    let golden = golden();
    for name in ["noPayloadNoMetadata", "payloadOnly", "metadataOnly", "payloadAndMetadata", "idWithHash"] {
        let kind = &golden[name];
        same::<AppQueue>(&kind.notification).await;
        same::<StateQueue>(&kind.state_carrying).await;
        same::<ExistsQueue>(&kind.aggregate_exists).await;
    }
    for name in ["unicode", "emptyAggregateId", "bigVersion"] {
        same::<ExistsQueue>(&golden[name].aggregate_exists).await;
    }
}

#[tokio::test]
async fn subjects_and_headers_contain_the_routing_data() {
    let (client, streams) = fresh().await;
    let adapter = NatsMessageQueueAdapter::<AppQueue>::connect(client.clone(), &streams.0).await.unwrap();
    adapter.publish_message(appeared("a", 1), LIVE).await.unwrap();
    adapter.publish_message(appeared("a", 1), REPLAY).await.unwrap();
    let stored = stored(&client, &streams.0).await;
    let prefix = &streams.0;
    assert_eq!(stored[0].subject.as_str(), format!("{prefix}.POKEMONS.APPEARED.live"));
    assert_eq!(header(&stored[0], "Nats-Msg-Id"), Some("POKEMONS#a#1"));
    assert_eq!(header(&stored[0], "Castore-Replay"), None);
    assert_eq!(stored[1].subject.as_str(), format!("{prefix}.POKEMONS.APPEARED.replay"));
    assert!(header(&stored[1], "Nats-Msg-Id").unwrap().starts_with("POKEMONS#a#1#replay#"));
    assert_eq!(header(&stored[1], "Castore-Replay"), Some("true"));
}
