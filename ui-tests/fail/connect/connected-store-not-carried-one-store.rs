include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn connected_store_not_carried_one_store(trainers: EventStore<Trainer>, app_bus: AppBus, pokemon_bus: PokemonBus) {
    trainers.connect(app_bus).connect(pokemon_bus);
}

fn main() {}
