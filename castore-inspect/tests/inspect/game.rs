//! The program that the tests describe.

use castore::prelude::*;
use castore::projection::ReadModel;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Event)]
#[event(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PokemonEvent {
    #[serde(rename_all = "camelCase")]
    Appeared {
        name: String,
        level: u32,
        #[serde(default)]
        is_wild: bool,
        #[serde(alias = "move")]
        moves: Vec<Move>,
        place: Foreign,
    },
    Caught(Caught),
    LeveledUp,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Shape)]
#[serde(rename_all = "camelCase")]
pub struct Caught {
    pub trainer_id: String,
    pub at: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Shape)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Move {
    Tackle,
    Bolt { power: u8 },
}

/// A type without a shape.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Foreign(pub u8);

/// A recursive type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Shape)]
pub struct Team {
    pub members: Vec<Team>,
    pub leader: Option<Box<Team>>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "POKEMONS", event = PokemonEvent)]
pub struct Pokemon {
    pub name: String,
    pub level: u32,
    pub team: Option<Team>,
    #[cfg(any())]
    pub gone: NoSuchType,
}

impl Reducer for Pokemon {
    fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Err(event.unexpected())
    }
}

#[derive(Debug, Clone, PartialEq, Event)]
#[event(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TrainerEvent {
    Started { name: String },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Shape)]
pub struct Trigger {
    pub user: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "TRAINERS", event = TrainerEvent, metadata = Trigger)]
pub struct Trainer {
    pub name: String,
}

impl Reducer for Trainer {
    fn reduce(_: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Err(event.unexpected())
    }
}

message_channel! {
    pub type AppBus = NotificationMessageBus<Pokemon, Trainer>;
    pub type MailQueue = NotificationMessageQueue<Pokemon>;
    #[channel(order = "per_aggregate")]
    pub type BackupQueue = StateCarryingMessageQueue<Pokemon, Trainer>;
    pub type CensusBus = AggregateExistsMessageBus<Pokemon>;
}

#[command(id = "LEVEL_UP")]
pub async fn level_up(id: &str, pokemons: &impl Store<Pokemon>) -> Result<(), PushEventError> {
    pokemons.push_event(NewEvent::new(id, 2, PokemonEvent::LeveledUp)).await.map(drop)
}

pub struct Catches;

impl ReadModel for Catches {
    const NAME: &'static str = "catches";
    const VERSION: u32 = 2;
    type Event = AppBusMessage;
}

wiring! {
    /// The whole game.
    pub struct Game;
    stores: [Pokemon, Trainer],
    channels: [AppBus, MailQueue, BackupQueue, CensusBus],
    consumers: [mailer on MailQueue, screen on AppBus, backup on BackupQueue in_order],
    commands: [level_up],
    read_models: [Catches],
    relays: ["GAME" publishes AppBus],
    elsewhere: [CensusBus],
}
