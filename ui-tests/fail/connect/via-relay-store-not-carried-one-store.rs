include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn via_relay_store_not_carried_one_store(trainers: EventStore<Trainer>, pokemon_bus: PokemonBus) {
    trainers.connect_via_relay(pokemon_bus);
}

fn main() {}
