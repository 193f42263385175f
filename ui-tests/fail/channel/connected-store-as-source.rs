include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn connected_store_as_source(app_bus: AppBus, pokemons: EventStore<Pokemon>) {
    let pokemon = pokemons.connect(app_bus);
    PokemonBackupQueue::new(PokemonBackupQueueSources { pokemon });
}

fn main() {}
