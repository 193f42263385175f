include!("../../game/stores.rs");
include!("../../game/channels.rs");
use castore::replay::*;

fn collection_with_store_not_carried_one_store(pokemons: EventStore<Pokemon>, trainers: EventStore<Trainer>, pokemon_bus: PokemonBus) {
    let _ = pour_event_store_collection_events((&pokemons, &trainers), &pokemon_bus);
}

fn main() {}
