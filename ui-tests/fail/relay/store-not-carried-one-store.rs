include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn store_not_carried_one_store(trainers: EventStore<Trainer>, pokemon_bus: PokemonBus) {
    Relay::builder(pokemon_bus).publish(&trainers);
}

fn main() {}
