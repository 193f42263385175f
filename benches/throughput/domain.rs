use castore::context::EventContext;
use castore::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Event)]
#[event(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum PokemonEvent {
    Appeared { name: String, level: u32 },
    CaughtByTrainer(CaughtByTrainer),
    LeveledUp,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CaughtByTrainer {
    pub(crate) trainer_id: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[event_store(id = "POKEMONS", event = PokemonEvent)]
pub(crate) struct Pokemon {
    pub(crate) name: String,
    pub(crate) level: u32,
    pub(crate) trainer_id: Option<String>,
}

impl Reducer for Pokemon {
    fn reduce(pokemon: Option<Self>, event: &EventDetail<Self>) -> Result<Self, ReduceError> {
        Ok(match (pokemon, &event.payload) {
            (None, PokemonEvent::Appeared { name, level }) => {
                Pokemon { name: name.clone(), level: *level, trainer_id: None }
            }
            (Some(pokemon), PokemonEvent::CaughtByTrainer(caught)) => {
                Pokemon { trainer_id: Some(caught.trainer_id.clone()), ..pokemon }
            }
            (Some(pokemon), PokemonEvent::Appeared { level, .. }) => Pokemon { level: *level, ..pokemon },
            (Some(pokemon), PokemonEvent::LeveledUp) => Pokemon { level: pokemon.level + 1, ..pokemon },
            (None, _) => return Err(event.unexpected()),
        })
    }
}

message_channel! {
    pub(crate) type AppBus = NotificationMessageBus<Pokemon>;
    pub(crate) type AppQueue = NotificationMessageQueue<Pokemon>;
}

/// Returns an event of about 50 bytes of JSON.
pub(crate) fn appeared(level: u32) -> PokemonEvent {
    PokemonEvent::Appeared { name: "Pikachu, the electric mouse".to_owned(), level }
}

pub(crate) fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()
}

/// Returns the context of a request with a trace.
pub(crate) fn request() -> EventContext {
    EventContext::correlated("b1c1d6a0-2b7e-4c53-9d5e-5a0d0c9b7f11")
        .with_trace("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
}
