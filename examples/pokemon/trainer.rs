//! Trainers: event store `TRAINERS`.

use castore::prelude::*;
use serde::{Deserialize, Serialize};

/// An event of a trainer.
#[derive(Debug, Clone, PartialEq, Event)]
#[event(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TrainerEvent {
    GameStarted {
        #[serde(rename = "trainerName")]
        trainer_name: String,
    },
    PokemonCaught(PokemonCaught),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Shape)]
#[serde(rename_all = "camelCase")]
pub struct PokemonCaught {
    pub pokemon_id: String,
}

/// A trainer at a point in time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "TRAINERS", event = TrainerEvent)]
#[serde(rename_all = "camelCase")]
pub struct Trainer {
    pub name: String,
    pub caught_pokemon_ids: Vec<String>,
    pub caught_pokemons_count: u64,
}

impl Reducer for Trainer {
    fn reduce(trainer: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        match (trainer, &event.payload) {
            (None, TrainerEvent::GameStarted { trainer_name }) => {
                Ok(Trainer { name: trainer_name.clone(), caught_pokemon_ids: Vec::new(), caught_pokemons_count: 0 })
            }
            (Some(mut trainer), TrainerEvent::PokemonCaught(PokemonCaught { pokemon_id })) => {
                trainer.caught_pokemon_ids.push(pokemon_id.clone());
                trainer.caught_pokemons_count += 1;
                Ok(trainer)
            }
            _ => Err(event.unexpected()),
        }
    }
}

#[cfg(test)]
mod tests {
    use castore::testing::given;

    use super::*;

    fn started() -> TrainerEvent {
        TrainerEvent::GameStarted { trainer_name: "Ash Ketchum".into() }
    }

    fn caught(pokemon_id: &str) -> TrainerEvent {
        TrainerEvent::PokemonCaught(PokemonCaught { pokemon_id: pokemon_id.into() })
    }

    #[test]
    fn trainer_collects_pokemons() {
        given::<Trainer>([started(), caught("pikachu")]).when(caught("eevee")).then(Trainer {
            name: "Ash Ketchum".into(),
            caught_pokemon_ids: vec!["pikachu".into(), "eevee".into()],
            caught_pokemons_count: 2,
        });
    }

    #[test]
    fn first_event_must_be_game_started() {
        given::<Trainer>([]).when(caught("pikachu")).then_refused();
    }
}
