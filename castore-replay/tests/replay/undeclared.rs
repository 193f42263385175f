//! Tests of fields that stored events contain but their types do not declare. A newer program, or a program in another
//! language, may have written such fields.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use castore::channel::Unordered;
use castore::channel::{AdapterFor, MessageChannelAdapter, PublishMessageOptions, Topology};
use castore::message::{ChannelMessage, StoredMessage};
use castore::prelude::*;
use castore::storage::{EventStorageAdapter, PushOptions, RawEvent};
use castore_replay::{pour_aggregate_events, pour_event_store_collection_events, pour_event_store_events};

use crate::domain::{AppBus, BackupQueue, BackupQueueSources, Pokemon, at};

const PAYLOAD: &str = r#"{"name":"Pikachu",  "level":2, "region":{"big":123456789012345678901234567890,"f":1.10}}"#;
const METADATA: &str = r#"{"trigger":"t","user":"ash"}"#;

/// A channel adapter that keeps the JSON that a broker would carry.
#[derive(Debug, Clone, Default)]
struct Broker(Arc<Mutex<Vec<String>>>);

#[async_trait]
impl<M: ChannelMessage> MessageChannelAdapter<M> for Broker {
    async fn publish_message(&self, _: M, _: PublishMessageOptions) -> Result<(), PublishError> {
        Err(PublishError::Broker("decoded".into()))
    }

    async fn publish_stored_messages(
        &self,
        messages: Vec<StoredMessage<M>>,
        options: PublishMessageOptions,
    ) -> Result<(), PublishError> {
        assert!(options.replay);
        let json = messages.iter().map(|message| serde_json::to_string(message).unwrap());
        self.0.lock().unwrap().extend(json);
        Ok(())
    }
}

impl<T: Topology> AdapterFor<T> for Broker {
    type Order = Unordered;
}
#[tokio::test]
async fn undeclared_fields_survive_all_pours() {
    let storage = InMemoryEventStorageAdapter::new();
    let json = |text: &str| serde_json::value::RawValue::from_string(text.to_owned()).unwrap();
    let event = RawEvent {
        aggregate_id: "p".to_owned(),
        version: 1,
        event_type: "APPEARED".into(),
        timestamp: at(1),
        payload: Some(json(PAYLOAD)),
        metadata: Some(json(METADATA)),
    };
    storage.push_event("POKEMONS", event, PushOptions::default()).await.unwrap();
    let pokemons = EventStore::<Pokemon>::new(storage);
    let (bus, broker) = (AppBus::new(), Broker::default());
    bus.set_adapter(broker.clone());
    pour_aggregate_events(&pokemons, "p", &bus).await.unwrap();
    pour_event_store_events(&pokemons, &bus).await.unwrap();
    pour_event_store_collection_events((&pokemons,), &bus).await.unwrap();
    // The pour of one aggregate computes the aggregate from its events. The pour of a store also computes the
    // aggregates from the events, and loads none.
    let backup = BackupQueue::new(BackupQueueSources {
        pokemon: pokemons.clone(),
        trainer: EventStore::new(InMemoryEventStorageAdapter::new()),
    });
    backup.set_adapter(broker.clone());
    pour_aggregate_events(&pokemons, "p", &backup).await.unwrap();
    pour_event_store_events(&pokemons, &backup).await.unwrap();
    let published = broker.0.lock().unwrap().clone();
    assert_eq!(published.len(), 5);
    for (index, message) in published.into_iter().enumerate() {
        assert_eq!(message.contains(r#""aggregate":{"aggregateId":"p","version":1,"#), index >= 3, "{message}");
        assert!(message.contains(&format!(r#""payload":{PAYLOAD},"metadata":{METADATA}"#)), "{message}");
    }
}
