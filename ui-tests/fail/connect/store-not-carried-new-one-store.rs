include!("../../game/stores.rs");
include!("../../game/channels.rs");

fn store_not_carried_new_one_store(battles: EventStore<Battle>, pokemon_bus: PokemonBus) {
    ConnectedEventStore::new(battles, pokemon_bus);
}

fn main() {}
