// The example domain. The examples of the guide include this file in a hidden line.
#[allow(unused_imports)]
use castore::prelude::*;
#[allow(unused_imports)]
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Event)]
#[event(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PokemonEvent {
    Appeared { name: String, level: u32 },
    LeveledUp,
    CaughtByTrainer { trainer_id: String },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "POKEMONS", event = PokemonEvent)]
pub struct Pokemon {
    pub name: String,
    pub level: u32,
    pub trainer_id: Option<String>,
}

impl Reducer for Pokemon {
    fn reduce(
        pokemon: Option<Self>,
        event: &EventDetail<Self>,
    ) -> Result<Self, ReduceError> {
        Ok(match (pokemon, &event.payload) {
            (None, PokemonEvent::Appeared { name, level }) => {
                Pokemon { name: name.clone(), level: *level, trainer_id: None }
            }
            (Some(pokemon), PokemonEvent::LeveledUp) => {
                Pokemon { level: pokemon.level + 1, ..pokemon }
            }
            (Some(pokemon), PokemonEvent::CaughtByTrainer { trainer_id })
                if pokemon.trainer_id.is_none() =>
            {
                Pokemon { trainer_id: Some(trainer_id.clone()), ..pokemon }
            }
            (_, _) => return Err(event.unexpected()),
        })
    }
}

#[derive(Debug, Clone, PartialEq, Event)]
#[event(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TrainerEvent {
    GameStarted { trainer_name: String },
    PokemonCaught { pokemon_id: String },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "TRAINERS", event = TrainerEvent)]
pub struct Trainer {
    pub trainer_name: String,
    pub caught: u32,
}

impl Reducer for Trainer {
    fn reduce(
        trainer: Option<Self>,
        event: &EventDetail<Self>,
    ) -> Result<Self, ReduceError> {
        Ok(match (trainer, &event.payload) {
            (None, TrainerEvent::GameStarted { trainer_name }) => {
                Trainer { trainer_name: trainer_name.clone(), caught: 0 }
            }
            (Some(trainer), TrainerEvent::PokemonCaught { .. }) => {
                Trainer { caught: trainer.caught + 1, ..trainer }
            }
            (_, _) => return Err(event.unexpected()),
        })
    }
}

message_channel! {
    /// Notifications of all events of the game.
    pub type AppBus = NotificationMessageBus<Pokemon, Trainer>;

    /// Events and states for the backup service.
    #[channel(order = "per_aggregate")]
    pub type BackupQueue = StateCarryingMessageQueue<Pokemon, Trainer>;
}
