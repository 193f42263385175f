use castore::prelude::*;

use super::{Moment, tell_of_conflict};
use crate::pokemon::{CaughtByTrainer, Pokemon, PokemonEvent, Status};
use crate::trainer::{PokemonCaught, Trainer, TrainerEvent};

#[derive(Debug, Clone)]
pub struct CatchPokemon {
    pub pokemon_id: String,
    pub trainer_id: String,
}

#[derive(Debug, thiserror::Error)]
pub enum CatchError {
    #[error("{trainer} cannot catch {pokemon}, which already has a trainer")]
    AlreadyCaught { pokemon: String, trainer: String },
    #[error(transparent)]
    Read(#[from] EventStoreError),
    #[error(transparent)]
    Push(#[from] PushEventError),
}

/// Lets a trainer catch a pokémon: stores an event of the pokémon and an event of the trainer, atomically.
#[command(id = "CATCH_POKEMON", retries = 2, on_event_already_exists = tell_of_conflict)]
pub async fn catch_pokemon(
    input: &CatchPokemon,
    pokemons: &impl Store<Pokemon>,
    trainers: &impl Store<Trainer>,
    moment: &Moment,
) -> Result<(), CatchError> {
    let pokemon = pokemons.get_existing_aggregate(&input.pokemon_id).without_events().await?;
    let trainer = trainers.get_existing_aggregate(&input.trainer_id).without_events().await?;
    if pokemon.status != Status::Wild {
        return Err(CatchError::AlreadyCaught { pokemon: pokemon.state.name, trainer: trainer.state.name });
    }
    moment.pass().await;
    let caught_by_trainer = PokemonEvent::Caught(CaughtByTrainer { trainer_id: input.trainer_id.clone() });
    let pokemon_caught = TrainerEvent::PokemonCaught(PokemonCaught { pokemon_id: input.pokemon_id.clone() });
    push_event_group((
        pokemons.group_event(pokemon.next_event(caught_by_trainer)),
        trainers.group_event(trainer.next_event(pokemon_caught)),
    ))
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use castore::testing::Scenario;

    use super::*;

    async fn world() -> Scenario {
        let scenario = Scenario::new();
        let appeared = PokemonEvent::Appeared { name: "Pikachu".into(), level: 2 };
        scenario.given::<Pokemon>("pikachu", [appeared]).await;
        for (trainer_id, trainer_name) in [("ash", "Ash Ketchum"), ("gary", "Gary Oak")] {
            let started = TrainerEvent::GameStarted { trainer_name: trainer_name.into() };
            scenario.given::<Trainer>(trainer_id, [started]).await;
        }
        scenario
    }

    fn catch_by(trainer_id: &str) -> CatchPokemon {
        CatchPokemon { pokemon_id: "pikachu".into(), trainer_id: trainer_id.into() }
    }

    fn caught_by(trainer_id: &str) -> PokemonEvent {
        PokemonEvent::Caught(CaughtByTrainer { trainer_id: trainer_id.into() })
    }

    fn pokemon_caught() -> TrainerEvent {
        TrainerEvent::PokemonCaught(PokemonCaught { pokemon_id: "pikachu".into() })
    }

    #[tokio::test]
    async fn catch_stores_an_event_of_both_aggregates() {
        let scenario = world().await;
        let (pokemons, trainers) = (scenario.store::<Pokemon>(), scenario.store::<Trainer>());
        let (input, moment) = (catch_by("ash"), Moment::undisturbed());
        let outcome = scenario.when(catch_pokemon(&input, &pokemons, &trainers, &moment)).await;
        outcome
            .then_events::<Pokemon>([("pikachu", caught_by("ash"))])
            .then_events::<Trainer>([("ash", pokemon_caught())])
            .then_ok();
    }

    #[tokio::test]
    async fn concurrent_catch_succeeds_for_one_trainer() {
        let scenario = world().await;
        let (pokemons, trainers) = (scenario.store::<Pokemon>(), scenario.store::<Trainer>());
        let (ash, gary, moment) = (catch_by("ash"), catch_by("gary"), Moment::shared_by_two());
        let outcome = scenario
            .when(async {
                let (ash, gary) = tokio::join!(
                    catch_pokemon(&ash, &pokemons, &trainers, &moment),
                    catch_pokemon(&gary, &pokemons, &trainers, &moment),
                );
                ash.and(gary)
            })
            .await;
        let trainer = trainers.get_existing_aggregate("gary").without_events().await.unwrap();
        let winner = if trainer.caught_pokemons_count == 1 { "gary" } else { "ash" };
        let error = outcome
            .then_events::<Pokemon>([("pikachu", caught_by(winner))])
            .then_events::<Trainer>([(winner, pokemon_caught())])
            .then_err();
        assert!(matches!(error, CatchError::AlreadyCaught { .. }));
    }

    #[tokio::test]
    async fn catch_needs_a_pokemon_and_a_trainer() {
        let scenario = world().await;
        let (pokemons, trainers) = (scenario.store::<Pokemon>(), scenario.store::<Trainer>());
        let (input, moment) = (catch_by("nobody"), Moment::undisturbed());
        let outcome = scenario.when(catch_pokemon(&input, &pokemons, &trainers, &moment)).await;
        let error = outcome.then_no_events().then_err();
        assert_eq!(error.to_string(), "Unable to find aggregate nobody in event store TRAINERS.");
    }
}
