//! The event stores of the golden data: POKEMONS and TRAINERS, and a variant of POKEMONS with payloads and states of
//! any shape.

use castore::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub const PIKACHU: &str = "11111111-1111-4111-8111-111111111111";
pub const CHARIZARD: &str = "22222222-2222-4222-8222-222222222222";
pub const ASH: &str = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa";

#[derive(Debug, Clone, PartialEq, Event)]
#[event(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PokemonEvent {
    Appeared {
        name: String,
        level: u32,
    },
    #[serde(rename_all = "camelCase")]
    CaughtByTrainer {
        trainer_id: String,
    },
    LeveledUp,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trigger {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trigger: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Status {
    Wild,
    Caught,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "POKEMONS", event = PokemonEvent, metadata = Trigger)]
#[serde(rename_all = "camelCase")]
pub struct Pokemon {
    pub name: String,
    pub level: u32,
    pub status: Status,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trainer_id: Option<String>,
}

impl Reducer for Pokemon {
    fn reduce(pokemon: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(match (pokemon, &event.payload) {
            (None, PokemonEvent::Appeared { name, level }) => {
                Self { name: name.clone(), level: *level, status: Status::Wild, trainer_id: None }
            }
            (Some(pokemon), PokemonEvent::CaughtByTrainer { trainer_id }) => {
                Self { status: Status::Caught, trainer_id: Some(trainer_id.clone()), ..pokemon }
            }
            (Some(pokemon), PokemonEvent::LeveledUp) => Self { level: pokemon.level + 1, ..pokemon },
            (_, _) => return Err(event.unexpected()),
        })
    }
}

#[derive(Debug, Clone, PartialEq, Event)]
#[event(rename_all = "SCREAMING_SNAKE_CASE")]
#[serde(rename_all_fields = "camelCase")]
pub enum TrainerEvent {
    GameStarted { trainer_name: String },
    PokemonCaught { pokemon_id: String },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "TRAINERS", event = TrainerEvent)]
#[serde(rename_all = "camelCase")]
pub struct Trainer {
    pub name: String,
    pub caught_pokemon_ids: Vec<String>,
    pub caught_pokemons_count: u32,
}

impl Reducer for Trainer {
    fn reduce(trainer: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(match (trainer, &event.payload) {
            (None, TrainerEvent::GameStarted { trainer_name }) => {
                Self { name: trainer_name.clone(), caught_pokemon_ids: Vec::new(), caught_pokemons_count: 0 }
            }
            (Some(mut trainer), TrainerEvent::PokemonCaught { pokemon_id }) => {
                trainer.caught_pokemon_ids.push(pokemon_id.clone());
                trainer.caught_pokemons_count += 1;
                trainer
            }
            (_, _) => return Err(event.unexpected()),
        })
    }
}

/// The events of POKEMONS with payloads of any shape.
#[derive(Debug, Clone, PartialEq, Event)]
#[event(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AnyEvent {
    Appeared(Value),
    CaughtByTrainer(Value),
    LeveledUp,
}

/// A state of any shape.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "POKEMONS", event = AnyEvent, metadata = Value)]
#[serde(transparent)]
pub struct AnyPokemon(pub Map<String, Value>);

impl Reducer for AnyPokemon {
    fn reduce(pokemon: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        let mut state = pokemon.map_or_else(Map::new, |pokemon| pokemon.0);
        if let AnyEvent::Appeared(Value::Object(payload)) = &event.payload {
            state.extend(payload.clone());
        }
        Ok(Self(state))
    }
}

/// Converts the result of a push to the form of the result of Castore's `pushEvent`.
pub fn answer<S: EventSourced + Serialize>(pushed: &PushedEvent<S>) -> Value {
    let mut answer = Map::new();
    answer.insert("event".to_owned(), crate::support::json(&pushed.event));
    if let Some(aggregate) = &pushed.next_aggregate {
        answer.insert("nextAggregate".to_owned(), crate::support::json(aggregate));
    }
    Value::Object(answer)
}

pub fn appeared(name: &str, level: u32) -> PokemonEvent {
    PokemonEvent::Appeared { name: name.to_owned(), level }
}

pub fn caught_by_ash() -> PokemonEvent {
    PokemonEvent::CaughtByTrainer { trainer_id: ASH.to_owned() }
}

pub fn random() -> Trigger {
    Trigger { trigger: Some("random".to_owned()) }
}

/// Returns the first event of Pikachu in the golden data. The functions below return the other events of Pikachu, and
/// the first event of Charizard.
pub fn pikachu_appeared() -> NewEvent<Pokemon> {
    NewEvent::new(PIKACHU, 1, appeared("Pikachu", 2))
        .timestamp(crate::support::timestamp("2021-01-01T00:00:00.000Z"))
        .metadata(random())
}

pub fn pikachu_caught() -> NewEvent<Pokemon> {
    NewEvent::new(PIKACHU, 2, caught_by_ash()).timestamp(crate::support::timestamp("2022-01-01T00:00:00.000Z"))
}

pub fn pikachu_leveled_up() -> NewEvent<Pokemon> {
    NewEvent::new(PIKACHU, 3, PokemonEvent::LeveledUp).timestamp(crate::support::timestamp("2023-07-01T00:00:00.000Z"))
}

pub fn charizard_appeared() -> NewEvent<Pokemon> {
    NewEvent::new(CHARIZARD, 1, appeared("Charizard", 99))
        .timestamp(crate::support::timestamp("2022-07-01T00:00:00.000Z"))
        .metadata(Trigger { trigger: None })
}

pub fn ash_started() -> NewEvent<Trainer> {
    NewEvent::new(ASH, 1, TrainerEvent::GameStarted { trainer_name: "Ash Ketchum".to_owned() })
        .timestamp(crate::support::timestamp("2020-12-01T00:00:00.000Z"))
}

pub fn ash_caught() -> NewEvent<Trainer> {
    NewEvent::new(ASH, 2, TrainerEvent::PokemonCaught { pokemon_id: PIKACHU.to_owned() })
        .timestamp(crate::support::timestamp("2022-01-01T00:00:00.000Z"))
}

/// Returns the event as it is stored.
pub fn happened<S: EventSourced>(event: NewEvent<S>) -> EventDetail<S> {
    let mut happened = EventDetail::new(event.aggregate_id, event.version, event.timestamp.unwrap(), event.payload);
    happened.metadata = event.metadata;
    happened
}
