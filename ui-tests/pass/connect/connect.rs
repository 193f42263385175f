#![allow(unused)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn store_not_carried(pokemons: EventStore<Pokemon>, app_bus: AppBus) {
    pokemons.connect(app_bus);
}

fn store_not_carried_one_store(pokemons: EventStore<Pokemon>, pokemon_bus: PokemonBus) {
    pokemons.connect(pokemon_bus);
}

fn store_not_carried_with_state(pokemons: EventStore<Pokemon>, backup_queue: BackupQueue) {
    pokemons.connect(backup_queue);
}

fn store_not_carried_with_state_one_store(pokemons: EventStore<Pokemon>, backup_queue: PokemonBackupQueue) {
    pokemons.connect(backup_queue);
}

fn connected_store_not_carried_one_store(pokemons: EventStore<Pokemon>, app_bus: AppBus, pokemon_bus: PokemonBus) {
    pokemons.connect(app_bus).connect(pokemon_bus);
}

fn aggregate_exists_channel(pokemons: EventStore<Pokemon>, bus: AppBus) {
    pokemons.connect(bus);
}

fn aggregate_exists_channel_one_store(pokemons: EventStore<Pokemon>, bus: PokemonBus) {
    pokemons.connect(bus);
}

fn main() {}
