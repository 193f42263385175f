include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn store_not_carried_one_store(battles: EventStore<Battle>, pokemon_bus: PokemonBus) {
    battles.connect(pokemon_bus);
}

fn main() {}
