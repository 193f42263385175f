#![allow(unused)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn store_not_carried_new(pokemons: EventStore<Pokemon>, app_bus: AppBus) {
    ConnectedEventStore::new(pokemons, app_bus);
}

fn store_not_carried_new_one_store(pokemons: EventStore<Pokemon>, pokemon_bus: PokemonBus) {
    ConnectedEventStore::new(pokemons, pokemon_bus);
}

fn aggregate_exists_channel_new(pokemons: EventStore<Pokemon>, bus: AppBus) {
    ConnectedEventStore::new(pokemons, bus);
}

fn main() {}
