//! The event stores of the recorded entries, with arbitrary payloads, and buses of every kind.

use castore::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Debug, Clone, PartialEq, Event)]
#[event(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum PokemonEvent {
    Appeared(Value),
    CaughtByTrainer(Value),
    LeveledUp,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "POKEMONS", event = PokemonEvent, metadata = Value)]
pub(crate) struct Pokemon {
    pub(crate) name: String,
    pub(crate) level: u32,
    pub(crate) status: String,
}

impl Reducer for Pokemon {
    fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Err(event.unexpected())
    }
}

#[derive(Debug, Clone, PartialEq, Event)]
#[event(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum TrainerEvent {
    GameStarted { trainer_name: String },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "TRAINERS", event = TrainerEvent)]
pub(crate) struct Trainer {
    pub(crate) trainer_name: String,
}

impl Reducer for Trainer {
    fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Err(event.unexpected())
    }
}

/// Events with numbers that keep their value only if the JSON text is decoded directly.
#[derive(Debug, Clone, PartialEq, Event)]
pub(crate) enum CounterEvent {
    Counted { total: u128, balance: i128 },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "COUNTERS", event = CounterEvent)]
pub(crate) struct Counter {
    pub(crate) total: u128,
}

impl Reducer for Counter {
    fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Err(event.unexpected())
    }
}

/// The events for which a mail is sent.
#[derive(Debug, Clone, EventSubset)]
#[event_subset(of = PokemonEvent)]
pub(crate) enum Mailed {
    Appeared(Value),
    LeveledUp,
}

message_channel! {
    pub(crate) type CounterBus = NotificationMessageBus<Counter>;
    pub(crate) type AppBus = NotificationMessageBus<Pokemon, Trainer>;
    pub(crate) type StateBus = StateCarryingMessageBus<Pokemon, Trainer>;
    pub(crate) type AggregateBus = AggregateExistsMessageBus<Pokemon, Trainer>;
}

pub(crate) fn state_bus() -> StateBus {
    let storage = InMemoryEventStorageAdapter::new();
    StateBus::new(StateBusSources { pokemon: EventStore::new(storage.clone()), trainer: EventStore::new(storage) })
}

pub(crate) fn leveled_up(aggregate_id: &str, version: u64) -> AppBusMessage {
    let event = json!({
        "aggregateId": aggregate_id,
        "version": version,
        "type": "LEVELED_UP",
        "timestamp": "2024-01-01T00:00:00.000Z",
    });
    message(json!({ "eventStoreId": "POKEMONS", "event": event }))
}

/// Returns a message with a payload of the given length.
pub(crate) fn appeared(aggregate_id: &str, characters: usize) -> AppBusMessage {
    let event = json!({
        "aggregateId": aggregate_id,
        "version": 1,
        "type": "APPEARED",
        "timestamp": "2024-01-01T00:00:00.000Z",
        "payload": { "secret": "s".repeat(characters) },
    });
    message(json!({ "eventStoreId": "POKEMONS", "event": event }))
}

pub(crate) fn message(json: Value) -> AppBusMessage {
    serde_json::from_value(json).unwrap()
}
