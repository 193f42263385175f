include!("../../game/stores.rs");
include!("../../game/channels.rs");
use castore::replay::*;

fn ids_of_store_not_carried_one_store(trainers: EventStore<Trainer>, census_bus: PokemonCensusBus) {
    let _ = pour_event_store_aggregate_ids(&trainers, &census_bus);
}

fn main() {}
