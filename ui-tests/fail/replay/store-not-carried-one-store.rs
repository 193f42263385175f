include!("../../game/stores.rs");
include!("../../game/channels.rs");
use castore::replay::*;

fn store_not_carried_one_store(trainers: EventStore<Trainer>, pokemon_bus: PokemonBus) {
    let _ = pour_event_store_events(&trainers, &pokemon_bus);
}

fn main() {}
