#![allow(unused)]

include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn connected_store_as_source(app_bus: AppBus, pokemons: EventStore<Pokemon>) {
    let pokemon = pokemons.connect(app_bus).event_store().clone();
    PokemonBackupQueue::new(PokemonBackupQueueSources { pokemon });
}
