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
    #[error("pokémons start at level 1 or above, {name} was to have level 0")]
    LevelZero { name: String },
    #[error(transparent)]
    Push(#[from] PushEventError),
}

/// A wild pokémon appears.
///
/// Nothing is read: if it has appeared before, version 1 is taken, and no retry makes it free.
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
