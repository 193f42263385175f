// Four event stores, and the imports of all cases. The file is included into each case, so that the types belong to the
// crate of the case, as in a user's program.

use castore::prelude::*;
use serde::{Deserialize, Serialize};
use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

#[derive(Debug, Clone, PartialEq, Event)]
pub enum PokemonEvent {
    Appeared { name: String },
    LeveledUp,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "POKEMONS", event = PokemonEvent)]
pub struct Pokemon {
    pub level: u32,
}

impl Reducer for Pokemon {
    fn reduce(pokemon: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        match (pokemon, &event.payload) {
            (None, PokemonEvent::Appeared { .. }) => Ok(Self { level: 1 }),
            (Some(pokemon), PokemonEvent::LeveledUp) => Ok(Self { level: pokemon.level + 1 }),
            _ => Err(event.unexpected()),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Event)]
pub enum TrainerEvent {
    Joined,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "TRAINERS", event = TrainerEvent)]
pub struct Trainer {
    pub victories: u32,
}

impl Reducer for Trainer {
    fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(Self { victories: 0 })
    }
}

#[derive(Debug, Clone, PartialEq, Event)]
pub enum BattleEvent {
    Started,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "BATTLES", event = BattleEvent)]
pub struct Battle {
    pub turns: u32,
}

impl Reducer for Battle {
    fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(Self { turns: 0 })
    }
}

#[derive(Debug, Clone, PartialEq, Event)]
pub enum GymEvent {
    Opened,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "GYMS", event = GymEvent, aggregate_id = GymId)]
pub struct Gym {
    pub badge: String,
}

impl Reducer for Gym {
    fn reduce(_: Option<Self>, _: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(Self { badge: "Boulder".to_owned() })
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct GymId(pub String);

impl fmt::Display for GymId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl FromStr for GymId {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}
