//! The event store of the recorded golden files, and channels for its messages.

use castore::{Event, event_store, message_channel};
use castore_core::channel::{
    AggregateExistsMessageQueue, NotificationMessageBus, NotificationMessageQueue, PublishMessageOptions,
    StateCarryingMessageQueue,
};
use castore_core::event::EventDetail;
use castore_core::event_sourced::{ReduceError, Reducer};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Event)]
#[event(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum PokemonEvent {
    Appeared { name: String, level: u32 },
    LeveledUp,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<String>,
}

impl Reducer for Pokemon {
    fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(Self { name: "Pikachu".to_owned(), level: 1, status: None })
    }
}

message_channel! {
    pub(crate) type AppQueue = NotificationMessageQueue<Pokemon>;
    #[channel(order = "per_aggregate")]
    pub(crate) type OrderedQueue = NotificationMessageQueue<Pokemon>;
    pub(crate) type AppBus = NotificationMessageBus<Pokemon>;
    #[channel(order = "per_aggregate")]
    pub(crate) type OrderedBus = NotificationMessageBus<Pokemon>;
    pub(crate) type StateQueue = StateCarryingMessageQueue<Pokemon>;
    pub(crate) type ExistsQueue = AggregateExistsMessageQueue<Pokemon>;
}

pub(crate) const LIVE: PublishMessageOptions = PublishMessageOptions::new();
pub(crate) const REPLAY: PublishMessageOptions = PublishMessageOptions::new().replay(true);

/// Returns a notification as a message of one of the channels in this file.
pub(crate) fn appeared<M: DeserializeOwned>(aggregate_id: &str, version: u64) -> M {
    named(aggregate_id, version, "Pikachu")
}

pub(crate) fn leveled_up<M: DeserializeOwned>(aggregate_id: &str, version: u64) -> M {
    let json = serde_json::json!({
        "eventStoreId": "POKEMONS",
        "event": {
            "aggregateId": aggregate_id,
            "version": version,
            "type": "LEVELED_UP",
            "timestamp": "2021-01-01T00:00:00.000Z",
        },
    });
    serde_json::from_value(json).unwrap()
}

pub(crate) fn named<M: DeserializeOwned>(aggregate_id: &str, version: u64, name: &str) -> M {
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
