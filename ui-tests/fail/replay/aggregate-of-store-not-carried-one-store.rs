include!("../../game/stores.rs");
include!("../../game/channels.rs");
use castore::replay::*;

fn aggregate_of_store_not_carried_one_store(trainers: EventStore<Trainer>, pokemon_bus: PokemonBus) {
    let _ = pour_aggregate_events(&trainers, "red", &pokemon_bus);
}

fn main() {}
