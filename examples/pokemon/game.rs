//! One round of the game.

use std::error::Error;

use castore::prelude::*;
use uuid::Uuid;

use crate::channels::AppBus;
use crate::commands::{
    CatchError, CatchPokemon, LevelUp, LevelUpError, Moment, StartGame, WildPokemonAppears, catch_pokemon, level_up,
    start_game, wild_pokemon_appears,
};
use crate::pokemon::{Pokemon, PokemonEvent, PokemonEventType, Trigger};
use crate::read_model::Pokedex;
use crate::replay::replay;
use crate::world::World;

const TRAINERS: [[&str; 2]; 4] =
    [["Ash Ketchum", "Gary Oak"], ["Misty", "Brock"], ["Jessie", "James"], ["May", "Dawn"]];

const POKEMONS: [[(&str, u32); 3]; 4] = [
    [("Pikachu", 5), ("Eevee", 4), ("Pidgey", 2)],
    [("Psyduck", 7), ("Onix", 12), ("Zubat", 3)],
    [("Ekans", 6), ("Koffing", 6), ("Meowth", 8)],
    [("Torchic", 5), ("Piplup", 5), ("Snorlax", 30)],
];

pub async fn play(world: &World) -> Result<(), Box<dyn Error>> {
    let pokedex = Pokedex::listen_to(&world.listener);
    let round = look_around(world, &pokedex).await?;
    announce(&world.listener);

    // The pokémons of earlier rounds continue with their stored levels.
    let earlier = world.trainers.list_aggregate_ids().reverse(true).limit(2).await?;
    if !earlier.aggregate_ids.is_empty() {
        title("Earlier pokémons train");
    }
    for listed in earlier.aggregate_ids {
        train_team(world, &listed.aggregate_id).await?;
    }

    title("Two trainers start");
    let [one, other] = trainer_names(round);
    let (one, other) = (join(world, &one).await?, join(world, &other).await?);

    title("Wild pokémons appear");
    let [favorite, second, third] = POKEMONS[round % POKEMONS.len()];
    let favorite = meet(world, favorite, Trigger::Scripted).await?;
    let second = meet(world, second, Trigger::Random).await?;
    meet(world, third, Trigger::Random).await?;
    world.idle().await;

    title(&format!("{} trains in two places at the same time: one command conflicts and retries", favorite.name));
    let moment = Moment::shared_by_two();
    let (left, right) = tokio::join!(train(world, &favorite, &moment), train(world, &favorite, &moment));
    println!("  both level-ups count: {} has level {}", favorite.name, left?.max(right?));
    world.idle().await;

    title(&format!("{} and {} throw at {} at the same time", one.name, other.name, favorite.name));
    let moment = Moment::shared_by_two();
    let (first, last) = tokio::join!(throw(world, &one, &favorite, &moment), throw(world, &other, &favorite, &moment));
    let unlucky = match (first, last) {
        (Ok(()), Err(refused @ CatchError::AlreadyCaught { .. })) => (&other, refused),
        (Err(refused @ CatchError::AlreadyCaught { .. }), Ok(())) => (&one, refused),
        (first, last) => return first.and(last).map_err(Into::into),
    };
    world.idle().await;
    let (unlucky, refused) = unlucky;
    println!("  {refused}");
    throw(world, unlucky, &second, &Moment::undisturbed()).await?;
    world.idle().await;

    title("The Pokédex of the bus listener");
    print!("{pokedex}");

    title("The backup of the queue worker");
    for json in world.backup.kept() {
        println!("  {json}");
    }

    title("A new Pokédex, from a replay");
    let (app_bus, listener, rebuilt) = World::separate_pokedex();
    let replayed =
        replay(&world.trainers, &app_bus, &listener).await? + replay(&world.pokemons, &app_bus, &listener).await?;
    listener.shutdown().await;
    println!(
        "  after {replayed} replayed events, its content is {}",
        if rebuilt.agrees_with(&pokedex) { "the same" } else { "different" }
    );
    Ok(())
}

/// Returns the names of the two trainers of a round, which are different in each round.
fn trainer_names(round: usize) -> [String; 2] {
    TRAINERS[round % TRAINERS.len()].map(|name| match round / TRAINERS.len() {
        0 => name.to_owned(),
        before => format!("{name} {}", before + 1),
    })
}

/// Replays the stored events, so that the Pokédex contains them. Returns the number of this round, starting at 0.
async fn look_around(world: &World, pokedex: &Pokedex) -> Result<usize, Box<dyn Error>> {
    let replayed = replay(&world.trainers, &world.app_bus, &world.listener).await?
        + replay(&world.pokemons, &world.app_bus, &world.listener).await?;
    let (seen, caught, trainers) = pokedex.counts();
    if replayed == 0 {
        println!("a new game: nothing is stored yet");
    } else {
        println!("found {trainers} trainers and {seen} pokémons, {caught} of them caught, in {replayed} events");
    }
    Ok(trainers / 2)
}

/// Registers listeners that print published events.
fn announce(listener: &InMemoryMessageBusAdapter<AppBus>) {
    let wanted = Filter::store::<Pokemon>().event_type(PokemonEventType::Appeared);
    listener.on(wanted, |message, _context| async move {
        if let PokemonEvent::Appeared { name, level } = &message.event.payload {
            let trigger = message.event.metadata.as_ref().and_then(|metadata| metadata.trigger);
            let how = if trigger == Some(Trigger::Scripted) { "as was planned" } else { "by chance" };
            println!("  on the bus: a wild {name} of level {level} has appeared, {how}");
        }
        Ok(())
    });
    listener.on(Filter::store::<Pokemon>().event_type(PokemonEventType::Caught), |message, _context| async move {
        println!("  on the bus: a pokémon was caught (its version {})", message.event.version);
        Ok(())
    });
}

/// The id and the name of a trainer or a pokémon.
struct Known {
    id: String,
    name: String,
}

async fn join(world: &World, name: &str) -> Result<Known, Box<dyn Error>> {
    let trainer = Known { id: Uuid::new_v4().to_string(), name: name.to_owned() };
    let input = StartGame { trainer_id: trainer.id.clone(), trainer_name: trainer.name.clone() };
    start_game(&input, &world.trainers).await?;
    println!("  {name} starts the game");
    Ok(trainer)
}

async fn meet(world: &World, (name, level): (&str, u32), trigger: Trigger) -> Result<Known, Box<dyn Error>> {
    let pokemon = Known { id: Uuid::new_v4().to_string(), name: name.to_owned() };
    let input = WildPokemonAppears { pokemon_id: pokemon.id.clone(), name: name.to_owned(), level, trigger };
    wild_pokemon_appears(&input, &world.pokemons).await?;
    Ok(pokemon)
}

async fn train(world: &World, pokemon: &Known, moment: &Moment) -> Result<u32, LevelUpError> {
    level_up(&LevelUp { pokemon_id: pokemon.id.clone() }, &world.pokemons, moment).await
}

async fn throw(world: &World, trainer: &Known, pokemon: &Known, moment: &Moment) -> Result<(), CatchError> {
    let input = CatchPokemon { pokemon_id: pokemon.id.clone(), trainer_id: trainer.id.clone() };
    catch_pokemon(&input, &world.pokemons, &world.trainers, moment).await?;
    println!("  {} has caught {}", trainer.name, pokemon.name);
    Ok(())
}

/// Trains all pokémons of a trainer once.
async fn train_team(world: &World, trainer_id: &str) -> Result<(), Box<dyn Error>> {
    let Some(trainer) = world.trainers.get_aggregate(trainer_id).without_events().await? else { return Ok(()) };
    for pokemon_id in &trainer.caught_pokemon_ids {
        // Imported events may refer to a pokémon that was not imported.
        let Some(pokemon) = world.pokemons.get_aggregate(pokemon_id).without_events().await? else { continue };
        let input = LevelUp { pokemon_id: pokemon_id.clone() };
        match level_up(&input, &world.pokemons, &Moment::undisturbed()).await {
            Ok(level) => println!("  {} of {}: level {} -> {level}", pokemon.name, trainer.name, pokemon.level),
            Err(top @ LevelUpError::AtTheTop { .. }) => println!("  {top}"),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn title(text: &str) {
    println!("\n{text}");
}
