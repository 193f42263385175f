use castore::prelude::*;

use crate::pokemon::{Pokemon, PokemonEvent, Trigger};

#[derive(Debug, Clone)]
pub struct WildPokemonAppears {
    pub pokemon_id: String,
    pub name: String,
    pub level: u32,
    pub trigger: Trigger,
}

#[derive(Debug, thiserror::Error)]
pub enum AppearError {
    #[error("{name} cannot start at level 0: the lowest level is 1")]
    LevelZero { name: String },
    #[error(transparent)]
    Push(#[from] PushEventError),
}

/// Lets a wild pokémon appear.
///
/// The command does not read the pokémon. If it has already appeared, version 1 exists, so the push fails, and a retry
/// would fail again.
#[command(id = "WILD_POKEMON_APPEARS", retries = 0)]
pub async fn wild_pokemon_appears(
    input: &WildPokemonAppears,
    pokemons: &impl Store<Pokemon>,
) -> Result<(), AppearError> {
    if input.level == 0 {
        return Err(AppearError::LevelZero { name: input.name.clone() });
    }
    let appeared = PokemonEvent::Appeared { name: input.name.clone(), level: input.level };
    pokemons.push_event(NewEvent::new(&input.pokemon_id, 1, appeared).metadata(input.trigger.into())).await?;
    Ok(())
}
