#![allow(unused)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn via_relay_store_not_carried(pokemons: EventStore<Pokemon>, app_bus: AppBus) {
    pokemons.connect_via_relay(app_bus);
}

fn via_relay_store_not_carried_one_store(pokemons: EventStore<Pokemon>, pokemon_bus: PokemonBus) {
    pokemons.connect_via_relay(pokemon_bus);
}

fn via_relay_aggregate_exists_channel(pokemons: EventStore<Pokemon>, bus: AppBus) {
    pokemons.connect_via_relay(bus);
}

fn main() {}
