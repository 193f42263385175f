use castore::prelude::*;

use super::{Moment, tell_of_conflict};
use crate::pokemon::{Pokemon, PokemonEvent};

#[derive(Debug, Clone)]
pub struct LevelUp {
    pub pokemon_id: String,
}

#[derive(Debug, thiserror::Error)]
pub enum LevelUpError {
    #[error("{name} already has the maximum level {MAX_LEVEL}")]
    AtTheTop { name: String },
    #[error(transparent)]
    Read(#[from] EventStoreError),
    #[error(transparent)]
    Push(#[from] PushEventError),
}

const MAX_LEVEL: u32 = 100;

/// Trains a pokémon. Returns its new level.
#[command(id = "LEVEL_UP", retries = 2, on_event_already_exists = tell_of_conflict)]
pub async fn level_up(input: &LevelUp, pokemons: &impl Store<Pokemon>, moment: &Moment) -> Result<u32, LevelUpError> {
    let pokemon = pokemons.get_existing_aggregate(&input.pokemon_id).without_events().await?;
    if pokemon.level >= MAX_LEVEL {
        return Err(LevelUpError::AtTheTop { name: pokemon.state.name });
    }
    moment.pass().await;
    pokemons.push_event(pokemon.next_event(PokemonEvent::LeveledUp)).await?;
    Ok(pokemon.level + 1)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use castore::testing::Scenario;

    use super::*;

    fn appeared(level: u32) -> PokemonEvent {
        PokemonEvent::Appeared { name: "Pikachu".into(), level }
    }

    #[tokio::test]
    async fn level_has_a_maximum() {
        let scenario = Scenario::new();
        let pokemons = scenario.store::<Pokemon>();
        scenario.given::<Pokemon>("pikachu", [appeared(99)]).await;
        let input = LevelUp { pokemon_id: "pikachu".into() };
        let moment = Moment::undisturbed();
        let outcome = scenario.when(level_up(&input, &pokemons, &moment)).await;
        let level = outcome.then_events::<Pokemon>([("pikachu", PokemonEvent::LeveledUp)]).then_ok();
        assert_eq!(level, 100);
        let outcome = scenario.when(level_up(&input, &pokemons, &moment)).await;
        assert!(matches!(outcome.then_no_events().then_err(), LevelUpError::AtTheTop { .. }));
    }

    #[tokio::test]
    async fn concurrent_level_ups_both_count() {
        let scenario = Scenario::new();
        let pokemons = scenario.store::<Pokemon>();
        scenario.given::<Pokemon>("pikachu", [appeared(2)]).await;
        let moment = Arc::new(Moment::shared_by_two());
        let train = || {
            let (pokemons, moment) = (pokemons.clone(), moment.clone());
            async move { level_up(&LevelUp { pokemon_id: "pikachu".into() }, &pokemons, &moment).await }
        };
        let (one, other) = tokio::join!(train(), train());
        let mut levels = [one.unwrap(), other.unwrap()];
        levels.sort_unstable();
        assert_eq!(levels, [3, 4]);
    }
}
