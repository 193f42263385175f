//! The event stores of the cases that were recorded from the original package, and a channel for each kind of message.

use castore::message::{AnyMessage, ChannelMessage};
use castore::prelude::*;
use castore::testing::RecordingMessageChannelAdapter;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Event)]
#[event(rename_all = "SCREAMING_SNAKE_CASE")]
#[serde(rename_all_fields = "camelCase")]
pub enum PokemonEvent {
    Appeared { name: String, level: u32 },
    CaughtByTrainer { trainer_id: String },
    LeveledUp,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trigger {
    pub trigger: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "POKEMONS", event = PokemonEvent, metadata = Trigger)]
pub struct Pokemon {
    pub events: u32,
}

impl Reducer for Pokemon {
    fn reduce(pokemon: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(Self { events: pokemon.map_or(0, |pokemon| pokemon.events) + 1 })
    }
}

#[derive(Debug, Clone, PartialEq, Event)]
#[event(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TrainerEvent {
    GameStarted,
    PokemonCaught,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "TRAINERS", event = TrainerEvent)]
pub struct Trainer {
    pub events: u32,
}

impl Reducer for Trainer {
    fn reduce(trainer: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(Self { events: trainer.map_or(0, |trainer| trainer.events) + 1 })
    }
}

message_channel! {
    pub type AppBus = NotificationMessageBus<Pokemon, Trainer>;
    pub type BackupQueue = StateCarryingMessageQueue<Pokemon, Trainer>;
    pub type CensusBus = AggregateExistsMessageBus<Pokemon, Trainer>;
}

pub type Recording<C> = RecordingMessageChannelAdapter<C>;

pub fn timestamp(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Returns the timestamp that is `millis` milliseconds after a fixed start.
pub fn at(millis: u64) -> Timestamp {
    Timestamp::from_unix_millis(1_600_000_000_000 + i64::try_from(millis).unwrap()).unwrap()
}

pub fn bus() -> (AppBus, Recording<AppBus>) {
    let bus = AppBus::new();
    let recording = Recording::attach_to(&bus);
    (bus, recording)
}

/// Returns the name of a message: `STORE aggregate#version`, or `STORE aggregate` if it has no version.
pub fn name(message: &impl ChannelMessage) -> String {
    let message: &dyn AnyMessage = message.as_message();
    let version = message.version().map_or_else(String::new, |version| format!("#{version}"));
    format!("{} {}{version}", message.event_store_id(), message.aggregate_id())
}

/// Returns the names of the messages that were published since the last call. Panics if a message is not marked as a
/// replay.
pub fn names<C: MessageChannel>(recording: &Recording<C>) -> Vec<String> {
    let messages = recording.take();
    assert!(messages.iter().all(|message| message.replay));
    messages.iter().map(|message| name(&message.message)).collect()
}

pub fn pokemon_event(id: &str, version: u64, timestamp: Timestamp) -> EventDetail<Pokemon> {
    let payload = match version {
        1 => PokemonEvent::Appeared { name: "Pikachu".to_owned(), level: 2 },
        2 => PokemonEvent::CaughtByTrainer { trainer_id: "ash".to_owned() },
        _ => PokemonEvent::LeveledUp,
    };
    EventDetail::new(id.to_owned(), version, timestamp, payload)
}

pub fn trainer_event(id: &str, version: u64, timestamp: Timestamp) -> EventDetail<Trainer> {
    let payload = if version == 1 { TrainerEvent::GameStarted } else { TrainerEvent::PokemonCaught };
    EventDetail::new(id.to_owned(), version, timestamp, payload)
}

pub fn pokemons(events: impl IntoIterator<Item = EventDetail<Pokemon>>) -> EventStore<Pokemon> {
    EventStore::new(InMemoryEventStorageAdapter::new().with_events(events).unwrap())
}

pub fn trainers(events: impl IntoIterator<Item = EventDetail<Trainer>>) -> EventStore<Trainer> {
    EventStore::new(InMemoryEventStorageAdapter::new().with_events(events).unwrap())
}
