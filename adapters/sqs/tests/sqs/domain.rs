//! The event store that the original was recorded with, and queues for its messages.

use std::sync::Arc;

use castore::prelude::*;
use castore_runtime::channel::{PublishMessageOptions, RawNotification};
use castore_runtime::storage::RawEvent;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

#[derive(Debug, Clone, PartialEq, Event)]
#[event(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum PokemonEvent {
    Appeared { name: String, level: u32 },
    CaughtByTrainer(CaughtByTrainer),
    LevelledUp,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CaughtByTrainer {
    pub(crate) trainer_id: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Trigger {
    pub(crate) trigger: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "POKEMONS", event = PokemonEvent, metadata = Trigger)]
pub(crate) struct Pokemon {
    pub(crate) name: String,
    pub(crate) level: u32,
    pub(crate) status: String,
}

impl Reducer for Pokemon {
    fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Err(ReduceError::new(event, "nobody asks"))
    }
}

message_channel! {
    pub(crate) type AppQueue = NotificationMessageQueue<Pokemon>;
    #[channel(order = "per_aggregate")]
    pub(crate) type OrderedQueue = NotificationMessageQueue<Pokemon>;
    pub(crate) type StateQueue = StateCarryingMessageQueue<Pokemon>;
    pub(crate) type ExistsQueue = AggregateExistsMessageQueue<Pokemon>;
}

pub(crate) const REPLAY: PublishMessageOptions = PublishMessageOptions { replay: true };
pub(crate) const LIVE: PublishMessageOptions = PublishMessageOptions { replay: false };

/// A notification, as the channels of this file carry it.
pub(crate) fn appeared<M: for<'de> Deserialize<'de>>(aggregate_id: &str, version: u64) -> M {
    named(aggregate_id, version, "Pikachu")
}

pub(crate) fn named<M: for<'de> Deserialize<'de>>(aggregate_id: &str, version: u64, name: &str) -> M {
    let json = serde_json::json!({
        "eventStoreId": "POKEMONS",
        "event": {
            "aggregateId": aggregate_id,
            "version": version,
            "type": "APPEARED",
            "timestamp": "2021-01-01T00:00:00.000Z",
            "payload": { "name": name, "level": 2 },
        },
    });
    serde_json::from_value(json).unwrap()
}

/// The name and the version in a message.
pub(crate) fn key(message: &AppQueueMessage) -> (String, u64) {
    let AppQueueMessage::Pokemon(message) = message;
    (message.event.aggregate_id.clone(), message.event.version)
}

pub(crate) fn ordered_key(message: &OrderedQueueMessage) -> (String, u64) {
    let OrderedQueueMessage::Pokemon(message) = message;
    (message.event.aggregate_id.clone(), message.event.version)
}

/// A notification of an event type that this program does not know.
pub(crate) fn raw(aggregate_id: &str, version: u64, payload: &str) -> RawNotification {
    RawNotification {
        event_store_id: Arc::from("POKEMONS"),
        event: RawEvent {
            aggregate_id: aggregate_id.to_owned(),
            version,
            event_type: "UNKNOWN_HERE".into(),
            timestamp: "2021-01-01T00:00:00.000Z".parse().unwrap(),
            payload: Some(RawValue::from_string(payload.to_owned()).unwrap()),
            metadata: None,
        },
    }
}
