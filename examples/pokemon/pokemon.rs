//! Pokémons: event store `POKEMONS`.

use castore::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// An event of a pokémon.
#[derive(Debug, Clone, PartialEq, Event)]
#[event(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PokemonEvent {
    Appeared {
        name: String,
        level: u32,
    },
    #[event(type = "CAUGHT_BY_TRAINER")]
    Caught(CaughtByTrainer),
    LeveledUp,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Shape)]
#[serde(rename_all = "camelCase")]
pub struct CaughtByTrainer {
    pub trainer_id: String,
}

/// The metadata of an event.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Shape)]
pub struct PokemonMetadata {
    /// The reason why the pokémon appeared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trigger: Option<Trigger>,
    /// The other metadata of imported events, which other programs have written.
    #[serde(flatten)]
    pub others: Map<String, Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Shape)]
#[serde(rename_all = "camelCase")]
pub enum Trigger {
    Random,
    Scripted,
}

impl From<Trigger> for PokemonMetadata {
    fn from(trigger: Trigger) -> Self {
        Self { trigger: Some(trigger), others: Map::new() }
    }
}

/// A pokémon at a point in time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "POKEMONS", event = PokemonEvent, metadata = PokemonMetadata)]
pub struct Pokemon {
    pub name: String,
    pub level: u32,
    #[serde(flatten)]
    pub status: Status,
}

/// The status of a pokémon: wild, or caught by a trainer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Shape)]
#[serde(tag = "status", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Status {
    Wild,
    Caught { trainer_id: String },
}

/// The reducer only computes the state after an event. The commands decide whether an event is allowed.
impl Reducer for Pokemon {
    fn reduce(pokemon: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(match (pokemon, &event.payload) {
            (None, PokemonEvent::Appeared { name, level }) => {
                Pokemon { name: name.clone(), level: *level, status: Status::Wild }
            }
            (Some(pokemon), PokemonEvent::Caught(CaughtByTrainer { trainer_id })) => {
                Pokemon { status: Status::Caught { trainer_id: trainer_id.clone() }, ..pokemon }
            }
            (Some(pokemon), PokemonEvent::LeveledUp) => Pokemon { level: pokemon.level.saturating_add(1), ..pokemon },
            _ => return Err(event.unexpected()),
        })
    }
}

#[cfg(test)]
mod tests {
    use castore::testing::given;
    use serde_json::json;

    use super::*;

    fn appeared() -> PokemonEvent {
        PokemonEvent::Appeared { name: "Pikachu".into(), level: 2 }
    }

    fn caught_by(trainer_id: &str) -> PokemonEvent {
        PokemonEvent::Caught(CaughtByTrainer { trainer_id: trainer_id.into() })
    }

    #[test]
    fn caught_pokemon_still_levels_up() {
        given::<Pokemon>([appeared(), caught_by("ash")]).when(PokemonEvent::LeveledUp).then(Pokemon {
            name: "Pikachu".into(),
            level: 3,
            status: Status::Caught { trainer_id: "ash".into() },
        });
    }

    #[test]
    fn first_event_must_be_appeared() {
        given::<Pokemon>([]).when(caught_by("ash")).then_refused();
        given::<Pokemon>([appeared()]).when(appeared()).then_refused();
    }

    #[test]
    fn status_is_serialized_flat() {
        let wild = Pokemon { name: "Pikachu".into(), level: 2, status: Status::Wild };
        let wild_json = json!({"name": "Pikachu", "level": 2, "status": "wild"});
        assert_eq!(serde_json::to_value(&wild).unwrap(), wild_json);
        let caught = Pokemon { status: Status::Caught { trainer_id: "ash".into() }, ..wild };
        let caught_json = json!({"name": "Pikachu", "level": 2, "status": "caught", "trainerId": "ash"});
        assert_eq!(serde_json::to_value(&caught).unwrap(), caught_json);
        assert_eq!(serde_json::from_value::<Pokemon>(caught_json).unwrap(), caught);
    }

    #[test]
    fn metadata_of_other_programs_is_kept() {
        let metadata = json!({"trigger": "random", "clé": "ÿ"});
        let read: PokemonMetadata = serde_json::from_value(metadata.clone()).unwrap();
        assert_eq!(read.trigger, Some(Trigger::Random));
        assert_eq!(serde_json::to_value(read).unwrap(), metadata);
    }
}
